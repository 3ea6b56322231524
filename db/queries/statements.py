"""Statements of reasons: decisions, and to whom they are given."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class StatementRow(NamedTuple):
    """A statement, in the order of its columns; ``content_at`` and ``ends_at`` are Unix milliseconds."""

    id: int
    puid: str
    mod_case: int
    account: int
    post: int | None
    kind: int
    rule_version: int | None
    rule_number: int | None
    facts: str
    explanation: str
    source: int
    revision: int
    content_at: int
    author: int | None
    reverses: int | None
    ends_at: int | None = None
    second: int | None = None
    label: int | None = None
    media: int | None = None
    automation: int = 0


class SanctionRow(NamedTuple):
    """A sanction in force; ``ends_at`` in Unix milliseconds, None without an end."""

    kind: int
    ends_at: int | None


_COLUMNS = ", ".join(f"s.{field}" for field in StatementRow._fields)
_PLACES = ", ".join(f"?{place}" for place in range(1, len(StatementRow._fields) + 1))
ADD = SQL(f"INSERT INTO statement ({', '.join(StatementRow._fields)}) VALUES ({_PLACES})")
ONE = SQL(f"SELECT {_COLUMNS} FROM statement s WHERE s.id = ?1")
OF_CASES = SQL(f"SELECT {_COLUMNS} FROM statement s WHERE s.mod_case IN {{ids:1}} ORDER BY s.id DESC")
BY_IDS = SQL(f"SELECT {_COLUMNS} FROM statement s WHERE s.id IN {{ids:1}}")
LAST_OF_CASE = SQL(f"SELECT {_COLUMNS} FROM statement s WHERE s.mod_case = ?1 ORDER BY s.id DESC LIMIT 1")
# What concerns nobody (no breach was found) is no news to the account.
ABOUT = SQL(f"""
    SELECT {_COLUMNS} FROM statement s WHERE s.account = ?1 AND s.kind <> 0 AND s.id < ?2 ORDER BY s.id DESC LIMIT ?3
""")
_STANDS = "NOT EXISTS (SELECT 1 FROM statement t WHERE t.reverses = s.id)"
# The points of breaches (all kinds but NO_BREACH, 0, and REVERSAL, 3) that have not been taken back: once for each
# breach of a rule that a case found, whatever was decided because of it.
POINTS = SQL(f"""
    SELECT coalesce(sum(points), 0) FROM (
        SELECT DISTINCT s.mod_case, s.rule_version, s.rule_number, r.points FROM statement s
        JOIN rule r ON r.version = s.rule_version AND r.number = s.rule_number
        WHERE s.account = ?1 AND s.id >= ?2 AND s.kind NOT IN (0, 3) AND {_STANDS}) breach
""")
# Freezes and suspensions (StatementKind 4 to 6) that neither have ended nor were taken back.
SANCTIONS = SQL(f"""
    SELECT s.kind, s.ends_at FROM statement s
    WHERE s.account = ?1 AND s.kind IN (4, 5, 6) AND (s.ends_at IS NULL OR s.ends_at > ?2) AND {_STANDS}
""")
# What holds of an account, or of one of its posts, but for what a case has decided: neither a warning (StatementKind 1)
# nor what NO_BREACH and REVERSAL say.
IN_FORCE = SQL(f"""
    SELECT {_COLUMNS} FROM statement s
    WHERE s.account = ?1 AND s.mod_case <> ?2 AND s.kind NOT IN (0, 1, 3) AND (s.ends_at IS NULL OR s.ends_at > ?3)
        AND {_STANDS}
    ORDER BY s.id DESC LIMIT ?4
""")
# The last of the statements that count a breach, see POINTS.
COUNTING = SQL(f"""
    SELECT s.id FROM statement s WHERE s.id IN {{ids:1}} AND s.kind NOT IN (0, 3) AND {_STANDS} AND NOT EXISTS (
        SELECT 1 FROM statement l WHERE l.mod_case = s.mod_case AND l.id > s.id AND l.kind NOT IN (0, 3)
            AND l.rule_version = s.rule_version AND l.rule_number = s.rule_number
            AND NOT EXISTS (SELECT 1 FROM statement t WHERE t.reverses = l.id))
""")
KINDS = SQL("SELECT id, kind FROM statement WHERE id IN {ids:1}")
REVERSED = SQL("SELECT reverses FROM statement WHERE reverses IN {ids:1}")


async def add(row: StatementRow) -> None:
    """Within a transaction. Errors: ``ConstraintViolation`` when what it reverses has been reversed."""
    await DB.fetch(ADD, *row)


async def one(statement: int) -> StatementRow | None:
    row = await DB.one(ONE, statement)
    return StatementRow._make(row) if row is not None else None


async def of_cases(cases: Sequence[int]) -> list[StatementRow]:
    """The newest first."""
    return list(map(StatementRow._make, await DB.fetch(OF_CASES, DB.ids(cases)))) if cases else []


async def by_ids(statements: Sequence[int]) -> list[StatementRow]:
    return list(map(StatementRow._make, await DB.fetch(BY_IDS, DB.ids(statements)))) if statements else []


async def last_of_case(case: int) -> StatementRow | None:
    row = await DB.one(LAST_OF_CASE, case)
    return StatementRow._make(row) if row is not None else None


async def about(account: int, before: int, limit: int) -> list[StatementRow]:
    """What was decided about an account, without cases that found no breach; the newest first."""
    return list(map(StatementRow._make, await DB.fetch(ABOUT, account, before, limit)))


async def points(account: int, since: int) -> int:
    """The points of an account's breaches from the id ``since`` on."""
    return int(await DB.value(POINTS, account, since))


async def sanctions(account: int, now: int) -> list[SanctionRow]:
    """The sanctions of an account that are in force at ``now`` (Unix milliseconds)."""
    return list(map(SanctionRow._make, await DB.fetch(SANCTIONS, account, now)))


async def in_force(account: int, other_than: int, now: int, limit: int) -> list[StatementRow]:
    """What is in force of an account at ``now`` (Unix milliseconds) by other cases than one, the newest first."""
    return list(map(StatementRow._make, await DB.fetch(IN_FORCE, account, other_than, now, limit)))


async def counting_among(statements: Sequence[int]) -> set[int]:
    """Those of these statements by which the points of a breach count."""
    return {row[0] for row in await DB.fetch(COUNTING, DB.ids(statements))} if statements else set()


async def kinds(statements: Sequence[int]) -> dict[int, int]:
    """The ``StatementKind`` of each of these statements, by its id."""
    return {row[0]: row[1] for row in await DB.fetch(KINDS, DB.ids(statements))} if statements else {}


async def reversed_among(statements: Sequence[int]) -> set[int]:
    """Those of these statements that have been taken back."""
    return {row[0] for row in await DB.fetch(REVERSED, DB.ids(statements))} if statements else set()
