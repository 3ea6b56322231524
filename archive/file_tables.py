"""Tables of an archive's file in each format, and ranges of their rows, in SQLAlchemy's words."""

from typing import Any

import sqlalchemy
from sqlalchemy import LargeBinary, Text, cast, literal

from archive import formats, records
from archive.records import Row


def made(table: str, names: formats.Names) -> sqlalchemy.Table:
    """A record's table as a file has it whose format has these names."""
    columns = (
        sqlalchemy.Column(names.column(table, one.name), one.type, primary_key=one.primary_key)
        for one in records.table_of(table).columns
        if one.name not in names.fills.get(table, {})
    )
    return sqlalchemy.Table(names.table(table), sqlalchemy.MetaData(), *columns)


def present(there: sqlalchemy.Table, table: str, names: formats.Names) -> list[Any]:
    """What to select from a file's table for rows of today: its columns, and a value for each that it lacks."""
    fills = names.fills.get(table, {})
    return [
        literal(fills[name]) if name in fills else there.columns[names.column(table, name)]
        for name in records.shape(table).columns
    ]


def between(table: sqlalchemy.Table, last: Row | None, upto: Row | None) -> list[Any]:
    """The conditions for rows whose key is beyond ``last`` and no further than ``upto`` (None: no bound)."""
    columns = list(table.primary_key.columns)
    key: Any = columns[0] if len(columns) == 1 else sqlalchemy.tuple_(*columns)
    found = []
    for edge, operator in ((last, key.__gt__), (upto, key.__le__)):
        if edge is not None:
            values = list(map(_bound, edge))
            found.append(operator(values[0] if len(columns) == 1 else sqlalchemy.tuple_(*values)))
    return found


def _bound(value: Any) -> Any:
    """A value of a key as SQLite takes it: text that is not UTF-8 can't be handed over as text."""
    try:
        str(value).encode()
    except UnicodeEncodeError:
        return cast(literal(value.encode("utf-8", "surrogateescape"), LargeBinary), Text)
    return value
