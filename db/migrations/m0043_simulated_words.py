"""Which words a simulation of a filter has looked for."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0043-simulated-words"
VERSION = "1.38.0"
DESCRIPTION = "word lists of simulations"

# Of earlier ones nobody knows: where a filter asks for lists, it has to be simulated again before it goes live.
WORDS = "ALTER TABLE simulation ADD COLUMN lists text NOT NULL DEFAULT '';"


async def create() -> None:
    await run_alone(WORDS)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
