"""The schema: the same on both engines, what the code believes it is, and never newer than the code."""

import importlib
import pkgutil
import re
from collections.abc import AsyncIterator

import pytest

from db import migrations, schema
from db.engine import DB, Unavailable
from db.sql import SQL
from db.tables import registry
from tests.helpers.databases import Store

KINDS = {
    "integer": "int",
    "bigint": "int",
    "smallint": "int",
    "text": "text",
    "varchar": "text",
    "blob": "bytes",
    "bytea": "bytes",
}
COLUMNS = SQL(
    """SELECT m.name, c.name, c.type, c."notnull" OR c.pk > 0 FROM sqlite_master m, pragma_table_info(m.name) c
       WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'migration'""",
    """SELECT table_name, column_name, data_type, is_nullable = 'NO' FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name <> 'migration'""",
)
INDEXES = SQL(
    "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    """SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)""",
)


@pytest.fixture
async def empty(store: Store) -> AsyncIterator[None]:
    await DB.open(await store.copy("empty"))
    yield
    await DB.close()


async def test_migrating_from_nothing_gives_what_the_tables_say(empty: None) -> None:
    with pytest.raises(Unavailable, match="parvis migrate"):
        await schema.check()
    assert await schema.migrate() == list(schema.known())
    await schema.check()
    assert await schema.migrate() == []
    found: dict[str, dict[str, tuple[str, bool]]] = {}
    for table, column, kind, needed in await DB.fetch(COLUMNS):
        found.setdefault(table, {})[column] = (KINDS[kind.lower()], bool(needed))
    believed = {
        table._meta.tablename: {
            column._meta.name: (
                KINDS[column.column_type.lower()],
                column._meta.primary_key or not column._meta.null,
            )
            for column in table._meta.columns
        }
        for table in registry.TABLES
    }
    assert found == believed


async def test_both_engines_have_the_same_indexes(empty: None) -> None:
    await schema.migrate()
    names = sorted(row[0] for row in await DB.fetch(INDEXES) if not row[0].startswith("migration"))
    assert names == declared()


INDEX = re.compile(
    r"^(CREATE|DROP) (?:UNIQUE )?INDEX (?:\{concurrently\} )?(?:IF (?:NOT )?EXISTS )?(\w+)", re.MULTILINE
)


def declared() -> list[str]:
    modules = (
        importlib.import_module(f"db.migrations.{one.name}") for one in pkgutil.iter_modules(migrations.__path__)
    )
    schemas = "".join(value for module in modules for value in vars(module).values() if isinstance(value, str))
    names: set[str] = set()
    for created, name in INDEX.findall(schemas):
        (names.add if created == "CREATE" else names.discard)(name)
    return sorted(names)


async def test_a_newer_database_is_refused_in_words(empty: None) -> None:
    await schema.migrate()
    await DB.fetch(SQL("INSERT INTO migration (name, app_name) VALUES ('9999-later', 'parvis')"))
    for ask in (schema.check, schema.migrate):
        with pytest.raises(Unavailable, match=r"newer than this version of Parvis.*9999-later"):
            await ask()


async def test_a_file_from_before_is_found_again(store: Store) -> None:
    url = await store.copy("founded")
    for _ in range(2):
        await DB.open(url)
        await schema.check()
        assert await DB.value(SQL("SELECT name FROM network")) == "Tilly"
        await DB.close()


async def test_durability_is_on(store: Store) -> None:
    await DB.open(await store.copy("founded"))
    try:
        if DB.dialect == "postgres":
            return
        writer = DB.engine.writer  # type: ignore[attr-defined]
        ask = {
            name: writer.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("synchronous", "journal_mode", "foreign_keys")
        }
        assert ask == {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1}
    finally:
        await DB.close()
