"""Taking in what members send, and letting go of what they did not use."""

import asyncio
import contextlib
import os
from collections.abc import Sequence
from enum import IntEnum
from typing import BinaryIO, assert_never

from adapters.objects import PACE, SECONDS
from db.engine import DB, ConstraintViolation
from db.queries import graph
from db.queries import media as queries
from db.queries.media import NewMedia, NewRendition
from domain.core import clock, ids
from domain.core.access import Viewer, member
from domain.core.errors import Conflict, Invalid, NotFound
from domain.core.translatable import N_
from domain.media import attachments, storage
from domain.media.attachments import Attachment
from domain.media.file_types import FileClass, FileType, MediaKind
from domain.media.picture_jobs import TYPE, Made
from domain.media.processor import MediaProcessor, job
from domain.media.storage import StoredObject
from domain.media.stores import STORES

# What a video or a sound is called among the files of a media.
PLAY = "play"
# What one member may have sent and not posted.
MOST_WAITING = 20
TOO_MANY_WAITING = N_("You have sent many pictures and posted none of them. Post or remove some first.")
ABANDONED_MS = 86_400_000
# Of a sender's key, in characters, and of what of it is kept in front of a digest.
MAX_KEY, KEY_PART = 64, 40
BATCH = 50
TRIES = 3
# Pictures of previews take the turn of no account: links in posts can't occupy every place.
PREVIEWS = 0
# A preview is as wide as a column of posts.
LINK_PREVIEW_WIDTHS = (1080, 480)


class Purpose(IntEnum):
    """What a media is for, by the stored number: a post, a profile (picture or header), or the preview of a link."""

    ATTACHMENT = 0
    PICTURE = 1
    HEADER = 2
    LINK_PREVIEW = 3


async def take(processor: MediaProcessor, viewer: Viewer, source: BinaryIO, key: str, digest: str) -> Attachment:
    """Makes a picture, video or sound of a file that was sent.

    ``key`` is the sender's, and ``digest`` a word for what is in the file: both again give the first one. Errors:
    ``Invalid``, ``TooMany``, ``StorageUnavailable``, ``DiskFull``, ``Updating``.
    """
    member(viewer)
    if not 8 <= len(key) <= MAX_KEY:
        raise Invalid("The form is too old: reload the page and send it again.")
    key = f"{key[:KEY_PART]}-{digest}"
    if (before := await queries.by_key(viewer.id, key)) is not None:
        return await _own(viewer, before)
    waiting = await queries.waiting(viewer.id)
    with processor.uploading(viewer.id) as in_progress:
        if waiting + in_progress > MOST_WAITING:
            raise Conflict(TOO_MANY_WAITING)
        return await _take(processor, viewer, source, key)


async def _take(processor: MediaProcessor, viewer: Viewer, source: BinaryIO, key: str) -> Attachment:
    kind = processor.kind(source)
    async with processor.work(viewer.id):
        made = await _made(processor, source, kind)
    try:
        return await _own(viewer, await made.store(viewer.id, key, Purpose.ATTACHMENT))
    except ConstraintViolation:
        before = await queries.by_key(viewer.id, key)
        if before is None:
            raise
        return await _own(viewer, before)


async def _made(processor: MediaProcessor, source: BinaryIO, kind: FileType) -> "UploadWork":
    match kind.cls:
        case FileClass.IMAGE:
            return await _picture(processor, source, kind)
        case FileClass.VIDEO | FileClass.AUDIO:
            return await _film(processor, source, kind)
        case _:
            assert_never(kind.cls)


async def _own(viewer: Viewer, media: int) -> Attachment:
    found = await attachments.own(viewer, [media])
    if not found:
        raise NotFound
    return found[0]


class UploadWork:
    """What became of a file, before it is stored: ``bodies`` by name, with each one's size in pixels."""

    def __init__(self, kind: MediaKind, made: Made, bodies: Sequence[bytes], duration: int = 0) -> None:
        self.kind, self.made, self.duration = kind, made, duration
        self.files: list[tuple[str, bytes | BinaryIO, str, int, int]] = [
            (part.name, body, TYPE, part.width, part.height) for part, body in zip(made.parts, bodies, strict=True)
        ]

    async def store(self, account: int | None, key: str | None, purpose: Purpose) -> int:
        """Stores the files and the media that they make. Returns its id.

        Errors: ``ConstraintViolation`` (the key), ``Conflict`` (too many wait), ``StorageUnavailable``.
        """
        try:
            async with asyncio.timeout(SECONDS + self._bytes() / PACE):
                for _ in range(TRIES):
                    kept = [await storage.store(body, type_) for _, body, type_, _, _ in self.files]
                    media = ids.new()
                    with contextlib.suppress(_Gone):
                        await self._write(media, account, key, purpose, kept)
                        return media
            raise storage.StorageUnavailable
        except TimeoutError:
            raise storage.StorageUnavailable from None
        finally:
            for _, body, *_ in self.files:
                if not isinstance(body, bytes):
                    body.close()

    def _bytes(self) -> int:
        bodies = [body for _, body, *_ in self.files]
        return sum(len(body) if isinstance(body, bytes) else os.fstat(body.fileno()).st_size for body in bodies)

    async def _write(
        self, media: int, account: int | None, key: str | None, purpose: Purpose, kept: list[StoredObject]
    ) -> None:
        made = self.made
        async with DB.writing():
            size = made.width, made.height
            known = made.pdq if purpose is Purpose.ATTACHMENT else ""
            await queries.insert(
                NewMedia(media, account, key, purpose, self.kind, *size, self.duration, made.hash, known)
            )
            if account is not None and purpose is Purpose.ATTACHMENT:
                await _check_waiting(account)
            for (name, _, _, width, height), one in zip(self.files, kept, strict=True):
                await queries.insert_rendition(NewRendition(media, name, one.key, width, height))
            # In one order, so that two of these never wait for each other.
            for one in sorted(kept, key=lambda one: one.key):
                if not await storage.use(one):
                    raise _Gone


async def _check_waiting(account: int) -> None:
    """Within the transaction that adds an upload: refuses it if it is one too many. Errors: ``Conflict``."""
    # On PostgreSQL several transactions would each count without the others' rows.
    await graph.lock(account)
    if await queries.waiting(account) > MOST_WAITING:
        raise Conflict(TOO_MANY_WAITING)


class _Gone(Exception):
    """A file was removed between being stored and being used."""


async def _picture(processor: MediaProcessor, source: BinaryIO, kind: FileType) -> UploadWork:
    made, bodies = await processor.process(source, job(kind.name))
    return UploadWork(MediaKind.ANIMATED if made.moving else MediaKind.IMAGE, made, bodies)


async def take_link_preview(processor: MediaProcessor, source: BinaryIO) -> int:
    """A picture for a link's preview. Returns the id of its media. Errors: as of ``take``."""
    kind = processor.kind(source)
    if kind.cls is not FileClass.IMAGE:
        raise Invalid("Choose a picture.")
    async with processor.turn(PREVIEWS), processor.place():
        made, bodies = await processor.process(source, job(kind.name, widths=LINK_PREVIEW_WIDTHS))
    return await UploadWork(MediaKind.IMAGE, made, bodies).store(None, None, Purpose.LINK_PREVIEW)


async def _film(processor: MediaProcessor, source: BinaryIO, kind: FileType) -> UploadWork:
    recording, packed = await processor.pack(source, kind)
    try:
        made, bodies = await processor.poster(recording, packed) if recording.seen else (Made(), [])
    except BaseException:
        packed.close()
        raise
    work = UploadWork(MediaKind.VIDEO if recording.seen else MediaKind.AUDIO, made, bodies, recording.duration)
    work.made.width, work.made.height = recording.width, recording.height
    work.files.append((PLAY, packed, recording.type, recording.width, recording.height))
    return work


async def discard(viewer: Viewer, media: int) -> None:
    """Removes what the viewer sent and has not posted. Errors: ``NotFound``."""
    member(viewer)
    async with DB.writing():
        if not await queries.own_waiting(media, viewer.id):
            raise NotFound
        going = await attachments.drop([media])
    await storage.remove_all(going)


async def forget_abandoned() -> None:
    """Removes what was sent a day ago and never posted. Errors: ``StorageUnavailable``."""
    before = ids.first(clock.now() - ABANDONED_MS)
    while media := await queries.abandoned(before, BATCH):
        async with DB.writing():
            # One that was posted after all in the meantime stays.
            await attachments.drop(await queries.still_waiting(media))
    await storage.collect()
    await STORES.close_left()
