"""Links under which members show their standing, one each."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists
from db.sql import SQL


class StandingLinkRow(NamedTuple):
    """When a link was made and until when it works, in Unix milliseconds."""

    made_at: int
    expires_at: int


class SharedAccountRow(NamedTuple):
    """Whose standing a link shows, and until when (Unix milliseconds)."""

    account: int
    handle: str
    expires_at: int


PUT = SQL("""
    INSERT INTO standing_link (account, token_hash, made_at, expires_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (account) DO UPDATE SET token_hash = excluded.token_hash, made_at = excluded.made_at,
        expires_at = excluded.expires_at
""")
OF = SQL("SELECT made_at, expires_at FROM standing_link WHERE account = ?1 AND expires_at > ?2")
BY_HASH = SQL(f"""
    SELECT l.account, a.handle, l.expires_at FROM standing_link l JOIN account a ON a.id = l.account
    WHERE l.token_hash = ?1 AND l.expires_at > ?2 AND {account_exists()}
""")
DROP = SQL("DELETE FROM standing_link WHERE account = ?1")
DROP_EXPIRED = SQL("DELETE FROM standing_link WHERE expires_at <= ?1")


async def put(account: int, token_hash: str, made_at: int, expires_at: int) -> None:
    """Writes an account's link in place of an earlier one."""
    await DB.fetch(PUT, account, token_hash, made_at, expires_at)


async def of(account: int, now: int) -> StandingLinkRow | None:
    row = await DB.one(OF, account, now)
    return StandingLinkRow._make(row) if row is not None else None


async def by_hash(token_hash: str, now: int) -> SharedAccountRow | None:
    row = await DB.one(BY_HASH, token_hash, now)
    return SharedAccountRow._make(row) if row is not None else None


async def drop(account: int) -> None:
    await DB.fetch(DROP, account)


async def drop_expired(now: int) -> None:
    await DB.fetch(DROP_EXPIRED, now)
