"""An index that finds earlier decisions under a rule."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0034-precedents"
VERSION = "1.38.0"
DESCRIPTION = "index of statements by rule"

# Outside of a transaction, since servers go on meanwhile. One that was interrupted leaves an index that can't be used,
# so that it is begun anew.
SCHEMA = """
DROP INDEX {concurrently} IF EXISTS statement_rule;
CREATE INDEX {concurrently} statement_rule ON statement (rule_version, rule_number, id) WHERE rule_version IS NOT NULL;
"""


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
