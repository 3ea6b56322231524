"""Where tests get their databases from: fresh copies of a template, on SQLite and on PostgreSQL."""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol, TypeAlias

import asyncpg

from db import postgres, schema
from db.engine import DB
from db.sql import SQL
from domain.accounts import network_profile
from domain.moderation import founding
from ops.demo import cast
from ops.rigs.postgres_cluster import Cluster

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
KINDS = ("empty", "migrated", "founded")


class Store(Protocol):
    """Where databases come from; ``kind`` is one of KINDS."""

    async def copy(self, kind: str) -> str:
        """The address of a fresh database."""
        ...

    async def tidy(self) -> None:
        """Forgets all copies."""
        ...


class Files:
    """SQLite."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        for kind in KINDS:
            asyncio.run(_make(f"sqlite:///{folder / kind}.sqlite", kind))

    async def copy(self, kind: str) -> str:
        file = self._folder / f"copy{next(self._numbers)}.sqlite"
        shutil.copy(self._folder / f"{kind}.sqlite", file)
        return f"sqlite:///{file}"

    async def tidy(self) -> None:
        for found in self._folder.glob("copy*"):
            if found.is_dir():  # the sockets of processes that share the file
                shutil.rmtree(found)
            else:
                found.unlink()


class Databases:
    """PostgreSQL. The founded database is put back after each test, which is a hundred times quicker than a copy."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._numbers = itertools.count()
        self._used: list[str] = []
        for kind in KINDS:
            asyncio.run(_make(cluster.create(kind), kind))
        self._lent = ""
        self._tables: set[str] = set()
        # Of the tables that have any, as JSON.
        self._rows: dict[str, str] = {}

    async def copy(self, kind: str) -> str:
        if kind == "founded" and self._lent:
            return self._cluster.url(self._lent)
        name = f"copy{next(self._numbers)}"
        async with self._connected("postgres") as connection:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {kind} STRATEGY FILE_COPY")
        if kind == "founded":
            self._lent = name
            async with self._connected(name) as connection:
                await self._remember(connection)
        else:
            self._used.append(name)
        return self._cluster.url(name)

    async def tidy(self) -> None:
        if self._lent:
            # Until all of it is as it was, nobody else gets it.
            name, self._lent = self._lent, ""
            self._used.append(name)
            async with self._connected(name) as connection:
                if await self._put_back(connection):
                    self._lent = self._used.pop()
        if self._used:
            async with self._connected("postgres") as connection:
                while self._used:
                    await connection.execute(f"DROP DATABASE {self._used.pop()} WITH (FORCE)")

    async def _remember(self, connection: Connection) -> None:
        sizes = await self._sizes(connection)
        self._tables, self._rows = set(sizes), {}
        for table in filter(sizes.get, sizes):
            rows = await connection.fetchval(f"SELECT json_agg(t) FROM {table} t")
            if rows:
                self._rows[table] = rows

    async def _put_back(self, connection: Connection) -> bool:
        """Gives every table its first rows again; False when the tables are not the first ones."""
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        sizes = await self._sizes(connection)
        if set(sizes) != self._tables:
            return False
        written = [table for table, size in sizes.items() if size]
        # Whatever points at whatever: all of it goes, and all of what was there comes back.
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(";".join(f"DELETE FROM {table}" for table in written))
        # Nothing else takes dead rows away: the tests that follow would read past those of all that went before.
        await connection.execute(f"VACUUM {', '.join(written)}")
        for table, rows in self._rows.items():
            put = f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $1::json)"
            await connection.execute(put, rows)
        # With its triggers, where a copy has followed it.
        for (name,) in await connection.fetch("SELECT proname FROM pg_proc WHERE proname LIKE 'copied\\_%'"):
            await connection.execute(f"DROP FUNCTION {name} CASCADE")
        return True

    async def _sizes(self, connection: Connection) -> dict[str, int]:
        """The tables and how many bytes each has; one that nobody has written to has none."""
        return dict(
            await connection.fetch(
                "SELECT relname, pg_relation_size(oid) FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
        )

    @asynccontextmanager
    async def _connected(self, name: str) -> AsyncIterator[Connection]:
        connection = await asyncpg.connect(**postgres.config(self._cluster.url(name)))
        try:
            yield connection
        finally:
            await connection.close()


async def _make(url: str, kind: str) -> None:
    await DB.open(url)
    if kind != "empty":
        await schema.migrate()
    if kind == "founded":
        network_profile.forget()
        await founding.found(cast.ABOUT, cast.person(cast.ROLES[0]), cast.TERMS)
        # Not worked on: it would sign the public log, with keys that all copies would have in common.
        await DB.fetch(SQL("DELETE FROM outbox"))
    await DB.close()
