"""Suspensions for good that wait for a second moderator."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class ProposalRow(NamedTuple):
    """A proposal, in the order of its columns. ``removes_post`` is 0 or 1, ``proposed_at`` Unix milliseconds."""

    mod_case: int
    author: int
    rule_version: int
    rule_number: int
    facts: str
    explanation: str
    removes_post: int
    proposed_at: int


_COLUMNS = ", ".join(ProposalRow._fields)
_PLACES = ", ".join(f"?{place}" for place in range(1, len(ProposalRow._fields) + 1))
ADD = SQL(f"INSERT INTO proposal ({_COLUMNS}) VALUES ({_PLACES})")
OF_CASE = SQL(f"SELECT {_COLUMNS} FROM proposal WHERE mod_case = ?1")
AUTHORS = SQL("SELECT mod_case, author FROM proposal WHERE mod_case IN {ids:1}")
DROP = SQL("DELETE FROM proposal WHERE mod_case = ?1")
DROP_BY = SQL("DELETE FROM proposal WHERE author = ?1")


async def add(row: ProposalRow) -> None:
    """Within a transaction. Errors: ``ConstraintViolation`` when the case has one."""
    await DB.fetch(ADD, *row)


async def of_case(case: int) -> ProposalRow | None:
    row = await DB.one(OF_CASE, case)
    return ProposalRow._make(row) if row is not None else None


async def authors(cases: Sequence[int]) -> dict[int, int]:
    """Who has proposed something in each of these cases where somebody has."""
    return {row[0]: row[1] for row in await DB.fetch(AUTHORS, DB.ids(cases))} if cases else {}


async def drop(case: int) -> None:
    """Within a transaction; harmless without one."""
    await DB.fetch(DROP, case)


async def drop_by(author: int) -> None:
    """Takes back all that somebody has proposed."""
    await DB.fetch(DROP_BY, author)
