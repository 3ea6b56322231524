"""Bulk decisions, their subjects and their statements."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB, Row
from db.queries.visibility import account_exists
from db.sql import SQL


class BulkRow(NamedTuple):
    """A bulk decision, in the order of its columns; times are Unix milliseconds."""

    id: int
    author: int | None
    state: int
    subject_kind: int
    criteria: str
    left_out: int
    expires_at: int
    kind: int | None = None
    days: int = 0
    rule_version: int | None = None
    rule_number: int | None = None
    facts: str = ""
    explanation: str = ""
    second: int | None = None
    decided_at: int | None = None
    entry: int | None = None
    undone_by: int | None = None
    undone_at: int | None = None
    undo_words: str = ""
    undo_entry: int | None = None


class SubjectRow(NamedTuple):
    """A subject, in the order of its columns."""

    bulk: int
    place: int
    subject: int
    account: int
    version: int
    state: int


class PartRow(NamedTuple):
    """A statement of a bulk decision, in the order of its columns."""

    statement: int
    bulk: int
    undo: int
    place: int
    own_salt: str
    name: str


def _places(fields: Sequence[str]) -> str:
    return ", ".join(f"?{place}" for place in range(1, len(fields) + 1))


_COLUMNS, _PARTS = ", ".join(BulkRow._fields), ", ".join(PartRow._fields)
ADD = SQL(f"INSERT INTO bulk_decision ({_COLUMNS}) VALUES ({_places(BulkRow._fields)})")
ADD_SUBJECT = SQL(f"INSERT INTO bulk_subject ({', '.join(SubjectRow._fields)}) VALUES ({_places(SubjectRow._fields)})")
_ONE = f"SELECT {_COLUMNS} FROM bulk_decision WHERE id = ?1"
ONE = SQL(_ONE)
LOCK = SQL(_ONE, f"{_ONE} FOR UPDATE")
# Previews (BulkState 0) are their author's.
LISTED = SQL(f"""
    SELECT {_COLUMNS} FROM bulk_decision WHERE id < ?2 AND (state > 1 OR expires_at > ?3 AND (state = 1 OR author = ?1))
    ORDER BY id DESC LIMIT ?4
""")
# Nobody agrees to that of an author who has left, or moderates no more.
WAITING = SQL(f"""
    SELECT count(*) FROM bulk_decision b JOIN account a ON a.id = b.author AND a.role <> 'member' AND {account_exists()}
    WHERE b.state = 1 AND b.expires_at > ?2 AND b.author <> ?1
""")
DECIDE = SQL("""
    UPDATE bulk_decision SET state = ?2, kind = ?3, days = ?4, rule_version = ?5, rule_number = ?6, facts = ?7,
        explanation = ?8, expires_at = ?9 WHERE id = ?1
""")
START = SQL("UPDATE bulk_decision SET state = 2, second = ?2, decided_at = ?3 WHERE id = ?1")
FINISH = SQL("UPDATE bulk_decision SET state = 3, entry = ?2 WHERE id = ?1")
BEGIN_UNDO = SQL("UPDATE bulk_decision SET state = 4, undone_by = ?2, undone_at = ?3, undo_words = ?4 WHERE id = ?1")
FINISH_UNDO = SQL("UPDATE bulk_decision SET state = 5, undo_entry = ?2 WHERE id = ?1")
# Without what was left out (BulkSubjectState 1) or passed by (3).
COUNT_ALONE = SQL("""
    SELECT count(*) FROM bulk_decision b JOIN bulk_subject s ON s.bulk = b.id
    WHERE b.author = ?1 AND b.second IS NULL AND b.decided_at > ?2 AND b.state > 1 AND s.state NOT IN (1, 3)
""")
# Begun, or begun to be taken back, before ?1, and not ended.
UNFINISHED = SQL("""
    SELECT id, CASE WHEN state = 4 THEN 1 ELSE 0 END FROM bulk_decision
    WHERE state = 2 AND decided_at < ?1 OR state = 4 AND undone_at < ?1
""")
DROP = SQL("DELETE FROM bulk_decision WHERE id = ?1 AND state < 2")
DROP_LAPSED = SQL("DELETE FROM bulk_decision WHERE state < 2 AND expires_at <= ?1 RETURNING id")
FORGET_SUBJECTS = SQL("""
    DELETE FROM bulk_subject WHERE bulk IN (SELECT id FROM bulk_decision WHERE state IN (3, 5) AND decided_at < ?1)
    RETURNING bulk
""")
_SUBJECTS = f"SELECT {', '.join(SubjectRow._fields)} FROM bulk_subject WHERE bulk = ?1"
SUBJECTS = SQL(f"{_SUBJECTS} AND place >= ?2 AND place < ?3 ORDER BY place")
# What is chosen (BulkSubjectState 0) while it is a preview, and those that were decided about afterwards.
ACCOUNTS = SQL("SELECT DISTINCT account FROM bulk_subject WHERE bulk = ?1 AND state <> 1")
COUNTS = SQL("SELECT state, count(*) FROM bulk_subject WHERE bulk = ?1 GROUP BY state")
CHOOSE = SQL("""
    UPDATE bulk_subject SET state = CASE WHEN place IN {ids:4} THEN 0 ELSE 1 END
    WHERE bulk = ?1 AND place >= ?2 AND place < ?3 AND state < 2
""")
IN_STATE = SQL("SELECT place FROM bulk_subject WHERE bulk = ?1 AND state = ?2 ORDER BY place LIMIT ?3")
# Whoever has locked a subject in this state is the only one who works on it.
_SUBJECT = f"{_SUBJECTS} AND place = ?2 AND state = ?3"
LOCK_SUBJECT = SQL(_SUBJECT, f"{_SUBJECT} FOR UPDATE")
SET_SUBJECT = SQL("UPDATE bulk_subject SET state = ?3 WHERE bulk = ?1 AND place = ?2")
ADD_PART = SQL(f"INSERT INTO bulk_statement ({_PARTS}) VALUES ({_places(PartRow._fields)})")
PARTS = SQL(f"SELECT {_PARTS} FROM bulk_statement WHERE bulk = ?1 AND undo = ?2 ORDER BY place")
PART = SQL(f"SELECT {_PARTS} FROM bulk_statement WHERE statement = ?1")
MADE_OF = SQL("SELECT statement FROM bulk_statement WHERE bulk = ?1 AND place = ?2 AND undo = 0")
# For each of these statements that was made together with others: how many these are.
SIZES = SQL("""
    SELECT b.statement, (SELECT count(*) FROM bulk_statement o WHERE o.bulk = b.bulk AND o.undo = b.undo)
    FROM bulk_statement b WHERE b.statement IN {ids:1}
""")
OF_ENTRY = SQL("""
    SELECT id, CASE WHEN undo_entry = ?1 THEN 1 ELSE 0 END FROM bulk_decision WHERE entry = ?1 OR undo_entry = ?1
""")


async def add(row: BulkRow, subjects: Sequence[SubjectRow]) -> None:
    """Within a transaction."""
    await DB.fetch(ADD, *row)
    for subject in subjects:
        await DB.fetch(ADD_SUBJECT, *subject)


async def one(bulk: int) -> BulkRow | None:
    return _row(await DB.one(ONE, bulk))


async def lock(bulk: int) -> BulkRow | None:
    """Within a transaction: a bulk decision that nobody else can change until its end."""
    return _row(await DB.one(LOCK, bulk))


def _row(row: Row | None) -> BulkRow | None:
    return None if row is None else BulkRow._make(row)


async def listed(viewer: int, below: int, now: int, limit: int) -> list[BulkRow]:
    """Bulk decisions below an id, and the viewer's previews that have not lapsed; the newest first."""
    return list(map(BulkRow._make, await DB.fetch(LISTED, viewer, below, now, limit)))


async def count_waiting(viewer: int, now: int) -> int:
    """How many of others wait for a second moderator at ``now`` (Unix milliseconds)."""
    return int(await DB.value(WAITING, viewer, now))


async def decide(row: BulkRow) -> None:
    """Within a transaction that has locked it: writes what is decided, and until when that may wait."""
    rule = row.rule_version, row.rule_number
    await DB.fetch(DECIDE, row.id, row.state, row.kind, row.days, *rule, row.facts, row.explanation, row.expires_at)


async def start(bulk: int, second: int | None, now: int) -> None:
    """Within a transaction that has locked it: has it be carried out."""
    await DB.fetch(START, bulk, second, now)


async def finish(bulk: int, entry: int | None, *, undo: bool) -> None:
    """Within a transaction that has locked it; ``entry``: of the public log."""
    await DB.fetch(FINISH_UNDO if undo else FINISH, bulk, entry)


async def begin_undo(bulk: int, moderator: int, now: int, words: str) -> None:
    """Within a transaction that has locked it."""
    await DB.fetch(BEGIN_UNDO, bulk, moderator, now, words)


async def count_alone(author: int, since: int) -> int:
    """About how many subjects somebody has decided alone since then (Unix milliseconds)."""
    return int(await DB.value(COUNT_ALONE, author, since))


async def unfinished(begun_before: int) -> list[tuple[int, bool]]:
    """Those that are being carried out since before then (Unix milliseconds), or taken back: True for these."""
    return [(row[0], bool(row[1])) for row in await DB.fetch(UNFINISHED, begun_before)]


async def drop(bulk: int) -> None:
    """Deletes one that is not decided."""
    await DB.fetch(DROP, bulk)


async def drop_lapsed(now: int) -> int:
    """Deletes what was not decided in time. Returns how many."""
    return len(await DB.fetch(DROP_LAPSED, now))


async def forget_subjects(decided_before: int) -> int:
    """Deletes what was found for decisions from before that moment; their statements stay. Returns how much."""
    return len(await DB.fetch(FORGET_SUBJECTS, decided_before))


async def subjects(bulk: int, begin: int, end: int) -> list[SubjectRow]:
    """From one place to before another."""
    return list(map(SubjectRow._make, await DB.fetch(SUBJECTS, bulk, begin, end)))


async def accounts(bulk: int) -> list[int]:
    """The accounts whose subjects were not left out."""
    return [row[0] for row in await DB.fetch(ACCOUNTS, bulk)]


async def counts(bulk: int) -> dict[int, int]:
    """How many subjects are in each ``BulkSubjectState``."""
    return {row[0]: row[1] for row in await DB.fetch(COUNTS, bulk)}


async def choose(bulk: int, begin: int, end: int, chosen: Sequence[int]) -> None:
    """Has those of the places from ``begin`` to before ``end`` be chosen that are among ``chosen``, and no others."""
    await DB.fetch(CHOOSE, bulk, begin, end, DB.ids(chosen))


async def in_state(bulk: int, state: int, limit: int) -> list[int]:
    """The first places in a ``BulkSubjectState``."""
    return [row[0] for row in await DB.fetch(IN_STATE, bulk, state, limit)]


async def lock_subject(bulk: int, place: int, state: int) -> SubjectRow | None:
    """Within a transaction: a subject that nobody else can change until its end; None when it is in another state."""
    row = await DB.one(LOCK_SUBJECT, bulk, place, state)
    return None if row is None else SubjectRow._make(row)


async def set_subject(bulk: int, place: int, state: int) -> None:
    """Within a transaction that has locked it."""
    await DB.fetch(SET_SUBJECT, bulk, place, state)


async def add_part(row: PartRow) -> None:
    """Within a transaction. Errors: ``ConstraintViolation`` when a statement was made of this place before."""
    await DB.fetch(ADD_PART, *row)


async def parts(bulk: int, *, undo: bool) -> list[PartRow]:
    """The statements that were made together, by place: those that took others back with ``undo``."""
    return list(map(PartRow._make, await DB.fetch(PARTS, bulk, int(undo))))


async def part(statement: int) -> PartRow | None:
    """A statement as part of a bulk decision; None for any other."""
    row = await DB.one(PART, statement)
    return None if row is None else PartRow._make(row)


async def made_of(bulk: int, place: int) -> int | None:
    """The statement that was made of a subject."""
    found: int | None = await DB.value(MADE_OF, bulk, place)
    return found


async def sizes(statements: Sequence[int]) -> dict[int, int]:
    """How many statements were made together with each of these, itself among them; nothing for those made alone."""
    return {row[0]: row[1] for row in await DB.fetch(SIZES, DB.ids(statements))} if statements else {}


async def of_entry(entry: int) -> tuple[int, bool] | None:
    """The bulk decision that an entry of the public log is about, and whether it tells of its undoing."""
    row = await DB.one(OF_ENTRY, entry)
    return None if row is None else (row[0], bool(row[1]))
