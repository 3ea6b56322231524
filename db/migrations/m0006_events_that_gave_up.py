"""Events that gave up wait for the last moment that an archive knows, where it was one beyond."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0006-events-that-gave-up"
VERSION = "1.38.0"
DESCRIPTION = "events that gave up are due within an archive's time"

SCHEMA = "UPDATE outbox SET due_at = 253402300800000 WHERE due_at > 253402300800000;"


async def mend() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION)
    manager.add_raw(mend)
    return manager
