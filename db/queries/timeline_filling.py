"""Filling home timelines with what was published before: of one member who comes back, or of everybody."""

from db.engine import DB
from db.queries.home_activity import NOTHING_READY
from db.queries.visibility import account_exists
from db.sql import SQL

# A wide author's posts are pulled when read, from ``pull_since`` on.
_LAST = f"CASE WHEN f.pull = 1 THEN coalesce(a.pull_since, {NOTHING_READY}) ELSE {NOTHING_READY} END"
# What each ``w.who`` has published above ``w.floor`` and up to ``w.last``, for ``w.viewer``. A deleted post that could
# still be brought back has its place too.
_PUBLISHED = """
    SELECT w.viewer, p.id AS entry, p.id AS post, p.author, 0 AS actor FROM w JOIN post p ON p.author = w.who
        WHERE p.parent IS NULL AND p.id > w.floor AND p.id <= w.last
    UNION ALL SELECT w.viewer, p.id, p.id, p.author, 0 FROM w JOIN post p ON p.author = w.who
        WHERE p.parent IS NOT NULL AND p.id > w.floor AND p.id <= w.last
    UNION ALL SELECT w.viewer, x.id, x.post, p.author, x.account FROM w JOIN repost x ON x.account = w.who
        JOIN post p ON p.id = x.post WHERE x.id > w.floor AND x.id <= w.last
"""
NEWEST = SQL(f"""
    WITH w AS (SELECT f.follower AS viewer, a.id AS who, CAST(?2 AS bigint) AS floor, {_LAST} AS last
        FROM follow f JOIN account a ON a.id = f.followee WHERE f.follower = ?1
        UNION ALL SELECT CAST(?1 AS bigint), CAST(?1 AS bigint), CAST(?2 AS bigint), {NOTHING_READY})
    SELECT entry FROM ({_PUBLISHED}) e ORDER BY entry DESC LIMIT ?3
""")
REFILL = SQL(f"""
    WITH w AS (SELECT v.id AS viewer, a.id AS who, v.home_floor AS floor, {_LAST} AS last
        FROM account v JOIN follow f ON f.follower = v.id JOIN account a ON a.id = f.followee
        WHERE v.id IN {{ids:1}} AND {account_exists("v")}
        UNION ALL SELECT id, id, home_floor, {NOTHING_READY} FROM account
        WHERE id IN {{ids:1}} AND {account_exists("account")})
    INSERT INTO timeline (viewer, entry, post, author, actor) {_PUBLISHED} ON CONFLICT DO NOTHING
""")
# Shared with who copies, kept from who removes: what is taken back meanwhile must not be copied afterwards.
_POSTS, _REPOSTS = "SELECT id FROM post WHERE id IN {ids:1}", "SELECT id FROM repost WHERE id IN {ids:1}"
LOCK_POSTS = SQL(_POSTS, f"{_POSTS} ORDER BY id DESC FOR KEY SHARE")
LOCK_REPOSTS = SQL(_REPOSTS, f"{_REPOSTS} ORDER BY id FOR KEY SHARE")
PUT = SQL("""
    INSERT INTO timeline (viewer, entry, post, author, actor)
    SELECT CAST(?2 AS bigint), e.entry, e.post, e.author, e.actor FROM (
        SELECT p.id AS entry, p.id AS post, p.author, 0 AS actor, p.author AS source
            FROM post p WHERE p.id IN {ids:1}
        UNION ALL SELECT x.id, x.post, p.author, x.account, x.account
            FROM repost x JOIN post p ON p.id = x.post WHERE x.id IN {ids:1}) e
    WHERE e.source = ?2 OR EXISTS (SELECT 1 FROM follow f WHERE f.follower = ?2 AND f.followee = e.source)
    ORDER BY e.entry
    ON CONFLICT DO NOTHING
""")
SET_FLOOR = SQL("UPDATE account SET home_floor = ?2 WHERE id = ?1")
CLEAR_ALL = SQL("DELETE FROM timeline", "TRUNCATE timeline")
VIEWERS = SQL("SELECT count(*) FROM account")
VIEWERS_AFTER = SQL("SELECT id FROM account WHERE id > ?1 ORDER BY id LIMIT ?2")


async def newest(viewer: int, after: int, limit: int) -> list[int]:
    """The newest entries above ``after`` that belong in a timeline, newest first."""
    with DB.off_loop():
        return [row[0] for row in await DB.fetch(NEWEST, viewer, after, limit)]


async def lock_published(entries: list[int]) -> None:
    """Keeps posts from being removed until the transaction ends; lock the account next, then :func:`put`."""
    await DB.fetch(LOCK_POSTS, DB.ids(entries))


async def put(viewer: int, entries: list[int]) -> None:
    """Copies entries into a timeline, of those that are still there and whose source is still followed."""
    await DB.fetch(LOCK_REPOSTS, DB.ids(entries))
    await DB.fetch(PUT, DB.ids(entries), viewer)


async def set_floor(viewer: int, floor: int) -> None:
    """Says from where on a timeline is complete; call it with the account locked."""
    await DB.fetch(SET_FLOOR, viewer, floor)


async def clear_all() -> None:
    await DB.fetch(CLEAR_ALL)


async def refill(viewers: list[int]) -> None:
    """What these people and those they follow have published above each one's floor."""
    await DB.fetch(REFILL, DB.ids(viewers))


async def viewers() -> int:
    return int(await DB.value(VIEWERS))


async def viewers_after(last: int, limit: int) -> list[int]:
    return [row[0] for row in await DB.fetch(VIEWERS_AFTER, last, limit)]
