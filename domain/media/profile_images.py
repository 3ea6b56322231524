"""A member's own picture, and the header of their page."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, BinaryIO, assert_never

from piccolo.columns import Column

from db.engine import DB
from db.queries import media as queries
from db.queries import profile_images
from db.tables.accounts import Account
from domain.core import signals
from domain.core.access import Viewer, member
from domain.core.errors import Invalid
from domain.core.translatable import N_
from domain.media import attachments, storage
from domain.media.attachments import Attachment
from domain.media.file_types import FileClass, MediaKind
from domain.media.processor import MediaProcessor, job
from domain.media.uploads import Purpose, UploadWork


class ProfileImage(StrEnum):
    """The images of a profile, by their words in addresses and forms."""

    PICTURE = "picture"
    HEADER = "header"


Box = tuple[float, float, float, float]
# Sizes in pixels: for a profile at three points a pixel and for a list; for a desktop at two.
SIZES: Mapping[ProfileImage, tuple[tuple[int, int], ...]] = {
    ProfileImage.PICTURE: ((480, 480), (128, 128)),
    ProfileImage.HEADER: ((1500, 500),),
}
PURPOSES: Mapping[ProfileImage, Purpose] = {
    ProfileImage.PICTURE: Purpose.PICTURE,
    ProfileImage.HEADER: Purpose.HEADER,
}
BY_PURPOSE: Mapping[int, ProfileImage] = {int(purpose): what for what, purpose in PURPOSES.items()}
REMOVED = N_("Moderators have removed this from your profile: it can’t be put there again.")
BATCH = 50


async def put(processor: MediaProcessor, viewer: Viewer, what: ProfileImage, source: BinaryIO, box: Box | None) -> None:
    """Takes a picture; ``box`` is the part to show (left, top, width, height, in parts of one), else its middle.

    Errors: ``Invalid``, also for what moderators have removed, ``TooMany``, ``StorageUnavailable``, ``DiskFull``,
    ``Updating``.
    """
    account = member(viewer).id
    kind = processor.kind(source)
    if kind.cls is not FileClass.IMAGE:
        raise Invalid("Choose a picture.")
    if box is not None and not _fits(box):
        raise Invalid("This part is not in the picture.")
    async with processor.work(account):
        made, bodies = await processor.process(source, job(kind.name, box, SIZES[what]))
    media = await UploadWork(MediaKind.IMAGE, made, bodies).store(account, None, PURPOSES[what])
    async with DB.writing():
        await profile_images.lock(account)
        # Of two that are sent at once the one that is named last stays.
        found = (await attachments.by_ids(await queries.still_waiting([media]))).get(media)
        if found is None:
            return
        if was_removed := await queries.sent_again([media], account):
            going = await attachments.drop([media])
        else:
            await _name(account, what, found.stills[0].key, found.stills[-1].key)
            going = await attachments.drop(await queries.of_purpose(account, PURPOSES[what], media))
    await storage.remove_all(going)
    if was_removed:
        raise Invalid(REMOVED)


def _fits(box: Box) -> bool:
    left, top, width, height = box
    return 0 <= left < left + width <= 1.001 and 0 <= top < top + height <= 1.001


async def _name(account: int, what: ProfileImage, large: str, small: str) -> None:
    fields: dict[Column | str, Any] = {Account.version: Account.version + 1}
    match what:
        case ProfileImage.PICTURE:
            fields |= {Account.avatar_large: large, Account.avatar_small: small}
        case ProfileImage.HEADER:
            fields |= {Account.header: large}
        case _:
            assert_never(what)
    await Account.update(fields).where(Account.id == account)


async def remove(viewer: Viewer, what: ProfileImage) -> None:
    """Back to the initials, or to the plain colour."""
    account = member(viewer).id
    async with DB.writing():
        await profile_images.lock(account)
        await _name(account, what, "", "")
        going = await attachments.drop(await queries.of_purpose(account, PURPOSES[what], 0))
    await storage.remove_all(going)


async def shown(account: int) -> dict[ProfileImage, Attachment]:
    """What the profile of an account shows: the picture first."""
    rows = await profile_images.shown(account)
    found = await attachments.by_ids([row.media for row in rows])
    return {BY_PURPOSE[row.purpose]: found[row.media] for row in rows if row.media in found}


async def locked(account: int) -> dict[ProfileImage, Attachment]:
    """Within a transaction: the same, which stays so until its end."""
    await profile_images.lock(account)
    return await shown(account)


async def refresh(account: int) -> None:
    """Within a transaction: has the profile show what the statements in force say.

    What is put back stands where it was, unless its member has chosen another picture since: then that one stays.
    """
    before = await profile_images.lock(account)
    if before is None:
        return
    changed = await profile_images.apply(account)
    found = await attachments.by_ids([row.media for row in changed])
    for row in changed:
        what, keys = BY_PURPOSE[row.purpose], [file.key for file in found[row.media].stills]
        now = before[row.purpose - 1]
        if row.removed and now in keys:
            await _name(account, what, "", "")
        elif not row.removed and not now:
            await _name(account, what, keys[0], keys[-1])
        elif not row.removed:
            # The sweep removes its files.
            await attachments.drop([row.media])
    if changed:
        signals.send(signals.Kind.VIEWER, account)
        # Whatever pages are kept of it, or show its face.
        signals.send(signals.Kind.LEFT, account)


async def forget(account: int) -> None:
    """Removes everything that an account has sent beside its posts."""
    while media := await queries.of_account(account, BATCH):
        async with DB.writing():
            going = await attachments.drop(media)
        await storage.remove_all(going)
