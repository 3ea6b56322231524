"""Receipts for deleted posts."""

from collections.abc import Sequence

from db.engine import DB, Row
from db.sql import SQL

COUNTS = SQL("""
    SELECT (SELECT count(*) FROM revision WHERE post = ?1),
        (SELECT count(*) FROM post_tag WHERE post = ?1) + (SELECT count(*) FROM mention WHERE post = ?1),
        (SELECT count(*) FROM vote WHERE post = ?1), (SELECT count(*) FROM notice WHERE post = ?1)
""")
ADD = SQL("""
    INSERT INTO receipt (post, account, deleted_at, lines) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING
""")
ONE = SQL("SELECT post, deleted_at, purged_at, lines FROM receipt WHERE post = ?1")
OPEN = SQL("SELECT post FROM receipt WHERE purged_at IS NULL ORDER BY deleted_at LIMIT ?1")
CLOSE = SQL("UPDATE receipt SET purged_at = ?2, lines = ?3 WHERE post = ?1")
OF_ACCOUNT = SQL("""
    SELECT post, deleted_at, purged_at, lines FROM receipt WHERE account = ?1 ORDER BY post DESC LIMIT ?2
""")
DROP = SQL("DELETE FROM receipt WHERE deleted_at < ?1 AND purged_at IS NOT NULL")


async def counts(post: int) -> Sequence[int]:
    """How many revisions, tags and mentions, votes, and notices a post has."""
    row = await DB.one(COUNTS, post)
    assert row is not None
    return [int(count) for count in row]


async def add(post: int, account: int, deleted_at: int, lines: str) -> None:
    await DB.fetch(ADD, post, account, deleted_at, lines)


async def one(post: int) -> Row | None:
    """``(post, deleted_at, purged_at, lines)``."""
    return await DB.one(ONE, post)


async def open_ones(limit: int) -> list[int]:
    """The posts of receipts that wait for a file to be removed, longest first."""
    return [row[0] for row in await DB.fetch(OPEN, limit)]


async def close(post: int, now: int, lines: str) -> None:
    await DB.fetch(CLOSE, post, now, lines)


async def of_account(account: int, limit: int) -> list[Row]:
    """The same for each, newest post first."""
    return await DB.fetch(OF_ACCOUNT, account, limit)


async def drop(before: int) -> None:
    await DB.fetch(DROP, before)
