"""Finds those under a sanction among very many accounts."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0018-sanctioned"
VERSION = "1.38.0"
DESCRIPTION = "an index of accounts under a sanction"

# Outside of a transaction, since servers go on meanwhile. One that was interrupted leaves an index that can't be used.
SCHEMA = """
DROP INDEX {concurrently} IF EXISTS account_sanctioned;
CREATE INDEX {concurrently} account_sanctioned ON account (id) WHERE frozen_until > 0 OR suspended_until > 0;
"""


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
