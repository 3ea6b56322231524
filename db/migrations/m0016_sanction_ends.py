"""When a decision ends by itself, and which moderator has agreed to one that takes two."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0016-sanction-ends"
VERSION = "1.38.0"
DESCRIPTION = "decisions that end, or that two moderators make"

SCHEMA = """
ALTER TABLE statement ADD COLUMN ends_at bigint;
ALTER TABLE statement ADD COLUMN second bigint REFERENCES account ON DELETE SET NULL;
CREATE INDEX IF NOT EXISTS statement_second ON statement (second) WHERE second IS NOT NULL;
"""


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
