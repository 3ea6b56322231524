"""Moving to another address: signed notices, keys of devices, and codes that have been used."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0005-moving"
VERSION = "1.38.0"
DESCRIPTION = "notices of a move, device keys, arrivals"

SCHEMA = """
CREATE TABLE move_notice (
    number {id}, text text NOT NULL, ed25519 text NOT NULL, p256 text NOT NULL);

CREATE TABLE device_key (
    id {id}, session text NOT NULL UNIQUE REFERENCES session ON DELETE CASCADE, public text NOT NULL,
    made_at bigint NOT NULL);

CREATE TABLE arrival (nonce text PRIMARY KEY, expires_at bigint NOT NULL);
CREATE INDEX arrival_old ON arrival (expires_at);
"""


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
