"""Filters before publication."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0027-filters"
VERSION = "1.38.0"
DESCRIPTION = "filters, their hits, word lists, held posts"

SCHEMA = """
CREATE TABLE IF NOT EXISTS filter_rule (
    id {id}, name text NOT NULL, condition text NOT NULL, outcome smallint NOT NULL, rule_name text NOT NULL,
    facts text NOT NULL, state smallint NOT NULL, shadow_since bigint, version integer NOT NULL DEFAULT 1,
    author bigint REFERENCES account ON DELETE SET NULL, second bigint REFERENCES account ON DELETE SET NULL,
    failed text NOT NULL DEFAULT '', failed_at bigint);
CREATE UNIQUE INDEX IF NOT EXISTS filter_rule_name ON filter_rule (name);
CREATE INDEX IF NOT EXISTS filter_rule_author ON filter_rule (author) WHERE author IS NOT NULL;
CREATE INDEX IF NOT EXISTS filter_rule_second ON filter_rule (second) WHERE second IS NOT NULL;

CREATE TABLE IF NOT EXISTS filter_change (
    id {id}, filter bigint NOT NULL REFERENCES filter_rule ON DELETE CASCADE, action smallint NOT NULL,
    version integer NOT NULL, account bigint REFERENCES account ON DELETE SET NULL, condition text NOT NULL);
CREATE INDEX IF NOT EXISTS filter_change_filter ON filter_change (filter, id);
CREATE INDEX IF NOT EXISTS filter_change_account ON filter_change (account) WHERE account IS NOT NULL;

CREATE TABLE IF NOT EXISTS filter_hit (
    id {id}, filter bigint NOT NULL REFERENCES filter_rule ON DELETE CASCADE, mode smallint NOT NULL,
    post bigint REFERENCES post ON DELETE CASCADE, language text NOT NULL, trust smallint NOT NULL,
    age smallint NOT NULL);
CREATE INDEX IF NOT EXISTS filter_hit_filter ON filter_hit (filter, id);
CREATE INDEX IF NOT EXISTS filter_hit_post ON filter_hit (post) WHERE post IS NOT NULL;

CREATE TABLE IF NOT EXISTS filter_finding (
    mod_case bigint NOT NULL REFERENCES mod_case, filter bigint NOT NULL REFERENCES filter_rule ON DELETE CASCADE,
    found_at bigint NOT NULL, PRIMARY KEY (mod_case, filter)) {pair};
CREATE INDEX IF NOT EXISTS filter_finding_filter ON filter_finding (filter);

CREATE TABLE IF NOT EXISTS word_list (
    id {id}, name text NOT NULL, words text NOT NULL, version integer NOT NULL DEFAULT 1, updated_at bigint NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS word_list_name ON word_list (name);

CREATE TABLE IF NOT EXISTS post_hold (
    post {id} REFERENCES post ON DELETE CASCADE, reason smallint NOT NULL,
    filter bigint REFERENCES filter_rule ON DELETE SET NULL, since bigint NOT NULL, decided_at bigint);
CREATE INDEX IF NOT EXISTS post_hold_filter ON post_hold (filter) WHERE filter IS NOT NULL;
"""


async def create() -> None:
    await run_alone(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
