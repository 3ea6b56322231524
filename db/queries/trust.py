"""Levels of trust: what accounts have done for them, and what they have posted within the hour."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists, post_shown
from db.sql import SQL


class TrustRow(NamedTuple):
    """How far an account is; ``lost`` is how many of the levels that it has ``earned`` points cost it now."""

    earned: int
    lost: int
    days: int
    reads: int


class DueRow(NamedTuple):
    """An account whose level may have to change."""

    account: int
    earned: int
    lost: int
    days: int
    reads: int


class PostedRow(NamedTuple):
    """What an account has posted since ``hour_at`` (Unix milliseconds), in less than an hour."""

    hour_at: int
    links: int
    media: int
    mentions: int


ONE = SQL("SELECT earned, lost, days, reads FROM trust WHERE account = ?1")
# Whoever has no row has earned what they have.
_NEW = f"FROM account a WHERE a.id = ?1 AND {account_exists()} ON CONFLICT (account) DO UPDATE SET"
READ = SQL(f"""
    INSERT INTO trust (account, earned, reads, day, days)
    SELECT a.id, a.trust, CAST(?2 AS integer), CAST(?3 AS integer), 1 {_NEW} reads = trust.reads + excluded.reads,
        days = trust.days + CASE WHEN trust.day < excluded.day THEN 1 ELSE 0 END,
        day = CASE WHEN trust.day < excluded.day THEN excluded.day ELSE trust.day END
""")
_SAME_HOUR = "CASE WHEN trust.hour_at > ?3 THEN"
POST = SQL(f"""
    INSERT INTO trust (account, earned, hour_at, links, media, mentions)
    SELECT a.id, a.trust, CAST(?2 AS bigint), CAST(?4 AS integer), CAST(?5 AS integer), CAST(?6 AS integer) {_NEW}
        hour_at = {_SAME_HOUR} trust.hour_at ELSE excluded.hour_at END,
        links = {_SAME_HOUR} trust.links ELSE 0 END + excluded.links,
        media = {_SAME_HOUR} trust.media ELSE 0 END + excluded.media,
        mentions = {_SAME_HOUR} trust.mentions ELSE 0 END + excluded.mentions
    RETURNING hour_at, links, media, mentions
""")
_LEVEL = f"SELECT a.trust FROM account a WHERE a.id = ?1 AND {account_exists()}"
LOCK = SQL(_LEVEL, f"{_LEVEL} FOR NO KEY UPDATE")
PUT = SQL("""
    INSERT INTO trust (account, earned, lost) VALUES (?1, ?2, ?3)
    ON CONFLICT (account) DO UPDATE SET earned = excluded.earned, lost = excluded.lost
""")
PUT_LEVEL = SQL("UPDATE account SET trust = ?2 WHERE id = ?1")
STOOD = SQL(f"""
    SELECT count(*) FROM (
        SELECT 1 FROM post p WHERE p.author = ?1 AND p.id < ?2 AND {post_shown()} LIMIT ?3) few
""")
DUE = SQL("""
    SELECT account, earned, lost, days, reads FROM trust
    WHERE account > ?1 AND (lost > 0 OR earned < 3 AND day >= ?2) ORDER BY account LIMIT ?3
""")


async def one(account: int) -> TrustRow | None:
    """None for an account that has done nothing for its level yet."""
    row = await DB.one(ONE, account)
    return TrustRow._make(row) if row is not None else None


async def read(account: int, reads: int, day: int) -> None:
    """Adds posts that an account has read on ``day`` (days since 1970, UTC)."""
    await DB.fetch(READ, account, reads, day)


async def post(account: int, now: int, since: int, links: int, media: int, mentions: int) -> PostedRow:
    """Within a transaction: adds to what an account has posted within the hour; one that began until ``since`` is over.

    The row stays locked until the transaction ends. Times are in Unix milliseconds.
    """
    row = await DB.one(POST, account, now, since, links, media, mentions)
    return PostedRow._make(row) if row is not None else PostedRow(now, 0, 0, 0)


async def lock(account: int) -> int | None:
    """Within a transaction: the level of an account, which nobody else can change until its end; None once it has
    left."""
    level: int | None = await DB.value(LOCK, account)
    return level


async def put(account: int, level: int, earned: int, lost: int) -> None:
    """Within a transaction."""
    await DB.fetch(PUT, account, earned, lost)
    await DB.fetch(PUT_LEVEL, account, level)


async def stood(account: int, before: int, limit: int) -> int:
    """How many posts of an account with ids below ``before`` are there, not counting beyond ``limit``."""
    return int(await DB.value(STOOD, account, before, limit))


async def due(after: int, day: int, limit: int) -> list[DueRow]:
    """Accounts after one that points have cost a level, or that have read on ``day`` or later and can earn more."""
    with DB.off_loop():
        return list(map(DueRow._make, await DB.fetch(DUE, after, day, limit)))
