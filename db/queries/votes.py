"""Votes, and the counts of them on each post."""

from db.engine import DB
from db.queries import posts
from db.sql import SQL

OF = SQL("SELECT value FROM vote WHERE account = ?1 AND post = ?2")
PUT = SQL("""
    INSERT INTO vote (account, post, value) VALUES (?1, ?2, ?3)
    ON CONFLICT (account, post) DO UPDATE SET value = excluded.value
""")
REMOVE = SQL("DELETE FROM vote WHERE account = ?1 AND post = ?2")
COUNT = SQL("UPDATE post SET ups = ups + ?2, downs = downs + ?3 WHERE id = ?1")
BY_ACCOUNT = SQL("SELECT post FROM vote WHERE account = ?1 LIMIT ?2")


async def cast(account: int, post: int, value: int) -> bool:
    """Sets a vote of 1 or -1, or removes it with 0, and updates the post's counts.

    Returns whether the number of votes up has changed: ``cast(ana, post, 1)`` is True the first time only.
    """
    # Two votes of one person at once must not both see the old one.
    await posts.lock(post)
    old = await DB.value(OF, account, post) or 0
    if old == value:
        return False
    if value:
        await DB.fetch(PUT, account, post, value)
    else:
        await DB.fetch(REMOVE, account, post)
    await DB.fetch(COUNT, post, (value == 1) - (old == 1), (value == -1) - (old == -1))
    return 1 in (old, value)


async def some_by(account: int, limit: int) -> list[int]:
    """Some of the posts that an account has voted on."""
    return [row[0] for row in await DB.fetch(BY_ACCOUNT, account, limit)]
