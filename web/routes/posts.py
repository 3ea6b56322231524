"""Posts: their menus and earlier texts, voting, reposting, deleting."""

from litestar import delete, get, put
from litestar.types import ASGIApp

from domain.accounts import profiles
from domain.core import ids
from domain.core.errors import Invalid, NotFound
from domain.posts import deletion, editing, reposts, views, votes
from web import feed, forms, page, seen, state
from web.answers import Answer
from web.page import Asked
from web.routes import back, timelines


def known(text: str) -> int:
    """An id from an address. Errors: ``NotFound``."""
    identifier = ids.parse(text)
    if identifier is None:
        raise NotFound
    return identifier


@get("/posts/{post_id:str}")
async def by_id(request: Asked, post_id: str) -> ASGIApp:
    """The short address of a post leads to the whole one."""
    return page.go(request, seen.address(await views.get(page.viewer(request), known(post_id))))


@get("/@/{handle:str}/{post_id:str}/menu")
async def menu(request: Asked, handle: str, post_id: str) -> ASGIApp:
    viewer = page.viewer(request)
    view = await views.get(viewer, known(post_id))
    author = await profiles.by_id(viewer, view.author)
    return page.show(
        request,
        "posts/_menu.html" if page.is_fragment(request) else "posts/menu.html",
        page.say(request, "More"),
        post=seen.of(view),
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
    before = timelines.cursor(request)
    view, found = await editing.history(page.viewer(request), known(post_id), before)
    revisions = [
        {"text": one.text, "mentions": one.mentions, "cover": one.cover, "ms": one.written_at, "current": one.current}
        for one in found.items
    ]
    post_url = seen.address(view)
    older = f"{post_url}/edits?before={found.next}" if found.next else ""
    if page.is_fragment(request) and before:
        return Answer(page.render(request, "posts/_edits.html", revisions=revisions, older_url=older).encode())
    title = page.say(request, "History of edits")
    return page.show(request, "posts/edits.html", title, post_url=post_url, revisions=revisions, older_url=older)


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
    return back.done(request, {}, seen.address(await views.get(viewer, known(post_id))))


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
    by_id, menu, edits, remove, restore, vote, unvote, repost, unrepost,
]  # fmt: skip
