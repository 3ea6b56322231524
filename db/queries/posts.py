"""Reading posts: every list of posts is one statement with the same columns, joins and visibility.

Parameter 1 is always the viewer's id (0 for a guest). Rows are what ``domain.posts.views`` makes its views of.
"""

from typing import Any, Protocol

from db.engine import DB, Row
from db.sql import SQL, guard


class Reader(Protocol):
    """Who reads; ``restricted``: whether they block, are blocked or mute anybody at all."""

    @property
    def id(self) -> int: ...

    @property
    def restricted(self) -> bool: ...


async def visible_page(statement: SQL, reader: Reader, *args: Any) -> list[Row]:
    """The rows of a statement of this module's kind for one reader."""
    return await DB.fetch(statement if reader.restricted else statement.open, reader.id, *args)


def unblocked(person: str) -> str:
    """SQL: neither of viewer and ``person`` (an expression for an id) has blocked the other."""
    return guard(f"""
    NOT EXISTS (SELECT 1 FROM block b WHERE b.blocker = ?1 AND b.blocked = {person})
    AND NOT EXISTS (SELECT 1 FROM block b WHERE b.blocker = {person} AND b.blocked = ?1)
""")


# What a list needs of each post: who, which version, the counts, the viewer's own marks.
SUMMARY = f"""
    s.entry, p.id, p.author, a.version, p.version, p.quote, p.replies, p.reposts, p.ups, p.downs,
    coalesce(v.value, 0), CASE WHEN x.id IS NULL THEN 0 ELSE 1 END, s.actor, coalesce(r.version, 0), p.card,
    CASE WHEN p.parent_author IS NULL OR {unblocked("p.parent_author")} THEN 0 ELSE 1 END
"""

# What is read of a post besides, once per version of it.
WHOLE = f"""
    {SUMMARY}, a.handle, a.name, a.hue, a.private, p.text, p.mentions, p.visibility, p.replies_to, p.cover, p.edited_at,
    p.parent, pa.handle, p.root, p.quotes, p.attachments, a.picture
"""

JOINS = """
    JOIN account a ON a.id = p.author
    LEFT JOIN account r ON r.id = s.actor
    LEFT JOIN vote v ON v.account = ?1 AND v.post = p.id
    LEFT JOIN repost x ON x.account = ?1 AND x.post = p.id
"""


def unmuted(person: str) -> str:
    """SQL: the viewer has not muted ``person``."""
    return guard(f"NOT EXISTS (SELECT 1 FROM mute m WHERE m.muter = ?1 AND m.muted = {person})")


# Whom a post is for, even while its author may still undo a deletion.
MEANT = f"""
    (p.visibility = 0 AND a.private = 0
        OR p.author = ?1
        OR EXISTS (SELECT 1 FROM follow f WHERE f.follower = ?1 AND f.followee = p.author)
        OR EXISTS (SELECT 1 FROM mention n WHERE n.post = p.id AND n.account = ?1))
    AND {unblocked("p.author")}
"""
# Who may see a post: the one place that says so.
VISIBLE = f"p.deleted_at IS NULL AND a.left_at IS NULL AND {MEANT}"


def welcome(actor: str = "s.actor") -> str:
    """SQL: what may come unasked into a timeline, the visible without the muted; ``actor`` is who reposted it, or 0."""
    return f"""
    {VISIBLE} AND {unmuted("p.author")} AND ({actor} = 0 OR {unblocked(actor)} AND {unmuted(actor)})
"""


def select(source: str, where: str, order: str, limit: str = "", more: str = "") -> str:
    """A statement over ``source``, which must name ``s`` with entry, post and actor; ``more`` columns come last."""
    columns = f"{SUMMARY}, {more}" if more else SUMMARY
    return f"SELECT {columns} FROM {source} CROSS JOIN post p {JOINS} WHERE p.id = s.post AND {where} {order} {limit}"


NEWEST = "ORDER BY s.entry DESC"
# A post seen as itself: entry and post are its id, nobody reposted it.
ITSELF = "(SELECT id AS entry, id AS post, 0 AS actor FROM post WHERE {}) s"

BY_IDS = SQL(select(ITSELF.format("id IN {ids:2}"), VISIBLE, ""))
WHOLE_BY_IDS = SQL(f"""
    SELECT {WHOLE} FROM {ITSELF.format("id IN {ids:2}")} CROSS JOIN post p {JOINS}
    LEFT JOIN account pa ON pa.id = p.parent_author AND {unblocked("pa.id")} WHERE p.id = s.post AND {VISIBLE}
""")
PUBLIC = SQL(
    select(
        ITSELF.format("parent IS NULL AND visibility = 0 AND id < ?2"),
        f"{welcome()} AND p.visibility = 0 AND a.private = 0",
        NEWEST,
        "LIMIT ?3",
    )
)
TAGGED = SQL(
    select(
        "(SELECT post AS entry, post, 0 AS actor FROM post_tag WHERE tag = ?4 AND post < ?2) s",
        welcome(),
        NEWEST,
        "LIMIT ?3",
    )
)
_POSTS_BY = select(ITSELF.format("author = ?4 AND parent IS NULL AND id < ?2"), VISIBLE, NEWEST, "LIMIT ?3")
_REPOSTS_BY = select(
    "(SELECT id AS entry, post, account AS actor FROM repost WHERE account = ?4 AND id < ?2) s",
    VISIBLE,
    NEWEST,
    "LIMIT ?3",
)
BY_AUTHOR = SQL(f"""
    SELECT * FROM ({_POSTS_BY}) written UNION ALL SELECT * FROM ({_REPOSTS_BY}) reposted ORDER BY 1 DESC LIMIT ?3
""")
REPLIES_BY = SQL(select(ITSELF.format("author = ?4 AND parent IS NOT NULL AND id < ?2"), VISIBLE, NEWEST, "LIMIT ?3"))
WITH_MEDIA = SQL(select(ITSELF.format("author = ?4 AND attachments > 0 AND id < ?2"), VISIBLE, NEWEST, "LIMIT ?3"))
VOTED = SQL(
    select(
        "(SELECT post AS entry, post, 0 AS actor FROM vote WHERE account = ?1 AND post < ?2) s",
        VISIBLE,
        NEWEST,
        "LIMIT ?3",
    )
)


async def by_ids(reader: Reader, ids: list[int]) -> list[Row]:
    """Those of ``ids`` that the viewer may see, in no order."""
    return await visible_page(BY_IDS, reader, DB.ids(ids)) if ids else []


async def whole_by_ids(reader: Reader, ids: list[int]) -> list[Row]:
    """The same with everything there is to read."""
    return await visible_page(WHOLE_BY_IDS, reader, DB.ids(ids)) if ids else []


async def public(reader: Reader, before: int, limit: int) -> list[Row]:
    return await visible_page(PUBLIC, reader, before, limit)


async def tagged(reader: Reader, tag: str, before: int, limit: int) -> list[Row]:
    return await visible_page(TAGGED, reader, before, limit, tag)


async def by_author(reader: Reader, author: int, before: int, limit: int) -> list[Row]:
    """First posts and reposts."""
    return await visible_page(BY_AUTHOR, reader, before, limit, author)


async def replies_by(reader: Reader, author: int, before: int, limit: int) -> list[Row]:
    return await visible_page(REPLIES_BY, reader, before, limit, author)


async def with_media(reader: Reader, author: int, before: int, limit: int) -> list[Row]:
    """First posts and replies that have pictures, films or sounds."""
    with DB.off_loop():
        return await visible_page(WITH_MEDIA, reader, before, limit, author)


async def voted(reader: Reader, before: int, limit: int) -> list[Row]:
    """What the viewer has voted on, newest post first."""
    return await visible_page(VOTED, reader, before, limit)
