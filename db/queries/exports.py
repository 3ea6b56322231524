"""What an account gets of its own when it downloads its data: all that exists, whatever moderators have made of it."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists, account_shown, post_exists
from db.sql import SQL


class AccountRow(NamedTuple):
    """What an account says of itself, and has chosen. ``links`` is JSON, ``terms_at`` in Unix milliseconds."""

    id: int
    handle: str
    name: str
    bio: str
    bio_mentions: str
    links: str
    private: int
    locale: str
    theme: str
    email: str
    terms_version: int
    terms_at: int
    rules_version: int
    avatar_large: str
    header: str


class PostRow(NamedTuple):
    """``edited_at`` in Unix milliseconds; ``parent_author`` is whose post this one replies to."""

    id: int
    parent: int | None
    parent_author: int | None
    quote: int | None
    text: str
    mentions: str
    cover: str | None
    visibility: int
    edited_at: int | None
    state: int


class EarlierTextRow(NamedTuple):
    """What a post said from ``written_at`` (Unix milliseconds) on, before it was edited."""

    post: int
    text: str
    cover: str | None
    written_at: int


class RepostRow(NamedTuple):
    id: int
    post: int


class VoteRow(NamedTuple):
    post: int
    value: int


class PersonRow(NamedTuple):
    id: int
    handle: str


ACCOUNT = SQL(f"""
    SELECT a.id, a.handle, a.name, a.bio, a.bio_mentions, a.links, a.private, a.locale, a.theme, c.email,
        a.terms_version, a.terms_at, a.rules_version, a.avatar_large, a.header
    FROM account a JOIN credential c ON c.account = a.id WHERE a.id = ?1 AND {account_exists()}
""")
POSTS = SQL(f"""
    SELECT {", ".join(f"p.{field}" for field in PostRow._fields)} FROM post p
    WHERE p.author = ?1 AND p.id > ?2 AND {post_exists()} ORDER BY p.id LIMIT ?3
""")
EARLIER = SQL("SELECT post, text, cover, written_at FROM revision WHERE post IN {ids:1} ORDER BY post, number")
REPOSTS = SQL("SELECT id, post FROM repost WHERE account = ?1 AND id > ?2 ORDER BY id LIMIT ?3")
VOTES = SQL("SELECT post, value FROM vote WHERE account = ?1 AND post > ?2 ORDER BY post LIMIT ?3")


def _people(table: str, mine: str, theirs: str) -> SQL:
    return SQL(f"""
        SELECT a.id, a.handle FROM {table} t JOIN account a ON a.id = t.{theirs}
        WHERE t.{mine} = ?1 AND t.{theirs} > ?2 AND {account_shown()} ORDER BY t.{theirs} LIMIT ?3
    """)


FOLLOWING = _people("follow", "follower", "followee")
FOLLOWERS = _people("follow", "followee", "follower")
BLOCKED = _people("block", "blocker", "blocked")
MUTED = _people("mute", "muter", "muted")


async def account(account: int) -> AccountRow | None:
    row = await DB.one(ACCOUNT, account)
    return AccountRow._make(row) if row is not None else None


async def posts(account: int, after: int, limit: int) -> list[PostRow]:
    """Posts with ids above ``after``, oldest first."""
    return [PostRow._make(row) for row in await DB.fetch(POSTS, account, after, limit)]


async def earlier_texts(posts: Sequence[int]) -> list[EarlierTextRow]:
    """What posts said before they were edited, oldest first."""
    return [EarlierTextRow._make(row) for row in await DB.fetch(EARLIER, DB.ids(posts))] if posts else []


async def reposts(account: int, after: int, limit: int) -> list[RepostRow]:
    """Reposts with ids above ``after``, oldest first."""
    return [RepostRow._make(row) for row in await DB.fetch(REPOSTS, account, after, limit)]


async def votes(account: int, after: int, limit: int) -> list[VoteRow]:
    """Votes on posts with ids above ``after``, in the order of these."""
    return [VoteRow._make(row) for row in await DB.fetch(VOTES, account, after, limit)]


async def people(which: SQL, account: int, after: int, limit: int) -> list[PersonRow]:
    """People with ids above ``after`` on one of an account's lists, such as ``FOLLOWING``, in the order of these."""
    return [PersonRow._make(row) for row in await DB.fetch(which, account, after, limit)]
