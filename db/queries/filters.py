"""Filters before publication: what they say, their states and their history."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB, Row
from db.queries.visibility import account_exists
from db.sql import SQL


class FilterRow(NamedTuple):
    """A filter, in the order of _COLUMNS; times are Unix milliseconds."""

    id: int
    name: str
    condition: str
    outcome: int
    rule_name: str
    facts: str
    state: int
    shadow_since: int | None
    version: int
    author: int | None
    second: int | None
    failed: str
    failed_at: int | None


class NewFilter(NamedTuple):
    """A row for ADD, in its order: a draft."""

    id: int
    name: str
    condition: str
    outcome: int
    rule_name: str
    facts: str
    author: int


class ChangeRow(NamedTuple):
    """What was done to a filter, in the order of HISTORY; ``handle`` is None where nobody did it, or they have left."""

    id: int
    action: int
    version: int
    handle: str | None
    condition: str


_COLUMNS = ", ".join(f"f.{field}" for field in FilterRow._fields)
# Live ones first, then those that are tried, drafts, and at last those that are off.
ALL = SQL(f"""
    SELECT {_COLUMNS} FROM filter_rule f
    ORDER BY CASE f.state WHEN 2 THEN 0 WHEN 1 THEN 1 WHEN 0 THEN 2 ELSE 3 END, f.id
""")
# FilterState.SHADOW and LIVE.
RUNNING = SQL(f"SELECT {_COLUMNS} FROM filter_rule f WHERE f.state IN (1, 2) ORDER BY f.id")
_BY_ID = f"SELECT {_COLUMNS} FROM filter_rule f WHERE f.id = ?1"
ONE = SQL(_BY_ID)
_AMONG = f"SELECT {_COLUMNS} FROM filter_rule f WHERE f.id IN {{ids:1}} ORDER BY f.id"
SHARE = SQL(_AMONG, f"{_AMONG} FOR SHARE OF f")
LOCK = SQL(_BY_ID, f"{_BY_ID} FOR NO KEY UPDATE")
# Those that are not off (FilterState.OFF).
COUNT = SQL("SELECT count(*) FROM filter_rule WHERE state < 3")
ADD = SQL(f"""
    INSERT INTO filter_rule ({", ".join(NewFilter._fields)}, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)
""")
# Other words are a draft again (FilterState.DRAFT), which nobody has agreed to.
REWRITE = SQL("""
    UPDATE filter_rule SET name = ?2, condition = ?3, outcome = ?4, rule_name = ?5, facts = ?6, author = ?7, state = 0,
        shadow_since = NULL, second = NULL, failed = '', failed_at = NULL, version = version + 1
    WHERE id = ?1
""")
SET_STATE = SQL("""
    UPDATE filter_rule SET state = ?2, shadow_since = ?3, second = ?4, version = version + 1, failed = '',
        failed_at = NULL
    WHERE id = ?1
""")
FAIL = SQL("""
    UPDATE filter_rule SET failed = ?3, failed_at = ?4
    WHERE id = ?1 AND version = ?2 AND failed = '' AND state IN (1, 2) RETURNING id
""")
CHANGED = SQL(
    "INSERT INTO filter_change (id, filter, action, version, account, condition) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
)
LAST_CHANGE = SQL("SELECT coalesce(max(id), 0) FROM filter_change WHERE filter = ?1")
HISTORY = SQL(f"""
    SELECT c.id, c.action, c.version, a.handle, c.condition FROM filter_change c
    LEFT JOIN account a ON a.id = c.account AND {account_exists()} WHERE c.filter = ?1 AND c.id < ?2
    ORDER BY c.id DESC LIMIT ?3
""")


async def everything() -> list[FilterRow]:
    """All filters: live ones first, those that are off last."""
    return list(map(FilterRow._make, await DB.fetch(ALL)))


async def running() -> list[FilterRow]:
    """Filters that are live or tried, the oldest first."""
    return list(map(FilterRow._make, await DB.fetch(RUNNING)))


async def one(filter_: int) -> FilterRow | None:
    return _row(await DB.one(ONE, filter_))


async def share(filters: Sequence[int]) -> list[FilterRow]:
    """Within a transaction: the filters, the oldest first, which nobody changes until its end."""
    return list(map(FilterRow._make, await DB.fetch(SHARE, DB.ids(filters))))


async def lock(filter_: int) -> FilterRow | None:
    """Within a transaction: a filter that nobody else changes until its end."""
    return _row(await DB.one(LOCK, filter_))


def _row(row: Row | None) -> FilterRow | None:
    return None if row is None else FilterRow._make(row)


async def count() -> int:
    """How many are not off."""
    return int(await DB.value(COUNT))


async def add(new: NewFilter) -> None:
    """Errors: ``ConstraintViolation`` for a name that is taken."""
    await DB.fetch(ADD, *new)


async def rewrite(new: NewFilter) -> None:
    """Within a transaction that has locked the filter: gives it other words, as a draft.

    Errors: ``ConstraintViolation`` for a name that is taken.
    """
    await DB.fetch(REWRITE, *new)


async def set_state(filter_: int, state: int, shadow_since: int | None, second: int | None) -> None:
    """Within a transaction that has locked the filter: gives it another ``FilterState``; what has failed is forgotten.

    ``shadow_since`` in Unix milliseconds.
    """
    await DB.fetch(SET_STATE, filter_, state, shadow_since, second)


async def fail(filter_: int, version: int, reason: str, now: int) -> bool:
    """Keeps why a running filter did not work; False if that is known, or the filter is another one by now."""
    return await DB.one(FAIL, filter_, version, reason, now) is not None


async def add_change(change: int, filter_: int, action: int, version: int, account: int | None, condition: str) -> None:
    """Within a transaction: what was done to a filter; ``version`` is the one that came of it."""
    await DB.fetch(CHANGED, change, filter_, action, version, account, condition)


async def last_change(filter_: int) -> int:
    """The id of the newest change of a filter, 0 for none."""
    return int(await DB.value(LAST_CHANGE, filter_))


async def history(filter_: int, below: int, limit: int) -> list[ChangeRow]:
    """What was done to a filter, the newest first, with ids below one."""
    return list(map(ChangeRow._make, await DB.fetch(HISTORY, filter_, below, limit)))
