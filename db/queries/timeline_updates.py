"""What has come since a page was drawn: under the same conditions as the page, above an id instead of below one."""

from db.engine import DB, Row
from db.queries.posts import ITSELF, NEWEST, Reader, select, visible_page
from db.queries.timelines import SWITCHES
from db.queries.visibility import PUBLIC_FIRST_POST, VISIBLE_UNMUTED, listed, welcome
from db.sql import SQL

HOME = SQL(
    select("timeline s", f"s.viewer = ?1 AND s.entry > ?2 AND {welcome()} {SWITCHES}", NEWEST, "LIMIT ?3"),
)
PUBLIC = SQL(
    select(
        ITSELF.format(f"{PUBLIC_FIRST_POST} AND id > ?2"),
        f"{welcome()} AND {listed()}",
        NEWEST,
        "LIMIT ?3",
    )
)
REPLIES = SQL(
    select(
        ITSELF.format("root = ?2 AND parent IS NOT NULL AND id > ?4"),
        VISIBLE_UNMUTED,
        "ORDER BY s.entry",
        "LIMIT ?3",
        "p.parent",
    )
)
BELOW = SQL("""
    WITH RECURSIVE up (post, above) AS (
        SELECT id, parent FROM post WHERE id IN {ids:1}
        UNION SELECT up.post, p.parent FROM up JOIN post p ON p.id = up.above WHERE up.above <> ?2)
    SELECT DISTINCT post FROM up WHERE above = ?2
""")
FOLLOWERS_AMONG = SQL("SELECT follower FROM follow WHERE followee = ?1 AND follower IN {ids:2}")


async def home(reader: Reader, since: int, limit: int, hide_reposts: bool, hide_replies: bool) -> list[Row]:
    """The newest entries of a home timeline above ``since``, of those that are ready."""
    return await visible_page(HOME, reader, since, limit, int(hide_reposts), int(hide_replies))


async def public(reader: Reader, since: int, limit: int) -> list[Row]:
    return await visible_page(PUBLIC, reader, since, limit)


async def replies(reader: Reader, root: int, since: int, limit: int) -> list[Row]:
    """The first replies above ``since`` anywhere in a thread: a glimpse's columns, and the parent."""
    return await visible_page(REPLIES, reader, root, limit, since)


async def below(posts: list[int], post: int) -> set[int]:
    """Those of ``posts`` that answer ``post``, or an answer to it."""
    return {row[0] for row in await DB.fetch(BELOW, DB.ids(posts), post)} if posts else set()


async def followers_among(source: int, accounts: list[int]) -> list[int]:
    return [row[0] for row in await DB.fetch(FOLLOWERS_AMONG, source, DB.ids(accounts))]
