"""Bulk decisions: what is decided of many posts or accounts at once, its subjects and its statements."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0032-bulk"
VERSION = "1.38.0"
DESCRIPTION = "bulk decisions"

# As in statements, posts and accounts are plain numbers: a decision outlives what it is about.
SCHEMA = """
CREATE TABLE IF NOT EXISTS bulk_decision (
    id {id}, author bigint REFERENCES account ON DELETE SET NULL, state smallint NOT NULL,
    subject_kind smallint NOT NULL, criteria text NOT NULL, left_out integer NOT NULL, expires_at bigint NOT NULL,
    kind smallint, days smallint NOT NULL DEFAULT 0, rule_version integer, rule_number smallint,
    facts text NOT NULL DEFAULT '', explanation text NOT NULL DEFAULT '',
    second bigint REFERENCES account ON DELETE SET NULL, decided_at bigint, entry bigint,
    undone_by bigint REFERENCES account ON DELETE SET NULL, undone_at bigint, undo_words text NOT NULL DEFAULT '',
    undo_entry bigint, FOREIGN KEY (rule_version, rule_number) REFERENCES rule);
CREATE INDEX IF NOT EXISTS bulk_decision_author ON bulk_decision (author) WHERE author IS NOT NULL;
CREATE INDEX IF NOT EXISTS bulk_decision_second ON bulk_decision (second) WHERE second IS NOT NULL;
CREATE INDEX IF NOT EXISTS bulk_decision_undone_by ON bulk_decision (undone_by) WHERE undone_by IS NOT NULL;
CREATE INDEX IF NOT EXISTS bulk_decision_entry ON bulk_decision (entry) WHERE entry IS NOT NULL;
CREATE INDEX IF NOT EXISTS bulk_decision_undecided ON bulk_decision (expires_at) WHERE state < 2;

CREATE TABLE IF NOT EXISTS bulk_subject (
    bulk bigint NOT NULL REFERENCES bulk_decision ON DELETE CASCADE, place smallint NOT NULL, subject bigint NOT NULL,
    account bigint NOT NULL, version integer NOT NULL, state smallint NOT NULL, PRIMARY KEY (bulk, place)) {pair};

CREATE TABLE IF NOT EXISTS bulk_statement (
    statement {id} REFERENCES statement, bulk bigint NOT NULL REFERENCES bulk_decision, undo smallint NOT NULL,
    place smallint NOT NULL, own_salt text NOT NULL, name text NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS bulk_statement_place ON bulk_statement (bulk, undo, place);
"""


async def create() -> None:
    await run_alone(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
