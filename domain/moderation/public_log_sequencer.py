"""Puts entries of the public log into its tree, and signs the tree.

All of it is one transaction, which holds the key's row: there is one sequencer at a time, and one that stops in the
middle has done nothing. That no two entries have one place, and no two checkpoints one size, is the database's own rule
too.
"""

import secrets

from db.queries import public_log as queries
from db.queries.public_log import LogEntryRow
from domain.core import clock, events, merkle, notes, tlog
from domain.core.events import LogEntryAdded
from domain.core.notes import VerifierKey
from domain.core.tlog import Checkpoint, Edge
from domain.moderation import public_log, public_log_key

# Entries in a transaction, which on SQLite keeps the process from everything else: 10 ms.
BATCH = 100
# How soon one that found another at work looks again: nobody waits for a process that has stopped with the key.
AGAIN_MS = 500


class DamagedTree(Exception):
    """The stored tree is not the one that was last signed: nothing more is signed."""


async def sequence(event: LogEntryAdded, every_ms: int = 0) -> None:
    """Within a transaction: gives the entries that wait their places, and signs the tree with them.

    That is done at whole multiples of ``every_ms`` (0: at once), in no order: when an entry comes, and where it stands,
    does not tell whoever watches the log which post was decided on. Errors: ``DamagedTree``.
    """
    if every_ms and not event.due:
        await events.record(LogEntryAdded(due=True), every_ms - clock.now() % every_ms)
        return
    private = await public_log_key.lock()
    if private is None:
        await events.record(LogEntryAdded(due=True), AGAIN_MS)
        return
    waiting = await queries.pending(BATCH)
    if not waiting:
        return
    key = VerifierKey(await public_log_key.origin(), private.public_key().public_bytes_raw())
    edge = await _edge(key)
    for row in _shuffled(waiting) if every_ms else waiting:
        await _place(row, edge)
    await queries.put_tiles(
        [(level, number, b"".join(hashes).hex()) for (level, number), hashes in edge.changed.items()]
    )
    checkpoint = Checkpoint(key.name, edge.size, edge.root)
    await queries.add_checkpoint(edge.size, notes.sign(key.name, private, checkpoint.text), clock.now())
    if len(waiting) == BATCH:
        await events.record(LogEntryAdded(due=True))


def _shuffled(waiting: list[LogEntryRow]) -> list[LogEntryRow]:
    """In no order, but that what takes something back comes after it."""
    return sorted(waiting, key=lambda row: (row.reverses is not None, secrets.randbits(32)))


async def _edge(key: VerifierKey) -> Edge:
    """The tree as it was last signed, as far as it can still grow. Errors: ``DamagedTree``, ``WrongNote``."""
    size, note = await queries.last_checkpoint()
    levels = {}
    for level, number, width in tlog.edge_tiles(size):
        levels[level] = tlog.hashes_of(bytes.fromhex(await queries.tile(level, number)))[:width]
    edge = Edge(size, levels)
    signed = tlog.read_checkpoint(note.encode(), key).root if size else merkle.EMPTY
    if edge.root != signed:
        raise DamagedTree
    return edge


async def _place(row: LogEntryRow, edge: Edge) -> None:
    """Errors: ``DamagedTree`` when the entry has a place already."""
    entry = public_log.entry_bytes(edge.size, row.kind, row.day, row.commitment)
    if not await queries.place(row.id, edge.size):
        raise DamagedTree
    edge.add(merkle.leaf_hash(entry))
