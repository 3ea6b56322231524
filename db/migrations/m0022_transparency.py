"""How far decisions are automated, and the figures of moderation, month by month."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run, run_alone

ID = "0022-transparency"
VERSION = "1.38.0"
DESCRIPTION = "automation of decisions, figures of moderation"

# Until now, every decision was a person's.
STATEMENT = "ALTER TABLE statement ADD COLUMN automation smallint NOT NULL DEFAULT 0"
FIGURES = """
CREATE TABLE IF NOT EXISTS moderation_month (
    month text {bytes} NOT NULL PRIMARY KEY, counted_at bigint NOT NULL, figures text NOT NULL)
"""
# Outside of a transaction, since servers go on meanwhile.
INDEXES = """
DROP INDEX {concurrently} IF EXISTS mod_case_closed;
CREATE INDEX {concurrently} mod_case_closed ON mod_case (closed_at) WHERE closed_at IS NOT NULL;
DROP INDEX {concurrently} IF EXISTS appeal_closed;
CREATE INDEX {concurrently} appeal_closed ON appeal (decided_at) WHERE decided_at IS NOT NULL;
"""


async def create() -> None:
    await run(INDEXES)
    for schema in (FIGURES, STATEMENT):
        await run_alone(schema)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
