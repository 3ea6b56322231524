"""Follows, requests, blocks and mutes."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists, account_shown, open_account
from db.sql import SQL


class FollowEdge(NamedTuple):
    follower: int
    followee: int


class FollowerCount(NamedTuple):
    """``pull_since`` is the id from which on followers pull posts instead of getting copies, None before."""

    followers: int
    pull_since: int | None


class Between(NamedTuple):
    """What decides whether a viewer may follow an account.

    ``blocked``: one of the two blocks the other; ``following``: how many accounts the viewer follows; ``private``: the
    account is private.
    """

    blocked: int
    following: int
    private: int


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
LOCK = SQL(
    "SELECT id FROM account WHERE id IN {ids:1}",
    "SELECT id FROM account WHERE id IN {ids:1} ORDER BY id FOR NO KEY UPDATE",
)
UNASK = SQL("DELETE FROM follow_request WHERE requester = ?1 AND target = ?2 RETURNING target")
BLOCK = SQL("INSERT INTO block (blocker, blocked) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
UNBLOCK = SQL("DELETE FROM block WHERE blocker = ?1 AND blocked = ?2")
# No row when one of them has left.
BETWEEN = SQL(f"""
    SELECT EXISTS (SELECT 1 FROM block b WHERE b.blocker = ?1 AND b.blocked = ?2)
            OR EXISTS (SELECT 1 FROM block b WHERE b.blocker = ?2 AND b.blocked = ?1),
        me.following, other.private
    FROM account me CROSS JOIN account other
    WHERE me.id = ?1 AND {account_exists("me")} AND other.id = ?2 AND {account_shown("other")}
""")
IS_OPEN = SQL(f"SELECT 1 FROM account a WHERE a.id = ?1 AND {open_account()} AND {account_exists()}")
MUTE = SQL("INSERT INTO mute (muter, muted) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
UNMUTE = SQL("DELETE FROM mute WHERE muter = ?1 AND muted = ?2")
REQUESTS_TO = SQL("SELECT requester FROM follow_request WHERE target = ?1 ORDER BY requester LIMIT ?2")
NEIGHBOURS = SQL("""
    SELECT follower, followee FROM follow WHERE follower = ?1
    UNION ALL SELECT follower, followee FROM follow WHERE followee = ?1 LIMIT ?2
""")


async def lock(*accounts: int) -> None:
    """Locks accounts until the transaction ends, in the order of their ids.

    A transaction that checks or changes the relation of two people locks both first, so that the check holds at commit.
    """
    await DB.fetch(LOCK, DB.ids(accounts))


async def follow(follower: int, followee: int, fanout_limit: int, now_id: int) -> bool:
    """Adds a follow; False when there was one. Call :func:`lock` before.

    Past ``fanout_limit`` followers, posts with ids above ``now_id`` are no longer copied: followers pull them.
    """
    if await DB.one(FOLLOW, follower, followee) is None:
        return False
    count = await _count(follower, followee, 1)
    if count.followers > fanout_limit and count.pull_since is None:
        await DB.fetch(PULL_FROM, followee, now_id)
        await DB.fetch(PULL_ALL, followee)
    return True


async def unfollow(follower: int, followee: int) -> bool:
    """Removes a follow; False when there was none. Call :func:`lock` before."""
    if await DB.one(UNFOLLOW, follower, followee) is None:
        return False
    await _count(follower, followee, -1)
    return True


async def _count(follower: int, followee: int, by: int) -> FollowerCount:
    await DB.fetch(COUNT_FOLLOWING, follower, by)
    row = await DB.one(COUNT_FOLLOWERS, followee, by)
    return FollowerCount._make(row) if row else FollowerCount(0, None)


async def ask(requester: int, target: int) -> bool:
    """Adds a request to follow; False when there was one."""
    return await DB.one(ASK, requester, target) is not None


async def unask(requester: int, target: int) -> bool:
    """Removes a request; False when there was none."""
    return await DB.one(UNASK, requester, target) is not None


async def requests_to(target: int, limit: int) -> list[int]:
    """Some of the accounts that ask to follow one, in the order of their ids."""
    return [row[0] for row in await DB.fetch(REQUESTS_TO, target, limit)]


async def block(blocker: int, blocked: int) -> None:
    await DB.fetch(BLOCK, blocker, blocked)


async def unblock(blocker: int, blocked: int) -> None:
    await DB.fetch(UNBLOCK, blocker, blocked)


async def between(viewer: int, other: int) -> Between | None:
    """None when one of the two has left."""
    row = await DB.one(BETWEEN, viewer, other)
    return None if row is None else Between._make(row)


async def is_open(account: int) -> bool:
    """Whether an account exists and is not private."""
    return await DB.one(IS_OPEN, account) is not None


async def mute(muter: int, muted: int) -> None:
    await DB.fetch(MUTE, muter, muted)


async def unmute(muter: int, muted: int) -> None:
    await DB.fetch(UNMUTE, muter, muted)


async def edges_of(account: int, limit: int) -> list[FollowEdge]:
    """Some of the follows from and to an account."""
    return [FollowEdge._make(row) for row in await DB.fetch(NEIGHBOURS, account, limit)]
