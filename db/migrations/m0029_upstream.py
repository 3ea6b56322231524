"""Complaints of hosts, registrars, authorities and trusted flaggers, with their trail and the letters of answer."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0029-upstream"
VERSION = "1.38.0"
DESCRIPTION = "complaints from upstream, their trail and letters"

# A complaint outlives what it is about: subjects and accounts in it are plain numbers, as in cases.
SCHEMA = """
CREATE TABLE IF NOT EXISTS complaint (
    id {id}, sender smallint NOT NULL, name text NOT NULL, email text NOT NULL, reference text NOT NULL,
    words text NOT NULL, locale text NOT NULL, channel smallint NOT NULL, verified smallint NOT NULL,
    state smallint NOT NULL, received_at bigint NOT NULL, deadline_at bigint, due_at bigint NOT NULL,
    claimed_by bigint REFERENCES account ON DELETE SET NULL, claimed_until bigint NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1, closed_at bigint, purge_at bigint NOT NULL);
CREATE INDEX IF NOT EXISTS complaint_queue ON complaint (due_at, id) WHERE state = 1;
CREATE INDEX IF NOT EXISTS complaint_closed ON complaint (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS complaint_purge ON complaint (purge_at);
CREATE INDEX IF NOT EXISTS complaint_claimed ON complaint (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX IF NOT EXISTS complaint_email ON complaint (email, id) WHERE email <> '';

CREATE TABLE IF NOT EXISTS complaint_address (
    complaint bigint NOT NULL REFERENCES complaint ON DELETE CASCADE, place smallint NOT NULL, address text NOT NULL,
    subject_kind smallint, subject bigint, account bigint, mod_case bigint REFERENCES mod_case,
    PRIMARY KEY (complaint, place)) {pair};
CREATE INDEX IF NOT EXISTS complaint_address_case ON complaint_address (mod_case) WHERE mod_case IS NOT NULL;

CREATE TABLE IF NOT EXISTS complaint_mail (
    id {id}, complaint bigint NOT NULL REFERENCES complaint ON DELETE CASCADE, message_id text {bytes} NOT NULL UNIQUE,
    sender text NOT NULL, subject text NOT NULL, words text NOT NULL, kept text NOT NULL, sha256 text NOT NULL,
    size integer NOT NULL, attachments text NOT NULL);
CREATE INDEX IF NOT EXISTS complaint_mail_of ON complaint_mail (complaint, id);

CREATE TABLE IF NOT EXISTS complaint_entry (
    id {id}, complaint bigint NOT NULL REFERENCES complaint ON DELETE CASCADE, kind smallint NOT NULL, about bigint);
CREATE INDEX IF NOT EXISTS complaint_entry_of ON complaint_entry (complaint, id);
CREATE UNIQUE INDEX IF NOT EXISTS complaint_entry_once ON complaint_entry (complaint, kind, about)
    WHERE about IS NOT NULL;

CREATE TABLE IF NOT EXISTS complaint_letter (
    id {id}, complaint bigint NOT NULL REFERENCES complaint ON DELETE CASCADE, kind smallint NOT NULL,
    recipient text NOT NULL, subject text NOT NULL, words text NOT NULL, state smallint NOT NULL,
    attempted_at bigint, answer text NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS complaint_letter_of ON complaint_letter (complaint, id);

CREATE TABLE IF NOT EXISTS known_sender (
    pattern text {bytes} PRIMARY KEY, sender smallint NOT NULL, name text NOT NULL);
"""


async def create() -> None:
    await run_alone(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
