"""Stored files: written once, named by what is in them, counted, and gone when nothing uses them.

A file's key is the hash of its bytes with a secret of the network's: the same picture is stored once, and nobody can
guess where it is, nor find out whether it is here.
"""

import contextlib
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from secrets import token_hex
from typing import BinaryIO

import msgspec
import structlog

from adapters.objects import Down, Missing, WrongPath
from db.engine import DB
from db.queries import objects as queries
from db.queries.objects import NewObject
from domain.core import clock, errors, secrets
from domain.core.blocking import run_blocking
from domain.core.translatable import N_
from domain.core.units import MB
from domain.media.stores import STORES

LOG = structlog.get_logger()

KEY_BYTES = 24
KEY_LENGTH = 32
PIECE = MB
# A file that is written and not yet used is left alone for so long.
IDLE_MS = 3_600_000
BATCH = 50
AWAY = N_("Pictures can’t be stored just now. Nothing was lost: try again in a moment.")


class StorageUnavailable(errors.ServiceUnavailable):
    """The store does not answer."""

    code = "store"

    def __init__(self) -> None:
        super().__init__(AWAY)


class StoredObject(msgspec.Struct, frozen=True):
    """A file that is in the store, and that nothing uses yet."""

    key: str
    path: str


class PendingRemoval(msgspec.Struct, frozen=True):
    """A file that nothing uses any more, and that is to be removed."""

    path: str
    store: int

    @property
    def key(self) -> str:
        return self.path[3 : 3 + KEY_LENGTH]


def new_path(key: str) -> str:
    """Where a file is to lie. Folders of two letters keep each of them short."""
    return f"{key[:2]}/{key}.{token_hex(4)}"


async def hashing_key() -> bytes:
    return await secrets.key("objects")


async def store(body: bytes | BinaryIO, type_: str) -> StoredObject:
    """Stores a file, if it is not there already. Errors: ``StorageUnavailable``."""
    key, size = await run_blocking(_named, await hashing_key(), body)
    place = await STORES.current()
    claimed = await queries.claim(NewObject(key, new_path(key), place.id, type_, size, clock.now()))
    try:
        await (await STORES.of(claimed.store)).put(claimed.path, body)
    except Down:
        raise StorageUnavailable from None
    return StoredObject(key, claimed.path)


def _named(secret: bytes, body: bytes | BinaryIO) -> tuple[str, int]:
    mac = hmac.new(secret, digestmod=hashlib.sha256)
    if isinstance(body, bytes):
        mac.update(body)
        size = len(body)
    else:
        body.seek(0)
        size = 0
        while piece := body.read(PIECE):
            mac.update(piece)
            size += len(piece)
    return secrets.padless(mac.digest()[:KEY_BYTES]), size


def key_of(secret: bytes, body: bytes) -> str:
    """The key that a file with these bytes has."""
    return _named(secret, body)[0]


async def use(kept: StoredObject) -> bool:
    """Within a transaction: one rendition more has the file. False when it went away since: store it again."""
    return await queries.use(kept.key, kept.path)


async def release(keys: Sequence[str]) -> list[PendingRemoval]:
    """Within a transaction: one rendition of each fewer. Gives the files that are to be removed after it."""
    now = clock.now()
    going = []
    # In one order, so that two of these never wait for each other.
    for key in sorted(keys):
        if dropped := await queries.release(key, now):
            going.append(PendingRemoval(dropped.path, dropped.store))
    return going


async def remove(going: PendingRemoval) -> None:
    """Removes a file that nothing uses from its store; a path that no file can have is dropped.

    Errors: ``StorageUnavailable``.
    """
    try:
        await (await STORES.of(going.store)).delete(going.path)
    except WrongPath:
        LOG.error("objects.wrong_path", store=going.store)
    except Down:
        raise StorageUnavailable from None
    await queries.removed(going.path, going.store)


async def remove_all(going: Iterable[PendingRemoval]) -> None:
    """Removes files; what can't be now, because the store is away, is removed by the next sweep."""
    with contextlib.suppress(StorageUnavailable):
        for one in going:
            await remove(one)


async def collect() -> int:
    """Removes what nothing uses: after a fault in mid-upload, or of a store. Returns how many.

    Errors: ``StorageUnavailable`` when a place does not answer; the others have been cleared then.
    """
    async with DB.writing():
        await queries.drop_idle(clock.now() - IDLE_MS, clock.now())
    removed, away = 0, False
    for store in await queries.removing_from():
        try:
            while pending := await queries.removals(store, BATCH):
                for one in pending:
                    await remove(PendingRemoval(one.path, one.store))
                    removed += 1
        except StorageUnavailable:
            away = True
    if away:
        raise StorageUnavailable
    return removed


async def read(key: str) -> bytes:
    """A whole file. Errors: ``Missing``, ``StorageUnavailable``."""
    row = await queries.place(key)
    if row is None:
        raise Missing
    try:
        return await (await STORES.of(row.store)).get(row.path)
    except Down:
        raise StorageUnavailable from None
