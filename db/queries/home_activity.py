"""Who reads home: members who have not for long get no copies of new posts, until they open it again.

``account.home_floor`` is NOTHING_READY from the moment a member becomes idle until their timeline is filled.
"""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists
from db.sql import SQL
from db.tables.timelines import HomeState

# The floor below which everything lies; above every id.
NOTHING_READY = 2**63 - 1


class HomeActivity(NamedTuple):
    """``opened_at``: Unix milliseconds."""

    opened_at: int
    state: HomeState


def receives(follower: str) -> str:
    """SQL: whether copies are made for ``follower`` (an expression for an id)."""
    return f"NOT EXISTS (SELECT 1 FROM home_activity h WHERE h.account = {follower} AND h.state = {HomeState.IDLE})"


ACTIVITY = SQL("SELECT opened_at, state FROM home_activity WHERE account = ?1")
OPEN = SQL(f"""
    INSERT INTO home_activity (account, opened_at, state)
    SELECT a.id, CAST(?2 AS bigint),
        CASE WHEN a.home_floor = {NOTHING_READY} THEN {HomeState.FILLING} ELSE {HomeState.READY} END
    FROM account a WHERE a.id = ?1 AND {account_exists()}
    ON CONFLICT (account) DO UPDATE SET opened_at = excluded.opened_at,
        state = CASE WHEN home_activity.state = {HomeState.IDLE} THEN {HomeState.FILLING} ELSE home_activity.state END
        WHERE home_activity.state = {HomeState.IDLE} OR home_activity.opened_at < ?3
    RETURNING state
""")
FILLED = SQL(f"""
    UPDATE home_activity SET state = {HomeState.READY} WHERE account = ?1 AND state = {HomeState.FILLING}
    RETURNING account
""")
UNREAD = SQL(f"""
    SELECT a.id FROM account a LEFT JOIN home_activity h ON h.account = a.id
    WHERE a.id > ?1 AND a.id < ?2 AND {account_exists()} AND coalesce(h.opened_at, 0) < ?3
        AND coalesce(h.state, {HomeState.READY}) <> {HomeState.IDLE}
    ORDER BY a.id LIMIT ?4
""")
RETIRE = SQL(f"""
    INSERT INTO home_activity (account, opened_at, state)
    SELECT id, 0, {HomeState.IDLE} FROM account WHERE id = ?1 AND {account_exists("account")}
    ON CONFLICT (account) DO UPDATE SET state = {HomeState.IDLE}
        WHERE home_activity.opened_at < ?2 AND home_activity.state <> {HomeState.IDLE}
    RETURNING account
""")
RESTORE = SQL(f"""
    INSERT INTO home_activity (account, opened_at, state)
    SELECT id, CAST(?2 AS bigint),
        CASE WHEN home_floor = {NOTHING_READY} THEN {HomeState.IDLE} ELSE {HomeState.READY} END
    FROM account WHERE id IN {{ids:1}} AND {account_exists("account")} ON CONFLICT (account) DO NOTHING
""")
FORGET = SQL("DELETE FROM home_activity WHERE account = ?1")


async def activity(account: int) -> HomeActivity | None:
    """None for a member who has not opened home yet."""
    row = await DB.one(ACTIVITY, account)
    return HomeActivity(row[0], HomeState(row[1])) if row else None


async def opened(account: int, now: int, since: int) -> HomeState | None:
    """Notes that a member opens home, unless that was noted after ``since`` already.

    Copies are made from the commit on. Returns the state if this changed anything: the caller has a timeline that is
    FILLING filled.
    """
    row = await DB.one(OPEN, account, now, since)
    return HomeState(row[0]) if row else None


async def filled(account: int) -> bool:
    """Ends FILLING; False when the member was in another state."""
    return await DB.one(FILLED, account) is not None


async def unread_since(after: int, before: int, since: int, limit: int) -> list[int]:
    """Members with ids between ``after`` and ``before`` who get copies and last opened home before ``since``."""
    with DB.off_loop():
        return [row[0] for row in await DB.fetch(UNREAD, after, before, since, limit)]


async def retire(account: int, since: int) -> bool:
    """Makes a member idle, unless they have opened home after ``since``; call it with the account locked."""
    return await DB.one(RETIRE, account, since) is not None


async def restore(accounts: list[int], now: int) -> None:
    """After a network was loaded: everyone is active from ``now`` on, but for members who were idle."""
    await DB.fetch(RESTORE, DB.ids(accounts), now)


async def forget(account: int) -> None:
    await DB.fetch(FORGET, account)
