"""Who reads home, and whose timeline is therefore kept ready."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0010-active-homes"
VERSION = "1.38.0"
DESCRIPTION = "when members opened home, and whether copies are made for them"

# When members were last seen, as far as it is known. Who has no session counts as away since the account was made.
SCHEMA = """
CREATE TABLE home_activity (account {id}, opened_at bigint NOT NULL, state smallint NOT NULL);
INSERT INTO home_activity (account, opened_at, state)
    SELECT account, max(seen_at), 0 FROM session GROUP BY account;
"""


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
