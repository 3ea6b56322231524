"""Whole tables in and out, past the ORM: one snapshot of all that is there, and filling a database that is empty.

The engines' own ways are in db/bulk_sqlite.py and db/bulk_postgres.py; both answer the calls of db/table_specs.py.
"""

from contextlib import AbstractAsyncContextManager
from typing import cast

from db import bulk_postgres, bulk_sqlite
from db.engine import DB
from db.postgres import PooledPostgres
from db.sql import SQL
from db.sqlite import HeldSQLite
from db.table_specs import WORKING, Filling, Snapshot

UNFINISHED = SQL(
    f"SELECT 1 FROM sqlite_master WHERE name = '{WORKING}'",
    f"SELECT 1 WHERE to_regclass('{WORKING}') IS NOT NULL",
)
COMPLETE = SQL(f"DROP TABLE IF EXISTS {WORKING}")


def snapshot() -> AbstractAsyncContextManager[Snapshot]:
    """The open database at one moment."""
    if DB.dialect == "sqlite":
        return bulk_sqlite.snapshot(cast("HeldSQLite", DB.engine))
    return bulk_postgres.snapshot(cast("PooledPostgres", DB.engine))


def filling() -> AbstractAsyncContextManager[Filling]:
    """The open database, to be filled by nobody else meanwhile."""
    if DB.dialect == "sqlite":
        return bulk_sqlite.filling(cast("HeldSQLite", DB.engine))
    return bulk_postgres.filling(cast("PooledPostgres", DB.engine))


async def unfinished() -> bool:
    """Whether somebody began to fill the database and has not said that everything is there."""
    return await DB.one(UNFINISHED) is not None


async def complete() -> None:
    """Says that everything is there: the database may be used."""
    await DB.fetch(COMPLETE)
