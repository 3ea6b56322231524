"""Whether the cause of a notice still exists, and whom a post concerns. Everything here is called while writing."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import in_reach, post_told
from db.sql import SQL

# A shared lock: whoever removes the post, and with it the notices about it, has to wait.
AUTHOR = SQL("SELECT author FROM post WHERE id = ?1", "SELECT author FROM post WHERE id = ?1 FOR KEY SHARE")
VOTE = SQL("SELECT value FROM vote WHERE account = ?1 AND post = ?2")
REPOST = SQL("SELECT 1 FROM repost WHERE account = ?1 AND post = ?2")
FOLLOW = SQL("SELECT 1 FROM follow WHERE follower = ?1 AND followee = ?2")
REQUEST = SQL("SELECT 1 FROM follow_request WHERE requester = ?1 AND target = ?2")
_AUDIENCE = f"""
    SELECT p.author, p.parent_author, q.author, p.parent, CASE WHEN {post_told()} THEN 0 ELSE 1 END
    FROM post p LEFT JOIN post q ON q.id = p.quote WHERE p.id = ?1
"""
AUDIENCE = SQL(_AUDIENCE, f"{_AUDIENCE} FOR KEY SHARE OF p")
# An edit may mention somebody in a post whose reach moderators have limited since.
MENTIONED = SQL(f"""
    SELECT n.account FROM mention n JOIN post p ON p.id = n.post WHERE n.post = ?1 AND {in_reach("n.account")}
""")
# The plus keeps SQLite off the index of the actor, who may be in very many.
NOTIFIED = SQL("SELECT account FROM notice WHERE post = ?1 AND kind = ?2 AND +actor = ?3")


class PostAudience(NamedTuple):
    """Whom a post concerns: its author, the authors of the posts that it answers and quotes; ``parent`` is the former
    post's id, None for a first post. ``held`` is 1 while nobody may be told of it."""

    author: int
    answered: int | None
    quoted: int | None
    parent: int | None
    held: int


async def author(post: int) -> int | None:
    """A post's author; call it before anything about the post's notices is changed."""
    found: int | None = await DB.value(AUTHOR, post)
    return found


async def votes_up(account: int, post: int) -> bool:
    return bool(await DB.value(VOTE, account, post) == 1)


async def reposts(account: int, post: int) -> bool:
    return await DB.one(REPOST, account, post) is not None


async def follows(follower: int, followee: int) -> bool:
    return await DB.one(FOLLOW, follower, followee) is not None


async def requests(requester: int, target: int) -> bool:
    """Whether somebody asks to follow somebody."""
    return await DB.one(REQUEST, requester, target) is not None


async def audience(post: int) -> PostAudience | None:
    """None for a post that is gone; locks it as :func:`author` does."""
    row = await DB.one(AUDIENCE, post)
    return PostAudience(*row) if row else None


async def mentioned(post: int) -> list[int]:
    """Whom a post mentions and reaches."""
    return [row[0] for row in await DB.fetch(MENTIONED, post)]


async def notified(post: int, kind: int, actor: int) -> list[int]:
    """The accounts that have a notice of this kind about a post."""
    return [row[0] for row in await DB.fetch(NOTIFIED, post, kind, actor)]
