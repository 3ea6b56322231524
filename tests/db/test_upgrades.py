"""What a database of an earlier version becomes."""

import asyncio
import contextlib
import io
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager

from db import bulk, piccolo_app, postgres, schema
from db.engine import DB, Unavailable
from db.sql import SQL
from domain.core.event_names import OLD_NAMES
from domain.core.events import KINDS
from tests.helpers.databases import Store
from tests.helpers.waiting import until_blocked

# Those that were leased when the lanes came.
LEASED = {"PostDeleted", "CardDue", "AccountLeft", "ResetDue", "ConfirmDue", "DigestDue"}


async def migrate_to(migration: str) -> None:
    schema.bind()
    with contextlib.redirect_stdout(io.StringIO()):
        manager = ForwardsMigrationManager(piccolo_app.APP_CONFIG.app_name, migration_id=migration)
        await manager.create_migration_table()
        await manager.run_migrations(piccolo_app.APP_CONFIG)


@pytest.fixture
async def empty(store: Store) -> AsyncIterator[str]:
    """Gives its address."""
    url = await store.copy("empty")
    await DB.open(url)
    yield url
    await DB.close()


async def test_events_find_their_lanes(empty: str) -> None:
    await migrate_to("0006-events-that-gave-up")
    add = SQL("INSERT INTO outbox (id, kind, payload, due_at, attempts) VALUES (?1, ?2, '{}', 5, 3)")
    kinds = [*KINDS, *OLD_NAMES, "FromTheFuture"]
    for number, kind in enumerate(kinds, 1):
        await DB.fetch(add, number, kind)
    assert await schema.migrate()
    rows = await DB.fetch(SQL("SELECT kind, lane, due_at, attempts, lease_token FROM outbox"))
    assert {row[0]: row[1] for row in rows} == {
        kind: int(kind in LEASED) for kind in [*KINDS, *OLD_NAMES, "FromTheFuture"]
    }
    assert {tuple(row[2:]) for row in rows} == {(5, 3, None)}


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_events_are_recorded_while_notices_are_indexed(empty: str) -> None:
    await migrate_to("0006-events-that-gave-up")
    noticing, recording = [await asyncpg.connect(**postgres.config(empty)) for _ in range(2)]
    writing = noticing.transaction()
    await writing.start()
    await noticing.execute("LOCK TABLE notice IN ROW EXCLUSIVE MODE")
    migrating = asyncio.create_task(schema.migrate())
    await until_blocked(migrating)
    try:
        await recording.execute("SET lock_timeout = '1s'")
        for table in ("notice", "account", "outbox"):
            await recording.execute(f"DELETE FROM {table}")
    finally:
        await writing.rollback()
        await migrating
        for connection in (noticing, recording):
            await connection.close()
    assert await DB.value(SQL("", "SELECT count(*) FROM pg_index WHERE NOT indisvalid")) == 0


async def test_an_index_that_was_not_finished_is_built_anew(empty: str) -> None:
    await migrate_to("0006-events-that-gave-up")
    await DB.fetch(SQL("CREATE INDEX notice_listed ON notice (id)"))
    await schema.migrate()
    found = await DB.value(SQL(
        "SELECT sql FROM sqlite_master WHERE name = 'notice_listed'",
        "SELECT indexdef FROM pg_indexes WHERE indexname = 'notice_listed'",
    ))  # fmt: skip
    assert "state" in found


async def test_one_that_was_killed_goes_on(empty: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that consists of several transactions, when they are done and nothing says so yet."""
    await schema.migrate()
    wanted = await _columns_and_indexes()
    await DB.close()
    await DB.open(await store.copy("empty"))
    parts = [
        file.stem for file in schema.FOLDER.glob("m*.py") if "wrap_in_transaction=False" in file.read_text("utf-8")
    ]
    done: list[str] = []
    for name in parts:
        # As Piccolo knows it, which has run it above.
        monkeypatch.setattr(sys.modules[name], "create", _twice(name, sys.modules[name].create, done))
    await schema.migrate()
    assert sorted(done) == sorted(parts)
    assert parts
    assert await _columns_and_indexes() == wanted


def _twice(name: str, create: Callable[[], Awaitable[None]], done: list[str]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        await create()
        await create()
        done.append(name)

    return run


async def _columns_and_indexes() -> set[tuple[str, ...]]:
    tables = SQL(
        "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'",
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'",
    )
    indexes = SQL(
        "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    )
    return {tuple(row) for row in [*await DB.fetch(tables), *await DB.fetch(indexes)]}


async def test_a_database_that_is_being_loaded_is_not_migrated(empty: str) -> None:
    """Its indexes are put away, and would come back as they were."""
    await migrate_to("0008-accounts")
    async with bulk.filling() as target:
        await target.begin("an archive")
    with pytest.raises(Unavailable, match="has not ended"):
        await schema.migrate()
    assert (await schema.done())[-1] == "0008-accounts"
    await bulk.complete()
