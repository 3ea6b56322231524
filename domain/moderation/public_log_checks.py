"""Verifies a whole log: that its entries are those of its tree, that the tree was signed, and continues an earlier one.

Works on the files of a log (:data:`Read`), whether they are this network's or another site's.
"""

from collections.abc import Awaitable, Callable

import msgspec

from db.queries import public_log as queries
from db.queries import rules
from db.queries.public_log import ListedEntryRow
from domain.core import merkle, tlog
from domain.core.notes import VerifierKey
from domain.core.tlog import WIDTH, Checkpoint, Edge, Tile
from domain.moderation import bulk_log, public_log, public_log_files, public_log_page
from domain.moderation.public_log import Entry

# Gives a file of a log by its address below the log's own. Errors: ``WrongLog`` for one that is missing.
Read = Callable[[str], Awaitable[bytes]]
# The largest log that is looked at, in entries, and its longest entry, in bytes; ours have at most 200.
MOST, MAX_ENTRY = 20_000_000, 1000
# The longest file of a log, in bytes.
MAX_FILE = WIDTH * (2 + MAX_ENTRY)
# Rows in a statement.
BATCH = 1000
_DECODER = msgspec.json.Decoder(Entry)


class WrongLog(ValueError):
    """A log that is not what it should be; ``str(error)`` says which entry or file is wrong."""


class SeenLog(msgspec.Struct, frozen=True):
    """What was seen of a log: its key, its size, and its root, hexadecimal."""

    key: str
    size: int
    root: str


async def verify(read: Read, key: VerifierKey, seen: SeenLog | None = None) -> SeenLog:
    """Recomputes every file of a log from its entries. Returns what was seen.

    Errors: ``WrongLog``, ``WrongNote`` for a checkpoint that was not signed with the key.
    """
    checkpoint = tlog.read_checkpoint(await read(public_log_files.CHECKPOINT), key)
    _check_size(checkpoint, seen)
    edge, before = Edge(), merkle.EMPTY
    for tile in tlog.bundles_of(checkpoint.size):
        for leaf in await _leaves(read, tile):
            edge.add(leaf)
            if seen is not None and edge.size == seen.size:
                before = edge.root
    for tile in tlog.tiles_of(checkpoint.size):
        if tile.level and await read(tile.path) != b"".join(edge.changed[tile.level, tile.number]):
            raise WrongLog(f"{tile.path} is not made of the tiles below it.")
    if edge.root != checkpoint.root:
        raise WrongLog("The checkpoint was signed for other entries: its root is not theirs.")
    if seen is not None and before.hex() != seen.root:
        raise WrongLog(f"The first {seen.size} entries are not those that were there before: the log was rewritten.")
    return SeenLog(str(key), checkpoint.size, checkpoint.root.hex())


def _check_size(checkpoint: Checkpoint, seen: SeenLog | None) -> None:
    """Errors: ``WrongLog``."""
    if checkpoint.size > MOST:
        raise WrongLog(f"The log has more than {MOST} entries, which is more than this command reads.")
    if seen is not None and checkpoint.size < seen.size:
        raise WrongLog(f"The log has got shorter: {checkpoint.size} entries, and {seen.size} were there before.")


async def _leaves(read: Read, bundle: Tile) -> list[bytes]:
    """The hashes of a bundle's entries, which are those of its tile. Errors: ``WrongLog``."""
    tile = bundle._replace(level=0)
    try:
        entries = tlog.entries_of(await read(bundle.path))
        hashes = tlog.hashes_of(await read(tile.path))
    except WrongLog:
        raise
    except ValueError as error:
        raise WrongLog(f"{bundle.path} or {tile.path} is damaged: {error}.") from None
    for what, found in ((bundle.path, entries), (tile.path, hashes)):
        if len(found) != tile.width:
            raise WrongLog(f"{what} has {len(found)} entries instead of {tile.width}.")
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    for index, entry in enumerate(entries, bundle.number * WIDTH):
        _check_entry(index, entry)
    if leaves != hashes:
        wrong = next(at for at, pair in enumerate(zip(leaves, hashes, strict=True)) if pair[0] != pair[1])
        raise WrongLog(f"Entry {bundle.number * WIDTH + wrong} is not the one whose hash is in {tile.path}.")
    return leaves


def _check_entry(index: int, entry: bytes) -> None:
    """Errors: ``WrongLog``."""
    try:
        said = _DECODER.decode(entry)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise WrongLog(f"Entry {index} can't be read.") from None
    if said.index != index:
        raise WrongLog(f"Entry {index} says that it is entry {said.index}: entries were removed, added or moved.")


async def own(path: str) -> bytes:
    """A file of this network's log, for :func:`verify`. Errors: ``NotFound``, ``WrongLog``."""
    try:
        return (await public_log_files.read(path)).body
    except ValueError:
        raise WrongLog(f"{path} is damaged.") from None


async def check_own() -> None:
    """That what the pages of this network show is what its tree has commitments to, and that nothing is left out.

    Errors: ``WrongLog``.
    """
    if missing := await queries.count_without():
        raise WrongLog(f"{missing} decisions have no entry. Servers add them when they start.")
    below = MOST
    while rows := await queries.listed(below, BATCH):
        for row in rows:
            if row.content and not _says_what_it_said(row):
                raise WrongLog(f"What entry {row.leaf} says is not what it said when it was made.")
            said = public_log_page.decoded(row.content)
            if said and said.rules:
                await _check_rules(row.leaf, said.rules)
            if said and said.statements:
                await _check_bulk(row.leaf, said)
        below = rows[-1].leaf


def _says_what_it_said(row: ListedEntryRow) -> bool:
    try:
        return public_log.commitment(row.salt, row.content) == row.commitment
    except ValueError:
        return False


async def _check_bulk(index: int, said: public_log_page.Content) -> None:
    entry = await queries.one(index)
    if entry is None or not await bulk_log.covers(entry.id, said.count, said.statements):
        raise WrongLog(f"The decisions that were made together are not those that entry {index} covers.")


async def _check_rules(index: int, said: public_log_page.PublishedRules) -> None:
    if public_log.digest_of(await rules.rules(said.version)) != said.sha256:
        raise WrongLog(f"Version {said.version} of the rules is not what entry {index} says was published.")
