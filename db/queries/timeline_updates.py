"""What was published since a page was rendered: the conditions of the page, above an id instead of below one."""

from db.engine import DB
from db.queries.posts import ITSELF, NEWEST, PARENT, PostSummary, Reader, Reply, select, visible_page, visible_replies
from db.queries.timelines import SWITCHES
from db.queries.visibility import PUBLIC_FIRST_POST, VISIBLE_UNMUTED, listed, timeline_visible
from db.sql import SQL

HOME = SQL(
    select("timeline s", f"s.viewer = ?1 AND s.entry > ?2 AND {timeline_visible()} {SWITCHES}", NEWEST, "LIMIT ?3"),
)
PUBLIC = SQL(
    select(
        ITSELF.format(f"{PUBLIC_FIRST_POST} AND id > ?2"),
        f"{timeline_visible()} AND {listed()}",
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
        PARENT,
    )
)
BELOW = SQL("""
    WITH RECURSIVE up (post, above) AS (
        SELECT id, parent FROM post WHERE id IN {ids:1}
        UNION SELECT up.post, p.parent FROM up JOIN post p ON p.id = up.above WHERE up.above <> ?2)
    SELECT DISTINCT post FROM up WHERE above = ?2
""")
FOLLOWERS_AMONG = SQL("SELECT follower FROM follow WHERE followee = ?1 AND follower IN {ids:2}")


async def home(reader: Reader, since: int, limit: int, hide_reposts: bool, hide_replies: bool) -> list[PostSummary]:
    """The newest entries above ``since`` of those that a home timeline has stored."""
    return await visible_page(HOME, reader, since, limit, int(hide_reposts), int(hide_replies))


async def public(reader: Reader, since: int, limit: int) -> list[PostSummary]:
    """The newest posts above ``since`` of the public timeline."""
    return await visible_page(PUBLIC, reader, since, limit)


async def replies(reader: Reader, root: int, since: int, limit: int) -> list[Reply]:
    """The first replies above ``since`` anywhere in the thread below ``root``."""
    return await visible_replies(REPLIES, reader, root, limit, since)


async def below(posts: list[int], post: int) -> set[int]:
    """Those of ``posts`` that reply to ``post``, or to a reply to it, at any depth."""
    return {row[0] for row in await DB.fetch(BELOW, DB.ids(posts), post)} if posts else set()


async def followers_among(source: int, accounts: list[int]) -> list[int]:
    """Those of ``accounts`` that follow ``source``."""
    return [row[0] for row in await DB.fetch(FOLLOWERS_AMONG, source, DB.ids(accounts))]
