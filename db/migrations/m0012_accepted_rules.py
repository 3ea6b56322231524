"""Which version of the rules a member has accepted."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0012-accepted-rules"
VERSION = "1.38.0"
DESCRIPTION = "the rules that a member has accepted"

# 0: none yet, because there were none.
SCHEMA = "ALTER TABLE account ADD COLUMN rules_version integer NOT NULL DEFAULT 0"


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
