"""Links under which members show their standing."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0023-standing-links"
VERSION = "1.38.0"
DESCRIPTION = "links to one's standing"

SCHEMA = """
CREATE TABLE IF NOT EXISTS standing_link (
    account {id} REFERENCES account ON DELETE CASCADE, token_hash text NOT NULL UNIQUE, made_at bigint NOT NULL,
    expires_at bigint NOT NULL);
CREATE INDEX IF NOT EXISTS standing_link_expires ON standing_link (expires_at);
"""


async def create() -> None:
    await run_alone(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
