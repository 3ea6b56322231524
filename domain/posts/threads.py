"""A thread around one post: what it answers, and what answers it."""

from typing import Literal

import msgspec

from db.queries import threads as queries
from domain.core import ids
from domain.core.access import Viewer
from domain.core.errors import Refused
from domain.core.pages import SIZE
from domain.posts import publishing, views
from domain.posts.views import Glimpse, PostView

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

    post: Glimpse
    depth: int
    more: int = 0


class Thread(msgspec.Struct):
    """``ancestors`` from the first post down, None where the viewer may not see one; ``earlier`` when there are more."""

    focus: PostView
    ancestors: list[Glimpse | None]
    earlier: int | None
    replies: list[Node]
    next: str | None
    refusal: Refused | None


class _Branch(msgspec.Struct):
    id: int
    count: int
    below: list["_Branch"] = []


async def read(viewer: Viewer, post: int, sort: Sort = "top", cursor: str = "") -> Thread:
    """One page of a thread. ``cursor`` comes from the page before. Errors: ``NotFound``."""
    focus = await views.get(viewer, post)
    above = await queries.ancestors(post, ANCESTORS) if focus.parent is not None and not cursor else []
    branches, following = await _branches(viewer, post, sort, cursor) if focus.replies else ([], None)
    wanted = [row[0] for row in above] + _ids(branches)
    found = await views.look(viewer, wanted) if wanted else {}
    ancestors: list[Glimpse | None] = [found.get(row[0]) for row in reversed(above)]
    if focus.parent is not None and not cursor and len(above) < ANCESTORS and (not above or above[-1][1] is not None):
        ancestors.insert(0, None)  # what stood there is purged
    return Thread(
        focus=focus,
        ancestors=ancestors,
        earlier=above[-1][0] if len(above) == ANCESTORS and above[-1][1] else None,
        replies=_flatten(branches, found, 0),
        next=following,
        refusal=await publishing.may_reply(viewer, focus),
    )


async def _branches(viewer: Viewer, post: int, sort: Sort, cursor: str) -> tuple[list[_Branch], str | None]:
    rows = await _direct(viewer, post, sort, cursor)
    following = None
    if len(rows) > SIZE:
        rows = rows[:SIZE]
        following = f"{rows[-1][2]}.{rows[-1][0]}"
    branches = [_Branch(row[0], row[1]) for row in rows]
    level = branches
    for _ in range(DEPTH):
        parents = {branch.id: branch for branch in level if branch.count}
        level = []
        for child, parent, count in await queries.children(viewer.id, list(parents), BRANCH):
            branch = _Branch(child, count)
            parents[parent].below = [*parents[parent].below, branch]
            level.append(branch)
    return branches, following


async def _direct(viewer: Viewer, post: int, sort: Sort, cursor: str) -> list[tuple[int, int, int]]:
    score, last = _parse(cursor)
    if sort == "oldest":
        rows = await queries.oldest(viewer.id, post, last or 0, SIZE + 1)
    elif sort == "newest":
        rows = await queries.newest(viewer.id, post, last or ids.LAST, SIZE + 1)
    else:
        rows = await queries.top(viewer.id, post, _TOP_SCORE if last is None else score, last or ids.LAST, SIZE + 1)
    return [(row[0], row[1], row[2]) for row in rows]


def _parse(cursor: str) -> tuple[int, int | None]:
    """A cursor is ``score.id``; anything else is the first page."""
    score, _, last = cursor.partition(".")
    if not score.removeprefix("-").isdecimal() or len(score) > 10:
        return 0, None
    return int(score), ids.parse(last)


def _ids(branches: list[_Branch]) -> list[int]:
    return [found for branch in branches for found in (branch.id, *_ids(branch.below))]


def _flatten(branches: list[_Branch], found: dict[int, Glimpse], depth: int) -> list[Node]:
    nodes: list[Node] = []
    for branch in branches:
        if branch.id in found:
            nodes.append(Node(found[branch.id], depth, max(0, branch.count - len(branch.below))))
            nodes += _flatten(branch.below, found, depth + 1)
    return nodes
