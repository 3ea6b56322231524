"""Posts as one viewer may see them: the only form in which posts leave the domain."""

from collections.abc import Sequence
from typing import Any

import msgspec

from db.queries import posts as queries
from domain.core import ids
from domain.core.access import Viewer
from domain.core.errors import NotFound
from domain.core.pages import SIZE, Page

PUBLIC, FOLLOWERS = 0, 1
EVERYONE, FOLLOWERS_ONLY, MENTIONED = 0, 1, 2


class PostView(msgspec.Struct, array_like=True, gc=False):
    """The fields stand in the order of ``db.queries.posts.COLUMNS``; ``quoted`` is filled in by :func:`shape`.

    ``entry`` is the place in a timeline; ``actor`` the reposter (0: none); ``my_vote`` is -1, 0 or 1;
    ``my_repost`` the viewer's repost's id or 0; ``mentions`` the handles that exist, each between spaces.
    """

    entry: int
    id: int
    author: int
    handle: str
    name: str
    hue: int
    author_version: int
    private: int
    text: str
    mentions: str
    version: int
    visibility: int
    replies_to: int
    cover: str | None
    edited_at: int | None
    parent: int | None
    parent_author: int | None
    parent_handle: str | None
    root: int
    quote: int | None
    replies: int
    reposts: int
    quotes: int
    ups: int
    downs: int
    my_vote: int
    my_repost: int
    actor: int
    actor_handle: str | None
    actor_name: str | None
    quoted: "PostView | None" = None

    @property
    def created_at(self) -> int:
        """Unix milliseconds."""
        return ids.time_of(self.id)

    @property
    def open(self) -> bool:
        """Whether anybody may see it, which is what may be reposted and quoted."""
        return self.visibility == PUBLIC and not self.private


async def shape(viewer: Viewer, rows: Sequence[Sequence[Any]]) -> list[PostView]:
    """Rows of ``db.queries.posts`` as views, with the quoted posts that this viewer may see."""
    views = [PostView(*row) for row in rows]
    quotes = {view.quote for view in views if view.quote is not None}
    if quotes:
        quoted = {row[1]: PostView(*row) for row in await queries.by_ids(viewer.id, list(quotes))}
        for view in views:
            if view.quote is not None:
                view.quoted = quoted.get(view.quote)
    return views


async def load(viewer: Viewer, wanted: Sequence[int]) -> dict[int, PostView]:
    """Those of the posts that the viewer may see, by id."""
    return {view.id: view for view in await shape(viewer, await queries.by_ids(viewer.id, list(wanted)))}


async def get(viewer: Viewer, post: int) -> PostView:
    """One post. Errors: ``NotFound`` when it does not exist or is not for this viewer."""
    found = await load(viewer, [post])
    if post not in found:
        raise NotFound
    return found[post]


async def page(viewer: Viewer, rows: Sequence[Sequence[Any]], size: int = SIZE) -> Page[PostView]:
    """One page out of up to ``size`` + 1 rows; a post that appears twice (reposted by two people) is shown once."""
    views = await shape(viewer, rows[:size])
    seen: set[int] = set()
    items = [view for view in views if not (view.id in seen or seen.add(view.id))]  # type: ignore[func-returns-value]
    return Page(items, views[-1].entry if len(rows) > size else None)
