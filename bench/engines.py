"""The engines' own bulk paths, which the archive is compared with: COPY, VACUUM INTO, INSERT SELECT."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import asyncpg

from archive import records
from archive.records import TABLES
from db import bulk, postgres, schema
from db.engine import DB


class Raw(NamedTuple):
    """Seconds: rows out, rows in, and indexes and foreign keys made afterwards."""

    out: float
    copy: float
    keys: float


def file_of(folder: Path, table: str) -> Path:
    """Where a table's copy lies; SQLite's is one for all."""
    return folder / f"{table}.copy"


async def migrate() -> None:
    await schema.migrate()


async def out(url: str, folder: Path) -> float:
    """Copies every table of the database at ``url`` into files in ``folder``. Returns the seconds it took."""
    started = time.perf_counter()
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.execute("VACUUM INTO ?", (str(file_of(folder, "network")),))
        return time.perf_counter() - started
    connection = await asyncpg.connect(**postgres.config(url))
    for table in TABLES:
        await connection.copy_from_table(
            table, columns=records.shape(table).columns, output=file_of(folder, table), format="binary"
        )
    seconds = time.perf_counter() - started
    await connection.close()
    return seconds


async def back(url: str, folder: Path) -> tuple[float, float]:
    """Copies those files into the empty database at ``url``. Returns seconds for the rows, and for all the rest."""
    await DB.open(url)
    await schema.migrate()
    try:
        async with bulk.filling() as target:
            await target.begin("bench")
            started = time.perf_counter()
            await (_sqlite if DB.dialect == "sqlite" else _postgres)(url, folder)
            copied = time.perf_counter()
            await target.finish([records.shape(table) for table in TABLES], lambda gone: {})
            return copied - started, time.perf_counter() - copied
    finally:
        await DB.close()
        for table in TABLES:
            file_of(folder, table).unlink(missing_ok=True)


async def _sqlite(url: str, folder: Path) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("ATTACH ? AS other", (str(file_of(folder, "network")),))
        connection.execute("BEGIN")
        for table in TABLES:
            columns = records.shape(table).listed
            connection.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM other.{table}")
        connection.execute("COMMIT")


async def _postgres(url: str, folder: Path) -> None:
    connection = await asyncpg.connect(**postgres.config(url))
    await connection.execute("SET synchronous_commit = off")
    for table in TABLES:
        await connection.copy_to_table(
            table, columns=records.shape(table).columns, source=file_of(folder, table), format="binary"
        )
    await connection.close()
