"""What moderation does to posts."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import post_allowed, post_exists
from db.sql import SQL


class RestrictedPost(NamedTuple):
    """A post whose state has changed; ``exists`` is 0 once its author has deleted it, which took it out of counts."""

    author: int
    parent: int | None
    quote: int | None
    exists: int


class CurrentPost(NamedTuple):
    """A post as it is now; ``exists`` and ``allowed`` are 0 once its author or moderators have taken it away."""

    version: int
    text: str
    cover: str | None
    exists: int
    allowed: int


CURRENT = SQL(f"""
    SELECT p.version, p.text, p.cover, CASE WHEN {post_exists()} THEN 1 ELSE 0 END,
        CASE WHEN {post_allowed()} THEN 1 ELSE 0 END
    FROM post p WHERE p.id = ?1
""")
SET_STATE = SQL(f"""
    UPDATE post SET state = ?2 WHERE id = ?1 AND state <> ?2
    RETURNING author, parent, quote, CASE WHEN {post_exists("post")} THEN 1 ELSE 0 END
""")


async def current(post: int) -> CurrentPost | None:
    """A post for moderators, whoever may see it; None once it is purged."""
    row = await DB.one(CURRENT, post)
    return None if row is None else CurrentPost._make(row)


async def set_state(post: int, state: int) -> RestrictedPost | None:
    """Within a transaction: gives a post a ``PostState``. None when it has that state, or is purged."""
    row = await DB.one(SET_STATE, post, state)
    return None if row is None else RestrictedPost._make(row)
