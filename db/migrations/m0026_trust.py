"""How far accounts are trusted, and what their reports weigh."""

import time

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0026-trust"
VERSION = "1.38.0"
DESCRIPTION = "levels of trust, weights of reports"

TRUST = """
CREATE TABLE IF NOT EXISTS trust (
    account {id} REFERENCES account ON DELETE CASCADE, earned smallint NOT NULL, lost smallint NOT NULL DEFAULT 0,
    days integer NOT NULL DEFAULT 0, reads integer NOT NULL DEFAULT 0, day integer NOT NULL DEFAULT 0,
    hour_at bigint NOT NULL DEFAULT 0, links integer NOT NULL DEFAULT 0, media integer NOT NULL DEFAULT 0,
    mentions integer NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS trust_day ON trust (day);
CREATE INDEX IF NOT EXISTS trust_lost ON trust (account) WHERE lost > 0;
"""
# Whoever has been there for 30 days starts at level 2, unless breaches of theirs count: those of the last 90 days that
# have not been taken back. Ids begin with their time, in milliseconds since 2020.
ACCOUNTS = """
UPDATE account SET trust = 2 WHERE id < {month} AND NOT EXISTS (
    SELECT 1 FROM statement s WHERE s.account = account.id AND s.id >= {quarter} AND s.kind NOT IN (0, 3)
        AND NOT EXISTS (SELECT 1 FROM statement t WHERE t.reverses = s.id));
"""
REPORTS = "UPDATE report SET weight = 10"
CASES = "UPDATE mod_case SET weight = 10 * reports WHERE state = 1"
QUEUE = """
DROP INDEX IF EXISTS mod_case_queue;
CREATE INDEX mod_case_queue ON mod_case ((severity < 4), (due_at / 3600000), (-weight), due_at, id) WHERE state = 1;
"""
EPOCH_MS, DAY_MS, ID_SHIFT = 1_577_836_800_000, 86_400_000, 22


async def create() -> None:
    # Each in a transaction of its own, so that none locks two tables that servers write to.
    await run_alone("ALTER TABLE account ADD COLUMN trust smallint NOT NULL DEFAULT 0")
    await run_alone("ALTER TABLE report ADD COLUMN weight smallint NOT NULL DEFAULT 0")
    await run_alone("ALTER TABLE mod_case ADD COLUMN weight integer NOT NULL DEFAULT 0")
    await run_alone(TRUST)
    await run_alone(ACCOUNTS.replace("{month}", str(_id(30))).replace("{quarter}", str(_id(90))))
    await run_alone(REPORTS)
    await run_alone(CASES)
    await run_alone(QUEUE)


def _id(days_ago: int) -> int:
    """The first id of so many days ago."""
    return max(0, int(time.time() * 1000) - EPOCH_MS - days_ago * DAY_MS) << ID_SHIFT


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
