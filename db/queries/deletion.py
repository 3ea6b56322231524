"""Deleting posts: hidden at once, restored on demand, and purged with all that belongs to them."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import post_allowed, post_exists
from db.sql import SQL


class CountedIn(NamedTuple):
    """The posts that have a deleted or restored one among their replies and quotes.

    ``counted`` is 0 for a post that moderators have removed: it was taken out of all counts then.
    """

    parent: int | None
    quote: int | None
    counted: int


_COUNTED = f"parent, quote, CASE WHEN {post_allowed('post')} THEN 1 ELSE 0 END"
DELETE = SQL(f"""
    UPDATE post SET deleted_at = ?3 WHERE id = ?1 AND author = ?2 AND {post_exists("post")} RETURNING {_COUNTED}
""")
RESTORE = SQL(f"""
    UPDATE post SET deleted_at = NULL WHERE id = ?1 AND author = ?2 AND deleted_at IS NOT NULL RETURNING {_COUNTED}
""")
AUTHOR_OF = SQL("SELECT author FROM post WHERE id = ?1")
DELETED_BY = SQL("SELECT author FROM post WHERE id = ?1 AND deleted_at = ?2")
_REPLIES = "SELECT r.id FROM post r WHERE r.parent = ?1 AND r.parent_author IS NOT NULL"
LOCK_REPLIES = SQL(_REPLIES, f"{_REPLIES} ORDER BY r.id DESC FOR NO KEY UPDATE")
# Until the transaction ends nobody can vote on the post, repost it or reply to it.
LOCK_WHOLE = SQL("SELECT id FROM post WHERE id = ?1", "SELECT id FROM post WHERE id = ?1 FOR UPDATE")
_NOTICES = "SELECT id FROM notice WHERE post = ?1"
LOCK_NOTICES = SQL(_NOTICES, f"{_NOTICES} ORDER BY id FOR UPDATE")
ORPHAN = SQL("UPDATE post SET parent_author = NULL WHERE parent = ?1 AND parent_author IS NOT NULL")
PURGE = SQL("DELETE FROM post WHERE id = ?1")
OF_AUTHOR = SQL("SELECT id FROM post WHERE author = ?1 LIMIT ?2")


async def delete(post: int, author: int, now: int) -> CountedIn | None:
    """Hides a post; None when it does not exist, is somebody else's, or is hidden already."""
    row = await DB.one(DELETE, post, author, now)
    return None if row is None else CountedIn._make(row)


async def restore(post: int, author: int) -> CountedIn | None:
    """Shows a hidden post again; None when there is none of this author."""
    row = await DB.one(RESTORE, post, author)
    return None if row is None else CountedIn._make(row)


async def author_of(post: int) -> int | None:
    """The author of a post, hidden or not; None when there is none."""
    author: int | None = await DB.value(AUTHOR_OF, post)
    return author


async def deleted_author(post: int, deleted_at: int) -> int | None:
    """The author of a post that was hidden at this time (Unix milliseconds) and still is, else None."""
    author: int | None = await DB.value(DELETED_BY, post, deleted_at)
    return author


async def lock_whole(post: int) -> None:
    """Locks a post that is about to be purged, the replies that lose their parent, and the notices about it."""
    await DB.fetch(LOCK_REPLIES, post)
    await DB.fetch(LOCK_WHOLE, post)
    await DB.fetch(LOCK_NOTICES, post)


async def purge(post: int) -> None:
    """Removes the row, its author from replies and, by foreign keys, all that belongs to it.

    Call :func:`lock_whole` before.
    """
    await DB.fetch(ORPHAN, post)
    await DB.fetch(PURGE, post)


async def some_of(author: int, limit: int) -> list[int]:
    """Some of an author's posts, hidden ones too."""
    return [row[0] for row in await DB.fetch(OF_AUTHOR, author, limit)]
