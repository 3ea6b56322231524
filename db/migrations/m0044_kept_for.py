"""For which report or complaint evidence is kept."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0044-kept-for"
VERSION = "1.38.0"
DESCRIPTION = "evidence that was kept for a report"

# Of what was kept before nobody knows.
KEPT_FOR = "ALTER TABLE evidence ADD COLUMN kept_for bigint;"


async def create() -> None:
    await run_alone(KEPT_FOR)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
