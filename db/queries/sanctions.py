"""Until when accounts may not post, and until when they are suspended."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists
from db.sql import SQL


class SanctionedAccount(NamedTuple):
    """What moderators let an account do; times are Unix milliseconds, 0 while it is not so."""

    role: str
    frozen_until: int
    suspended_until: int


_ONE = f"SELECT a.role, a.frozen_until, a.suspended_until FROM account a WHERE a.id = ?1 AND {account_exists()}"
ONE = SQL(_ONE)
LOCK = SQL(_ONE, f"{_ONE} FOR NO KEY UPDATE")
SET = SQL("UPDATE account SET frozen_until = ?2, suspended_until = ?3 WHERE id = ?1")
# The condition of the index account_sanctioned comes first.
DUE = SQL(f"""
    SELECT a.id FROM account a WHERE (a.frozen_until > 0 OR a.suspended_until > 0)
        AND (a.frozen_until > 0 AND a.frozen_until <= ?1 OR a.suspended_until > 0 AND a.suspended_until <= ?1)
        AND {account_exists()}
    ORDER BY a.id LIMIT ?2
""")


async def one(account: int) -> SanctionedAccount | None:
    """None once the account has left."""
    row = await DB.one(ONE, account)
    return SanctionedAccount._make(row) if row is not None else None


async def lock(account: int) -> SanctionedAccount | None:
    """Within a transaction: an account that nobody else can sanction until its end; None once it has left."""
    row = await DB.one(LOCK, account)
    return SanctionedAccount._make(row) if row is not None else None


async def put(account: int, frozen_until: int, suspended_until: int) -> None:
    """Within a transaction."""
    await DB.fetch(SET, account, frozen_until, suspended_until)


async def due(now: int, limit: int) -> list[int]:
    """Accounts with a sanction that has ended by ``now`` (Unix milliseconds)."""
    return [row[0] for row in await DB.fetch(DUE, now, limit)]
