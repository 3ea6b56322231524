"""What moderation does to posts."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import post_exists
from db.sql import SQL


class RestrictedPost(NamedTuple):
    """A post whose state has changed; ``exists`` is 0 once its author has deleted it, which took it out of counts."""

    author: int
    parent: int | None
    quote: int | None
    exists: int


SET_STATE = SQL(f"""
    UPDATE post SET state = ?2 WHERE id = ?1 AND state <> ?2
    RETURNING author, parent, quote, CASE WHEN {post_exists("post")} THEN 1 ELSE 0 END
""")


EXISTS = SQL(f"SELECT 1 FROM post p WHERE p.id = ?1 AND {post_exists()}")


async def exists(post: int) -> bool:
    """Whether there is a post that its author has not deleted, removed or not."""
    return await DB.one(EXISTS, post) is not None


async def set_state(post: int, state: int) -> RestrictedPost | None:
    """Within a transaction: gives a post a ``PostState``. None when it has that state, or is purged."""
    row = await DB.one(SET_STATE, post, state)
    return None if row is None else RestrictedPost._make(row)
