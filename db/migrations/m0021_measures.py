"""What moderation has done to a post besides removing it: labels, covers, pictures taken out."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0021-measures"
VERSION = "1.38.0"
DESCRIPTION = "labels, covers and removed media of posts"

# Each in a transaction of its own, so that none locks two tables that servers write to.
STEPS = (
    "ALTER TABLE statement ADD COLUMN label smallint",
    "ALTER TABLE statement ADD COLUMN media bigint",
    "ALTER TABLE post ADD COLUMN measures bigint NOT NULL DEFAULT 0",
    "ALTER TABLE media ADD COLUMN removed smallint NOT NULL DEFAULT 0",
)


async def create() -> None:
    for step in STEPS:
        await run_alone(step)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
