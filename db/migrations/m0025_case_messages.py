"""What moderators write to those whom a case concerns, and what these answer."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0025-case-messages"
VERSION = "1.38.0"
DESCRIPTION = "messages of moderators on cases"

SCHEMA = """
CREATE TABLE IF NOT EXISTS case_message (
    id {id}, mod_case bigint NOT NULL REFERENCES mod_case, party smallint NOT NULL,
    sender bigint REFERENCES account ON DELETE SET NULL, answers bigint,
    words text NOT NULL);
CREATE INDEX IF NOT EXISTS case_message_case ON case_message (mod_case, id);
CREATE INDEX IF NOT EXISTS case_message_sender ON case_message (sender) WHERE sender IS NOT NULL;
CREATE INDEX IF NOT EXISTS case_message_answers ON case_message (answers, id) WHERE answers IS NOT NULL;
"""


async def create() -> None:
    await run_alone(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
