"""Posts: composing, reading a thread, voting, reposting, editing, deleting."""

import secrets
from typing import Any

from litestar import delete, get, post, put
from litestar.types import ASGIApp
from markupsafe import Markup

from domain.accounts import profiles
from domain.core import ids
from domain.core.access import member
from domain.core.errors import Conflict, Invalid, NotFound, Refused
from domain.posts import deletion, editing, publishing, reposts, views, votes
from domain.posts.views import PostView
from web import errors, feed, forms, page, state
from web.page import Answer, Asked
from web.routes import back


def known(text: str) -> int:
    """An id from an address. Errors: ``NotFound``."""
    identifier = ids.parse(text)
    if identifier is None:
        raise NotFound
    return identifier


async def _context(request: Asked, form: forms.Form) -> Markup:
    """The post that is answered or quoted, compact; nothing when the viewer may not see it."""
    wanted = ids.parse(form["reply_to"]) or ids.parse(form["quote"])
    found = (await views.load(page.viewer(request), [wanted])).get(wanted) if wanted else None
    if found is None:
        return Markup()
    if form["reply_to"]:
        return page.render(request, "posts/_context.html", post=feed.shown(found))
    return page.render(request, "posts/_quote.html", quote=feed.shown(found))


async def form_page(request: Asked, form: forms.Form, *, edit_id: str = "", status: int = 200) -> Answer:
    viewer = page.viewer(request)
    form["key"] = form["key"] or secrets.token_hex(12)
    context: dict[str, Any] = {
        "form": form,
        "edit_id": edit_id,
        "context": await _context(request, form),
        "me_avatar": page.avatar(viewer.name, viewer.hue, ""),
        "may_public": not viewer.private,
    }
    if page.is_fragment(request):
        return Answer(page.render(request, "posts/_compose.html", **context).encode(), status)
    return page.show(
        request, "posts/compose.html", page.say(request, "Write"), status=status, active="compose", **context
    )


@get("/compose")
async def compose(request: Asked) -> ASGIApp:
    """The form, empty or begun: for a reply, a quote, or with a text that another app shares."""
    member(page.viewer(request))
    form = forms.Form({name: forms.query(request, name) for name in ("reply_to", "quote", "text")})
    if form["reply_to"]:
        answered = await views.get(page.viewer(request), known(form["reply_to"]))
        if answered.author != page.viewer(request).id and not form["text"]:
            form["text"] = f"@{answered.handle} "
        if answered.visibility != views.PUBLIC:
            form["visibility"] = "followers"
    return await form_page(request, form)


def _draft(form: forms.Form) -> publishing.Draft:
    sensitive = form.on("sensitive") or bool(form["cover"].strip())
    return publishing.Draft(
        text=form["text"],
        key=form["key"],
        visibility=feed.VISIBILITIES.get(form["visibility"] or "public", -1),
        replies_to=feed.REPLIES.get(form["replies_to"] or "everyone", -1),
        cover=form["cover"] if sensitive else None,
        parent=_id_or_none(form["reply_to"]),
        quote=_id_or_none(form["quote"]),
    )


def _id_or_none(text: str) -> int | None:
    return known(text) if text else None


@post("/posts")
async def publish(request: Asked) -> ASGIApp:
    form = await forms.read(request)
    viewer = page.viewer(request)
    if not viewer.signed_in and not page.is_act(request):
        return _signed_out(request, form)
    try:
        state.of(request).limits.post.take(str(member(viewer).id))
        made = await publishing.publish(viewer, _draft(form))
    except Refused as refusal:
        if page.is_act(request):
            raise
        return await _again(request, form, refusal)
    return await _published(request, made)


async def _published(request: Asked, made: int) -> Answer:
    """The new post: drawn for the page it was written on, or its own page."""
    viewer = page.viewer(request)
    view = await views.get(viewer, made)
    address = feed.address(view)
    if not page.is_fragment(request) and not page.is_act(request):
        return page.go(request, address if view.parent is None else f"{_thread_of(view)}#p-{made}")
    html = (await feed.draw(viewer, [view.glimpse], page.locale(request), above=view.parent is None))[0]
    if page.is_act(request):  # it waited on the device for a connection
        return page.json({"id": str(made), "url": address, "html": html.decode()}, 201)
    event = page.event("posted", {"id": str(made), "url": address})
    return Answer(html, 201, (*page.HTML, event))


def _thread_of(view: PostView) -> str:
    return f"/@{view.parent_handle}/{view.parent}" if view.parent_handle else feed.address(view)


async def _again(request: Asked, form: forms.Form, refusal: Refused, edit_id: str = "") -> Answer:
    """The form with what was typed and why it was refused."""
    form["error"] = errors.words(request, refusal)
    if isinstance(refusal, Conflict):
        form["key"] = ""
    status = 422 if isinstance(refusal, Invalid) or page.is_fragment(request) else errors.status_of(refusal)
    return await form_page(request, form, edit_id=edit_id, status=status)


def _signed_out(request: Asked, form: forms.Form) -> Answer:
    """A session that ended in mid-post: the words travel through signing in."""
    if page.is_fragment(request):
        return Answer(b"", 401)
    carried = {name: form[name] for name in ("text", "reply_to", "quote", "cover", "visibility", "replies_to", "key")}
    return page.show(
        request,
        "accounts/signin.html",
        page.say(request, "Sign in"),
        status=401,
        bare=True,
        form=forms.Form(),
        error=page.say(request, "You were signed out. Sign in again: what you typed is kept."),
        next="/compose",
        carried=carried,
    )


@get("/posts/{post_id:str}")
async def by_id(request: Asked, post_id: str) -> ASGIApp:
    """The short address of a post leads to the whole one."""
    return page.go(request, feed.address(await views.get(page.viewer(request), known(post_id))))


@get("/@/{handle:str}/{post_id:str}/menu")
async def menu(request: Asked, handle: str, post_id: str) -> ASGIApp:
    viewer = page.viewer(request)
    view = await views.get(viewer, known(post_id))
    author = await profiles.by_id(viewer, view.author)
    return page.show(
        request,
        "posts/_menu.html" if page.is_fragment(request) else "posts/menu.html",
        page.say(request, "More"),
        post=feed.shown(view),
        account_id=str(view.author),
        mine=view.author == viewer.id,
        muted=author.muted,
        blocked=author.blocked,
        following=author.following,
        quotable=view.open,
        signed_in=viewer.signed_in,
    )


@get("/@/{handle:str}/{post_id:str}/edits")
async def edits(request: Asked, handle: str, post_id: str) -> ASGIApp:
    view, history = await editing.history(page.viewer(request), known(post_id))
    revisions = [
        {"text": one.text, "mentions": one.mentions, "cover": one.cover, "ms": one.written_at, "current": one.current}
        for one in history
    ]
    title = page.say(request, "History of edits")
    return page.show(request, "posts/edits.html", title, post_url=feed.address(view), revisions=revisions)


@get("/posts/{post_id:str}/edit")
async def edit_form(request: Asked, post_id: str) -> ASGIApp:
    view = await editing.own(page.viewer(request), known(post_id))
    form = forms.Form(text=view.text, cover=view.cover or "", version=str(view.version))
    form["sensitive"] = "1" if view.cover is not None else ""
    return await form_page(request, form, edit_id=str(view.id))


@put("/posts/{post_id:str}")
async def edit(request: Asked, post_id: str) -> ASGIApp:
    form = await forms.read(request)
    viewer = member(page.viewer(request))
    cover = form["cover"] if form.on("sensitive") or form["cover"].strip() else None
    version = int(form["version"]) if form["version"].isdecimal() and len(form["version"]) < 9 else None
    try:
        await editing.edit(viewer, known(post_id), form["text"], cover, version)
    except NotFound:
        raise
    except Refused as refusal:
        return await _again(request, form, refusal, post_id)
    return page.go(request, feed.address(await views.get(viewer, known(post_id))))


@delete("/posts/{post_id:str}", status_code=200)
async def remove(request: Asked, post_id: str) -> ASGIApp:
    """Hides the post and offers to bring it back."""
    seconds = state.of(request).settings.undo_seconds
    await deletion.delete(page.viewer(request), known(post_id), seconds)
    if page.is_act(request):
        undo = f"/posts/{post_id}/deletion?_method=DELETE"
        return page.json({"undo": undo, "message": page.say(request, "Post deleted"), "seconds": seconds})
    return page.show(request, "posts/deleted.html", page.say(request, "Post deleted"), post_id=post_id, seconds=seconds)


@delete("/posts/{post_id:str}/deletion", status_code=200)
async def restore(request: Asked, post_id: str) -> ASGIApp:
    """Undoes a deletion."""
    viewer = page.viewer(request)
    await deletion.restore(viewer, known(post_id))
    return back.done(request, {}, feed.address(await views.get(viewer, known(post_id))))


async def _figures(request: Asked, post_id: int) -> Answer:
    """The post's counts and the viewer's marks after a deed."""
    if not page.is_act(request):
        return page.go(request, f"{back.before(request)}#p-{post_id}")
    view = await views.get(page.viewer(request), post_id)
    locale = page.locale(request)
    return page.json(
        {
            "replies": feed.number(locale, view.replies),
            "reposts": feed.number(locale, view.reposts),
            "votes": feed.number(locale, view.ups),
            "downs": feed.number(locale, view.downs),
            "up": view.my_vote > 0,
            "down": view.my_vote < 0,
            "repost": view.my_repost != 0,
        }
    )


@put("/posts/{post_id:str}/vote")
async def vote(request: Asked, post_id: str) -> ASGIApp:
    value = {"up": 1, "down": -1}.get(forms.query(request, "value") or "up")
    if value is None:
        raise Invalid("A vote is up or down.")
    await votes.cast(page.viewer(request), known(post_id), value)
    return await _figures(request, known(post_id))


@delete("/posts/{post_id:str}/vote", status_code=200)
async def unvote(request: Asked, post_id: str) -> ASGIApp:
    await votes.cast(page.viewer(request), known(post_id), 0)
    return await _figures(request, known(post_id))


@put("/posts/{post_id:str}/repost")
async def repost(request: Asked, post_id: str) -> ASGIApp:
    await reposts.put(page.viewer(request), known(post_id))
    return await _figures(request, known(post_id))


@delete("/posts/{post_id:str}/repost", status_code=200)
async def unrepost(request: Asked, post_id: str) -> ASGIApp:
    await reposts.withdraw(page.viewer(request), known(post_id))
    return await _figures(request, known(post_id))


HANDLERS = [
    compose, publish, by_id, menu, edits, edit_form, edit, remove, restore, vote, unvote, repost, unrepost,
]  # fmt: skip
