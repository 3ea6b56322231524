"""Backups and the copy that follows every change; what this host alone knows, and is in no backup."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0004-copies"
VERSION = "1.38.0"
DESCRIPTION = "changes to copy, backups, rehearsals, leases, handing over"

SCHEMA = """
CREATE TABLE change (id {serial}, tab text NOT NULL, key text NOT NULL);

CREATE TABLE copying (
    id integer PRIMARY KEY, place text NOT NULL, writer text NOT NULL, number bigint NOT NULL, head text NOT NULL,
    copied_at bigint NOT NULL);

CREATE TABLE backup (
    id {id}, place text NOT NULL, number bigint, took_ms bigint, size bigint, sent bigint,
    problem text NOT NULL DEFAULT '');

CREATE TABLE rehearsal (
    id {id}, backup bigint, recovery_ms bigint, loss_ms bigint, problem text NOT NULL DEFAULT '');

CREATE TABLE lease (name text PRIMARY KEY, holder text NOT NULL, until bigint NOT NULL);

CREATE TABLE handover (id integer PRIMARY KEY, state smallint NOT NULL, address text NOT NULL, since bigint NOT NULL);
"""


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
