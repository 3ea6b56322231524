"""Reading a thread."""

from collections.abc import Sequence
from functools import lru_cache

from litestar import get
from litestar.types import ASGIApp
from markupsafe import escape

from asgi.asgi_types import Request
from asgi.cache import BUDGET, ENTRY_BYTES, Cache, weight
from asgi.responses import Response
from domain.core import clock, cursors, ids
from domain.core.errors import NotFound
from domain.posts import threads
from domain.posts.threads import Sort
from domain.posts.views import PostView
from web import errors, forms, live_updates, measure_words, page, post_context, post_rendering, templating
from web.templating import Templates

# How many new replies an open page takes in at a time.
NEW = 50


@get("/@/{handle:str}/{post_id:str}")
async def thread(request: Request, handle: str, post_id: str) -> ASGIApp:
    viewer = page.viewer(request)
    asked = forms.query(request, "sort")
    sort = next((one for one in Sort if one == asked), Sort.TOP)
    after = cursors.checked_rank(forms.query(request, "after"))
    found = await threads.read(viewer, forms.parse_id(post_id), sort, after)
    if found.focus.handle.lower() != handle.lower():
        raise NotFound
    here = post_context.address(found.focus)
    if (since := ids.parse(forms.query(request, "new"))) and page.is_fragment(request):
        return await _new(request, found.focus, since)
    replies = await _replies(request, found, here, sort, first=not after)
    if page.is_fragment(request) and after:
        return Response(replies)
    templates = page.templates(request)
    focus = await post_rendering.render(viewer, [found.focus.summary], templates, focus=True, above=False)
    frame = _thread_frame(
        templates,
        sort,
        bool(found.ancestors),
        bool(found.earlier),
        viewer.signed_in and found.refusal is None,
        found.refusal is not None,
        viewer.signed_in,
    )
    content = frame.fill(
        {
            "ancestors": await _ancestors(request, found),
            "earlier_url": f"/posts/{found.earlier}".encode(),
            "focus": focus[0],
            "replies": replies,
            "reply_url": f"/compose?reply_to={found.focus.id}".encode(),
            "may_reply_reason": str(escape(errors.words(request, found.refusal))).encode() if found.refusal else b"",
            "here": here.encode(),
            "root": b"%d" % found.focus.id,
            "since": b"%d" % ids.first(clock.now()),
            **{f"by_{one}": f"{here}?sort={one}#replies-bar".encode() for one in Sort},
        }
    )
    title = page.translate(
        request, "%(name)s: %(text)s", name=found.focus.name, text=_title(page.locale(request), found.focus)
    )
    return page.full_page(request, title, content, shared=True)


@lru_cache(maxsize=64)
def _thread_frame(
    templates: Templates, sort: Sort, ancestors: bool, earlier: bool, may_reply: bool, refused: bool, signed_in: bool
) -> templating.Stencil:
    hole = templating.hole
    return templates.cut(
        "posts/thread.html",
        ("focus", "replies", "reply_url"),
        ancestors=[hole("ancestors")] if ancestors else [],
        earlier_url=hole("earlier_url") if earlier else "",
        sort=sort,
        sort_urls={one: hole(f"by_{one}") for one in Sort},
        may_reply=may_reply,
        may_reply_reason=hole("may_reply_reason") if refused else "",
        live={"url": hole("here"), "root": hole("root"), "since": hole("since")} if signed_in else None,
    )


async def _new(request: Request, focus: PostView, since: int) -> Response:
    """The replies since an open page was drawn, each to be put where its parent is."""
    templates, viewer, now = page.templates(request), page.viewer(request), clock.now()
    found = await threads.newer(viewer, focus.id, focus.root, live_updates.late(since), NEW)
    drawn = await post_rendering.render(viewer, [reply.post for reply in found], templates)
    # When there are more than fit, the page goes on after the last of these.
    frame, seen = _new_frame(templates), b"%d" % (found[-1].post.id if len(found) == NEW else ids.first(now))
    nodes = [
        frame.fill({"html": html, "parent": b"%d" % reply.parent, "since": seen})
        for html, reply in zip(drawn, found, strict=True)
    ]
    return Response(b"".join(nodes))


@lru_cache(maxsize=8)
def _new_frame(templates: Templates) -> templating.Stencil:
    return templates.cut("posts/_new_reply.html", ("html", "parent", "since"))


async def _ancestors(request: Request, found: threads.Thread) -> bytes:
    """From the first post down; a line stands for each that the viewer may not see."""
    templates = page.templates(request)
    seen = [one for one in found.ancestors if one is not None]
    drawn = iter(await post_rendering.render(page.viewer(request), seen, templates, above=False))
    gone = templates.render("posts/_gone.html").encode() if len(seen) < len(found.ancestors) else b""
    return b"\n".join([gone if one is None else next(drawn) for one in found.ancestors])


async def _replies(request: Request, found: threads.Thread, here: str, sort: Sort, first: bool) -> bytes:
    templates = page.templates(request)
    drawn = await post_rendering.render(
        page.viewer(request), [node.post for node in found.replies], templates, above=False
    )
    branches = []
    start = 0
    for place in range(1, len(drawn) + 1):
        if place == len(drawn) or found.replies[place].depth == 0:
            branches.append(_branch(templates, found.replies[start:place], drawn[start:place]))
            start = place
    older = f"{here}?sort={sort}&amp;after={found.next}".encode()
    frame = _replies_frame(templates, first and not drawn, bool(found.next))
    return frame.fill({"branches": b"".join(branches), "older_url": older})


def _branch(templates: Templates, nodes: Sequence[threads.Node], drawn: Sequence[bytes]) -> bytes:
    """A direct reply and what is drawn below it."""
    holes = {f"post_{place}": html for place, html in enumerate(drawn)}
    holes |= {f"more_{place}": f"/posts/{node.post.id}".encode() for place, node in enumerate(nodes)}
    return _branch_frame(templates, tuple([(node.depth, node.more) for node in nodes])).fill(holes)


# How deep each reply of a branch is, and how many below it are on pages of their own.
Shape = tuple[tuple[int, int], ...]
_BRANCHES: Cache[tuple[Templates, Shape], templating.Stencil] = Cache(
    BUDGET, lambda key, frame: ENTRY_BYTES + weight(key) + frame.size
)


def _branch_frame(templates: Templates, shape: Shape) -> templating.Stencil:
    if (found := _BRANCHES.get((templates, shape))) is not None:
        return found
    nodes = [
        {
            "html": templating.hole(f"post_{place}"),
            "depth": depth,
            "more": more,
            "more_url": templating.hole(f"more_{place}"),
        }
        for place, (depth, more) in enumerate(shape)
    ]
    made = templates.cut("posts/_branch.html", (), nodes=nodes)
    _BRANCHES.put((templates, shape), made)
    return made


@lru_cache(maxsize=16)
def _replies_frame(templates: Templates, empty: bool, older: bool) -> templating.Stencil:
    link = templating.hole("older_url") if older else ""
    return templates.cut("posts/_replies.html", ("branches",), empty=empty, older_url=link)


def _title(locale: str, view: PostView) -> str:
    text = measure_words.cover(locale, view) or view.text
    return text if len(text) <= 60 else text[:59] + "…"


HANDLERS = [thread]
