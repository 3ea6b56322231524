"""The archive's file: SQLite, a table for each record, and one row that says what it is.

SQLAlchemy says what is asked; it is asked through APSW, which takes and gives rows in a third of the time of the
standard library's driver.
"""

import contextlib
import errno
import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import apsw
import sqlalchemy
from pydantic import ValidationError
from sqlalchemy import case, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable
from sqlmodel import Field

from archive import file_header, file_tables, formats, records
from archive.fields import Count, Record, Time, heading, json, line
from archive.file_header import MARK, WrongArchive
from archive.records import FORMAT, Row
from domain.core.units import MB

DIALECT = sqlite.dialect(paramstyle="qmark")
# Values for one statement: a hundred follows take half the time of one each.
AT_ONCE = 300
# How long somebody else's lock is waited for.
PATIENCE_MS = 1000
# The longest value and the longest row that a file may give, in bytes: the largest column, an icon, has at most 8 MB.
MAX_VALUE = 16 * MB


class ArchiveInfo(Record, table=True):
    """``domain`` is where the network stood; ``rows`` a JSON object: how many rows each table has."""

    # The same in every format: it is read before anything else is known of the file.
    __tablename__ = "about"

    id: Annotated[str, line(64)] = Field(primary_key=True)
    format: Count
    name: Annotated[str, heading(1000)]
    domain: Annotated[str, heading(300)]
    made_at: Time
    rows: Annotated[str, line(10_000), json(dict[str, int])]


ABOUT: sqlalchemy.Table = ArchiveInfo.__table__  # type: ignore[attr-defined]


class ArchiveFile:
    """An open archive. One that is being made: a killed process leaves what was kept, a power cut may spoil it.

    Tables have their present names, and rows the present order of columns, whatever the file's ``format_``.
    """

    def __init__(self, connection: apsw.Connection, format_: int = FORMAT) -> None:
        self._connection = connection
        self.names = formats.of(format_)
        self._tables = {
            table: file_tables.made(table, self.names) for table in records.TABLES if table not in self.names.lacks
        }
        self._inserts: dict[tuple[str, int], str] = {}

    def keep(self) -> None:
        """What was written stays."""
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN IMMEDIATE")

    def about(self) -> ArchiveInfo:
        """What the archive says of itself. Errors: ``WrongArchive`` when it was never finished."""
        found = self._fetch(select(*ABOUT.columns))
        if not found:
            raise file_header.damaged("its export did not end")
        try:
            return ArchiveInfo.model_validate(dict(zip(ABOUT.columns.keys(), found[0], strict=True)))
        except ValidationError as error:
            raise file_header.damaged(f"its {error.errors()[0]['loc'][0]} is wrong") from None

    def describe(self, about: ArchiveInfo) -> None:
        """Says what this is, in place of what was said before."""
        self._run(ABOUT.delete())
        self._run(ABOUT.insert().values(**about.model_dump()))

    def missing(self) -> list[str]:
        """The names of tables that are not there as plain tables with the columns and the key of their records.

        What views, virtual tables, generated columns and defaults give takes no room in the file: a small one could
        fill the memory. Without the key's order a page of rows would take the sorting of them all.
        """
        made = sqlalchemy.table("sqlite_master", *map(sqlalchemy.column, ("name", "type", "sql")))
        plain = (made.c.type == "table") & made.c.sql.like("CREATE TABLE %")
        found = {name for (name,) in self._fetch(select(made.c.name).where(plain))}
        wanted = (ABOUT, *self._tables.values())
        return sorted(table.name for table in wanted if table.name not in found or not self._is_like(table))

    def _is_like(self, table: sqlalchemy.Table) -> bool:
        about = func.pragma_table_xinfo(table.name).table_valued("name", "pk", "hidden", "dflt_value")
        key = [column.name for column in table.primary_key.columns]
        wanted = {
            (column.name, key.index(column.name) + 1 if column.name in key else 0, 0, None) for column in table.columns
        }
        return set(self._fetch(select(*about.c))) == wanted

    def total(self, table: str) -> int:
        if table in self.names.lacks:
            return 0
        return int(self._fetch(select(func.count()).select_from(self._tables[table]))[0][0])

    def after(
        self, table: str, last: Row | None, limit: int = -1, upto: Row | None = None, size: int = sys.maxsize
    ) -> list[Row]:
        """Rows in the order of the key, beyond ``last`` and as far as ``upto`` (None: from the first, to the last).

        At most ``limit`` rows, and none after those that take ``size`` bytes of memory.
        """
        if table in self.names.lacks:
            return []
        there = self._tables[table]
        columns = file_tables.present(there, table, self.names)
        wanted = select(*columns).where(*file_tables.between(there, last, upto)).order_by(*there.primary_key.columns)
        return self._fetch(wanted.limit(limit) if limit >= 0 else wanted, size)

    def _fetch(self, wanted: sqlalchemy.Select[Any], size: int = sys.maxsize) -> list[Row]:
        try:
            return _within(size, self._run(wanted))
        except UnicodeDecodeError:
            # Once more, in a way that takes longer and leaves it to the record to refuse what is no text.
            again = self._run(wanted.with_only_columns(*map(_spelt, wanted.selected_columns)))
            return _within(size, map(_unspelt, again))

    def _run(self, statement: sqlalchemy.ClauseElement) -> apsw.Cursor:
        compiled: Any = statement.compile(dialect=DIALECT)
        return self._connection.execute(str(compiled), [compiled.params[name] for name in compiled.positiontup or ()])

    def drop(self, table: str, last: Row | None, upto: Row | None = None) -> None:
        """Removes what ``after`` would give."""
        there = self._tables[table]
        self._run(there.delete().where(*file_tables.between(there, last, upto)))

    def add(self, table: str, rows: list[Row]) -> None:
        columns = len(records.shape(table).columns)
        together = max(AT_ONCE // columns, 1)
        whole = len(rows) - len(rows) % together
        flat = itertools.chain.from_iterable
        self._connection.executemany(
            self._insert(table, together),
            [tuple(flat(rows[at : at + together])) for at in range(0, whole, together)],
        )
        self._connection.executemany(self._insert(table, 1), rows[whole:])

    def _insert(self, table: str, rows: int) -> str:
        if (table, rows) not in self._inserts:
            one = str(self._tables[table].insert().compile(dialect=DIALECT))
            values = one[one.index("(?") :]
            self._inserts[table, rows] = one + f", {values}" * (rows - 1)
        return self._inserts[table, rows]


def _within(size: int, rows: Iterator[Row]) -> list[Row]:
    """The first rows: as few as take ``size`` bytes, or all."""
    if size == sys.maxsize:
        return list(rows)
    found: list[Row] = []
    for row in rows:
        found.append(row)
        size -= sum(map(sys.getsizeof, row))
        if size <= 0:
            break
    return found


def _spelt(column: Any) -> Any:
    """Text as the digits of its bytes, and anything else as it is."""
    return case((func.typeof(column) == "text", func.hex(column)), else_=column)


def _unspelt(row: Row) -> Row:
    return tuple(
        bytes.fromhex(value).decode("utf-8", "surrogateescape") if isinstance(value, str) else value for value in row
    )


@contextlib.contextmanager
def making(path: Path) -> Iterator[ArchiveFile]:
    """The file at ``path``, for writing: what an interrupted export left there, if it can be gone on with.

    Errors: ``WrongArchive`` while somebody else writes it, or when it can't be written.
    """
    try:
        _make_way(path)
        path.touch(mode=0o600)
        with _connected(path, writing=True) as connection:
            connection.execute("BEGIN IMMEDIATE")
            for table in records.metadata().sorted_tables:
                connection.execute(str(CreateTable(table, if_not_exists=True).compile(dialect=DIALECT)))
            made = ArchiveFile(connection)
            made.keep()
            yield made
            connection.execute("COMMIT")
        _sync(path)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise _unwritable(path, error.strerror or "", full) from None
    except apsw.Error as error:
        raise _unwritable(path, str(error), isinstance(error, apsw.FullError)) from None


def _unwritable(path: Path, why: str, full: bool) -> WrongArchive:
    code = file_header.FULL if full else ""
    return WrongArchive("%(file)s can't be written: %(why)s", code=code, file=str(path), why=why)


def _make_way(path: Path) -> None:
    """Removes what can't be gone on with: anything but an archive of the present format."""
    if path.exists() and not file_header.is_current(file_header.of(path)):
        path.unlink()
    if not path.exists():
        # A journal of a file that is gone would be taken for that of the next.
        _journal(path).unlink(missing_ok=True)


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


@contextlib.contextmanager
def reading(path: Path) -> Iterator[ArchiveFile]:
    """A finished archive, for reading. Errors: ``WrongArchive``."""
    format_ = file_header.check(path)
    try:
        with _connected(path, writing=False) as connection:
            archive = ArchiveFile(connection, format_)
            if missing := archive.missing():
                raise file_header.damaged(f"it lacks {', '.join(missing[:5])}")
            yield archive
    except apsw.Error as error:
        raise file_header.damaged(str(error)) from None


@contextlib.contextmanager
def _connected(path: Path, *, writing: bool) -> Iterator[apsw.Connection]:
    # Whoever has the file in hand has it alone (db.blocking.run_blocking): no lock is taken for each value.
    flags = (apsw.SQLITE_OPEN_READWRITE if writing else apsw.SQLITE_OPEN_READONLY) | apsw.SQLITE_OPEN_NOMUTEX
    # As an address: a name need not be text.
    place = path.absolute().as_uri()
    with contextlib.closing(apsw.Connection(place, flags=flags | apsw.SQLITE_OPEN_URI)) as connection:
        connection.set_busy_timeout(PATIENCE_MS)
        # Whoever made the file may have written functions into its schema.
        connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        connection.limit(apsw.SQLITE_LIMIT_LENGTH, MAX_VALUE)
        pragmas = ("journal_mode = TRUNCATE", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -8192")
        own = (f"application_id = {MARK}", f"user_version = {FORMAT}")
        for pragma in (*pragmas, *own) if writing else ():
            connection.execute(f"PRAGMA {pragma}")
        yield connection


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def finish(part: Path, path: Path) -> None:
    """Gives an archive that is whole its name, and removes what SQLite left beside it."""
    os.replace(part, path)
    _journal(part).unlink(missing_ok=True)
    _sync(path.parent)
