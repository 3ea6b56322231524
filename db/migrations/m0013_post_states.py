"""What moderation has made of a post."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0013-post-states"
VERSION = "1.38.0"
DESCRIPTION = "states of posts"

SCHEMA = "ALTER TABLE post ADD COLUMN state smallint NOT NULL DEFAULT 0"


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
