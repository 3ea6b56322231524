"""Attachments of a post: pictures, an animation, a video or a sound, each with its files and its description."""

from collections.abc import Iterable, Sequence

import msgspec

from db.queries import media as queries
from db.queries.media import FileRow, RemovedMedia
from db.tables.accounts import Account
from domain.core import text_parsing
from domain.core.access import Viewer, member
from domain.core.errors import Conflict, Invalid
from domain.core.translatable import N_
from domain.media import storage
from domain.media.file_types import MediaKind
from domain.media.storage import PendingRemoval

MOST = 4
MAX_ALT = 1500
GONE = N_("A picture of this post is no longer here. Add it again.")


class AttachmentFile(msgspec.Struct, frozen=True):
    """``width`` and ``height`` in pixels; ``type`` is a media type."""

    key: str
    width: int
    height: int
    type: str


class Attachment(msgspec.Struct, frozen=True):
    """``duration`` is in milliseconds, ``hash`` a thumbhash in base64.

    ``files`` by name, the widest first: ``wide``, ``middle``, ``small`` are pictures (of a video: its poster),
    ``moving`` an animation, ``play`` a video or sound.
    """

    id: int
    kind: MediaKind
    width: int
    height: int
    duration: int
    alt: str
    hash: str
    files: dict[str, AttachmentFile]

    @property
    def stills(self) -> list[AttachmentFile]:
        """The pictures, the widest first."""
        return [self.files[name] for name in ("wide", "middle", "small") if name in self.files]


class ChosenMedia(msgspec.Struct, frozen=True):
    """One attachment as its author wants it."""

    id: int
    alt: str = ""


async def of_posts(posts: Sequence[int]) -> dict[int, tuple[Attachment, ...]]:
    """The attachments of posts that the caller has been shown, in their order."""
    found: dict[int, list[Attachment]] = {}
    for row, files in _grouped(await queries.of_posts(posts)):
        if row.post is not None:
            found.setdefault(row.post, []).append(_attachment(row, files))
    return {post: tuple(many) for post, many in found.items()}


async def chosen_for(post: int) -> list[ChosenMedia]:
    """What hangs on a post, as its author chose it."""
    return [ChosenMedia(one.id, one.alt) for one in (await of_posts([post])).get(post, ())]


async def post_of(media: int) -> int | None:
    """The post that a media belongs to; None for one that belongs to none, or does not exist."""
    return await queries.post_of(media)


async def own(viewer: Viewer, media: Sequence[int]) -> list[Attachment]:
    """What the viewer has sent, in the order asked for; what is not theirs, or gone, is left out."""
    found = {row.media: _attachment(row, files) for row, files in _grouped(await queries.own(viewer.id, media))}
    return [found[one] for one in media if one in found]


async def by_ids(media: Sequence[int]) -> dict[int, Attachment]:
    """Pictures of link previews, by their ids."""
    return {row.media: _attachment(row, files) for row, files in _grouped(await queries.by_ids(media))}


def _grouped(rows: Iterable[FileRow]) -> Iterable[tuple[FileRow, dict[str, AttachmentFile]]]:
    """One row of each media, and its files."""
    files: dict[int, dict[str, AttachmentFile]] = {}
    first: dict[int, FileRow] = {}
    for row in rows:
        first.setdefault(row.media, row)
        file = AttachmentFile(row.key, row.file_width, row.file_height, row.type)
        files.setdefault(row.media, {})[row.name] = file
    return ((first[media], files[media]) for media in first)


def _attachment(row: FileRow, files: dict[str, AttachmentFile]) -> Attachment:
    kind = MediaKind(row.kind)
    return Attachment(row.media, kind, row.width, row.height, row.duration, row.alt, row.hash, files)


def cleaned(chosen: Sequence[ChosenMedia]) -> list[ChosenMedia]:
    """The attachments as they are stored. Errors: ``Invalid`` for too many, or for descriptions that are too long."""
    if len(chosen) > MOST:
        raise Invalid("At most %(limit)s pictures fit into a post.", limit=MOST)
    return [ChosenMedia(one.id, _cleaned_alt(one.alt)) for one in chosen]


def _cleaned_alt(alt: str) -> str:
    if text_parsing.oversized(alt, MAX_ALT) or text_parsing.too_long(alt := text_parsing.clean(alt), MAX_ALT):
        raise Invalid("A description is too long: at most %(limit)s characters.", limit=MAX_ALT)
    return alt


async def check_described(viewer: Viewer, chosen: Sequence[ChosenMedia]) -> None:
    """For members who want to be held to it: no picture goes out without words. Errors: ``Invalid``."""
    if any(not one.alt for one in chosen) and await queries.alt_required(viewer.id):
        raise Invalid("Describe each picture first: you chose never to post one without words.")


async def is_alt_required(viewer: Viewer) -> bool:
    """Whether the viewer chose never to post a picture without words."""
    return await queries.alt_required(viewer.id)


async def require_alt(viewer: Viewer, required: bool) -> None:
    """Chooses that, or takes it back."""
    await Account.update({Account.alt_required: int(required)}).where(Account.id == member(viewer).id)


async def replace(viewer: Viewer, post: int, chosen: Sequence[ChosenMedia]) -> list[PendingRemoval]:
    """Within a transaction: has a post have these media and no others. What moderators have removed keeps its place.

    Gives the files to be removed after it. Errors: as ``attach``.
    """
    removed = await queries.removed_of(post)
    if removed and len(removed) + len(chosen) > MOST:
        raise Invalid("At most %(limit)s pictures fit into a post.", limit=MOST)
    going = await detach(post, [*(one.id for one in chosen), *(one.id for one in removed)])
    await attach(viewer, post, chosen, removed)
    return going


async def attach(viewer: Viewer, post: int, chosen: Sequence[ChosenMedia], beside: Sequence[RemovedMedia] = ()) -> None:
    """Within a transaction: makes the media part of the post, in this order, ``beside`` others that keep their places.

    Errors: ``Conflict`` for one that is gone or belongs to another post, ``Invalid`` for what does not go together, or
    what moderators have removed and its author sends again.
    """
    if await queries.sent_again([one.id for one in chosen], viewer.id):
        raise Invalid("Moderators have removed this from a post of yours: it can’t be posted again.")
    found, taken = [one.kind for one in beside], {one.place for one in beside}
    for one, place in zip(chosen, (place for place in range(MOST) if place not in taken), strict=False):
        kind = await queries.attach(one.id, viewer.id, post, place, one.alt)
        if kind is None:
            raise Conflict(GONE)
        found.append(kind)
    if len(found) > 1 and (MediaKind.VIDEO in found or MediaKind.AUDIO in found):
        raise Invalid("A video or a sound stands alone in a post.")


async def keys_of(post: int) -> list[str]:
    """The stored files of a post, one for each use."""
    return await queries.files_of(await queries.of_post(post))


async def detach(post: int, besides: Sequence[int] = ()) -> list[PendingRemoval]:
    """Within a transaction: removes a post's media but for ``besides``. Gives the files to be removed after it."""
    return await drop([one for one in await queries.of_post(post) if one not in besides])


async def drop(media: Sequence[int]) -> list[PendingRemoval]:
    """Within a transaction: removes media. Gives the files to be removed after it."""
    if not media:
        return []
    return await storage.release(await queries.delete(media))
