"""Juries: those who may be drawn, the juries of appeals, and the seats on them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0020-juries"
VERSION = "1.38.0"
DESCRIPTION = "juries, jurors"

# A vote outlives the account of whoever cast it, for the record of the decision.
SCHEMA = """
CREATE TABLE IF NOT EXISTS jury (
    appeal {id} REFERENCES appeal, state smallint NOT NULL, opened_at bigint NOT NULL, ends_at bigint NOT NULL,
    closed_at bigint);
CREATE INDEX IF NOT EXISTS jury_sitting ON jury (appeal) WHERE state = 0;

CREATE TABLE IF NOT EXISTS juror (
    id {id}, jury bigint NOT NULL REFERENCES jury, account bigint REFERENCES account ON DELETE SET NULL,
    state smallint NOT NULL, ends_at bigint NOT NULL, vote smallint, reason text NOT NULL DEFAULT '',
    answered_at bigint, version integer NOT NULL DEFAULT 1, audit smallint NOT NULL DEFAULT 0,
    dispute text NOT NULL DEFAULT '', dispute_state smallint);
CREATE UNIQUE INDEX IF NOT EXISTS juror_once ON juror (jury, account) WHERE account IS NOT NULL;
CREATE INDEX IF NOT EXISTS juror_jury ON juror (jury, id);
CREATE INDEX IF NOT EXISTS juror_of ON juror (account, id) WHERE account IS NOT NULL;
CREATE INDEX IF NOT EXISTS juror_disputed ON juror (id) WHERE dispute_state = 0;
CREATE INDEX IF NOT EXISTS juror_due ON juror (ends_at, id) WHERE state = 0;

CREATE TABLE IF NOT EXISTS juror_standing (
    account {id} REFERENCES account ON DELETE CASCADE, opted_in_at bigint NOT NULL,
    paused_until bigint NOT NULL DEFAULT 0);

CREATE TABLE IF NOT EXISTS jury_audit (
    jury {id} REFERENCES jury, why text NOT NULL, author bigint REFERENCES account ON DELETE SET NULL,
    promoted_at bigint NOT NULL, withdrawn_at bigint);
CREATE INDEX IF NOT EXISTS jury_audit_author ON jury_audit (author) WHERE author IS NOT NULL;

CREATE TABLE IF NOT EXISTS jury_reversal (
    statement {id} REFERENCES statement, jury bigint NOT NULL REFERENCES jury);
CREATE INDEX IF NOT EXISTS jury_reversal_jury ON jury_reversal (jury);
"""


async def create() -> None:
    await run_alone(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
