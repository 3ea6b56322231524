"""Lanes and fencing tokens of the outbox, events that an operator dropped, and indexes for very many notices."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run, run_alone

ID = "0007-lanes"
VERSION = "1.38.0"
DESCRIPTION = "lanes and lease tokens of the outbox, dropped events, indexes of notices"

# Outside of a transaction, since servers go on meanwhile: there may be very many notices. One that was interrupted leaves
# an index that can't be used, so that each is begun anew.
NOTICES = """
DROP INDEX {concurrently} IF EXISTS notice_listed;
CREATE INDEX {concurrently} notice_listed ON notice (account, entry) WHERE aside = 0 AND people > 0;
DROP INDEX {concurrently} IF EXISTS notice_shelf;
CREATE INDEX {concurrently} notice_shelf ON notice (account, kind, entry) WHERE aside = 0 AND people > 0;
DROP INDEX {concurrently} IF EXISTS notice_new;
CREATE INDEX {concurrently} notice_new ON notice (account, entry) WHERE unread = 1 AND aside = 0 AND people > 0;
DROP INDEX {concurrently} IF EXISTS notice_aside_by;
CREATE INDEX {concurrently} notice_aside_by ON notice (account, actor, entry) WHERE aside = 1;
"""
# In a transaction that locks no table after the first: who writes to accounts writes to the outbox too.
DROPPED = """
CREATE TABLE IF NOT EXISTS dropped_event (
    id {id}, kind text NOT NULL, attempts integer NOT NULL, error text, dropped_at bigint NOT NULL,
    dropped_by bigint REFERENCES account ON DELETE SET NULL, reason text NOT NULL);
CREATE INDEX IF NOT EXISTS dropped_event_when ON dropped_event (dropped_at);
CREATE INDEX IF NOT EXISTS dropped_event_by ON dropped_event (dropped_by) WHERE dropped_by IS NOT NULL;
"""
OUTBOX = """
ALTER TABLE outbox ADD COLUMN lane smallint NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN lease_token bigint;
UPDATE outbox SET lane = 1
    WHERE kind IN ('PostDeleted', 'CardDue', 'AccountLeft', 'ResetDue', 'ConfirmDue', 'DigestDue');
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (lane, due_at, id);
CREATE INDEX outbox_failing ON outbox (id) WHERE attempts > 0;
"""


async def create() -> None:
    await run(NOTICES)
    for schema in (DROPPED, OUTBOX):
        await run_alone(schema)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
