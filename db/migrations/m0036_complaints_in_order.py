"""Complaints from upstream in the order of the moderators' work, and found by what they are about."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0036-complaints-in-order"
VERSION = "1.38.0"
DESCRIPTION = "indexes of complaints by urgency and by subject"

# An order of an authority comes first: Sender.AUTHORITY is 2. Outside of a transaction, since servers go on meanwhile.
# One that was interrupted leaves an index that can't be used, so that it is begun anew.
SCHEMA = """
DROP INDEX {concurrently} IF EXISTS complaint_order;
CREATE INDEX {concurrently} complaint_order ON complaint ((sender <> 2), due_at, id) WHERE state = 1;
DROP INDEX {concurrently} IF EXISTS complaint_queue;
DROP INDEX {concurrently} IF EXISTS complaint_address_subject;
CREATE INDEX {concurrently} complaint_address_subject ON complaint_address (subject_kind, subject)
    WHERE subject IS NOT NULL;
"""


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
