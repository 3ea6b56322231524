"""Single rows into a network that was loaded: what has changed since, by key."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from archive import records
from archive.records import TABLES, Bad
from db import row_access
from db.engine import DB, ConstraintViolation

ORDER = {table: number for number, table in enumerate(TABLES)}


class RowChange(NamedTuple):
    """What a row is now; ``row`` by column names, None where it is gone. ``key`` is in the order of ``records.key``."""

    table: str
    key: tuple[Any, ...]
    row: dict[str, Any] | None


async def apply(changes: Iterable[RowChange]) -> tuple[dict[str, int], list[Bad]]:
    """How many changes of each table were made, and what could not be. Errors: ``Refused`` for an unknown table."""
    left, bad = _checked(changes)
    made: Counter[str] = Counter()
    async with DB.writing():
        before = -1
        # One may stand in another's way: a name that is given away, a row that something still points at.
        while left and len(left) != before:
            before = len(left)
            waiting = []
            for one in left:
                if await _make(one):
                    made[one.table] += 1
                else:
                    waiting.append(one)
            left = waiting
    return dict(made), bad + [_stuck(one) for one in left]


async def _make(change: RowChange) -> bool:
    shape = records.shape(change.table)
    try:
        async with DB.savepoint():
            if change.row is None:
                await row_access.take_out(shape, change.key)
            else:
                await row_access.put(shape, [change.row[column] for column in shape.columns])
    except ConstraintViolation:
        return False
    return True


def _checked(changes: Iterable[RowChange]) -> tuple[list[RowChange], list[Bad]]:
    """Those that may be tried: rows first, in the order in which they point at each other; then what is gone."""
    put, gone, bad = [], [], list[Bad]()
    for change in changes:
        records.known(change.table)
        if change.row is None and not records.may_be_key(change.table, change.key):
            bad.append((change.table, "", "", "Its key can't be one"))
        elif change.row is None:
            gone.append(change)
        elif problem := _problem(change, change.row):
            bad.append(problem)
        else:
            put.append(change)
    put.sort(key=lambda one: ORDER[one.table])
    gone.sort(key=lambda one: -ORDER[one.table])
    return put + gone, bad


def _problem(change: RowChange, row: dict[str, Any]) -> Bad | None:
    columns = records.shape(change.table).columns
    if set(row) != set(columns):
        return change.table, records.said(change.key), "", "Its columns are not those of its record"
    _, bad = records.check(change.table, [tuple(row[column] for column in columns)])
    if bad:
        return bad[0]
    if tuple(row[column] for column in records.key(change.table)) != tuple(change.key):
        return change.table, records.said(change.key), "", "It has another key than it is said to have"
    return None


def _stuck(change: RowChange) -> Bad:
    problem = "Something needs it" if change.row is None else "What it needs is not there, or another row has its place"
    return change.table, records.said(change.key), "", problem
