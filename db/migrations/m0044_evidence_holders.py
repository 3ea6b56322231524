"""For which reports and complaints evidence is kept."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0044-evidence-holders"
VERSION = "1.38.0"
DESCRIPTION = "evidence that is kept for a report"

# Of what was kept before nobody knows.
HOLDERS = """
CREATE TABLE IF NOT EXISTS evidence_holder (
    evidence bigint NOT NULL REFERENCES evidence, holder bigint NOT NULL, PRIMARY KEY (evidence, holder)) {pair};
"""


async def create() -> None:
    await run_alone(HOLDERS)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
