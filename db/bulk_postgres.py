"""Whole tables in and out of PostgreSQL: a cursor under one snapshot, and COPY."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from db.engine import Unavailable
from db.postgres import PooledPostgres, pool_of
from db.table_specs import WORKING, Dangling, Ends, Rejected, Rows, TableSpec, listed

# Small enough that the server makes one batch, in the socket's buffer, while the one before is worked on; and that
# nobody who shares the process waits long (a thousand posts take 4 ms).
BATCH = 1000
# From here on the planner's word is enough for how many rows a table has.
MANY = 100_000
NOTE = f"INSERT INTO {WORKING} (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
INDEXES = """
    SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS made FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE t.relnamespace = current_schema()::regnamespace AND NOT i.indisunique AND t.relkind = 'r'
"""
REFERENCES = """
    SELECT k.conname AS name, t.relname AS child, string_agg(a.attname, ',' ORDER BY u.place) AS columns,
        p.relname AS parent, string_agg(b.attname, ',' ORDER BY u.place) AS pointed,
        pg_get_constraintdef(k.oid) AS made
    FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
    CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY u (own, other, place)
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.own
    JOIN pg_attribute b ON b.attrelid = p.oid AND b.attnum = u.other
    WHERE k.contype = 'f' AND t.relnamespace = current_schema()::regnamespace
    GROUP BY k.oid, k.conname, t.relname, p.relname
"""


@asynccontextmanager
async def snapshot(engine: PooledPostgres) -> AsyncIterator["PostgresSnapshot"]:
    """A REPEATABLE READ transaction: everything as it was at its first statement, and nobody waits for it."""
    async with (
        pool_of(engine).acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        # Every row is wanted, not the first ones soon: sorting may be quicker than walking an index.
        await connection.execute("SET LOCAL cursor_tuple_fraction = 1")
        await connection.execute("SET LOCAL work_mem = '64MB'")
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        await connection.fetchval("SELECT 1 FROM pg_class LIMIT 1")
        yield PostgresSnapshot(connection)


class PostgresSnapshot:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def total(self, table: str) -> int:
        about = await self._connection.fetchval("SELECT reltuples FROM pg_class WHERE oid = to_regclass($1)", table)
        if about > MANY:
            return int(about)
        return int(await self._connection.fetchval(f"SELECT count(*) FROM {table}"))

    async def batches(self, shape: TableSpec) -> AsyncIterator[Rows]:
        order = ", ".join(f'"{column}"' + (' COLLATE "C"' if column in shape.words else "") for column in shape.key)
        cursor = await self._connection.cursor(f"SELECT {shape.listed} FROM {shape.name} ORDER BY {order}")
        coming = asyncio.ensure_future(cursor.fetch(BATCH))
        try:
            while rows := await coming:
                coming = asyncio.ensure_future(cursor.fetch(BATCH))
                # It begins now, not when whoever takes the rows next waits for something.
                await asyncio.sleep(0)
                yield list(map(tuple, rows))
        finally:
            with contextlib.suppress(asyncio.CancelledError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await coming


@asynccontextmanager
async def filling(engine: PooledPostgres) -> AsyncIterator["PostgresFilling"]:
    async with pool_of(engine).acquire() as connection:
        yield PostgresFilling(connection)


class PostgresFilling:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def owner(self) -> str | None:
        there = await self._connection.fetchval("SELECT to_regclass($1) IS NOT NULL", WORKING)
        return (await self.notes()).get("owner") if there else None

    async def filled(self, tables: Iterable[str]) -> list[str]:
        return [t for t in tables if await self._connection.fetchval(f"SELECT 1 FROM {t} LIMIT 1")]

    async def begin(self, owner: str) -> None:
        async with self._connection.transaction():
            await self._connection.execute("SET LOCAL lock_timeout = '5s'")
            indexes, references = await self._connection.fetch(INDEXES), await self._connection.fetch(REFERENCES)
            await self._connection.execute(f"CREATE TABLE {WORKING} (name text PRIMARY KEY, value text NOT NULL)")
            notes = [("owner", owner)] + [(f"index {one['name']}", one["made"]) for one in indexes]
            for one in references:
                notes.append((f"reference {one['child']} {one['name']}", "\t".join(one)))
                await self._connection.execute(f"ALTER TABLE {one['child']} DROP CONSTRAINT {one['name']}")
            for one in indexes:
                await self._connection.execute(f"DROP INDEX {one['name']}")
            await self._connection.executemany(NOTE, notes)

    async def put(self, shape: TableSpec, rows: Rows, notes: Mapping[str, str]) -> None:
        try:
            async with self._connection.transaction():
                # A later commit that waits for the disk makes this one safe too.
                await self._connection.execute("SET LOCAL synchronous_commit = off")
                if rows:
                    await self._connection.copy_records_to_table(shape.name, records=rows, columns=shape.columns)
                await self._connection.executemany(NOTE, list(notes.items()))
        except asyncpg.IntegrityConstraintViolationError as error:
            raise Rejected(f"{error.constraint_name or 'a rule of the table'} allows no such row") from None
        except asyncpg.DataError as error:
            raise Rejected(f"The database does not take it ({type(error).__name__})") from None
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise Unavailable(f"The database can't be written: {error}") from None

    async def notes(self) -> dict[str, str]:
        return {row[0]: row[1] for row in await self._connection.fetch(f"SELECT name, value FROM {WORKING}")}

    async def finish(self, shapes: Sequence[TableSpec], ends: Ends) -> None:
        notes = await self.notes()
        gone: list[Dangling] = []
        async with self._connection.transaction():
            await self._connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
            for name, made in notes.items():
                if name.startswith("index "):
                    await self._connection.execute(made)
            for shape in shapes:
                # What points at this table is looked at later, so that what goes here is missed there.
                for name, made in notes.items():
                    if name.startswith(f"reference {shape.name} "):
                        gone += await self._refer(shape, made.split("\t"))
            await self._refer_others(notes, {shape.name for shape in shapes})
            away = "name LIKE 'index %' OR name LIKE 'reference %'"
            await self._connection.execute(f"DELETE FROM {WORKING} WHERE {away}")
            await self._connection.executemany(NOTE, list(ends(gone).items()))
        await self._connection.execute("ANALYZE")

    async def _refer_others(self, notes: Mapping[str, str], filled: set[str]) -> None:
        """Puts back the foreign keys of tables that nothing was put into."""
        for key, reference in notes.items():
            if key.startswith("reference ") and key.split(" ")[1] not in filled:
                name, child, _, _, _, made = reference.split("\t")
                await self._connection.execute(f"ALTER TABLE {child} ADD CONSTRAINT {name} {made}")

    async def _refer(self, shape: TableSpec, reference: list[str]) -> list[Dangling]:
        """Puts a foreign key back; if rows stand in its way, they go."""
        name, child, columns, parent, pointed, made = reference
        add = f"ALTER TABLE {child} ADD CONSTRAINT {name} {made}"
        try:
            async with self._connection.transaction():
                await self._connection.execute(add)
                return []
        except asyncpg.ForeignKeyViolationError:
            pairs = list(zip(columns.split(","), pointed.split(","), strict=True))
            given = " AND ".join(f"c.{column} IS NOT NULL" for column, _ in pairs)
            same = " AND ".join(f"p.{other} = c.{column}" for column, other in pairs)
            found = await self._connection.fetch(
                f"DELETE FROM {child} c WHERE {given} AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {same})"
                f" RETURNING {listed(shape.key)}"
            )
            await self._connection.execute(add)
            return [Dangling(child, tuple(row), columns.replace(",", ", "), parent) for row in found]
