"""Statements of reasons: decisions, and to whom they are given."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class StatementRow(NamedTuple):
    """A statement, in the order of its columns; ``content_at`` is Unix milliseconds."""

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


_COLUMNS = ", ".join(f"s.{field}" for field in StatementRow._fields)
_PLACES = ", ".join(f"?{place}" for place in range(1, len(StatementRow._fields) + 1))
ADD = SQL(f"INSERT INTO statement ({', '.join(StatementRow._fields)}) VALUES ({_PLACES})")
ONE = SQL(f"SELECT {_COLUMNS} FROM statement s WHERE s.id = ?1")
OF_CASES = SQL(f"SELECT {_COLUMNS} FROM statement s WHERE s.mod_case IN {{ids:1}} ORDER BY s.id DESC")
LAST_OF_CASE = SQL(f"SELECT {_COLUMNS} FROM statement s WHERE s.mod_case = ?1 ORDER BY s.id DESC LIMIT 1")
# What concerns nobody (no breach was found) is no news to the account.
ABOUT = SQL(f"""
    SELECT {_COLUMNS} FROM statement s WHERE s.account = ?1 AND s.kind <> 0 AND s.id < ?2 ORDER BY s.id DESC LIMIT ?3
""")
# The points of warnings and removals (StatementKind 1 and 2) that have not been taken back.
POINTS = SQL("""
    SELECT coalesce(sum(r.points), 0) FROM statement s
    JOIN rule r ON r.version = s.rule_version AND r.number = s.rule_number
    WHERE s.account = ?1 AND s.id >= ?2 AND s.kind IN (1, 2)
        AND NOT EXISTS (SELECT 1 FROM statement t WHERE t.reverses = s.id)
""")
# Removals of a post that have not been taken back (StatementKind 2).
REMOVED = SQL("""
    SELECT 1 FROM statement s WHERE s.post = ?1 AND s.kind = 2
        AND NOT EXISTS (SELECT 1 FROM statement t WHERE t.reverses = s.id) LIMIT 1
""")
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


async def last_of_case(case: int) -> StatementRow | None:
    row = await DB.one(LAST_OF_CASE, case)
    return StatementRow._make(row) if row is not None else None


async def about(account: int, before: int, limit: int) -> list[StatementRow]:
    """What was decided about an account, without cases that found no breach; the newest first."""
    return list(map(StatementRow._make, await DB.fetch(ABOUT, account, before, limit)))


async def points(account: int, since: int) -> int:
    """The points of an account's breaches from the id ``since`` on."""
    return int(await DB.value(POINTS, account, since))


async def is_removed(post: int) -> bool:
    """Whether a removal of the post is in force."""
    return await DB.one(REMOVED, post) is not None


async def reversed_among(statements: Sequence[int]) -> set[int]:
    """Those of these statements that have been taken back."""
    return {row[0] for row in await DB.fetch(REVERSED, DB.ids(statements))} if statements else set()
