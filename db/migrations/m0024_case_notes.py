"""Private notes of moderators on cases."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0024-case-notes"
VERSION = "1.38.0"
DESCRIPTION = "notes on cases"

SCHEMA = """
CREATE TABLE IF NOT EXISTS case_note (
    id {id}, mod_case bigint NOT NULL REFERENCES mod_case, author bigint REFERENCES account ON DELETE SET NULL,
    words text NOT NULL);
CREATE INDEX IF NOT EXISTS case_note_case ON case_note (mod_case, id);
CREATE INDEX IF NOT EXISTS case_note_author ON case_note (author) WHERE author IS NOT NULL;
"""


async def create() -> None:
    await run_alone(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
