"""Inserts many rows past the ORM: executemany on SQLite, COPY on PostgreSQL.

Indexes are put away first and built again at the end, which is several times quicker than keeping them up to date.
"""

import contextlib
import itertools
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import asyncpg

from db import postgres

CHUNK = 20_000
Rows = Iterable[Sequence[Any]]
# What opening raises while another process holds the database.
HELD = (sqlite3.OperationalError, asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)


class Bulk(Protocol):
    """A migrated, empty database being filled. Not safe from a power cut: a half-filled one is to be thrown away."""

    async def value(self, query: str) -> Any:
        """The first column of the first row, or None."""

    async def put(self, table: str, columns: str, rows: Rows) -> None:
        """Adds rows; ``columns`` are names between spaces, in the rows' order."""

    async def finish(self) -> None:
        """Builds the indexes again, and closes."""


async def connect(url: str) -> Bulk:
    """Opens the database at ``url`` and puts its indexes away."""
    if url.startswith("sqlite:"):
        return BulkSQLite(url.removeprefix("sqlite:///"))
    return await BulkPostgres.connect(url)


class BulkSQLite:
    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000", "temp_store = MEMORY"):
            self._connection.execute(f"PRAGMA {pragma}").fetchall()
        self._indexes = self._connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
        for name, _ in self._indexes:
            self._connection.execute(f"DROP INDEX {name}")

    async def value(self, query: str) -> Any:
        row = self._connection.execute(query).fetchone()
        return row[0] if row else None

    async def put(self, table: str, columns: str, rows: Rows) -> None:
        names = columns.split()
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        self._connection.execute("BEGIN")
        self._connection.executemany(statement, rows)
        self._connection.execute("COMMIT")

    async def finish(self) -> None:
        for _, statement in self._indexes:
            self._connection.execute(statement)
        self._connection.execute("PRAGMA journal_mode = WAL").fetchall()
        self._connection.close()


class BulkPostgres:
    def __init__(self, connection: Any, indexes: Sequence[tuple[str, str]]) -> None:
        self._connection = connection
        self._indexes = indexes

    @classmethod
    async def connect(cls, url: str) -> "BulkPostgres":
        connection = await asyncpg.connect(**postgres.config(url))
        found = await connection.fetch("""
            SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND indexname NOT IN (
                SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u', 'x'))
        """)
        # All of them or none, and no endless wait for a transaction that holds one.
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '5s'")
            for name, _ in found:
                await connection.execute(f'DROP INDEX "{name}"')
        await connection.execute("SET synchronous_commit = off")
        await connection.execute("SET maintenance_work_mem = '256MB'")
        # Without this each row's foreign keys are looked up; they are right by construction. Superusers only.
        with contextlib.suppress(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SET session_replication_role = replica")
        return cls(connection, found)

    async def value(self, query: str) -> Any:
        return await self._connection.fetchval(query)

    async def put(self, table: str, columns: str, rows: Rows) -> None:
        source = iter(rows)
        while chunk := list(itertools.islice(source, CHUNK)):
            await self._connection.copy_records_to_table(table, records=chunk, columns=columns.split())

    async def finish(self) -> None:
        for _, statement in self._indexes:
            await self._connection.execute(statement)
        await self._connection.execute("VACUUM ANALYZE")
        await self._connection.close()
