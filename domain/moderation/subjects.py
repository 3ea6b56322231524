"""What can be reported: a post, an account, or one picture, video or sound of a post.

A subject is loaded as its reporter sees it; what they may not see can't be reported, and looks as if it did not exist.
"""

from collections.abc import Sequence

import msgspec

from db.queries import publishing
from domain.accounts import profiles
from domain.accounts.profiles import Profile
from domain.core import clock, ids
from domain.core.access import Viewer
from domain.core.errors import NotFound
from domain.media import attachments
from domain.media.attachments import Attachment
from domain.media.file_types import MediaKind
from domain.moderation.evidence import Content, Excerpt, KeptFile, KeptMedia, Snapshot
from domain.moderation.kinds import SubjectKind
from domain.posts import threads, views
from domain.posts.views import PostView
from domain.timelines import profile_lists
from domain.timelines.profile_lists import Tab

# Posts above the reported one, and newest posts of a reported account, that are kept with it.
CONTEXT = 3


class Subject(msgspec.Struct, frozen=True):
    """What a report or a case is about; ``id`` is that of the post, the account or the media."""

    kind: SubjectKind
    id: int


class ReportedSubject(msgspec.Struct, frozen=True):
    """A subject as its reporter sees it. ``account`` is whose it is, ``made_at`` (Unix milliseconds) its beginning.

    ``media`` are the pictures of a post, each of which can be reported by itself; ``post`` is the post that the subject
    is or is in.
    """

    subject: Subject
    account: int
    handle: str
    made_at: int
    snapshot: Snapshot
    media: tuple[int, ...] = ()
    post: int | None = None


async def load(viewer: Viewer, subject: Subject) -> ReportedSubject:
    """Errors: ``NotFound``."""
    match subject.kind:
        case SubjectKind.POST:
            view = await _view(viewer, subject.id)
            return await _post(viewer, subject, view, view.media)
        case SubjectKind.MEDIA:
            view = await _view(viewer, await _post_of(subject.id))
            media = [one for one in view.media if one.id == subject.id]
            if not media:
                # Moderators have removed it.
                raise NotFound
            return await _post(viewer, subject, view, media)
        case SubjectKind.ACCOUNT:
            return await _account(viewer, subject, await profiles.by_id(viewer, subject.id))


async def snapshot_for_author(account: int, post: int) -> Snapshot:
    """A post with all that it shows, as its author sees it. Errors: ``NotFound``."""
    viewer = Viewer(id=account, restricted=True)
    view = await views.get(viewer, post)
    return (await _post(viewer, Subject(SubjectKind.POST, post), view, view.media)).snapshot


async def _view(viewer: Viewer, post: int) -> PostView:
    """A post, also of somebody whom the viewer has blocked: blocking comes before reporting where it hurts.

    Errors: ``NotFound``, also for a post of somebody who has blocked the viewer, unless it is at the viewer.
    """
    view = await views.get(msgspec.structs.replace(viewer, restricted=False), post)
    try:
        await profiles.by_id(viewer, view.author)
    except NotFound:
        if not await _is_at(viewer, view):
            raise
    return view


async def _is_at(viewer: Viewer, view: PostView) -> bool:
    """Whether a post mentions the viewer or replies to them: blocking them afterwards hides it from no moderator."""
    parents = await views.load(viewer, [view.parent]) if view.parent is not None else {}
    replied = any(parent.author == viewer.id for parent in parents.values())
    return replied or await publishing.is_mentioned(view.id, viewer.id)


async def _post_of(media: int) -> int:
    post = await attachments.post_of(media)
    if post is None:
        raise NotFound
    return post


async def _post(viewer: Viewer, subject: Subject, view: PostView, media: Sequence[Attachment]) -> ReportedSubject:
    # Whom the viewer has blocked is left out of no evidence: others who report the same revision may see them.
    anybody = msgspec.structs.replace(viewer, restricted=False)
    above = await threads.above(anybody, view, CONTEXT)
    quoted = await views.load(anybody, [view.quote]) if view.quote is not None else {}
    files = [file for place, one in enumerate(media) for file in _files(place, one)]
    content = Content(
        handle=view.handle,
        name=view.name,
        text=view.text,
        cover=view.cover,
        written_at=view.edited_at or view.created_at,
        context=tuple(map(_excerpt, [*above, *quoted.values()])),
        media=tuple(KeptMedia(one.kind, one.alt, one.width, one.height) for one in media),
    )
    snapshot = Snapshot(view.version, content, tuple(files))
    pictures = tuple(one.id for one in media)
    return ReportedSubject(subject, view.author, view.handle, view.created_at, snapshot, pictures, view.id)


def _files(place: int, one: Attachment) -> list[KeptFile]:
    """The widest still of a media, and what moves or sounds."""
    kept = [("still", file) for file in one.stills[:1]]
    kept += [(name, one.files[name]) for name in ("moving", "play") if name in one.files]
    return [KeptFile(place, name, file.key) for name, file in kept]


def _excerpt(view: PostView) -> Excerpt:
    return Excerpt(view.handle, view.text, view.created_at)


async def _account(viewer: Viewer, subject: Subject, profile: Profile) -> ReportedSubject:
    recent = await profile_lists.read(viewer, profile.id, Tab.POSTS) if profile.readable else None
    newest = [one.id for one in recent.items if one.author == profile.id][:CONTEXT] if recent else []
    posts = await views.load(viewer, newest)
    images = [key for key in (profile.avatar_large, profile.header) if key]
    content = Content(
        handle=profile.handle,
        name=profile.name,
        text=profile.bio,
        cover=None,
        written_at=ids.time_of(profile.id),
        links=tuple(link.address for link in profile.links),
        context=tuple(_excerpt(posts[post]) for post in newest if post in posts),
        media=tuple(KeptMedia(MediaKind.IMAGE, "", 0, 0) for _ in images),
    )
    files = tuple(KeptFile(place, "still", key) for place, key in enumerate(images))
    made_at = ids.time_of(profile.id)
    # An account changes with all that it posts.
    revision = (clock.now() - ids.EPOCH) // 1000
    snapshot = Snapshot(revision, content, files, is_dated=True)
    return ReportedSubject(subject, profile.id, profile.handle, made_at, snapshot)
