"""Decisions that take two moderators, and appeals."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0017-appeals"
VERSION = "1.38.0"
DESCRIPTION = "proposals, appeals"

# An appeal outlives the account of whoever lodged it, for the record of the decision.
SCHEMA = """
CREATE TABLE IF NOT EXISTS proposal (
    mod_case {id} REFERENCES mod_case, author bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    rule_version integer NOT NULL, rule_number smallint NOT NULL, facts text NOT NULL, explanation text NOT NULL,
    removes_post smallint NOT NULL, proposed_at bigint NOT NULL,
    FOREIGN KEY (rule_version, rule_number) REFERENCES rule);
CREATE INDEX IF NOT EXISTS proposal_author ON proposal (author);

CREATE TABLE IF NOT EXISTS appeal (
    id {id}, statement bigint NOT NULL REFERENCES statement, party smallint NOT NULL,
    appellant bigint REFERENCES account ON DELETE SET NULL, words text NOT NULL, state smallint NOT NULL,
    due_at bigint NOT NULL, claimed_by bigint REFERENCES account ON DELETE SET NULL,
    claimed_until bigint NOT NULL DEFAULT 0, answer text NOT NULL DEFAULT '',
    decided_by bigint REFERENCES account ON DELETE SET NULL, decided_at bigint);
CREATE UNIQUE INDEX IF NOT EXISTS appeal_once ON appeal (statement, appellant) WHERE appellant IS NOT NULL;
CREATE INDEX IF NOT EXISTS appeal_statement ON appeal (statement, id);
CREATE INDEX IF NOT EXISTS appeal_of ON appeal (appellant, id) WHERE appellant IS NOT NULL;
CREATE INDEX IF NOT EXISTS appeal_queue ON appeal (due_at, id) WHERE state = 0;
CREATE INDEX IF NOT EXISTS appeal_claimed ON appeal (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX IF NOT EXISTS appeal_decided ON appeal (decided_by) WHERE decided_by IS NOT NULL;
"""


async def create() -> None:
    await run_alone(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
