"""Rows by their keys, of any table: read, put in or over, and taken out, one at a time."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from db.engine import DB, Row
from db.sql import SQL
from db.table_specs import TableSpec, listed

# Keys asked for in one statement.
AT_ONCE = 50


async def fetch(shape: TableSpec, keys: Sequence[tuple[Any, ...]]) -> list[Row]:
    """The rows that are there, in no order."""
    found: list[Row] = []
    for at in range(0, len(keys), AT_ONCE):
        some = keys[at : at + AT_ONCE]
        found += await DB.fetch(_fetch(shape, len(some)), *(part for key in some for part in key))
    return found


async def put(shape: TableSpec, row: Sequence[Any]) -> None:
    """Writes a row, over the one with its key if there is one. Errors: ``Conflict``."""
    await DB.fetch(_put(shape), *row)


async def take_out(shape: TableSpec, key: Sequence[Any]) -> None:
    """Removes the row with a key, if it is there. Errors: ``Conflict`` while something needs it."""
    await DB.fetch(_take_out(shape), *key)


def _where(shape: TableSpec, first: int = 1) -> str:
    return " AND ".join(f'"{column}" = ?{number}' for number, column in enumerate(shape.key, first))


@cache
def _fetch(shape: TableSpec, keys: int) -> SQL:
    each = len(shape.key)
    wanted = " OR ".join(f"({_where(shape, 1 + number * each)})" for number in range(keys))
    return SQL(f"SELECT {shape.listed} FROM {shape.name} WHERE {wanted}")


@cache
def _put(shape: TableSpec) -> SQL:
    places = ", ".join(f"?{number}" for number in range(1, len(shape.columns) + 1))
    others = [column for column in shape.columns if column not in shape.key]
    changes = ", ".join(f'"{column}" = excluded."{column}"' for column in others)
    over = f"UPDATE SET {changes}" if changes else "NOTHING"
    return SQL(
        f"INSERT INTO {shape.name} ({shape.listed}) VALUES ({places}) ON CONFLICT ({listed(shape.key)}) DO {over}"
    )


@cache
def _take_out(shape: TableSpec) -> SQL:
    return SQL(f"DELETE FROM {shape.name} WHERE {_where(shape)}")
