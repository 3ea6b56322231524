"""Reposts, and the count of them on each post."""

from typing import NamedTuple

from db.engine import DB
from db.queries import posts
from db.sql import SQL


class RepostOfPost(NamedTuple):
    id: int
    account: int


class RepostByAccount(NamedTuple):
    id: int
    post: int


ADD = SQL("INSERT INTO repost (id, account, post) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING RETURNING id")
REMOVE = SQL("DELETE FROM repost WHERE account = ?1 AND post = ?2 RETURNING id")
COUNT = SQL("UPDATE post SET reposts = reposts + ?2 WHERE id = ?1")
OF_POST = SQL("SELECT id, account FROM repost WHERE post = ?1 ORDER BY id LIMIT ?2")
BY_ACCOUNT = SQL("SELECT id, post FROM repost WHERE account = ?1 LIMIT ?2")


async def add(identifier: int, account: int, post: int) -> bool:
    """False when the account had reposted it already."""
    if await DB.one(ADD, identifier, account, post) is None:
        return False
    await DB.fetch(COUNT, post, 1)
    return True


async def remove(account: int, post: int) -> int | None:
    """The removed repost's id, or None when there was none."""
    # The post is locked before the row of the repost, in the order in which a purge locks them.
    await posts.lock(post)
    removed: int | None = await DB.value(REMOVE, account, post)
    if removed is not None:
        await DB.fetch(COUNT, post, -1)
    return removed


async def some_of(post: int, limit: int) -> list[RepostOfPost]:
    """The oldest reposts of a post."""
    return [RepostOfPost._make(row) for row in await DB.fetch(OF_POST, post, limit)]


async def some_by(account: int, limit: int) -> list[RepostByAccount]:
    """Some of an account's reposts."""
    return [RepostByAccount._make(row) for row in await DB.fetch(BY_ACCOUNT, account, limit)]
