"""Until when an account may not post, and until when it is suspended."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0015-sanctions"
VERSION = "1.38.0"
DESCRIPTION = "sanctions of accounts"

SCHEMA = """
ALTER TABLE account ADD COLUMN frozen_until bigint NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN suspended_until bigint NOT NULL DEFAULT 0;
"""


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
