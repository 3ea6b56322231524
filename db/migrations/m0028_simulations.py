"""Simulations of filters."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0028-simulations"
VERSION = "1.38.0"
DESCRIPTION = "simulations of filters over posts that are published"

SCHEMA = """
CREATE TABLE IF NOT EXISTS simulation (
    filter {id} REFERENCES filter_rule ON DELETE CASCADE, run bigint NOT NULL, condition text NOT NULL,
    state smallint NOT NULL, since bigint NOT NULL, until bigint NOT NULL, next_post bigint NOT NULL,
    tally text NOT NULL, touched_at bigint NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS simulation_running ON simulation (state) WHERE state = 0;

CREATE TABLE IF NOT EXISTS simulation_hit (
    filter bigint NOT NULL REFERENCES simulation ON DELETE CASCADE,
    post bigint NOT NULL REFERENCES post ON DELETE CASCADE, wrong smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (filter, post)) {pair};
CREATE INDEX IF NOT EXISTS simulation_hit_post ON simulation_hit (post);
"""


async def create() -> None:
    await run_alone(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
