"""What a database of an earlier version becomes."""

import contextlib
import io
from collections.abc import AsyncIterator

import pytest
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager

from db import piccolo_app, schema
from db.engine import DB
from db.sql import SQL
from domain.core.events import KINDS
from tests.conftest import Store

# Those that were leased when the lanes came.
LEASED = {"PostDeleted", "CardDue", "AccountLeft", "ResetDue", "ConfirmDue", "DigestDue"}


async def migrate_to(migration: str) -> None:
    schema.bind()
    with contextlib.redirect_stdout(io.StringIO()):
        manager = ForwardsMigrationManager(piccolo_app.APP_CONFIG.app_name, migration_id=migration)
        await manager.create_migration_table()
        await manager.run_migrations(piccolo_app.APP_CONFIG)


@pytest.fixture
async def empty(store: Store) -> AsyncIterator[None]:
    await DB.open(await store.copy("empty"))
    yield
    await DB.close()


async def test_events_find_their_lanes(empty: None) -> None:
    await migrate_to("0006-events-that-gave-up")
    add = SQL("INSERT INTO outbox (id, kind, payload, due_at, attempts) VALUES (?1, ?2, '{}', 5, 3)")
    for number, kind in enumerate([*KINDS, "FromTheFuture"], 1):
        await DB.fetch(add, number, kind)
    assert await schema.migrate()
    rows = await DB.fetch(SQL("SELECT kind, lane, due_at, attempts, lease_token FROM outbox"))
    assert {row[0]: row[1] for row in rows} == {kind: int(kind in LEASED) for kind in [*KINDS, "FromTheFuture"]}
    assert {tuple(row[2:]) for row in rows} == {(5, 3, None)}
