"""Urgent cases that are hard to look at and that nobody who works is offered."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.queries.care import HARD
from db.queries.visibility import account_exists
from db.sql import SQL


class UnofferedRow(NamedTuple):
    """How many there are, and the one that is due first."""

    number: int
    first: int | None


# A moderator of the list may take a case, c: as in ``db.queries.case_queue``.
_MAY = f"""EXISTS (SELECT 1 FROM account a WHERE a.id IN {{}} AND a.id <> c.account AND {account_exists()}
    AND (?2 = 1 OR NOT EXISTS (SELECT 1 FROM report r WHERE r.mod_case = c.id AND r.reporter = a.id))
    AND NOT EXISTS (SELECT 1 FROM proposal o WHERE o.mod_case = c.id AND o.author = a.id))"""
# Severity.URGENT is 4, CaseState.OPEN 1; nobody has it at ?1. Who is within their limits (?3) may not take it, and
# somebody beyond them (?4) may.
_UNOFFERED = f"""c.state = 1 AND c.severity = 4 AND (c.claimed_by IS NULL OR c.claimed_until <= ?1) AND {HARD}
    AND NOT {_MAY.format("{ids:3}")} AND {_MAY.format("{ids:4}")}"""
FIND = SQL(f"""
    SELECT count(*), (SELECT c.id FROM mod_case c WHERE {_UNOFFERED} ORDER BY c.due_at, c.id LIMIT 1)
    FROM mod_case c WHERE {_UNOFFERED}
""")
IS_ONE = SQL(f"SELECT 1 FROM mod_case c WHERE c.id = ?5 AND {_UNOFFERED}")


async def find(now: int, within: Sequence[int], beyond: Sequence[int], *, alone: bool) -> UnofferedRow:
    """``within`` and ``beyond`` are moderators; ``now`` in Unix milliseconds."""
    row = await DB.one(FIND, now, int(alone), DB.ids(within), DB.ids(beyond))
    assert row is not None
    return UnofferedRow._make(row)


async def is_one(case: int, now: int, within: Sequence[int], beyond: Sequence[int], *, alone: bool) -> bool:
    """Whether a case is one of them."""
    return await DB.one(IS_ONE, now, int(alone), DB.ids(within), DB.ids(beyond), case) is not None
