"""Home, the public timeline, hashtags."""

import secrets
from functools import lru_cache

import msgspec
from litestar import get, post
from litestar.types import ASGIApp

from asgi import responses
from asgi.asgi_types import Request
from domain.accounts import profiles
from domain.accounts.network_profile import NetworkInfo
from domain.core import cursors, ids
from domain.core.cursors import Page
from domain.posts.publishing import MAX_LENGTH
from domain.posts.views import PostSummary
from domain.timelines import home, public
from web import avatars, forms, page, post_rendering
from web.routes import back
from web.templating import Stencil, Templates, hole

HOLES = (
    "composer", "feed", "since", "from", "hide_reposts_on", "hide_replies_on", "hide_reposts_next", "hide_replies_next",
)  # fmt: skip


@lru_cache(maxsize=8)
def _home(templates: Templates) -> Stencil:
    return templates.cut("timelines/home.html", HOLES, tab="following")


@lru_cache(maxsize=16)
def _composer(templates: Templates, private: bool, slowed: bool) -> Stencil:
    form = forms.Form(key=hole("key"), visibility="followers" if private else "public", replies_to="everyone")
    return templates.cut(
        "posts/_compose.html",
        ("me_avatar", "account"),
        form=form,
        typed=False,
        handed_over=False,
        rules_url="",
        slowed=slowed,
        context="",
        edit_id="",
        may_public=not private,
        attached=(),
        now=None,
        max_length=MAX_LENGTH,
    )


def cursor(request: Request) -> str:
    """Where the asked page begins, "" for the first one."""
    return cursors.checked(forms.query(request, "before")) if request.scope["query_string"] else ""


@get("/")
async def home_page(request: Request) -> ASGIApp:
    """A member's home; for guests the public timeline under a welcome."""
    visit = page.visit(request)
    viewer = visit.viewer
    before = cursor(request)
    if not viewer.signed_in:
        return await _public(request, "timelines/welcome.html", "/", before)
    found = await home.read(viewer, before)
    content = await post_rendering.feed(request, found, "/", "timelines/_empty_home.html", first=not before)
    if page.is_fragment(request) and before:
        return responses.Response(content)
    stencil, reading = _home(page.templates(request)), viewer.reading
    filled = stencil.fill(
        {
            "composer": composer(request),
            "feed": content,
            **_ends(found, before),
            "hide_reposts_on": b"true" if reading.hide_reposts else b"false",
            "hide_replies_on": b"true" if reading.hide_replies else b"false",
            "hide_reposts_next": b"0" if reading.hide_reposts else b"1",
            "hide_replies_next": b"0" if reading.hide_replies else b"1",
        }
    )
    return page.full_page(request, page.translate(request, "Home"), filled, active="home")


def _ends(found: Page[PostSummary], before: str) -> dict[str, bytes]:
    """The newest and the oldest entry of a list's first page, from which the live stream goes on."""
    ends = (found.items[0].entry, found.items[-1].entry) if found.items else (0, 0)
    # Of a later page nothing is new: it ends below what comes.
    since, last = (ids.LAST - 1, ids.LAST - 1) if before else ends
    return {"since": b"%d" % since, "from": b"%d" % last}


def composer(request: Request) -> bytes:
    """The empty form for a post, with a key of its own."""
    viewer, templates = page.viewer(request), page.templates(request)
    stencil = _composer(templates, viewer.private, page.is_slowed(request))
    return stencil.fill(
        {
            "key": secrets.token_hex(12).encode(),
            "account": b"%d" % viewer.id,
            "me_avatar": avatars.avatar(
                viewer.name, viewer.hue, viewer.avatar_small, templates.media_origin, ""
            ).encode(),
        }
    )


@post("/settings/home")
async def switches(request: Request) -> ASGIApp:
    """The two switches on top of home."""
    viewer = page.viewer(request)
    asked = {name: forms.query(request, name) for name in ("hide_reposts", "hide_replies")}
    wanted = {name: value == "1" for name, value in asked.items() if value}
    await profiles.set_reading_preferences(viewer, msgspec.structs.replace(viewer.reading, **wanted))
    return back.done(request, {}, "/")


@get("/public")
async def everyone(request: Request) -> ASGIApp:
    return await _public(request, "timelines/public.html", "/public", cursor(request))


async def _public(request: Request, template: str, here: str, before: str) -> responses.Response:
    found = await public.read(page.viewer(request), before)
    content = await post_rendering.feed(request, found, here, "timelines/_empty_public.html", first=not before)
    if page.is_fragment(request) and before:
        return responses.Response(content)
    signed_in = page.viewer(request).signed_in
    title = page.translate(request, "Everyone") if here == "/public" else ""
    visit = page.visit(request)
    frame = _public_frame(page.templates(request), template, visit.network, visit.signup_open, signed_in)
    filled = frame.fill({"feed": content, **_ends(found, before)})
    return page.full_page(request, title, filled, active="public", shared=True)


@lru_cache(maxsize=32)
def _public_frame(
    templates: Templates, template: str, network: NetworkInfo, signup_open: bool, signed_in: bool
) -> Stencil:
    context = page.NetworkContext(network, signup_open)
    return templates.cut(template, ("feed", "since", "from"), network=context, signed_in=signed_in)


@get("/tags/{tag:str}")
async def tagged(request: Request, tag: str) -> ASGIApp:
    before = cursor(request)
    found = await public.tagged(page.viewer(request), tag, before)
    content = await post_rendering.feed(
        request, found, page.path(request), "timelines/_empty_tag.html", first=not before
    )
    if page.is_fragment(request) and before:
        return responses.Response(content)
    return page.show(
        request, "timelines/tag.html", f"#{tag}", tag=tag, holes={"feed": content}, active="public", shared=True
    )


HANDLERS = [home_page, switches, everyone, tagged]
