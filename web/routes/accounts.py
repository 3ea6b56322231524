"""Joining, signing in and out, and people's pages."""

from typing import Any

from litestar import get, post
from litestar.types import ASGIApp
from markupsafe import Markup

from asgi.asgi_types import Request
from asgi.cache import BUDGET, ENTRY_BYTES, Cache
from asgi.responses import Response
from domain.accounts import network_profile, profiles, signup
from domain.accounts.profiles import Relation
from domain.core import ids
from domain.core.cursors import Page
from domain.core.errors import Conflict, Invalid, NotFound, Refused
from domain.moderation import founding
from domain.posts import views
from domain.posts.views import PostSummary
from domain.timelines import profile_lists
from domain.timelines.profile_lists import Tab
from web import (
    errors,
    forms,
    i18n,
    measure_words,
    media_context,
    page,
    post_context,
    post_rendering,
    signup_policy,
    templating,
)
from web.routes import sessions, timelines
from web.templating import Templates
from web.terms import first_terms


@get("/setup")
async def setup_form(request: Request) -> ASGIApp:
    if page.visit(request).network.founded:
        return page.redirect(request, "/")
    return _setup(request, forms.Form(hue="11"), forms.Form())


def _setup(request: Request, form: forms.Form, problems: forms.Form, status: int = 200) -> Response:
    title = page.translate(request, "Open your network")
    return page.show(request, "accounts/setup.html", title, status=status, bare=True, form=form, errors=problems)


@post("/setup")
async def setup(request: Request) -> ASGIApp:
    if page.visit(request).network.founded:
        return page.redirect(request, "/")
    form = await forms.read(request)
    about = network_profile.NetworkInfo(
        form["network_name"], form["description"], form["contact"], forms.number(form["hue"])
    )
    person = signup.NewMember(
        handle=form["handle"],
        name=form["name"],
        password=form["password"],
        email=form["email"],
        locale=page.locale(request),
    )
    try:
        account = await founding.found(about, person, first_terms(page.locale(request)))
    except Conflict:
        return page.redirect(request, "/")
    except Invalid as problem:
        return _setup(request, form, forms.Form(errors.fields(request, problem)), 422)
    return await sessions.enter(request, account, "/")


def _signup(request: Request, form: forms.Form, problems: forms.Form, status: int = 200) -> Response:
    policy = signup_policy.of(request)
    return page.show(
        request,
        "accounts/signup.html",
        page.translate(request, "Join"),
        status=status,
        bare=True,
        form=form,
        errors=problems,
        email_required=policy.email_required,
        minimum_age=policy.minimum_age,
        terms_version=policy.terms_version,
        rules_version=policy.rules_version,
        closed=not policy.open,
    )


@get("/signup")
async def signup_form(request: Request) -> ASGIApp:
    if page.viewer(request).signed_in:
        return page.redirect(request, "/")
    return _signup(request, forms.Form(), forms.Form())


@post("/signup")
async def sign_up(request: Request) -> ASGIApp:
    form = await forms.read(request)
    person = signup.NewMember(
        handle=form["handle"],
        name=form["name"],
        password=form["password"],
        email=form["email"],
        birth_date=form["birth_date"],
        # Accepted is the version that was on the form: an operator may have published another since.
        accepted_terms=form["terms"] == str(page.visit(request).network.terms_version),
        accepted_rules=forms.version(form["rules"]) or 0,
        locale=page.locale(request),
    )
    try:
        signup_policy.take(request)
        account = await signup.sign_up(person, signup_policy.of(request))
    except Invalid as problem:
        return _signup(request, form, forms.Form(errors.fields(request, problem)), 422)
    except Refused as refusal:
        return _signup(request, form, forms.Form(form=errors.words(request, refusal)), errors.status_of(refusal))
    return await sessions.enter(request, account, "/")


FEED = Markup('<link rel="alternate" type="application/atom+xml" href="/@{0}/feed" title="@{0}">')
# What follows the profile's own address.
TABS = {Tab.POSTS: "", Tab.REPLIES: "/replies", Tab.MEDIA: "/media", Tab.VOTES: "/votes"}


async def _profile(request: Request, handle: str, tab: Tab) -> Response:
    viewer = page.viewer(request)
    person = await profiles.by_handle(viewer, handle)
    before = timelines.cursor(request)
    here = f"/@{person.handle}{TABS[tab]}"
    content = b""
    if person.readable and not person.blocked:
        found = await profile_lists.read(viewer, person.id, tab, before)
        draw = _grid if tab is Tab.MEDIA else post_rendering.feed
        empty = f"timelines/_empty_{'media' if tab == 'media' else 'profile'}.html"
        content = await draw(request, found, here, empty, not before)
    if page.is_fragment(request) and before:
        return Response(content)
    frame = profile_frame(page.templates(request), person, tab).fill({"feed": content})
    return page.full_page(
        request,
        person.name,
        frame,
        active="me" if person.relation is Relation.SELF else "",
        head="" if person.private else FEED.format(person.handle),
        shared=person.relation is Relation.GUEST,
    )


async def _grid(request: Request, found: Page[PostSummary], here: str, empty: str, first: bool) -> bytes:
    """Pictures side by side, each leading to its post."""
    if first and not found.items:
        return page.render(request, empty).encode()
    whole = await views.load(page.viewer(request), [one.id for one in found.items])
    shown = [whole[one.id] for one in found.items if one.id in whole]
    origin = page.templates(request).media_origin
    locale = page.locale(request)
    posts = [
        (
            post_context.address(one),
            one.covered,
            measure_words.label(locale, one),
            media_context.of(one.media, origin if one.open else ""),
        )
        for one in shown
    ]
    older = f"{here}?before={found.next}" if found.next else ""
    return page.render(request, "accounts/_grid.html", posts=[one for one in posts if one[3]], older_url=older).encode()


# A person's page takes as much again as what is known of them.
FRAMES: Cache[tuple[Templates, profiles.Profile, Tab], templating.Stencil] = Cache(
    BUDGET, lambda _, frame: ENTRY_BYTES + 2 * frame.size
)


def profile_frame(templates: Templates, person: profiles.Profile, tab: Tab) -> templating.Stencil:
    """The page around a person's posts, for one who stands to them as the viewer does."""
    if (found := FRAMES.get((templates, person, tab))) is not None:
        return found
    made = _profile_frame(templates, person, tab)
    FRAMES.put((templates, person, tab), made)
    return made


def _profile_frame(templates: Templates, person: profiles.Profile, tab: Tab) -> templating.Stencil:
    return templates.cut(
        "accounts/profile.html",
        ("feed",),
        profile=_shown(person),
        relation=person.relation,
        muted=person.muted,
        follows_you=person.follows_you,
        bell=person.bell,
        tab=tab,
        tabs=_tabs(templates.locale, person, tab),
        may_read=person.readable,
    )


def _shown(person: profiles.Profile) -> dict[str, Any]:
    return {
        "id": str(person.id),
        "handle": person.handle,
        "name": person.name,
        "hue": person.hue,
        "avatar_small": person.avatar_small,
        "avatar_large": person.avatar_large,
        "header": person.header,
        "bio": person.bio,
        "mentions": person.bio_mentions,
        "links": [(link.label, link.address) for link in person.links],
        "private": person.private,
        "posts": person.posts,
        "followers": person.followers,
        "following": person.followings,
        "joined_ms": ids.time_of(person.id),
    }


def _tabs(locale: str, person: profiles.Profile, tab: Tab) -> list[tuple[str, str, str, bool]]:
    words = {
        Tab.POSTS: i18n.translate(locale, "Posts"),
        Tab.REPLIES: i18n.translate(locale, "Replies"),
        Tab.MEDIA: i18n.translate(locale, "Media"),
    }
    if person.relation is Relation.SELF:
        words[Tab.VOTES] = i18n.translate(locale, "Votes")
    return [(key, words[key], f"/@{person.handle}{TABS[key]}", key == tab) for key in words]


@get("/@/{handle:str}")
async def profile(request: Request, handle: str) -> ASGIApp:
    return await _profile(request, handle, Tab.POSTS)


@get("/@/{handle:str}/replies")
async def replies(request: Request, handle: str) -> ASGIApp:
    return await _profile(request, handle, Tab.REPLIES)


@get("/@/{handle:str}/media")
async def media(request: Request, handle: str) -> ASGIApp:
    return await _profile(request, handle, Tab.MEDIA)


@get("/@/{handle:str}/votes")
async def votes(request: Request, handle: str) -> ASGIApp:
    if page.viewer(request).handle.lower() != handle.lower():
        raise NotFound
    return await _profile(request, handle, Tab.VOTES)


@get("/@/{handle:str}/menu")
async def menu(request: Request, handle: str) -> ASGIApp:
    person = await profiles.by_handle(page.viewer(request), handle)
    return page.show(
        request,
        "accounts/_menu.html" if page.is_fragment(request) else "accounts/menu.html",
        f"@{person.handle}",
        profile=_shown(person),
        relation=person.relation,
        muted=person.muted,
        account_id=str(person.id),
    )


HANDLERS = [setup_form, setup, signup_form, sign_up, profile, replies, media, votes, menu]
