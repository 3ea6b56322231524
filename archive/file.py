"""The archive's file: SQLite, a table for each record, and one row that says what it is."""

import contextlib
import errno
import itertools
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy
from pydantic import ValidationError
from sqlalchemy import event, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlmodel import Field

from archive import heads, records
from archive.fields import JSON, Count, Record, Time, line
from archive.heads import MARK, WrongArchive
from archive.records import FORMAT, Row

# Rows for one statement: less than half the time of one each.
AT_ONCE = 50


class BrokenText(Exception):
    """A text that is not UTF-8."""


class About(Record, table=True):
    """``domain`` is where the network stood; ``rows`` a JSON object: how many rows each table has."""

    id: Annotated[str, line(64)] = Field(primary_key=True)
    format: Count
    name: Annotated[str, line(1000)]
    domain: Annotated[str, line(300)]
    made_at: Time
    rows: Annotated[str, line(10_000), JSON]


ABOUT: sqlalchemy.Table = About.__table__  # type: ignore[attr-defined]


class File:
    """An open archive. One that is being made: a killed process leaves what was kept, a power cut may spoil it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._errors: Any = connection.dialect.loaded_dbapi
        self._inserts: dict[str, str] = {}

    def keep(self) -> None:
        """What was written stays."""
        self._connection.commit()

    def about(self) -> About:
        """What the archive says of itself. Errors: ``WrongArchive`` when it was never finished."""
        row = self._connection.execute(select(*ABOUT.columns)).first()
        if row is None:
            raise heads.damaged("its export did not end")
        try:
            return About.model_validate(dict(row._mapping))
        except ValidationError as error:
            raise heads.damaged(f"its {error.errors()[0]['loc'][0]} is wrong") from None

    def describe(self, about: About) -> None:
        """Says what this is, in place of what was said before."""
        self._connection.execute(ABOUT.delete())
        self._connection.execute(ABOUT.insert(), about.model_dump())

    def total(self, table: str) -> int:
        return int(self._connection.execute(select(sqlalchemy.func.count()).select_from(_table(table))).scalar_one())

    def after(self, table: str, last: Row | None, limit: int = -1, upto: Row | None = None) -> list[Row]:
        """Rows in the order of the key, beyond ``last`` and as far as ``upto`` (None: from the first, to the last)."""
        wanted = select(*_table(table).columns).where(*_between(table, last, upto)).order_by(*_key(table))
        wanted = wanted.limit(limit) if limit >= 0 else wanted
        try:
            return self._fetch(wanted)
        except BrokenText:
            # Once more, in a way that takes longer and leaves it to the record to refuse what is no text.
            with self._lenient():
                return self._fetch(wanted)

    def _fetch(self, wanted: Any) -> list[Row]:
        # The driver's own tuples: SQLAlchemy's take four times as long.
        try:
            with contextlib.closing(self._connection.execute(wanted).cursor) as cursor:
                return list(cursor.fetchall())
        except self._errors.DatabaseError as error:
            if "UTF-8" in str(error):
                raise BrokenText from None
            raise heads.damaged(str(error)) from None

    @contextlib.contextmanager
    def _lenient(self) -> Iterator[None]:
        raw: Any = self._connection.connection.driver_connection
        raw.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        try:
            yield
        finally:
            raw.text_factory = str

    def drop(self, table: str, last: Row | None, upto: Row | None = None) -> None:
        """Removes what ``after`` would give."""
        self._connection.execute(_table(table).delete().where(*_between(table, last, upto)))

    def add(self, table: str, rows: list[Row]) -> None:
        columns = len(records.shape(table).columns)
        whole = len(rows) - len(rows) % AT_ONCE
        flat = itertools.chain.from_iterable
        parts = [tuple(flat(rows[at : at + AT_ONCE])) for at in range(0, whole, AT_ONCE)]
        one = self._insert(table)
        if parts:
            many = one + f", ({', '.join('?' * columns)})" * (AT_ONCE - 1)
            self._connection.exec_driver_sql(many, parts)
        if rest := rows[whole:]:
            self._connection.exec_driver_sql(one, list(map(tuple, rest)))

    def _insert(self, table: str) -> str:
        if table not in self._inserts:
            self._inserts[table] = str(_table(table).insert().compile(dialect=self._connection.dialect))
        return self._inserts[table]


def _table(table: str) -> sqlalchemy.Table:
    return records.table_of(table)


def _key(table: str) -> list[Any]:
    return [_table(table).columns[column] for column in records.key(table)]


def _between(table: str, last: Row | None, upto: Row | None) -> list[Any]:
    columns = _key(table)
    key: Any = columns[0] if len(columns) == 1 else sqlalchemy.tuple_(*columns)
    found = []
    for edge, operator in ((last, key.__gt__), (upto, key.__le__)):
        if edge is not None:
            found.append(operator(edge[0] if len(columns) == 1 else sqlalchemy.tuple_(*edge)))
    return found


@contextlib.contextmanager
def making(path: Path) -> Iterator[File]:
    """The file at ``path``, for writing: what an interrupted export left there, if it can be gone on with.

    Errors: ``WrongArchive`` while somebody else writes it, or when it can't be written.
    """
    try:
        _make_way(path)
        path.touch(mode=0o600)
        with _connected(path, writing=True) as connection:
            records.metadata().create_all(connection)
            connection.commit()
            yield File(connection)
            connection.commit()
        _sync(path)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise _unwritable(path, error.strerror or "", full) from None
    except DBAPIError as error:
        full = getattr(error.orig, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
        raise _unwritable(path, str(error.orig), full) from None


def _unwritable(path: Path, why: str, full: bool) -> WrongArchive:
    code = heads.FULL if full else ""
    return WrongArchive("%(file)s can't be written: %(why)s", code=code, file=str(path), why=why)


def _make_way(path: Path) -> None:
    """Removes what can't be gone on with: anything but an archive of this format."""
    if path.exists() and heads.foreign(heads.of(path)) is not None:
        path.unlink()
    if not path.exists():
        # A journal of a file that is gone would be taken for that of the next.
        _journal(path).unlink(missing_ok=True)


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


@contextlib.contextmanager
def reading(path: Path) -> Iterator[File]:
    """A finished archive, for reading. Errors: ``WrongArchive``."""
    heads.check(path)
    try:
        with _connected(path, writing=False) as connection:
            if missing := sorted(set(records.TABLES) - set(sqlalchemy.inspect(connection).get_table_names())):
                raise heads.damaged(f"it lacks {', '.join(missing[:5])}")
            yield File(connection)
    except DBAPIError as error:
        raise heads.damaged(str(error.orig)) from None


@contextlib.contextmanager
def _connected(path: Path, *, writing: bool) -> Iterator[Connection]:
    mode = "rw" if writing else "ro"
    engine = sqlalchemy.create_engine(
        f"sqlite:///file:{path.absolute()}?mode={mode}&uri=true",
        poolclass=sqlalchemy.NullPool,
        connect_args={"check_same_thread": False, "timeout": 1},
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _: Any) -> None:
        pragmas = ("journal_mode = TRUNCATE", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -65536")
        own = (f"application_id = {MARK}", f"user_version = {FORMAT}")
        for pragma in (*pragmas, *own) if writing else ("query_only = ON",):
            raw.execute(f"PRAGMA {pragma}")

    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


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
