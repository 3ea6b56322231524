"""How long moderators have hard cases, the rule that a complaint's case was opened under, and whom one was pushed to."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0035-care-time"
VERSION = "1.38.0"
DESCRIPTION = "time with hard cases, rules of complaints' cases, and pushes of authorities' complaints"

# What was looked at before took no time that is known.
LOOKED_AT = """
ALTER TABLE case_look ADD COLUMN began_at bigint NOT NULL DEFAULT 0;
ALTER TABLE case_look ADD COLUMN ends_at bigint NOT NULL DEFAULT 0;
"""
CARE = "ALTER TABLE moderator_care ADD COLUMN hard_minutes smallint;"
RULES = """
ALTER TABLE complaint_address ADD COLUMN rule_version integer;
ALTER TABLE complaint_address ADD COLUMN rule_number smallint;
"""
ALERTS = """
CREATE TABLE IF NOT EXISTS complaint_alert (
    complaint bigint NOT NULL REFERENCES complaint ON DELETE CASCADE,
    account bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    told_at bigint NOT NULL, PRIMARY KEY (complaint, account)) {pair};
CREATE INDEX IF NOT EXISTS complaint_alert_account ON complaint_alert (account);
"""


async def create() -> None:
    for schema in (LOOKED_AT, CARE, RULES, ALERTS):
        await run_alone(schema)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
