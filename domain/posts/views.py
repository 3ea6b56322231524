"""Posts as one viewer may see them: the only form in which posts leave the domain.

A list holds glimpses, which say of each post what changes often; whoever draws it asks for the whole of a post once per
version. Both come from the one statement in ``db.queries.posts`` that knows who may see what.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from db.queries import posts as queries
from domain.core import ids
from domain.core.access import Viewer
from domain.core.cursors import SIZE, Page
from domain.core.errors import NotFound
from domain.media import attachments
from domain.media.attachments import Attachment
from domain.posts import link_previews
from domain.posts.link_previews import Preview

PUBLIC, FOLLOWERS = 0, 1
EVERYONE, FOLLOWERS_ONLY, MENTIONED = 0, 1, 2


class PostSummary(NamedTuple):
    """A post in a list, in the order of ``db.queries.posts.GLIMPSE``.

    ``entry`` is the place in a timeline; ``my_vote`` (-1, 0, 1) and ``my_repost`` (0, 1) are the viewer's own;
    ``actor`` is who reposted it into this list (0: nobody); ``parent_hidden`` is 1 when it replies to somebody on the
    other side of a block. The versions say when what was drawn before is out of date.
    """

    entry: int
    id: int
    author: int
    author_version: int
    version: int
    quote: int | None
    replies: int
    reposts: int
    ups: int
    downs: int
    my_vote: int
    my_repost: int
    actor: int
    actor_version: int
    link_preview: int | None
    parent_hidden: int


class PostView(msgspec.Struct, array_like=True, gc=False):
    """A whole post, in the order of ``db.queries.posts.WHOLE``: a glimpse's fields, then what there is to read.

    ``parent_handle`` is None when the parent is gone or ``parent_hidden``; ``mentions`` are the handles that exist,
    each between spaces; ``attachments`` is how many ``media`` there are, ``link_preview`` the id of the ``preview``;
    times are Unix milliseconds.
    """

    entry: int
    id: int
    author: int
    author_version: int
    version: int
    quote: int | None
    replies: int
    reposts: int
    ups: int
    downs: int
    my_vote: int
    my_repost: int
    actor: int
    actor_version: int
    link_preview: int | None
    parent_hidden: int
    handle: str
    name: str
    hue: int
    private: int
    text: str
    mentions: str
    visibility: int
    replies_to: int
    cover: str | None
    edited_at: int | None
    parent: int | None
    parent_handle: str | None
    root: int
    quotes: int
    attachments: int
    avatar_small: str
    media: tuple[Attachment, ...] = ()
    preview: Preview | None = None

    @property
    def created_at(self) -> int:
        """Unix milliseconds."""
        return ids.time_of(self.id)

    @property
    def open(self) -> bool:
        """Whether anybody may see it, which is what may be reposted and quoted."""
        return self.visibility == PUBLIC and not self.private

    @property
    def glimpse(self) -> PostSummary:
        return PostSummary(*(getattr(self, name) for name in PostSummary._fields))


# The constructor of a tuple's subclass, without a Python call for each row.
_summary: Any = partial(tuple.__new__, PostSummary)


def summaries(rows: Iterable[Sequence[Any]]) -> list[PostSummary]:
    """Rows of ``db.queries.posts`` as glimpses."""
    return list(map(_summary, rows))


async def look(viewer: Viewer, wanted: Sequence[int]) -> dict[int, PostSummary]:
    """Glimpses of those of the posts that the viewer may see, by id."""
    return {view.id: view for view in summaries(await queries.by_ids(viewer, list(wanted)))}


async def load(viewer: Viewer, wanted: Sequence[int]) -> dict[int, PostView]:
    """Those of the posts that the viewer may see, whole, by id."""
    found = {row[1]: PostView(*row) for row in await queries.whole_by_ids(viewer, list(wanted))}
    if pictured := [view.id for view in found.values() if view.attachments]:
        for post, media in (await attachments.of_posts(pictured)).items():
            found[post].media = media
    if linked := {view.link_preview for view in found.values() if view.link_preview is not None}:
        previews = await link_previews.by_ids(linked)
        for view in found.values():
            view.preview = previews.get(view.link_preview or 0)
    return found


async def get(viewer: Viewer, post: int) -> PostView:
    """One post. Errors: ``NotFound`` when it does not exist or is not for this viewer."""
    found = await load(viewer, [post])
    if post not in found:
        raise NotFound
    return found[post]


def page(rows: Sequence[Sequence[Any]], size: int = SIZE) -> Page[PostSummary]:
    """One page out of up to ``size`` + 1 rows; a post that appears twice (reposted by two people) is shown once."""
    views = summaries(rows[:size])
    items = views
    if len({view[1] for view in views}) < len(views):
        once = {view.id: view for view in reversed(views)}
        items = [view for view in views if once[view.id] is view]
    return Page(items, views[-1].entry if len(rows) > size else None)
