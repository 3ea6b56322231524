"""Rules, reports, cases, evidence and statements of reasons; what moderation makes of a post."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0011-moderation"
VERSION = "1.38.0"
DESCRIPTION = "rules, reports, cases, evidence, statements"

# Cases and statements outlive what they are about: subjects and accounts in them are plain numbers, without a foreign
# key. `rules_version` 0: the member has accepted no rules yet, because there were none.
SCHEMA = """
ALTER TABLE account ADD COLUMN rules_version integer NOT NULL DEFAULT 0;
ALTER TABLE post ADD COLUMN state smallint NOT NULL DEFAULT 0;

CREATE TABLE rulebook (version integer PRIMARY KEY, published_at bigint NOT NULL);

CREATE TABLE rule (
    version integer NOT NULL REFERENCES rulebook, number smallint NOT NULL, name text NOT NULL,
    severity smallint NOT NULL, category text NOT NULL, points smallint NOT NULL, jury smallint NOT NULL,
    texts text NOT NULL, PRIMARY KEY (version, number)) {pair};

CREATE TABLE mod_case (
    id {id}, subject_kind smallint NOT NULL, subject bigint NOT NULL, account bigint NOT NULL,
    severity smallint NOT NULL, state smallint NOT NULL, reports integer NOT NULL DEFAULT 0,
    due_at bigint NOT NULL, claimed_by bigint REFERENCES account ON DELETE SET NULL,
    claimed_until bigint NOT NULL DEFAULT 0, version integer NOT NULL DEFAULT 1, closed_at bigint);
CREATE UNIQUE INDEX mod_case_open ON mod_case (subject_kind, subject) WHERE state < 2;
CREATE INDEX mod_case_queue ON mod_case ((severity < 4), due_at, id) WHERE state = 1;
CREATE INDEX mod_case_account ON mod_case (account, id);
CREATE INDEX mod_case_subject ON mod_case (subject_kind, subject, id);
CREATE INDEX mod_case_claimed ON mod_case (claimed_by) WHERE claimed_by IS NOT NULL;

CREATE TABLE evidence (
    id {id}, mod_case bigint NOT NULL REFERENCES mod_case, revision integer NOT NULL, content text NOT NULL,
    sha256 text NOT NULL, purge_at bigint NOT NULL, UNIQUE (mod_case, revision));
CREATE INDEX evidence_purge ON evidence (purge_at);

CREATE TABLE evidence_file (
    evidence bigint NOT NULL REFERENCES evidence, place smallint NOT NULL, name text NOT NULL,
    key text {bytes} NOT NULL REFERENCES stored_object, PRIMARY KEY (evidence, place, name)) {pair};
CREATE INDEX evidence_file_key ON evidence_file (key);

CREATE TABLE report (
    id {id}, mod_case bigint NOT NULL REFERENCES mod_case, reporter bigint REFERENCES account ON DELETE SET NULL,
    rule_version integer NOT NULL, rule_number smallint NOT NULL, words text NOT NULL, state smallint NOT NULL,
    outcome smallint, told_at bigint, FOREIGN KEY (rule_version, rule_number) REFERENCES rule);
CREATE UNIQUE INDEX report_once ON report (mod_case, reporter) WHERE reporter IS NOT NULL;
CREATE INDEX report_of ON report (reporter, id) WHERE reporter IS NOT NULL;
CREATE INDEX report_case ON report (mod_case, id);
CREATE INDEX report_waiting ON report (id) WHERE state = 0;

CREATE TABLE guest_report (
    report {id} REFERENCES report ON DELETE CASCADE, name text NOT NULL, email text NOT NULL, locale text NOT NULL,
    purge_at bigint NOT NULL);
CREATE INDEX guest_report_purge ON guest_report (purge_at);

CREATE TABLE statement (
    id {id}, puid text NOT NULL UNIQUE, mod_case bigint NOT NULL REFERENCES mod_case, account bigint NOT NULL,
    kind smallint NOT NULL, rule_version integer, rule_number smallint, facts text NOT NULL, explanation text NOT NULL,
    source smallint NOT NULL, revision integer NOT NULL, content_at bigint NOT NULL,
    author bigint REFERENCES account ON DELETE SET NULL, reverses bigint,
    FOREIGN KEY (rule_version, rule_number) REFERENCES rule);
CREATE INDEX statement_case ON statement (mod_case, id);
CREATE INDEX statement_account ON statement (account, id);
CREATE UNIQUE INDEX statement_reverses ON statement (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX statement_author ON statement (author) WHERE author IS NOT NULL;
"""


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
