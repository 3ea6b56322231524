"""The public log: its entries, the tiles of its tree, and its checkpoints."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0019-public-log"
VERSION = "1.38.0"
DESCRIPTION = "entries, tiles and checkpoints of the public log"

# What was decided before is added by servers as they start (domain/moderation/public_log.py).
SCHEMA = """
CREATE TABLE IF NOT EXISTS log_entry (
    id {id}, leaf bigint, kind text NOT NULL, day text NOT NULL, statement bigint, rules_version integer,
    rule text NOT NULL, reverses bigint, content text NOT NULL, salt text NOT NULL, own_salt text NOT NULL,
    commitment text NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS log_entry_leaf ON log_entry (leaf);
CREATE INDEX IF NOT EXISTS log_entry_pending ON log_entry (id) WHERE leaf IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS log_entry_statement ON log_entry (statement);
CREATE UNIQUE INDEX IF NOT EXISTS log_entry_rules ON log_entry (rules_version);
CREATE UNIQUE INDEX IF NOT EXISTS log_entry_reverses ON log_entry (reverses);
CREATE INDEX IF NOT EXISTS log_entry_kind ON log_entry (kind, leaf);
CREATE INDEX IF NOT EXISTS log_entry_rule ON log_entry (rule, leaf);

CREATE TABLE IF NOT EXISTS log_tile (
    level smallint NOT NULL, number bigint NOT NULL, hashes text NOT NULL, PRIMARY KEY (level, number)) {pair};

CREATE TABLE IF NOT EXISTS log_checkpoint (size {id}, note text NOT NULL, made_at bigint NOT NULL);
"""


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
