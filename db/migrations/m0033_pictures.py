"""Known pictures: hashes by which a picture is recognised, and the hash of each picture that is sent from now on."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0033-pictures"
VERSION = "1.38.0"
DESCRIPTION = "known pictures"

# What was sent before has no hash.
MEDIA = "ALTER TABLE media ADD COLUMN pdq text NOT NULL DEFAULT '';"
SCHEMA = """
CREATE TABLE IF NOT EXISTS known_picture (
    id {id}, name text NOT NULL, note text NOT NULL, pdq text NOT NULL UNIQUE,
    author bigint REFERENCES account ON DELETE SET NULL);
CREATE INDEX IF NOT EXISTS known_picture_author ON known_picture (author) WHERE author IS NOT NULL;
"""


async def create() -> None:
    for schema in (MEDIA, SCHEMA):
        await run_alone(schema)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
