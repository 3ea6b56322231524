"""Every statement of db/queries names tables and columns that there are, on both engines."""

import importlib
import pkgutil
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import asyncpg
import pytest

from db import postgres, queries
from db.sql import SQL
from tests.helpers.databases import Store

# Only where several workers write at a time.
POSTGRES_ONLY = {"outbox.TAKE_OF"}


def statements() -> Iterator[tuple[str, SQL]]:
    for module in pkgutil.iter_modules(queries.__path__):
        for name, value in vars(importlib.import_module(f"db.queries.{module.name}")).items():
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, SQL):
                    yield f"{module.name}.{name}", one


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_sqlite_knows_them(store: Store) -> None:
    wrong = []
    with closing(sqlite3.connect((await store.copy("migrated")).removeprefix("sqlite:///"))) as database:
        for name, statement in statements():
            for text in {statement.sqlite, statement.open.sqlite} if name not in POSTGRES_ONLY else set():
                parameters = max(map(int, re.findall(r"\?(\d+)", text)), default=0)
                try:
                    database.execute(f"EXPLAIN {text}", [0] * parameters)
                except sqlite3.OperationalError as error:
                    wrong.append((name, str(error)))
    assert wrong == []


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_postgresql_knows_them(store: Store) -> None:
    wrong = []
    database = await asyncpg.connect(**postgres.config(await store.copy("migrated")))
    try:
        for name, statement in statements():
            for text in {statement.postgres, statement.open.postgres}:
                if "$2" in text and "$1" not in text:
                    # Only its guarded conditions name the viewer: nobody runs it without them.
                    continue
                try:
                    await database.prepare(text)
                except asyncpg.PostgresError as error:
                    wrong.append((name, str(error)))
    finally:
        await database.close()
    assert wrong == []
