"""Finds those with a role among very many accounts."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0014-staff"
VERSION = "1.38.0"
DESCRIPTION = "an index of accounts with a role"

# Outside of a transaction, since servers go on meanwhile. One that was interrupted leaves an index that can't be used.
SCHEMA = """
DROP INDEX {concurrently} IF EXISTS account_staff;
CREATE INDEX {concurrently} account_staff ON account (role) WHERE role <> 'member';
"""


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
