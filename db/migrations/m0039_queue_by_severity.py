"""The index of the moderators' queue, with severity before weight."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0039-queue-by-severity"
VERSION = "1.38.0"
DESCRIPTION = "queue of cases by clock, severity and weight"

# Outside of a transaction, since servers go on meanwhile. Those of the version before use the old index until the new
# one is there. One that was interrupted leaves an index that can't be used, so that it is begun anew.
SCHEMA = """
DROP INDEX {concurrently} IF EXISTS mod_case_order;
CREATE INDEX {concurrently} mod_case_order
    ON mod_case ((severity < 4), (due_at / 3600000), (-severity), (-weight), due_at, id) WHERE state = 1;
DROP INDEX {concurrently} IF EXISTS mod_case_queue;
"""


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
