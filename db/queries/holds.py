"""Posts that are held: nobody but their author sees them until a moderator has looked at them."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class HoldRow(NamedTuple):
    """A post that nobody was told of yet. It is held while ``decided_at`` (Unix milliseconds) is None."""

    reason: int
    filter: int | None
    since: int
    decided_at: int | None


class HeldPostRow(NamedTuple):
    """A post that is held, with what its filter tells its author, "" for nothing, and the rule in force that the filter
    enforces, None for none; ``texts`` are JSON by language.
    """

    post: int
    reason: int
    facts: str
    rule_version: int | None
    rule_number: int | None
    texts: str | None


# An edit may be held for another reason, and after a decision.
PUT = SQL("""
    INSERT INTO post_hold (post, reason, filter, since) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (post) DO UPDATE SET reason = excluded.reason, filter = excluded.filter, since = excluded.since,
        decided_at = NULL
""")
OF_POST = SQL("SELECT h.reason, h.filter, h.since, h.decided_at FROM post_hold h WHERE h.post = ?1")
DECIDE = SQL("UPDATE post_hold SET decided_at = ?2 WHERE post = ?1 AND decided_at IS NULL RETURNING post")
DROP = SQL("DELETE FROM post_hold WHERE post = ?1")
OF_POSTS = SQL("""
    SELECT h.post, h.reason, coalesce(f.facts, ''), r.version, r.number, r.texts
    FROM post_hold h LEFT JOIN filter_rule f ON f.id = h.filter
    LEFT JOIN rule r ON r.name = f.rule_name AND r.version = (SELECT max(version) FROM rulebook)
    WHERE h.post IN {ids:1} AND h.decided_at IS NULL
""")


async def put(post: int, reason: int, filter_: int | None, now: int) -> None:
    """Within a transaction that has locked the post: holds it, for a ``HoldReason``."""
    await DB.fetch(PUT, post, reason, filter_, now)


async def of_post(post: int) -> HoldRow | None:
    row = await DB.one(OF_POST, post)
    return None if row is None else HoldRow._make(row)


async def decide(post: int, now: int) -> bool:
    """Within a transaction that has locked the post: holds it no longer. False if it was not held."""
    return await DB.one(DECIDE, post, now) is not None


async def drop(post: int) -> None:
    """Within a transaction that has locked the post: it is like any other from now on."""
    await DB.fetch(DROP, post)


async def of_posts(posts: Sequence[int]) -> list[HeldPostRow]:
    """Those of the posts that are held."""
    return list(map(HeldPostRow._make, await DB.fetch(OF_POSTS, DB.ids(posts)))) if posts else []
