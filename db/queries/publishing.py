"""Writing posts, and what hangs on them."""

from collections.abc import Sequence
from typing import Any

from db.engine import DB, Row
from db.queries.visibility import visible_person
from db.sql import SQL

INSERT = SQL("""
    INSERT INTO post
        (id, author, parent, parent_author, root, quote, text, mentions, cover, visibility, replies_to, key,
        attachments)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
""")
# Edited since, a post was published with the text and cover of its first revision.
BY_KEY = SQL("""
    SELECT p.id, p.deleted_at, p.edited_at, coalesce(r.text, p.text),
        CASE WHEN r.post IS NULL THEN p.cover ELSE r.cover END, p.parent, p.quote, p.visibility, p.replies_to
    FROM post p LEFT JOIN revision r
        ON r.post = p.id AND r.number = (SELECT min(f.number) FROM revision f WHERE f.post = p.id)
    WHERE p.author = ?1 AND p.key = ?2
""")
COUNT_POSTS = SQL("UPDATE account SET posts = posts + ?2 WHERE id = ?1")
COUNT_REPLIES = SQL("UPDATE post SET replies = replies + ?2 WHERE id = ?1 RETURNING deleted_at")
COUNT_QUOTES = SQL("UPDATE post SET quotes = quotes + ?2 WHERE id = ?1 RETURNING deleted_at")
COUNT_REPOSTS = SQL("UPDATE post SET reposts = reposts + ?2 WHERE id = ?1")
_NAMED = f"""
    SELECT a.id, a.handle, a.handle_key FROM account a
    WHERE {visible_person()} AND a.handle_key IN
"""
HANDLES = SQL(
    f"{_NAMED} (SELECT value FROM json_each(?2))", f"{_NAMED} (SELECT json_array_elements_text(CAST(?2 AS json)))"
)
OWN_HOME = SQL("""
    INSERT INTO timeline (viewer, entry, post, author, actor) VALUES (?1, ?2, ?2, ?1, 0) ON CONFLICT DO NOTHING
""")
MENTIONED = SQL("SELECT 1 FROM mention WHERE post = ?1 AND account = ?2")
FOLLOWS = SQL("SELECT 1 FROM follow WHERE follower = ?1 AND followee = ?2")
MENTION = SQL("INSERT INTO mention (post, account) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
UNMENTION = SQL("DELETE FROM mention WHERE post = ?1")
TAG = SQL("INSERT INTO post_tag (tag, post) VALUES (?2, ?1) ON CONFLICT DO NOTHING")
UNTAG = SQL("DELETE FROM post_tag WHERE post = ?1")
KEEP_REVISION = SQL("""
    INSERT INTO revision (post, number, text, mentions, cover, written_at)
    SELECT id, version, text, mentions, cover, CAST(?2 AS bigint) FROM post WHERE id = ?1 AND version = ?3
""")
REWRITE = SQL("""
    UPDATE post SET text = ?2, mentions = ?3, cover = ?4, edited_at = ?5, attachments = ?7, version = version + 1
    WHERE id = ?1 AND version = ?6 RETURNING version
""")
REVISIONS = SQL("""
    SELECT number, text, mentions, cover, written_at FROM revision
    WHERE post = ?1 AND number < CAST(?2 AS bigint) ORDER BY number DESC LIMIT ?3
""")
DELETE = SQL(
    "UPDATE post SET deleted_at = ?3 WHERE id = ?1 AND author = ?2 AND deleted_at IS NULL RETURNING parent, quote"
)
RESTORE = SQL("""
    UPDATE post SET deleted_at = NULL WHERE id = ?1 AND author = ?2 AND deleted_at IS NOT NULL
    RETURNING parent, quote
""")
AUTHOR_OF = SQL("SELECT author FROM post WHERE id = ?1")
DELETED = SQL("SELECT author FROM post WHERE id = ?1 AND deleted_at = ?2")
REPOSTS_OF = SQL("SELECT id, account FROM repost WHERE post = ?1 ORDER BY id LIMIT ?2")
_REPLIES = "SELECT r.id FROM post r WHERE r.parent = ?1 AND r.parent_author IS NOT NULL"
LOCK_REPLIES = SQL(_REPLIES, f"{_REPLIES} ORDER BY r.id DESC FOR NO KEY UPDATE")
_NOTICES = "SELECT id FROM notice WHERE post = ?1"
LOCK_NOTICES = SQL(_NOTICES, f"{_NOTICES} ORDER BY id FOR UPDATE")
ORPHAN = SQL("UPDATE post SET parent_author = NULL WHERE parent = ?1 AND parent_author IS NOT NULL")
PURGE = SQL("DELETE FROM post WHERE id = ?1")
REPOST = SQL("INSERT INTO repost (id, account, post) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING RETURNING id")
UNREPOST = SQL("DELETE FROM repost WHERE account = ?1 AND post = ?2 RETURNING id")
VOTE_OF = SQL("SELECT value FROM vote WHERE account = ?1 AND post = ?2")
VOTE = SQL("""
    INSERT INTO vote (account, post, value) VALUES (?1, ?2, ?3)
    ON CONFLICT (account, post) DO UPDATE SET value = excluded.value
""")
UNVOTE = SQL("DELETE FROM vote WHERE account = ?1 AND post = ?2")
COUNT_VOTES = SQL("UPDATE post SET ups = ups + ?2, downs = downs + ?3 WHERE id = ?1")
_LOCK = "SELECT id FROM post WHERE id IN {ids:1}"
LOCK = SQL(_LOCK, f"{_LOCK} ORDER BY id DESC FOR NO KEY UPDATE")
# Nobody can vote on it, repost it or write of it until the transaction ends.
LOCK_WHOLE = SQL("SELECT id FROM post WHERE id = ?1", "SELECT id FROM post WHERE id = ?1 FOR UPDATE")
OF_AUTHOR = SQL("SELECT id FROM post WHERE author = ?1 LIMIT ?2")
REPOSTS_BY = SQL("SELECT id, post FROM repost WHERE account = ?1 LIMIT ?2")
VOTES_BY = SQL("SELECT post FROM vote WHERE account = ?1 LIMIT ?2")


async def insert(*values: Any) -> None:
    """A row in the order of INSERT. Errors: ``Conflict`` when the author has used the key before."""
    await DB.fetch(INSERT, *values)


async def by_key(author: int, key: str) -> Row | None:
    """``(id, deleted_at, edited_at, text, cover, parent, quote, visibility, replies_to)`` of the post that a form has
    published already, as it was published."""
    return await DB.one(BY_KEY, author, key)


async def lock(*posts: int) -> None:
    """Locks posts until the transaction ends, from the newest to the oldest."""
    await DB.fetch(LOCK, DB.ids(posts))


async def lock_whole(post: int) -> None:
    """Locks a post that is to be removed, and the replies that will have no parent any more."""
    await DB.fetch(LOCK_REPLIES, post)
    await DB.fetch(LOCK_WHOLE, post)
    await DB.fetch(LOCK_NOTICES, post)


async def count(author: int, parent: int | None, quote: int | None, by: int) -> bool:
    """One post more (1) or fewer (-1), for its author, the post it replies to and the one it quotes.

    Locks all of them. False when one of the two posts is deleted.
    """
    if parent is not None and quote is not None:
        await lock(parent, quote)
    there = True
    for counting, post in ((COUNT_REPLIES, parent), (COUNT_QUOTES, quote)):
        if post is not None:
            row = await DB.one(counting, post, by)
            there = there and row is not None and row[0] is None
    await DB.fetch(COUNT_POSTS, author, by)
    return there


async def into_own_home(author: int, post: int) -> None:
    """An author sees their own post at once, before anything is worked off."""
    await DB.fetch(OWN_HOME, author, post)


async def is_mentioned(post: int, account: int) -> bool:
    return await DB.one(MENTIONED, post, account) is not None


async def is_follower(follower: int, followee: int) -> bool:
    return await DB.one(FOLLOWS, follower, followee) is not None


async def accounts_named(viewer: int, keys: str) -> list[Row]:
    """``(id, handle, key)`` of those there are for the viewer; ``keys`` is a JSON list of lower-case handles."""
    return await DB.fetch(HANDLES, viewer, keys)


async def mark(post: int, accounts: Sequence[int], tags: Sequence[str]) -> None:
    """Notes whom a post mentions and which tags it has."""
    for account in accounts:
        await DB.fetch(MENTION, post, account)
    for tag in tags:
        await DB.fetch(TAG, post, tag)


async def unmark(post: int) -> None:
    await DB.fetch(UNMENTION, post)
    await DB.fetch(UNTAG, post)


async def rewrite(
    post: int, text: str, mentions: str, cover: str | None, now: int, version: int, written_at: int, attachments: int
) -> bool:
    """Keeps the old text as a revision and sets the new one; False when the post is no longer at ``version``."""
    await lock(post)
    await DB.fetch(KEEP_REVISION, post, written_at, version)
    return await DB.one(REWRITE, post, text, mentions, cover, now, version, attachments) is not None


async def revisions(post: int, before: int, limit: int) -> list[Row]:
    """``(number, text, mentions, cover, written_at)`` of the revisions below number ``before``, newest first."""
    return await DB.fetch(REVISIONS, post, before, limit)


async def delete(post: int, author: int, now: int) -> Row | None:
    """Hides a post; ``(parent, quote)``, or None when it is not there, not the author's, or hidden already."""
    return await DB.one(DELETE, post, author, now)


async def restore(post: int, author: int) -> Row | None:
    """Shows it again; ``(parent, quote)`` or None."""
    return await DB.one(RESTORE, post, author)


async def author_of(post: int) -> int | None:
    """The author of a post, hidden or not; None when there is none."""
    return await DB.value(AUTHOR_OF, post)  # type: ignore[no-any-return]


async def deleted_author(post: int, deleted_at: int) -> int | None:
    """The author of a post that is hidden and not yet purged, else None."""
    return await DB.value(DELETED, post, deleted_at)  # type: ignore[no-any-return]


async def purge(post: int) -> None:
    """Removes the row, its author from replies and, by foreign keys, all that hangs on it.

    Call :func:`lock_whole` before.
    """
    await DB.fetch(ORPHAN, post)
    await DB.fetch(PURGE, post)


async def some_reposts_of(post: int, limit: int) -> list[Row]:
    """``(id, account)`` of the oldest reposts."""
    return await DB.fetch(REPOSTS_OF, post, limit)


async def repost(identifier: int, account: int, post: int) -> bool:
    """False when it was reposted already."""
    if await DB.one(REPOST, identifier, account, post) is None:
        return False
    await DB.fetch(COUNT_REPOSTS, post, 1)
    return True


async def unrepost(account: int, post: int) -> int | None:
    """The removed repost's id, or None when there was none."""
    # Before the row of the repost, as whoever removes the post does.
    await lock(post)
    removed = await DB.value(UNREPOST, account, post)
    if removed is not None:
        await DB.fetch(COUNT_REPOSTS, post, -1)
    return removed  # type: ignore[no-any-return]


async def vote(account: int, post: int, value: int) -> bool:
    """Sets a vote of 1 or -1, or takes it back with 0, and keeps the post's counts; whether the ups have changed."""
    # Two votes of one person at once must not both see the old one.
    await lock(post)
    old = await DB.value(VOTE_OF, account, post) or 0
    if old == value:
        return False
    if value:
        await DB.fetch(VOTE, account, post, value)
    else:
        await DB.fetch(UNVOTE, account, post)
    await DB.fetch(COUNT_VOTES, post, (value == 1) - (old == 1), (value == -1) - (old == -1))
    return 1 in (old, value)


async def some_of(author: int, limit: int) -> list[int]:
    """Some of an author's posts, deleted ones too."""
    return [row[0] for row in await DB.fetch(OF_AUTHOR, author, limit)]


async def some_reposts_by(account: int, limit: int) -> list[Row]:
    """``(id, post)`` of some reposts."""
    return await DB.fetch(REPOSTS_BY, account, limit)


async def some_votes_by(account: int, limit: int) -> list[int]:
    return [row[0] for row in await DB.fetch(VOTES_BY, account, limit)]
