"""Whole tables in and out of SQLite, on connections of their own, in threads."""

import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from typing import Any

from db.blocking import run_blocking
from db.engine import Unavailable
from db.sqlite import BUSY_SECONDS, HeldSQLite
from db.table_specs import WORKING, Dangling, Ends, Rejected, Rows, TableSpec, listed

BATCH = 2000
NOTE = f"INSERT INTO {WORKING} (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


def _connect(engine: HeldSQLite) -> sqlite3.Connection:
    return sqlite3.connect(engine.path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)


@asynccontextmanager
async def snapshot(engine: HeldSQLite) -> AsyncIterator["SQLiteSnapshot"]:
    """A reading transaction: in WAL mode it sees the file as it is now, and holds nobody up."""
    with closing(_connect(engine)) as connection:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        # The moment is that of the first read.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        yield SQLiteSnapshot(connection)


class SQLiteSnapshot:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def total(self, table: str) -> int:
        found = await run_blocking(self._connection.execute, f"SELECT count(*) FROM {table}")
        return int(found.fetchone()[0])

    async def batches(self, shape: TableSpec) -> AsyncIterator[Rows]:
        query = f"SELECT {shape.listed} FROM {shape.name} ORDER BY {listed(shape.key)}"
        with closing(await run_blocking(self._connection.execute, query)) as cursor:
            while rows := await run_blocking(cursor.fetchmany, BATCH):
                yield rows


@asynccontextmanager
async def filling(engine: HeldSQLite) -> AsyncIterator["SQLiteFilling"]:
    with closing(_connect(engine)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        # A power cut may cost the load, which can be begun anew; a killed process costs nothing.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -65536")
        yield SQLiteFilling(connection)


class SQLiteFilling:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def owner(self) -> str | None:
        there = self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (WORKING,)).fetchone()
        return (await self.notes()).get("owner") if there else None

    async def filled(self, tables: Iterable[str]) -> list[str]:
        return [t for t in tables if self._connection.execute(f"SELECT 1 FROM {t} LIMIT 1").fetchone()]

    async def begin(self, owner: str) -> None:
        away = self._connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND sql NOT LIKE '%UNIQUE%'"
        ).fetchall()
        with self._transaction():
            self._connection.execute(f"CREATE TABLE {WORKING} (name text PRIMARY KEY, value text NOT NULL)")
            self._connection.execute(NOTE, ("owner", owner))
            for name, statement in away:
                self._connection.execute(NOTE, (f"index {name}", statement))
                self._connection.execute(f"DROP INDEX {name}")

    async def put(self, shape: TableSpec, rows: Rows, notes: Mapping[str, str]) -> None:
        await run_blocking(self._put, shape, rows, notes)

    def _put(self, shape: TableSpec, rows: Rows, notes: Mapping[str, str]) -> None:
        places = ", ".join("?" * len(shape.columns))
        try:
            with self._transaction():
                self._connection.executemany(f"INSERT INTO {shape.name} ({shape.listed}) VALUES ({places})", rows)
                self._connection.executemany(NOTE, notes.items())
        except sqlite3.IntegrityError as error:
            raise Rejected(str(error)) from None
        except sqlite3.OperationalError as error:
            raise Unavailable(f"The database can't be written: {error}") from None

    async def notes(self) -> dict[str, str]:
        return dict(self._connection.execute(f"SELECT name, value FROM {WORKING}").fetchall())

    async def finish(self, shapes: Sequence[TableSpec], ends: Ends) -> None:
        await run_blocking(self._finish, shapes, ends)

    def _finish(self, shapes: Sequence[TableSpec], ends: Ends) -> None:
        indexes = self._connection.execute(f"SELECT value FROM {WORKING} WHERE name LIKE 'index %'").fetchall()
        with self._transaction():
            gone = [one for shape in shapes for one in self._take_out(shape)]
            for (statement,) in indexes:
                self._connection.execute(statement)
            self._connection.execute(f"DELETE FROM {WORKING} WHERE name LIKE 'index %'")
            self._connection.executemany(NOTE, ends(gone).items())
        # From here on it is safe from a power cut too.
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _take_out(self, shape: TableSpec) -> list[Dangling]:
        gone: list[Dangling] = []
        for parent, columns in self._references(shape.name):
            given = " AND ".join(f"{column} IS NOT NULL" for column in columns)
            same = " AND ".join(f"p.{pointed} = {shape.name}.{column}" for column, pointed in columns.items())
            found = self._connection.execute(
                f"DELETE FROM {shape.name} WHERE {given} AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {same})"
                f" RETURNING {listed(shape.key)}"
            ).fetchall()
            gone += [Dangling(shape.name, row, ", ".join(columns), parent) for row in found]
        return gone

    def _references(self, table: str) -> list[tuple[str, dict[str, str]]]:
        """The foreign keys of a table: where each points, and its columns with those that they point at."""
        found: dict[int, tuple[str, dict[str, str]]] = {}
        for number, place, parent, column, pointed, *_ in self._connection.execute(f"PRAGMA foreign_key_list({table})"):
            columns = found.setdefault(number, (parent, {}))[1]
            columns[column] = pointed or self._key(parent)[place]
        return list(found.values())

    def _key(self, table: str) -> list[str]:
        columns = self._connection.execute(f"PRAGMA table_info({table})").fetchall()
        return [str(column[1]) for column in sorted(columns, key=lambda one: int(one[5])) if column[5]]

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._connection)


class _Transaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._connection.execute("COMMIT" if error is None else "ROLLBACK")
