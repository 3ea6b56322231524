"""The files of the public log, as C2SP's tlog-tiles names them, and proofs that are made from them."""

from collections.abc import AsyncIterator

import msgspec

from db.queries import public_log as queries
from domain.core import merkle, notes, tlog
from domain.core.errors import NotFound
from domain.core.tlog import ENTRIES, WIDTH, Checkpoint, Tile
from domain.moderation import public_log, public_log_key

CHECKPOINT, KEY = "checkpoint", "key"


class LogFile(msgspec.Struct, frozen=True):
    """``entries``: whether it is a bundle of entries."""

    body: bytes
    entries: bool = False


async def read(path: str) -> LogFile:
    """A file by its address below ``/log/``: "checkpoint", "key", a tile or a bundle. Errors: ``NotFound``."""
    if path == CHECKPOINT:
        return LogFile((await checkpoint())[1].encode())
    if path == KEY:
        return LogFile(f"{await public_log_key.verifier_key()}\n".encode())
    tile = tlog.read_path(path)
    if tile is None or not _is_in(tile, (await queries.last_checkpoint())[0]):
        raise NotFound
    return LogFile(await _entries(tile), entries=True) if tile.level == ENTRIES else LogFile(await _hashes(tile))


def _is_in(tile: Tile, size: int) -> bool:
    """Whether a tree of this size has all of the tile. A narrower tile is the beginning of a wider one."""
    return tile.number * WIDTH + tile.width <= size >> 8 * max(tile.level, 0)


async def _entries(tile: Tile) -> bytes:
    begin = tile.number * WIDTH
    rows = await queries.leaves(begin, begin + tile.width)
    return tlog.bundle(public_log.entry_bytes(*row) for row in rows)


async def _hashes(tile: Tile) -> bytes:
    return bytes.fromhex(await queries.tile(tile.level, tile.number))[: tile.width * merkle.SIZE]


async def checkpoint() -> tuple[int, str]:
    """The size of the log, and its signed note."""
    size, note = await queries.last_checkpoint()
    if not size:
        name = await public_log_key.origin()
        note = notes.sign(name, await public_log_key.private(), Checkpoint(name, 0, merkle.EMPTY).text)
    return size, note


async def inclusion_proof(leaf: int, size: int) -> list[bytes]:
    """That an entry is in the log of this size: RFC 6962, section 2.1.1."""
    tiles = {}
    for level, number in tlog.proof_tiles(leaf, size):
        tiles[level, number] = tlog.hashes_of(bytes.fromhex(await queries.tile(level, number)))
    return merkle.inclusion_proof(leaf, size, tlog.subtree_from(tiles))


async def everything() -> AsyncIterator[tuple[str, bytes]]:
    """Every file of the log as it is now, by its address below ``/log/``; the checkpoint is the last."""
    size, note = await checkpoint()
    yield KEY, (await read(KEY)).body
    for tile in (*tlog.bundles_of(size), *tlog.tiles_of(size)):
        yield tile.path, (await read(tile.path)).body
    yield CHECKPOINT, note.encode()
