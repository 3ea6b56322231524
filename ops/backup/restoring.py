"""Restores a network from its backup on an empty machine."""

import shutil
import time

import msgspec

from archive.progress import OnProgress
from db.queries import objects as queries
from domain.media.stores import STORES
from ops.backup import fetching, loading, purging
from ops.backup.errors import Tampered
from ops.backup.fetching import FetchedBackup
from ops.backup.manifest import Manifest
from ops.backup.purging import Deleted, Purged
from ops.backup.repository import Repository
from ops.backup.sealing import Identities
from settings import Settings


class Restored(msgspec.Struct, frozen=True):
    """``until``: the moment of the last change in it, Unix milliseconds. ``bad``: rows that did not fit, in words;
    ``lost``: keys of pictures that the backup has not whole; ``purged``: what had been deleted since."""

    manifest: Manifest
    key: bytes
    segments: int
    until: int
    rows: dict[str, int]
    bad: list[str]
    pictures: int
    lost: list[str]
    purged: Purged
    seconds: float


class Wanted(msgspec.Struct, frozen=True):
    """Which backup: its number (0: the newest), the key it must be signed with (None: any), and the segment after
    which changes are left out (0: none is). ``pictures``: how many at most, 0: all."""

    number: int = 0
    key: bytes | None = None
    last: int = 0
    pictures: int = 0


async def restore(
    at: Repository, settings: Settings, identity: Identities, wanted: Wanted, on_progress: OnProgress
) -> Restored:
    """Into the empty database and the store of the settings. Errors: ``Problem``; then nothing stands that did not."""
    began = time.monotonic()
    await loading.check_empty(settings)
    found = await fetching.choose(at, wanted.number, wanted.key)
    folder = settings.work / "restore"
    try:
        fetched = await fetching.fetch(at, found, identity, folder, wanted.last, on_progress)
        deleted = await purging.deleted_since(at, fetched, identity)
        restored = await _load(at, settings, identity, fetched, deleted, wanted, on_progress, began)
    finally:
        # What is encrypted stays for another try; what can be read does not.
        (folder / "archive").unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    return restored


async def _load(
    at: Repository, settings: Settings, identity: Identities, fetched: FetchedBackup, deleted: Deleted, wanted: Wanted,
    on_progress: OnProgress, began: float,
) -> Restored:  # fmt: skip
    found = fetched.found
    async with loading.target(settings):
        loaded = await loading.load_rows(fetched, identity, on_progress)
        if loaded.differ:
            raise Tampered("What was loaded is not what the backup says: %(what)s.", what="; ".join(loaded.differ[:5]))
        await STORES.settle(settings.objects_url, settings.objects)
        # Before pictures are brought: those of what is purged are not.
        purged = await purging.purge(deleted)
        rows = await loading.counts()
        lost = await loading.load_pictures(at, identity, on_progress, wanted.pictures)
        pictures = await queries.total()
    return Restored(
        found.manifest, found.key, len(fetched.segments), fetched.until, rows, loaded.bad, pictures, lost,
        purged, time.monotonic() - began,
    )  # fmt: skip
