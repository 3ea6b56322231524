"""Reading posts: every list of posts is one statement with the same columns, joins and visibility.

Parameter 1 is always the viewer's id (0 for a guest).
"""

from functools import partial
from typing import Any, NamedTuple, Protocol

from db.engine import DB, Row
from db.queries.visibility import (
    PUBLIC_FIRST_POST,
    VISIBLE,
    account_shown,
    in_reach,
    listed,
    post_unlimited,
    timeline_visible,
    unblocked,
    visible_person,
)
from db.sql import SQL


class Reader(Protocol):
    """The viewer of a page; ``restricted``: they block or mute somebody, or somebody blocks them."""

    @property
    def id(self) -> int: ...

    @property
    def restricted(self) -> bool: ...


class PostSummary(NamedTuple):
    """A post in a list: ids, versions, counts, and the viewer's own marks. The text is loaded per version.

    ``entry`` is the place in a timeline; ``my_vote`` (-1, 0, 1) and ``my_repost`` (0, 1) are the viewer's own;
    ``actor`` is the account that reposted it into this list (0: nobody); ``parent_hidden`` is 1 when it replies to
    somebody on the other side of a block, or suspended; ``measures`` says how moderation has it drawn (0: as it is). A
    cached rendering is out of date when one of the versions, or ``measures``, differs.
    """

    entry: int
    id: int
    author: int
    author_version: int
    version: int
    quote: int | None
    replies: int
    reposts: int
    ups: int
    downs: int
    my_vote: int
    my_repost: int
    actor: int
    actor_version: int
    link_preview: int | None
    parent_hidden: int
    measures: int


class Reply(NamedTuple):
    """A reply in a thread, and the post that it replies to."""

    post: PostSummary
    parent: int


# The author of what a post replies to may be named: not across a block, nor while they are suspended.
# Looked up for each post that is listed: of an EXISTS, PostgreSQL would rather read all accounts once.
_PARENT_SHOWN = f"""{unblocked("p.parent_author")} AND coalesce((
    SELECT {account_shown("ps")} FROM account ps WHERE ps.id = p.parent_author), true)"""
# The columns of a PostSummary, by its fields.
SUMMARY = {
    "entry": "s.entry",
    "id": "p.id",
    "author": "p.author",
    "author_version": "a.version",
    "version": "p.version",
    "quote": "p.quote",
    "replies": "p.replies",
    "reposts": "p.reposts",
    "ups": "p.ups",
    "downs": "p.downs",
    "my_vote": "coalesce(v.value, 0)",
    "my_repost": "CASE WHEN x.id IS NULL THEN 0 ELSE 1 END",
    "actor": "s.actor",
    "actor_version": "coalesce(r.version, 0)",
    "link_preview": "p.link_preview",
    "parent_hidden": f"CASE WHEN p.parent_author IS NULL OR ({_PARENT_SHOWN}) THEN 0 ELSE 1 END",
    "measures": "p.measures",
}
# The columns of a whole post, by the fields of ``domain.posts.views.PostView`` and in their order.
WHOLE = SUMMARY | {
    "handle": "a.handle",
    "name": "a.name",
    "hue": "a.hue",
    "private": "a.private",
    "text": "p.text",
    "mentions": "p.mentions",
    "visibility": "p.visibility",
    "replies_to": "p.replies_to",
    "cover": "p.cover",
    "edited_at": "p.edited_at",
    "parent": "p.parent",
    "parent_handle": "pa.handle",
    "root": "p.root",
    "quotes": "p.quotes",
    "attachments": "p.attachments",
    "avatar_small": "a.avatar_small",
}
# Of a reply, what it replies to comes after the summary.
PARENT = ", p.parent"

JOINS = """
    JOIN account a ON a.id = p.author
    LEFT JOIN account r ON r.id = s.actor
    LEFT JOIN vote v ON v.account = ?1 AND v.post = p.id
    LEFT JOIN repost x ON x.account = ?1 AND x.post = p.id
"""


def select(source: str, where: str, order: str, limit: str = "", more: str = "") -> str:
    """A statement over ``source``, which must name ``s`` with entry, post and actor; ``more`` columns come last.

    For example ``select("timeline s", f"s.viewer = ?1 AND {VISIBLE}", NEWEST, "LIMIT ?2")``.
    """
    columns = ", ".join(SUMMARY[field] for field in PostSummary._fields)
    return (
        f"SELECT {columns}{more} FROM {source} CROSS JOIN post p {JOINS}"
        f" WHERE p.id = s.post AND {where} {order} {limit}"
    )


NEWEST = "ORDER BY s.entry DESC"
# A source of posts that nobody reposted: entry and post are the post's id.
ITSELF = "(SELECT id AS entry, id AS post, 0 AS actor FROM post WHERE {}) s"

BY_IDS = SQL(select(ITSELF.format("id IN {ids:2}"), VISIBLE, ""))
QUOTED = SQL(select(ITSELF.format("id IN {ids:2}"), f"{VISIBLE} AND {in_reach()}", ""))
WHOLE_BY_IDS = SQL(f"""
    SELECT {", ".join(WHOLE.values())} FROM {ITSELF.format("id IN {ids:2}")} CROSS JOIN post p {JOINS}
    LEFT JOIN account pa ON pa.id = p.parent_author AND {visible_person("pa")} WHERE p.id = s.post AND {VISIBLE}
""")
PUBLIC = SQL(
    select(
        ITSELF.format(f"{PUBLIC_FIRST_POST} AND id < ?2"),
        f"{timeline_visible()} AND {listed()}",
        NEWEST,
        "LIMIT ?3",
    )
)
TAGGED = SQL(
    select(
        "(SELECT post AS entry, post, 0 AS actor FROM post_tag WHERE tag = ?4 AND post < ?2) s",
        f"{timeline_visible()} AND {post_unlimited()}",
        NEWEST,
        "LIMIT ?3",
    )
)
_POSTS_BY = select(ITSELF.format("author = ?4 AND parent IS NULL AND id < ?2"), VISIBLE, NEWEST, "LIMIT ?3")
_REPOSTS_BY = select(
    "(SELECT id AS entry, post, account AS actor FROM repost WHERE account = ?4 AND id < ?2) s",
    f"{VISIBLE} AND {in_reach()}",
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


_LOCK = "SELECT id FROM post WHERE id IN {ids:1}"
LOCK = SQL(_LOCK, f"{_LOCK} ORDER BY id DESC FOR NO KEY UPDATE")


# The constructor of a tuple's subclass, without a Python call for each row.
_summary: Any = partial(tuple.__new__, PostSummary)


async def visible_page(statement: SQL, reader: Reader, *args: Any) -> list[PostSummary]:
    """The posts of a statement made by :func:`select` as one reader may see them."""
    return list(map(_summary, await _rows(statement, reader, *args)))


async def visible_replies(statement: SQL, reader: Reader, *args: Any) -> list[Reply]:
    """The same of a statement that was selected with PARENT."""
    return [Reply(_summary(row[:-1]), row[-1]) for row in await _rows(statement, reader, *args)]


async def _rows(statement: SQL, reader: Reader, *args: Any) -> list[Row]:
    return await DB.fetch(statement if reader.restricted else statement.open, reader.id, *args)


async def by_ids(reader: Reader, ids: list[int]) -> list[PostSummary]:
    """Those of ``ids`` that the viewer may see, in no order."""
    return await visible_page(BY_IDS, reader, DB.ids(ids)) if ids else []


async def quoted(reader: Reader, ids: list[int]) -> list[PostSummary]:
    """Those of ``ids`` that what quotes them may show the viewer, in no order."""
    return await visible_page(QUOTED, reader, DB.ids(ids)) if ids else []


async def whole_by_ids(reader: Reader, ids: list[int]) -> list[Row]:
    """Those of ``ids`` that the viewer may see, in no order, with the columns of WHOLE."""
    return await _rows(WHOLE_BY_IDS, reader, DB.ids(ids)) if ids else []


async def public(reader: Reader, before: int, limit: int) -> list[PostSummary]:
    return await visible_page(PUBLIC, reader, before, limit)


async def tagged(reader: Reader, tag: str, before: int, limit: int) -> list[PostSummary]:
    return await visible_page(TAGGED, reader, before, limit, tag)


async def by_author(reader: Reader, author: int, before: int, limit: int) -> list[PostSummary]:
    """First posts and reposts."""
    return await visible_page(BY_AUTHOR, reader, before, limit, author)


async def replies_by(reader: Reader, author: int, before: int, limit: int) -> list[PostSummary]:
    return await visible_page(REPLIES_BY, reader, before, limit, author)


async def with_media(reader: Reader, author: int, before: int, limit: int) -> list[PostSummary]:
    """First posts and replies with pictures, videos or sounds."""
    with DB.off_loop():
        return await visible_page(WITH_MEDIA, reader, before, limit, author)


async def voted(reader: Reader, before: int, limit: int) -> list[PostSummary]:
    """The posts that the viewer has voted on, newest post first."""
    return await visible_page(VOTED, reader, before, limit)


async def lock(*posts: int) -> None:
    """Locks posts until the transaction ends, from the newest to the oldest."""
    await DB.fetch(LOCK, DB.ids(posts))
