"""Publishing posts: the row, the counts it changes, and the mentions and tags by which it is found."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from db.engine import DB
from db.queries import posts
from db.queries.visibility import post_shown, visible_person
from db.sql import SQL


class NewPost(NamedTuple):
    """A post to insert; the fields are the columns of the table that have no default."""

    id: int
    author: int
    parent: int | None
    parent_author: int | None
    root: int
    quote: int | None
    text: str
    mentions: str
    cover: str | None
    visibility: int
    replies_to: int
    key: str
    attachments: int


class PublishedPost(NamedTuple):
    """A post as it was published, before any edit; ``deleted_at`` and ``edited_at`` in Unix milliseconds."""

    id: int
    deleted_at: int | None
    edited_at: int | None
    text: str
    cover: str | None
    parent: int | None
    quote: int | None
    visibility: int
    replies_to: int


class AccountHandle(NamedTuple):
    """``handle_key`` is the handle in lower case."""

    id: int
    handle: str
    handle_key: str


INSERT = SQL(f"""
    INSERT INTO post ({", ".join(NewPost._fields)})
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
""")
# An edited post was published with the text and cover of its first revision.
BY_KEY = SQL("""
    SELECT p.id, p.deleted_at, p.edited_at, coalesce(r.text, p.text),
        CASE WHEN r.post IS NULL THEN p.cover ELSE r.cover END, p.parent, p.quote, p.visibility, p.replies_to
    FROM post p LEFT JOIN revision r
        ON r.post = p.id AND r.number = (SELECT min(f.number) FROM revision f WHERE f.post = p.id)
    WHERE p.author = ?1 AND p.key = ?2
""")
COUNT_POSTS = SQL("UPDATE account SET posts = posts + ?2 WHERE id = ?1")
_SHOWN = f"CASE WHEN {post_shown('post')} THEN 1 ELSE 0 END"
COUNT_REPLIES = SQL(f"UPDATE post SET replies = replies + ?2 WHERE id = ?1 RETURNING {_SHOWN}")
COUNT_QUOTES = SQL(f"UPDATE post SET quotes = quotes + ?2 WHERE id = ?1 RETURNING {_SHOWN}")
HANDLES = SQL(f"""
    SELECT a.id, a.handle, a.handle_key FROM account a WHERE {visible_person()} AND a.handle_key IN {{texts:2}}
""")
OWN_HOME = SQL("""
    INSERT INTO timeline (viewer, entry, post, author, actor) VALUES (?1, ?2, ?2, ?1, 0) ON CONFLICT DO NOTHING
""")
MENTIONED = SQL("SELECT 1 FROM mention WHERE post = ?1 AND account = ?2")
FOLLOWS = SQL("SELECT 1 FROM follow WHERE follower = ?1 AND followee = ?2")
MENTION = SQL("INSERT INTO mention (post, account) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
TAG = SQL("INSERT INTO post_tag (tag, post) VALUES (?2, ?1) ON CONFLICT DO NOTHING")


async def insert(post: NewPost) -> None:
    """Errors: ``ConstraintViolation`` when the author has used the key before."""
    await DB.fetch(INSERT, *post)


async def by_key(author: int, key: str) -> PublishedPost | None:
    """The post that was published from the form with this key, deleted or not."""
    row = await DB.one(BY_KEY, author, key)
    return None if row is None else PublishedPost._make(row)


async def count(author: int, parent: int | None, quote: int | None, by: int) -> bool:
    """Adds ``by`` (1 or -1) to the counts of the author, of the parent and of the quoted post, and locks all of them.

    Returns False when the parent or the quoted post is deleted or removed.
    """
    if parent is not None and quote is not None:
        await posts.lock(parent, quote)
    exist = True
    for counting, post in ((COUNT_REPLIES, parent), (COUNT_QUOTES, quote)):
        if post is not None:
            exist = bool(await DB.value(counting, post, by)) and exist
    await DB.fetch(COUNT_POSTS, author, by)
    return exist


async def into_own_home(author: int, post: int) -> None:
    """Adds a post to its author's home timeline at once; followers get their copies later."""
    await DB.fetch(OWN_HOME, author, post)


async def is_mentioned(post: int, account: int) -> bool:
    return await DB.one(MENTIONED, post, account) is not None


async def is_follower(follower: int, followee: int) -> bool:
    return await DB.one(FOLLOWS, follower, followee) is not None


async def accounts_named(viewer: int, keys: Iterable[str]) -> list[AccountHandle]:
    """The accounts with these handles (in lower case) that the viewer may see."""
    return [AccountHandle._make(row) for row in await DB.fetch(HANDLES, viewer, DB.texts(keys))]


async def add_mentions_and_tags(post: int, accounts: Sequence[int], tags: Sequence[str]) -> None:
    for account in accounts:
        await DB.fetch(MENTION, post, account)
    for tag in tags:
        await DB.fetch(TAG, post, tag)
