"""Who has agreed to a known picture, and in which case it was seen."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0042-agreed-pictures"
VERSION = "1.38.0"
DESCRIPTION = "known pictures that wait for a second moderator"

# Filters have looked for what was there before, and go on.
PICTURES = """
ALTER TABLE known_picture ADD COLUMN mod_case bigint REFERENCES mod_case ON DELETE SET NULL;
ALTER TABLE known_picture ADD COLUMN waits smallint NOT NULL DEFAULT 0;
ALTER TABLE known_picture ADD COLUMN second bigint REFERENCES account ON DELETE SET NULL;
CREATE INDEX IF NOT EXISTS known_picture_second ON known_picture (second) WHERE second IS NOT NULL;
CREATE INDEX IF NOT EXISTS known_picture_waits ON known_picture (id) WHERE waits = 1;
"""


async def create() -> None:
    await run_alone(PICTURES)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
