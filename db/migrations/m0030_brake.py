"""The brake, which slows what newcomers do while reports wait too long, and the crisis that two moderators declare."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0030-brake"
VERSION = "1.38.0"
DESCRIPTION = "the brake and the crisis"

BRAKE = """
CREATE TABLE IF NOT EXISTS brake (
    id {id}, since bigint, reason smallint NOT NULL, words text NOT NULL, ends_at bigint, better_since bigint,
    rests_until bigint NOT NULL, version integer NOT NULL);
"""
# There is one at a time: the number of all is 1.
CRISIS = """
CREATE TABLE IF NOT EXISTS crisis (
    id {id}, number smallint NOT NULL UNIQUE, proposer bigint REFERENCES account ON DELETE SET NULL,
    words text NOT NULL, hours smallint NOT NULL, since bigint, ends_at bigint);
CREATE INDEX IF NOT EXISTS crisis_proposer ON crisis (proposer) WHERE proposer IS NOT NULL;
"""


async def create() -> None:
    for schema in (BRAKE, CRISIS):
        await run_alone(schema)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
