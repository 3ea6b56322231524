"""A thread around one post: what it answers, and what answers it."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from db.queries import threads as queries
from db.queries import timeline_updates
from domain.core import ids
from domain.core.access import Viewer
from domain.core.cursors import SIZE
from domain.core.errors import Refused
from domain.posts import publishing, views
from domain.posts.views import PostSummary, PostView

Sort = Literal["oldest", "newest", "top"]
# The first one is what a thread opens with.
SORTS: tuple[Sort, ...] = ("top", "newest", "oldest")

# How many posts above, and how many answers below a reply, one page draws; the rest is a link away.
ANCESTORS = 30
BRANCH = 3
DEPTH = 2
_TOP_SCORE = 2**31 - 1


class Node(msgspec.Struct):
    """A reply at ``depth`` 0 to 2; ``more`` replies to it are not drawn."""

    post: PostSummary
    depth: int
    more: int = 0


class Thread(msgspec.Struct):
    """``ancestors`` from the first post down, None where the viewer may not see one; ``earlier``: there are more."""

    focus: PostView
    ancestors: list[PostSummary | None]
    earlier: int | None
    replies: list[Node]
    next: str | None
    refusal: Refused | None


class _Branch(msgspec.Struct):
    post: PostSummary
    below: list["_Branch"] = []


async def read(viewer: Viewer, post: int, sort: Sort = "top", cursor: str = "") -> Thread:
    """One page of a thread. ``cursor`` comes from the page before. Errors: ``NotFound``."""
    focus = await views.get(viewer, post)
    ancestors, earlier = await _above(viewer, focus) if focus.parent is not None and not cursor else ([], None)
    branches, following = await _branches(viewer, post, sort, cursor) if focus.replies else ([], None)
    return Thread(
        focus=focus,
        ancestors=ancestors,
        earlier=earlier,
        replies=_flatten(branches, 0),
        next=following,
        refusal=await publishing.may_reply(viewer, focus),
    )


# Pages of a thread's new replies that are looked through for those to one of its posts.
LOOKS = 20


class Reply(msgspec.Struct, frozen=True):
    post: PostSummary
    parent: int


async def newer(viewer: Viewer, post: int, root: int, since: int, limit: int) -> list[Reply]:
    """The first replies to ``post``, direct or not, above ``since``; ``root`` is its thread's first post.

    None where the viewer may not see the post itself.
    """
    if post not in await views.look(viewer, [post]):
        return []
    found: list[Sequence[Any]] = []
    for _ in range(LOOKS):
        rows = await timeline_updates.replies(viewer, root, since, limit)
        below = (
            {row[1] for row in rows} if post == root else await timeline_updates.below([row[1] for row in rows], post)
        )
        found += [row for row in rows if row[1] in below]
        if len(rows) < limit or len(found) >= limit:
            break
        # A page full of answers to something else in the thread: those to this one may come after them.
        since = rows[-1][1]
    return [Reply(PostSummary._make(row[:-1]), row[-1]) for row in found[:limit]]


async def _above(viewer: Viewer, focus: PostView) -> tuple[list[PostSummary | None], int | None]:
    rows = await queries.ancestors(focus.id, ANCESTORS)
    found = await views.look(viewer, [row[0] for row in rows])
    ancestors = [found.get(row[0]) for row in reversed(rows)]
    top = rows[-1] if rows else None
    if len(rows) == ANCESTORS and top is not None and top[1] is not None:
        return ancestors, top[0]
    # A parent that is not there has been purged: a line stands for it.
    return ([None, *ancestors] if top is None or top[1] is not None else ancestors), None


async def _branches(viewer: Viewer, post: int, sort: Sort, cursor: str) -> tuple[list[_Branch], str | None]:
    rows = await _direct(viewer, post, sort, cursor)
    branches = [_Branch(view) for view in views.summaries(row[:-1] for row in rows[:SIZE])]
    level = branches
    for _ in range(DEPTH):
        parents = {branch.post.id: branch for branch in level if branch.post.replies}
        level = []
        for row in await queries.children(viewer, list(parents), BRANCH):
            branch = _Branch(PostSummary._make(row[:-1]))
            parents[row[-1]].below = [*parents[row[-1]].below, branch]
            level.append(branch)
    if len(rows) <= SIZE:
        return branches, None
    last = branches[-1].post
    return branches, f"{last.ups - last.downs}.{last.id}"


async def _direct(viewer: Viewer, post: int, sort: Sort, cursor: str) -> Sequence[Sequence[Any]]:
    score, last = _parse(cursor)
    if sort == "oldest":
        return await queries.oldest(viewer, post, last or 0, SIZE + 1)
    if sort == "newest":
        return await queries.newest(viewer, post, last or ids.LAST, SIZE + 1)
    return await queries.top(viewer, post, _TOP_SCORE if last is None else score, last or ids.LAST, SIZE + 1)


def _parse(cursor: str) -> tuple[int, int | None]:
    """A cursor is ``score.id``; anything else is the first page."""
    score, _, last = cursor.partition(".")
    if not score.removeprefix("-").isdecimal() or len(score) > 10 or abs(int(score)) > _TOP_SCORE:
        return 0, None
    return int(score), ids.parse(last)


def _flatten(branches: list[_Branch], depth: int) -> list[Node]:
    nodes: list[Node] = []
    for branch in branches:
        nodes.append(Node(branch.post, depth, max(0, branch.post.replies - len(branch.below))))
        nodes += _flatten(branch.below, depth + 1)
    return nodes
