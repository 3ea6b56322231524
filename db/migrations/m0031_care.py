"""What moderators choose for themselves, what they have looked at today, and whom an urgent case was pushed to."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0031-care"
VERSION = "1.38.0"
DESCRIPTION = "duty, breaks and limits of moderators, and pushes of urgent cases"

CARE = """
CREATE TABLE IF NOT EXISTS moderator_care (
    account {id} REFERENCES account ON DELETE CASCADE, on_duty smallint NOT NULL, hard_limit smallint,
    working_since bigint NOT NULL, worked_at bigint NOT NULL, break_until bigint NOT NULL);
"""
LOOKED_AT = """
CREATE TABLE IF NOT EXISTS case_look (
    account bigint NOT NULL REFERENCES account ON DELETE CASCADE, mod_case bigint NOT NULL REFERENCES mod_case,
    hard smallint NOT NULL, looked_at bigint NOT NULL, PRIMARY KEY (account, mod_case)) {pair};
CREATE INDEX IF NOT EXISTS case_look_at ON case_look (looked_at);
"""
ALERTS = """
CREATE TABLE IF NOT EXISTS case_alert (
    mod_case bigint NOT NULL REFERENCES mod_case, account bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    told_at bigint NOT NULL, PRIMARY KEY (mod_case, account)) {pair};
CREATE INDEX IF NOT EXISTS case_alert_account ON case_alert (account);
"""


async def create() -> None:
    for schema in (CARE, LOOKED_AT, ALERTS):
        await run_alone(schema)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
