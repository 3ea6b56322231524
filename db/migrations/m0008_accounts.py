"""Handles of accounts that left are held; email addresses fit one grammar."""

import re

import structlog
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run
from db.engine import DB
from db.sql import SQL

LOG = structlog.get_logger()

ID = "0008-accounts"
VERSION = "1.38.0"
DESCRIPTION = "held handles, email addresses in one spelling"

SCHEMA = """
CREATE TABLE held_handle (handle_hash text PRIMARY KEY, until bigint NOT NULL) {pair};
CREATE INDEX held_handle_until ON held_handle (until);
"""

BATCH = 1000
ADDRESSES = SQL("SELECT account, email FROM credential WHERE email <> '' AND account > ?1 ORDER BY account LIMIT ?2")
RESPELL = SQL("UPDATE credential SET email = ?2 WHERE account = ?1")
CONFIRMED = SQL("UPDATE notice_setting SET digest_email = ?3 WHERE account = ?1 AND digest_email = ?2")
# A digest goes to the account's own address: a confirmation of another one counts for nothing.
UNCONFIRM = SQL("""
    UPDATE notice_setting SET digest_email = '' WHERE digest_email <> '' AND NOT EXISTS (
        SELECT 1 FROM credential c WHERE c.account = notice_setting.account AND c.email = notice_setting.digest_email)
""")
# As adapters/email_address.py had it when this was written.
_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@({_LABEL}\.)+{_LABEL}")


async def respell() -> int:
    """Puts addresses into the spelling that is looked for, and empties those that the grammar does not take.

    Returns how many it emptied.
    """
    last = emptied = 0
    while rows := await DB.fetch(ADDRESSES, last, BATCH):
        for account, email in rows:
            if (spelled := _normalized(email)) != email:
                await DB.fetch(RESPELL, account, spelled)
                await DB.fetch(CONFIRMED, account, email, spelled)
                emptied += not spelled
        last = rows[-1][0]
    await DB.fetch(UNCONFIRM)
    return emptied


def _normalized(email: str) -> str:
    local, _, domain = email.rpartition("@")
    try:
        found = f"{local}@{domain.encode('idna').decode()}".lower() if len(email) <= 254 and local.isascii() else ""
    except UnicodeError:
        return ""
    return found if _ADDRESS.fullmatch(found) and len(found) <= 254 else ""


async def change() -> None:
    await run(SCHEMA)
    if emptied := await respell():
        # Whose they were is not for a log.
        LOG.warning("email.emptied", accounts=emptied)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION)
    manager.add_raw(change)
    return manager
