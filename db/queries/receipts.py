"""Receipts for deleted posts."""

from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class ReceiptCounts(NamedTuple):
    """How many rows go with a post: ``history`` revisions, ``search`` tags and mentions, ``marks`` votes, notices."""

    history: int
    search: int
    marks: int
    notices: int


class ReceiptRow(NamedTuple):
    """``lines`` in JSON; times in Unix milliseconds."""

    post: int
    deleted_at: int
    purged_at: int | None
    lines: str


COUNTS = SQL("""
    SELECT (SELECT count(*) FROM revision WHERE post = ?1),
        (SELECT count(*) FROM post_tag WHERE post = ?1) + (SELECT count(*) FROM mention WHERE post = ?1),
        (SELECT count(*) FROM vote WHERE post = ?1), (SELECT count(*) FROM notice WHERE post = ?1)
""")
ADD = SQL("""
    INSERT INTO receipt (post, account, deleted_at, lines) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING
""")
ONE = SQL(f"SELECT {', '.join(ReceiptRow._fields)} FROM receipt WHERE post = ?1")
OPEN = SQL("SELECT post FROM receipt WHERE purged_at IS NULL ORDER BY deleted_at LIMIT ?1")
CLOSE = SQL("UPDATE receipt SET purged_at = ?2, lines = ?3 WHERE post = ?1")
OF_ACCOUNT = SQL(f"""
    SELECT {", ".join(ReceiptRow._fields)} FROM receipt WHERE account = ?1 ORDER BY post DESC LIMIT ?2
""")
DROP = SQL("DELETE FROM receipt WHERE deleted_at < ?1 AND purged_at IS NOT NULL")


async def counts(post: int) -> ReceiptCounts:
    row = await DB.one(COUNTS, post)
    assert row is not None
    return ReceiptCounts._make(row)


async def add(post: int, account: int, deleted_at: int, lines: str) -> None:
    await DB.fetch(ADD, post, account, deleted_at, lines)


async def one(post: int) -> ReceiptRow | None:
    row = await DB.one(ONE, post)
    return None if row is None else ReceiptRow._make(row)


async def open_ones(limit: int) -> list[int]:
    """The posts of receipts with files that are still to be removed, the oldest first."""
    return [row[0] for row in await DB.fetch(OPEN, limit)]


async def close(post: int, now: int, lines: str) -> None:
    await DB.fetch(CLOSE, post, now, lines)


async def of_account(account: int, limit: int) -> list[ReceiptRow]:
    """An account's receipts, newest post first."""
    return [ReceiptRow._make(row) for row in await DB.fetch(OF_ACCOUNT, account, limit)]


async def drop(before: int) -> None:
    """Forgets finished receipts of posts that were deleted before a time (Unix milliseconds)."""
    await DB.fetch(DROP, before)
