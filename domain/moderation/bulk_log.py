"""Bulk decisions in the public log: one entry for all their statements, with how many there are.

The entry covers the root of a Merkle tree whose leaves are the salted hashes of the statements, in the order of their
places. So each member can prove that theirs is among them, and nobody can tell whose the others are.
"""

from typing import Any, NamedTuple

from db.queries import bulk as queries
from db.queries.bulk import BulkRow, PartRow
from db.queries.statements import StatementRow
from domain.core import clock, merkle
from domain.moderation import public_log
from domain.moderation.kinds import StatementKind


class Part(NamedTuple):
    """The place of a statement in a bulk decision; ``undo``: it takes another one back."""

    bulk: int
    place: int
    undo: bool = False


class Proof(NamedTuple):
    """That a statement is at ``number`` among those that an entry covers; hashes are hexadecimal."""

    entry: int
    own_salt: str
    number: int
    hashes: list[str]


async def add_part(part: Part, made: StatementRow) -> None:
    """Within the transaction that writes a statement: keeps what the entry will cover of it.

    Errors: ``ConstraintViolation`` when there is a statement of this place already.
    """
    own_salt = public_log.new_salt()
    name = public_log.name_of(own_salt, made.puid)
    await queries.add_part(PartRow(made.id, part.bulk, int(part.undo), part.place, own_salt, name))


async def add(row: BulkRow) -> int | None:
    """Within the transaction that finishes a bulk decision: adds its entry. None where nothing was decided."""
    parts = await queries.parts(row.id, undo=False)
    if not parts or row.kind is None or row.decided_at is None:
        return None
    content: dict[str, Any] = {
        "action": StatementKind(row.kind).name.lower(),
        "facts": row.facts,
        "explanation": row.explanation,
        "rule": {"version": row.rule_version, "number": row.rule_number},
        **_covered(parts),
    }
    if row.days:
        content["until"] = clock.day(row.decided_at + row.days * clock.DAY_MS)
    return await public_log.add_bulk(public_log.BULK, row.decided_at, content, row.rule_version, row.rule_number)


async def add_undo(row: BulkRow) -> int | None:
    """Within the transaction that finishes its undoing: adds the entry of that."""
    parts = await queries.parts(row.id, undo=True)
    if not parts or row.undone_at is None or row.entry is None:
        return None
    content = {"explanation": row.undo_words, **_covered(parts)}
    return await public_log.add_bulk(public_log.BULK_REVERSAL, row.undone_at, content, reverses=row.entry)


def _covered(parts: list[PartRow]) -> dict[str, Any]:
    return {"count": len(parts), "statements": merkle.root(_leaves(parts)).hex()}


def _leaves(parts: list[PartRow]) -> list[bytes]:
    return [merkle.leaf_hash(bytes.fromhex(part.name)) for part in parts]


async def proof(statement: int) -> Proof | None:
    """What proves that the entry of a bulk decision covers a statement; None for one that was made alone, or whose
    entry is not written yet.
    """
    part = await queries.part(statement)
    row = await queries.one(part.bulk) if part else None
    entry = (row.undo_entry if part.undo else row.entry) if part and row else None
    if part is None or entry is None:
        return None
    parts = await queries.parts(part.bulk, undo=bool(part.undo))
    number, leaves = [one.statement for one in parts].index(statement), _leaves(parts)

    def subtree(height: int, at: int) -> bytes:
        return merkle.root(leaves[at << height : (at + 1) << height])

    path = merkle.inclusion_proof(number, len(leaves), subtree)
    return Proof(entry, part.own_salt, number, [one.hex() for one in path])


async def covers(entry: int, count: int, root: str) -> bool:
    """Whether the statements of a bulk decision are those that its entry covers."""
    found = await queries.of_entry(entry)
    if found is None:
        return False
    parts = await queries.parts(found[0], undo=found[1])
    return (len(parts), merkle.root(_leaves(parts)).hex()) == (count, root)
