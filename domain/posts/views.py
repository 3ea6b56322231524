"""Posts as one viewer may see them: the only form in which posts leave the domain.

A list holds summaries: ids, versions, counts and the viewer's own marks. Whoever renders it loads the whole of a post
once per version. Both have the columns, joins and conditions of ``db.queries.posts``.
"""

from collections.abc import Sequence
from itertools import starmap

import msgspec

from db.queries import posts as queries
from domain.core import cursors, ids, permissions
from domain.core.access import Viewer
from domain.core.cursors import SIZE, Page
from domain.core.errors import NotFound, Refused
from domain.core.visibility import Visibility
from domain.media import attachments
from domain.media.attachments import Attachment
from domain.posts import link_previews, measures
from domain.posts.link_previews import Preview
from domain.posts.measures import PostMeasures

PostSummary = queries.PostSummary
UNMODERATED = PostMeasures()


class PostView(msgspec.Struct, array_like=True, gc=False):
    """A whole post: the fields of its summary, then what there is to read, in the order of ``db.queries.posts.WHOLE``.

    ``parent_handle`` is None when the parent is purged or ``parent_hidden``; ``mentions`` are the handles that exist,
    each between spaces (`` ana  ben ``); ``visibility`` and ``replies_to`` are numbers of domain/core/visibility.py;
    ``attachments`` is the number of ``media``, ``link_preview`` the id of the ``preview``; ``moderation`` is what
    ``measures`` stands for. Times are Unix milliseconds.
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
    measures: int
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
    moderation: PostMeasures = UNMODERATED

    @property
    def covered(self) -> bool:
        """Whether its author, or moderators, have covered it."""
        return self.cover is not None or self.moderation.cover_rule is not None

    @property
    def created_at(self) -> int:
        """Unix milliseconds."""
        return ids.time_of(self.id)

    @property
    def open(self) -> bool:
        """Whether anybody may see it, which is what may be reposted and quoted."""
        return self.visibility == Visibility.PUBLIC and not self.private

    @property
    def summary(self) -> PostSummary:
        return PostSummary(*(getattr(self, name) for name in PostSummary._fields))


def may_build_on(view: PostView) -> Refused | None:
    """Why even whoever sees this post may not reply to it, quote it, repost it or vote on it; None if they may."""
    return permissions.may_build_on(held=view.moderation.held is not None, hidden=view.moderation.hidden_by != 0)


async def summaries(viewer: Viewer, wanted: Sequence[int]) -> dict[int, PostSummary]:
    """Summaries of those of the posts that the viewer may see, by id."""
    return {view.id: view for view in await queries.by_ids(viewer, list(wanted))}


async def quoted(viewer: Viewer, wanted: Sequence[int]) -> dict[int, PostSummary]:
    """Summaries of those of the posts that what quotes them may show the viewer, by id."""
    return {view.id: view for view in await queries.quoted(viewer, list(wanted))}


async def load(viewer: Viewer, wanted: Sequence[int]) -> dict[int, PostView]:
    """Those of the posts that the viewer may see, whole, by id."""
    rows = await queries.whole_by_ids(viewer, list(wanted))
    found = {view.id: view for view in starmap(PostView, rows)}
    if pictured := [view.id for view in found.values() if view.attachments]:
        for post, media in (await attachments.of_posts(pictured)).items():
            found[post].media = media
    if linked := {view.link_preview for view in found.values() if view.link_preview is not None}:
        previews = await link_previews.by_ids(linked)
        for view in found.values():
            view.preview = previews.get(view.link_preview or 0)
    if measured := [view.id for view in found.values() if view.measures]:
        for post, moderation in (await measures.of_posts(measured)).items():
            found[post].moderation = moderation
    return found


async def get(viewer: Viewer, post: int) -> PostView:
    """One post. Errors: ``NotFound`` when it does not exist or is not for this viewer."""
    found = await load(viewer, [post])
    if post not in found:
        raise NotFound
    return found[post]


def page(views: Sequence[PostSummary], size: int = SIZE) -> Page[PostSummary]:
    """One page out of up to ``size`` + 1 summaries; a post that appears twice (reposted by two people) is shown once.

    The summary beyond ``size`` only says that there is another page: ``page(views, 20).next`` is "" for 20 of them.
    """
    shown = items = list(views[:size])
    if len({view[1] for view in shown}) < len(shown):
        once = {view.id: view for view in reversed(shown)}
        items = [view for view in shown if once[view.id] is view]
    return Page(items, cursors.after(shown[-1].entry) if len(views) > size else "")
