"""The thread of one post: the posts it replies to, and the replies below it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never

import msgspec

from db.queries import threads as queries
from db.queries import timeline_updates
from db.queries.posts import Reply
from domain.core import cursors, ids
from domain.core.access import Viewer
from domain.core.cursors import SIZE, Rank
from domain.core.errors import Refused
from domain.posts import publishing, reads, views
from domain.posts.views import PostSummary, PostView


class Sort(StrEnum):
    """The order of replies, by the word in an address."""

    TOP = "top"
    NEWEST = "newest"
    OLDEST = "oldest"


# How many posts above, and how many replies below each reply, one page shows; the rest is a link away.
ANCESTORS = 30
BRANCH = 3
DEPTH = 2


class Node(msgspec.Struct):
    """A reply at ``depth`` 0 to 2; ``more`` is how many replies to it the page does not show."""

    post: PostSummary
    depth: int
    more: int = 0


class Thread(msgspec.Struct):
    """``ancestors`` from the first post down, None where the viewer may not see one.

    ``earlier`` is the id of the topmost ancestor when there are more above it; ``next`` the cursor of the next page,
    "" at the end; ``refusal`` says why the viewer may not reply.
    """

    focus: PostView
    ancestors: list[PostSummary | None]
    earlier: int | None
    replies: list[Node]
    next: str
    refusal: Refused | None


class _Branch(msgspec.Struct):
    post: PostSummary
    below: list["_Branch"] = []


async def read(viewer: Viewer, post: int, sort: Sort = Sort.TOP, cursor: str = "") -> Thread:
    """One page of a thread. ``cursor`` is the ``next`` of the page before. Errors: ``NotFound``.

    For example ``await read(viewer, post, "newest")`` shows the newest direct replies, each with a few of its own.
    """
    focus, last = await views.get(viewer, post), cursors.rank(cursor)
    ancestors, earlier = await _above(viewer, focus) if focus.parent is not None and last is None else ([], None)
    branches, following = await _branches(viewer, post, sort, last) if focus.replies else ([], "")
    replies = _flatten(branches, 0)
    await reads.count(viewer, 1 + len(ancestors) + len(replies))
    return Thread(
        focus=focus,
        ancestors=ancestors,
        earlier=earlier,
        replies=replies,
        next=following,
        refusal=await publishing.may_reply(viewer, focus),
    )


# How many pages of a thread's new replies are searched for those to one of its posts.
LOOKS = 20


async def newer(viewer: Viewer, post: int, root: int, since: int, limit: int) -> list[Reply]:
    """The first replies to ``post``, direct or not, above the id ``since``; ``root`` is its thread's first post.

    Empty when the viewer may not see the post itself.
    """
    if post not in await views.summaries(viewer, [post]):
        return []
    found: list[Reply] = []
    for _ in range(LOOKS):
        replies = await timeline_updates.replies(viewer, root, since, limit)
        new = [reply.post.id for reply in replies]
        below = new if post == root else await timeline_updates.below(new, post)
        found += [reply for reply in replies if reply.post.id in below]
        if len(replies) < limit or len(found) >= limit:
            break
        # This page may be full of replies to other posts of the thread, with those to this one after them.
        since = new[-1]
    return found[:limit]


async def above(viewer: Viewer, focus: PostView, limit: int) -> list[PostView]:
    """The posts that ``focus`` replies to, as far as the viewer may see them: the nearest ``limit``, oldest first."""
    if focus.parent is None:
        return []
    wanted = [ancestor.id for ancestor in await queries.ancestors(focus.id, limit)]
    found = await views.load(viewer, wanted)
    return [found[post] for post in reversed(wanted) if post in found]


async def _above(viewer: Viewer, focus: PostView) -> tuple[list[PostSummary | None], int | None]:
    above = await queries.ancestors(focus.id, ANCESTORS)
    found = await views.summaries(viewer, [ancestor.id for ancestor in above])
    ancestors = [found.get(ancestor.id) for ancestor in reversed(above)]
    top = above[-1] if above else None
    if len(above) == ANCESTORS and top is not None and top.parent is not None:
        return ancestors, top.id
    # A parent that has no row has been purged: a line stands for it.
    return ([None, *ancestors] if top is None or top.parent is not None else ancestors), None


async def _branches(viewer: Viewer, post: int, sort: Sort, last: Rank | None) -> tuple[list[_Branch], str]:
    direct = await _direct(viewer, post, sort, last)
    branches = [_Branch(reply.post) for reply in direct[:SIZE]]
    level = branches
    for _ in range(DEPTH):
        parents = {branch.post.id: branch for branch in level if branch.post.replies}
        level = []
        for reply in await queries.children(viewer, list(parents), BRANCH):
            branch = _Branch(reply.post)
            parents[reply.parent].below = [*parents[reply.parent].below, branch]
            level.append(branch)
    if len(direct) <= SIZE:
        return branches, ""
    end = branches[-1].post
    return branches, cursors.after(Rank(end.ups - end.downs, end.id))


async def _direct(viewer: Viewer, post: int, sort: Sort, last: Rank | None) -> Sequence[Reply]:
    match sort:
        case Sort.OLDEST:
            return await queries.oldest(viewer, post, last.id if last else 0, SIZE + 1)
        case Sort.NEWEST:
            return await queries.newest(viewer, post, last.id if last else ids.LAST, SIZE + 1)
        case Sort.TOP:
            return await queries.top(viewer, post, *(last or cursors.HIGHEST), SIZE + 1)
        case _:
            assert_never(sort)


def _flatten(branches: list[_Branch], depth: int) -> list[Node]:
    nodes: list[Node] = []
    for branch in branches:
        nodes.append(Node(branch.post, depth, max(0, branch.post.replies - len(branch.below))))
        nodes += _flatten(branch.below, depth + 1)
    return nodes
