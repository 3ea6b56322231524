"""Follows, requests, blocks and mutes."""

from db.engine import DB
from db.sql import SQL

FOLLOW = SQL("""
    INSERT INTO follow (follower, followee, pull)
    SELECT CAST(?1 AS bigint), id, CASE WHEN pull_since IS NULL THEN 0 ELSE 1 END FROM account WHERE id = ?2
    ON CONFLICT DO NOTHING RETURNING follower
""")
UNFOLLOW = SQL("DELETE FROM follow WHERE follower = ?1 AND followee = ?2 RETURNING follower")
COUNT_FOLLOWERS = SQL("UPDATE account SET followers = followers + ?2 WHERE id = ?1 RETURNING followers, pull_since")
COUNT_FOLLOWING = SQL("UPDATE account SET following = following + ?2 WHERE id = ?1")
PULL_FROM = SQL("UPDATE account SET pull_since = ?2 WHERE id = ?1 AND pull_since IS NULL")
PULL_ALL = SQL("UPDATE follow SET pull = 1 WHERE followee = ?1 AND pull = 0")
ASK = SQL("INSERT INTO follow_request (target, requester) VALUES (?2, ?1) ON CONFLICT DO NOTHING RETURNING target")
UNASK = SQL("DELETE FROM follow_request WHERE requester = ?1 AND target = ?2 RETURNING target")
BLOCK = SQL("INSERT INTO block (blocker, blocked) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
UNBLOCK = SQL("DELETE FROM block WHERE blocker = ?1 AND blocked = ?2")
IS_BLOCKED = SQL("""
    SELECT 1 FROM block WHERE blocker = ?1 AND blocked = ?2 UNION ALL
    SELECT 1 FROM block WHERE blocker = ?2 AND blocked = ?1 LIMIT 1
""")
FOLLOWING = SQL("SELECT following FROM account WHERE id = ?1")
IS_PRIVATE = SQL("SELECT private FROM account WHERE id = ?1")
MUTE = SQL("INSERT INTO mute (muter, muted) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
UNMUTE = SQL("DELETE FROM mute WHERE muter = ?1 AND muted = ?2")
REQUESTS_TO = SQL("SELECT requester FROM follow_request WHERE target = ?1 LIMIT ?2")
NEIGHBOURS = SQL("""
    SELECT follower, followee FROM follow WHERE follower = ?1
    UNION ALL SELECT follower, followee FROM follow WHERE followee = ?1 LIMIT ?2
""")


async def follow(follower: int, followee: int, pull_limit: int, now_id: int) -> bool:
    """False when it was so already. Past ``pull_limit`` followers the followee is pulled from ``now_id`` on."""
    if await DB.one(FOLLOW, follower, followee) is None:
        return False
    count, pull_since = await _count(follower, followee, 1)
    if count > pull_limit and pull_since is None:
        await DB.fetch(PULL_FROM, followee, now_id)
        await DB.fetch(PULL_ALL, followee)
    return True


async def unfollow(follower: int, followee: int) -> bool:
    if await DB.one(UNFOLLOW, follower, followee) is None:
        return False
    await _count(follower, followee, -1)
    return True


async def _count(follower: int, followee: int, by: int) -> tuple[int, int | None]:
    # The smaller id first, whoever it is: two people following each other at once must not wait for one another.
    if follower < followee:
        await DB.fetch(COUNT_FOLLOWING, follower, by)
    row = await DB.one(COUNT_FOLLOWERS, followee, by)
    if follower > followee:
        await DB.fetch(COUNT_FOLLOWING, follower, by)
    return (row[0], row[1]) if row else (0, None)


async def ask(requester: int, target: int) -> bool:
    """False when it was asked already."""
    return await DB.one(ASK, requester, target) is not None


async def unask(requester: int, target: int) -> bool:
    """False when there was no such request."""
    return await DB.one(UNASK, requester, target) is not None


async def requests_to(target: int, limit: int) -> list[int]:
    """Some of those who ask."""
    return [row[0] for row in await DB.fetch(REQUESTS_TO, target, limit)]


async def block(blocker: int, blocked: int) -> None:
    await DB.fetch(BLOCK, blocker, blocked)


async def unblock(blocker: int, blocked: int) -> None:
    await DB.fetch(UNBLOCK, blocker, blocked)


async def is_blocked(one: int, other: int) -> bool:
    """Whether either has blocked the other."""
    return await DB.one(IS_BLOCKED, one, other) is not None


async def following_count(account: int) -> int:
    return int(await DB.value(FOLLOWING, account) or 0)


async def is_private(account: int) -> bool:
    return bool(await DB.value(IS_PRIVATE, account))


async def mute(muter: int, muted: int) -> None:
    await DB.fetch(MUTE, muter, muted)


async def unmute(muter: int, muted: int) -> None:
    await DB.fetch(UNMUTE, muter, muted)


async def edges_of(account: int, limit: int) -> list[tuple[int, int]]:
    """Some follows from and to an account as (follower, followee)."""
    return [(row[0], row[1]) for row in await DB.fetch(NEIGHBOURS, account, limit)]
