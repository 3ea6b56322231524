"""Whether a moderator keeps the pictures of cases grey."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0041-grey-pictures"
VERSION = "1.38.0"
DESCRIPTION = "moderators who keep pictures grey"

GREY = "ALTER TABLE moderator_care ADD COLUMN keeps_grey smallint NOT NULL DEFAULT 0"


async def create() -> None:
    await run_alone(GREY)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
