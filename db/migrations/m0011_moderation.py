"""Rules, reports, cases, evidence and statements of reasons."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0011-moderation"
VERSION = "1.38.0"
DESCRIPTION = "rules, reports, cases, evidence, statements"

# Cases and statements outlive what they are about: subjects, posts and accounts in them are plain numbers, without a
# foreign key.
SCHEMA = """
CREATE TABLE IF NOT EXISTS rulebook (version integer PRIMARY KEY, published_at bigint NOT NULL);

CREATE TABLE IF NOT EXISTS rule (
    version integer NOT NULL REFERENCES rulebook, number smallint NOT NULL, name text NOT NULL,
    severity smallint NOT NULL, category text NOT NULL, points smallint NOT NULL, jury smallint NOT NULL,
    texts text NOT NULL, PRIMARY KEY (version, number)) {pair};

CREATE TABLE IF NOT EXISTS mod_case (
    id {id}, subject_kind smallint NOT NULL, subject bigint NOT NULL, account bigint NOT NULL,
    post bigint, severity smallint NOT NULL, state smallint NOT NULL, reports integer NOT NULL DEFAULT 0,
    due_at bigint NOT NULL, claimed_by bigint REFERENCES account ON DELETE SET NULL,
    claimed_until bigint NOT NULL DEFAULT 0, version integer NOT NULL DEFAULT 1, closed_at bigint);
CREATE UNIQUE INDEX IF NOT EXISTS mod_case_open ON mod_case (subject_kind, subject) WHERE state < 2;
CREATE INDEX IF NOT EXISTS mod_case_queue ON mod_case ((severity < 4), due_at, id) WHERE state = 1;
CREATE INDEX IF NOT EXISTS mod_case_account ON mod_case (account, id);
CREATE INDEX IF NOT EXISTS mod_case_subject ON mod_case (subject_kind, subject, id);
CREATE INDEX IF NOT EXISTS mod_case_claimed ON mod_case (claimed_by) WHERE claimed_by IS NOT NULL;

CREATE TABLE IF NOT EXISTS evidence (
    id {id}, mod_case bigint NOT NULL REFERENCES mod_case, revision integer NOT NULL, content text NOT NULL,
    sha256 text NOT NULL, purge_at bigint NOT NULL, UNIQUE (mod_case, revision));
CREATE INDEX IF NOT EXISTS evidence_purge ON evidence (purge_at);

CREATE TABLE IF NOT EXISTS report (
    id {id}, mod_case bigint NOT NULL REFERENCES mod_case, reporter bigint REFERENCES account ON DELETE SET NULL,
    rule_version integer NOT NULL, rule_number smallint NOT NULL, words text NOT NULL, state smallint NOT NULL,
    outcome smallint, told_at bigint, FOREIGN KEY (rule_version, rule_number) REFERENCES rule);
CREATE UNIQUE INDEX IF NOT EXISTS report_once ON report (mod_case, reporter) WHERE reporter IS NOT NULL;
CREATE INDEX IF NOT EXISTS report_of ON report (reporter, id) WHERE reporter IS NOT NULL;
CREATE INDEX IF NOT EXISTS report_case ON report (mod_case, id);

CREATE TABLE IF NOT EXISTS guest_report (
    report {id} REFERENCES report ON DELETE CASCADE, name text NOT NULL, email text NOT NULL, locale text NOT NULL,
    confirmed smallint NOT NULL DEFAULT 0, purge_at bigint NOT NULL);
CREATE INDEX IF NOT EXISTS guest_report_purge ON guest_report (purge_at);

CREATE TABLE IF NOT EXISTS statement (
    id {id}, puid text NOT NULL UNIQUE, mod_case bigint NOT NULL REFERENCES mod_case, account bigint NOT NULL,
    post bigint, kind smallint NOT NULL, rule_version integer, rule_number smallint, facts text NOT NULL, explanation text NOT NULL,
    source smallint NOT NULL, revision integer NOT NULL, content_at bigint NOT NULL,
    author bigint REFERENCES account ON DELETE SET NULL, reverses bigint,
    FOREIGN KEY (rule_version, rule_number) REFERENCES rule);
CREATE INDEX IF NOT EXISTS statement_case ON statement (mod_case, id);
CREATE INDEX IF NOT EXISTS statement_account ON statement (account, id);
CREATE INDEX IF NOT EXISTS statement_post ON statement (post) WHERE post IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS statement_reverses ON statement (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX IF NOT EXISTS statement_author ON statement (author) WHERE author IS NOT NULL;
"""
# It points at stored objects: a transaction of its own, so that none locks two tables that servers write to.
FILES = """
CREATE TABLE IF NOT EXISTS evidence_file (
    evidence bigint NOT NULL REFERENCES evidence, place smallint NOT NULL, name text NOT NULL,
    key text {bytes} NOT NULL REFERENCES stored_object, PRIMARY KEY (evidence, place, name)) {pair};
CREATE INDEX IF NOT EXISTS evidence_file_key ON evidence_file (key);
"""


async def create() -> None:
    for schema in (SCHEMA, FILES):
        await run_alone(schema)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
