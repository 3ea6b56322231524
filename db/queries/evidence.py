"""Evidence: what was reported as it was then, and the stored files that it keeps."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class EvidenceRow(NamedTuple):
    """A piece of evidence, in the order of OF_CASE; ``content`` is JSON, ``purge_at`` Unix milliseconds."""

    id: int
    revision: int
    content: str
    sha256: str
    purge_at: int


class FileRow(NamedTuple):
    """A stored file that evidence keeps, in the order of FILES."""

    evidence: int
    place: int
    name: str
    key: str


class NewestRow(NamedTuple):
    mod_case: int
    content: str


class KeptRow(NamedTuple):
    mod_case: int
    id: int
    content: str


ADD = SQL("""
    INSERT INTO evidence (mod_case, id, revision, content, sha256, purge_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (mod_case, revision) DO NOTHING RETURNING id
""")
LAST = SQL("SELECT revision, sha256 FROM evidence WHERE mod_case = ?1 ORDER BY revision DESC LIMIT 1")
HOLD = SQL("""
    INSERT INTO evidence_holder (evidence, holder)
    SELECT e.id, ?3 FROM evidence e WHERE e.mod_case = ?1 AND e.revision = ?2 ON CONFLICT DO NOTHING
""")
# What a holder has between the first and the last.
_HELD = """SELECT {}(e.revision) FROM evidence_holder h JOIN evidence e ON e.id = h.evidence
    WHERE e.mod_case = ?1 AND h.holder = ?2"""
LET_GO = SQL(f"""
    DELETE FROM evidence_holder WHERE holder = ?2 AND evidence IN (
        SELECT e.id FROM evidence e WHERE e.mod_case = ?1
            AND e.revision > ({_HELD.format("min")}) AND e.revision < ({_HELD.format("max")}))
""")
ADD_FILE = SQL("INSERT INTO evidence_file (evidence, place, name, key) VALUES (?1, ?2, ?3, ?4)")
OF_CASE = SQL("""
    SELECT id, revision, content, sha256, purge_at FROM evidence WHERE mod_case = ?1 ORDER BY revision DESC
""")
# The oldest but ?2, where there are more than ?3; with ?4, of those that nothing holds.
SURPLUS = SQL("""
    WITH pieces AS (
        SELECT e.id, e.revision FROM evidence e WHERE e.mod_case = ?1
            AND (?4 = 0 OR NOT EXISTS (SELECT 1 FROM evidence_holder h WHERE h.evidence = e.id)))
    SELECT id FROM pieces ORDER BY revision
    LIMIT (SELECT CASE WHEN count(*) > ?3 THEN count(*) - ?3 ELSE 0 END FROM pieces) OFFSET ?2
""")
NEWEST = SQL("""
    SELECT e.mod_case, e.content FROM evidence e WHERE e.mod_case IN {ids:1} AND e.revision = (
        SELECT max(f.revision) FROM evidence f WHERE f.mod_case = e.mod_case)
""")
# CaseState.WAITING is 0.
COUNT_WAITING = SQL("""
    SELECT count(*) FROM (
        SELECT 1 FROM evidence e JOIN mod_case c ON c.id = e.mod_case WHERE e.id >= ?1 AND c.state = 0 LIMIT ?2) few
""")
OF_CASES = SQL("SELECT mod_case, id, content FROM evidence WHERE mod_case IN {ids:1} ORDER BY id")
FILES = SQL("""
    SELECT f.evidence, f.place, f.name, f.key FROM evidence e JOIN evidence_file f ON f.evidence = e.id
    WHERE e.mod_case = ?1 ORDER BY f.evidence, f.place, f.name
""")
EXPIRE = SQL("UPDATE evidence SET purge_at = ?2 WHERE mod_case = ?1")
DUE = SQL("SELECT id FROM evidence WHERE purge_at <= ?1 ORDER BY purge_at LIMIT ?2")
DROP_HOLDERS = SQL("DELETE FROM evidence_holder WHERE evidence = ?1")
DROP_FILES = SQL("DELETE FROM evidence_file WHERE evidence = ?1 RETURNING key")
DROP = SQL("DELETE FROM evidence WHERE id = ?1")
CASE_OF = SQL("SELECT mod_case FROM evidence WHERE id = ?1")
IS_DUE = SQL("SELECT 1 FROM evidence WHERE id = ?1 AND purge_at <= ?2")
KEEPS = SQL("SELECT 1 FROM evidence_file WHERE key = ?1 LIMIT 1")
FORGET_FILES = SQL("DELETE FROM evidence_file WHERE key IN {texts:1} RETURNING key")


async def add(case: int, row: EvidenceRow) -> bool:
    """False when the case has evidence of this revision."""
    return await DB.one(ADD, case, *row) is not None


async def last(case: int) -> tuple[int, str]:
    """The newest revision that a case keeps, and the hash of its content; 0 and "" for none."""
    row = await DB.one(LAST, case)
    return (row[0], row[1]) if row is not None else (0, "")


async def hold(case: int, revision: int, holder: int) -> None:
    """Within a transaction: has a revision be kept for a report or a complaint, with the first that was."""
    await DB.fetch(HOLD, case, revision, holder)
    await DB.fetch(LET_GO, case, holder)


async def add_file(evidence: int, place: int, name: str, key: str) -> None:
    await DB.fetch(ADD_FILE, evidence, place, name, key)


async def of_case(case: int) -> list[EvidenceRow]:
    """The newest revision first."""
    return list(map(EvidenceRow._make, await DB.fetch(OF_CASE, case)))


async def surplus(case: int, first: int, most: int, *, unheld: bool) -> list[int]:
    """Within a transaction: what a case has more of than ``most``; its ``first`` ones stay. ``unheld``: only of what no
    report or complaint holds.
    """
    return [row[0] for row in await DB.fetch(SURPLUS, case, first, most, int(unheld))]


async def newest(cases: Sequence[int]) -> list[NewestRow]:
    """The newest content of each of these cases."""
    return list(map(NewestRow._make, await DB.fetch(NEWEST, DB.ids(cases)))) if cases else []


async def count_waiting(first: int, most: int) -> int:
    """How many pieces of evidence, with ids from ``first`` on, are of cases that wait; at most ``most``."""
    return int(await DB.value(COUNT_WAITING, first, most))


async def of_cases(cases: Sequence[int]) -> list[KeptRow]:
    """What is kept of these cases, in the order in which it was taken."""
    return list(map(KeptRow._make, await DB.fetch(OF_CASES, DB.ids(cases)))) if cases else []


async def files(case: int) -> list[FileRow]:
    return list(map(FileRow._make, await DB.fetch(FILES, case)))


async def expire(case: int, at: int) -> None:
    await DB.fetch(EXPIRE, case, at)


async def due(now: int, limit: int) -> list[int]:
    """Evidence whose date has come, the oldest first."""
    return [row[0] for row in await DB.fetch(DUE, now, limit)]


async def case_of(evidence: int) -> int | None:
    """The case that a piece of evidence is of; None once it is gone."""
    found: int | None = await DB.value(CASE_OF, evidence)
    return found


async def is_due(evidence: int, now: int) -> bool:
    """Whether the date of a piece of evidence has come; ``now`` in Unix milliseconds."""
    return await DB.one(IS_DUE, evidence, now) is not None


async def drop(evidence: int) -> list[str]:
    """Removes a piece of evidence. Returns the keys of its files, one for each use."""
    await DB.fetch(DROP_HOLDERS, evidence)
    keys = [row[0] for row in await DB.fetch(DROP_FILES, evidence)]
    await DB.fetch(DROP, evidence)
    return keys


async def keeps(key: str) -> bool:
    """Whether a stored file is evidence."""
    return await DB.one(KEEPS, key) is not None


async def forget_files(keys: list[str]) -> list[str]:
    """Takes files that are nowhere out of evidence. Returns their keys, one for each use."""
    return [row[0] for row in await DB.fetch(FORGET_FILES, DB.texts(keys))]
