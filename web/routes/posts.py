"""Posts: their menus and earlier texts, voting, reposting, deleting."""

from litestar import delete, get, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.accounts import profiles
from domain.core.errors import Invalid
from domain.posts import deletion, editing, reposts, views, votes
from domain.posts.votes import Vote
from web import forms, measure_words, page, post_context, post_rendering, state
from web.routes import back, timelines

VOTES = {"up": Vote.UP, "down": Vote.DOWN}


@get("/posts/{post_id:str}")
async def by_id(request: Request, post_id: str) -> ASGIApp:
    """The short address of a post leads to the whole one."""
    return page.redirect(request, post_context.address(await views.get(page.viewer(request), forms.parse_id(post_id))))


@get("/@/{handle:str}/{post_id:str}/menu")
async def menu(request: Request, handle: str, post_id: str) -> ASGIApp:
    viewer = page.viewer(request)
    view = await views.get(viewer, forms.parse_id(post_id))
    author = await profiles.by_id(viewer, view.author)
    return page.show(
        request,
        "posts/_menu.html" if page.is_fragment(request) else "posts/menu.html",
        page.translate(request, "More"),
        post=post_context.of(view, page.templates(request).media_origin, page.locale(request)),
        account_id=str(view.author),
        mine=view.author == viewer.id,
        muted=author.muted,
        blocked=author.blocked,
        following=author.following,
        unseen=(unseen := views.may_build_on(view) is not None),
        quotable=view.open and not unseen,
        signed_in=viewer.signed_in,
    )


@get("/@/{handle:str}/{post_id:str}/edits")
async def edits(request: Request, handle: str, post_id: str) -> ASGIApp:
    before = timelines.cursor(request)
    view, found = await editing.history(page.viewer(request), forms.parse_id(post_id), before)
    revisions = [
        {"text": one.text, "mentions": one.mentions, "cover": one.cover, "ms": one.written_at, "current": one.current}
        for one in found.items
    ]
    post_url = post_context.address(view)
    older = f"{post_url}/edits?before={found.next}" if found.next else ""
    if page.is_fragment(request) and before:
        return Response(page.render(request, "posts/_edits.html", revisions=revisions, older_url=older).encode())
    title = page.translate(request, "History of edits")
    # What its author covered is theirs to show; what moderators have covered stays so here.
    cover = measure_words.cover(page.locale(request), view) if view.moderation.cover_rule else ""
    return page.show(
        request, "posts/edits.html", title, post_url=post_url, revisions=revisions, older_url=older, cover=cover
    )


@delete("/posts/{post_id:str}", status_code=200)
async def remove(request: Request, post_id: str) -> ASGIApp:
    """Hides the post and offers to bring it back."""
    seconds = state.of(request).settings.undo_seconds
    await deletion.delete(page.viewer(request), forms.parse_id(post_id), seconds)
    if page.is_act(request):
        undo = f"/posts/{post_id}/deletion?_method=DELETE"
        return page.json({"undo": undo, "message": page.translate(request, "Post deleted"), "seconds": seconds})
    return page.show(
        request, "posts/deleted.html", page.translate(request, "Post deleted"), post_id=post_id, seconds=seconds
    )


@delete("/posts/{post_id:str}/deletion", status_code=200)
async def restore(request: Request, post_id: str) -> ASGIApp:
    """Undoes a deletion."""
    viewer = page.viewer(request)
    await deletion.restore(viewer, forms.parse_id(post_id))
    return back.done(request, {}, post_context.address(await views.get(viewer, forms.parse_id(post_id))))


async def _figures(request: Request, post_id: int) -> Response:
    """The post's counts and the viewer's marks after an action."""
    if not page.is_act(request):
        return page.redirect(request, f"{back.previous_page(request)}#p-{post_id}")
    view = await views.get(page.viewer(request), post_id)
    locale = page.locale(request)
    return page.json(
        {
            "replies": post_rendering.number(locale, view.replies),
            "reposts": post_rendering.number(locale, view.reposts),
            "votes": post_rendering.number(locale, view.ups),
            "downs": post_rendering.number(locale, view.downs),
            "up": view.my_vote > 0,
            "down": view.my_vote < 0,
            "repost": view.my_repost != 0,
        }
    )


@put("/posts/{post_id:str}/vote")
async def vote(request: Request, post_id: str) -> ASGIApp:
    wanted = VOTES.get(forms.query(request, "value") or "up")
    if wanted is None:
        raise Invalid("A vote is up or down.")
    await votes.cast(page.viewer(request), forms.parse_id(post_id), wanted)
    return await _figures(request, forms.parse_id(post_id))


@delete("/posts/{post_id:str}/vote", status_code=200)
async def unvote(request: Request, post_id: str) -> ASGIApp:
    await votes.cast(page.viewer(request), forms.parse_id(post_id), Vote.NONE)
    return await _figures(request, forms.parse_id(post_id))


@put("/posts/{post_id:str}/repost")
async def repost(request: Request, post_id: str) -> ASGIApp:
    await reposts.put(page.viewer(request), forms.parse_id(post_id))
    return await _figures(request, forms.parse_id(post_id))


@delete("/posts/{post_id:str}/repost", status_code=200)
async def unrepost(request: Request, post_id: str) -> ASGIApp:
    await reposts.withdraw(page.viewer(request), forms.parse_id(post_id))
    return await _figures(request, forms.parse_id(post_id))


HANDLERS = [
    by_id, menu, edits, remove, restore, vote, unvote, repost, unrepost,
]  # fmt: skip
