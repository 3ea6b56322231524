"""Home timelines: reading the ready part, pulling the rest, and copying new posts into followers' timelines."""

from typing import NamedTuple

from db.engine import DB
from db.queries.home_activity import NOTHING_READY, receives
from db.queries.posts import NEWEST, PostSummary, Reader, select, visible_page
from db.queries.visibility import post_exists, timeline_visible
from db.sql import SQL

SWITCHES = "AND (?4 = 0 OR s.actor = 0) AND (?5 = 0 OR p.parent IS NULL)"

READY = SQL(
    select(
        "timeline s",
        f"s.viewer = ?1 AND s.entry < ?2 AND {timeline_visible()} {SWITCHES}",
        NEWEST,
        "LIMIT ?3",
    )
)


def _newest_each(people: str, since: str) -> tuple[str, str]:
    """The newest ?3 posts, replies and reposts of each of ``people`` (a query of one column, who), for both engines.

    SQLite has no lateral join; there a subquery bound to the outer row does the same. Visibility is asked inside, so
    that what is hidden never stands in the place of what is not.
    """
    post = "post p JOIN account a ON a.id = p.author"
    written = f"""p.author = w.who AND p.id < ?2 {since.format(id="p.id")} AND {timeline_visible("0")}
            ORDER BY p.id DESC LIMIT ?3"""
    branches = [
        ("p.id", "p.id", "0", f"FROM {post} WHERE p.parent IS NULL AND {written}", "post p"),
        ("p.id", "p.id", "0", f"FROM {post} WHERE p.parent IS NOT NULL AND {written}", "post p"),
        (
            "x.id",
            "x.post",
            "x.account",
            f"""FROM repost x JOIN post p ON p.id = x.post JOIN account a ON a.id = p.author
            WHERE x.account = w.who AND x.id < ?2 {since.format(id="x.id")} AND {timeline_visible("x.account")}
            ORDER BY x.id DESC LIMIT ?3""",
            "repost x",
        ),
    ]
    sqlite = [
        f"SELECT {entry} AS entry, {of} AS post, {actor} AS actor FROM ({people}) w CROSS JOIN {table}"
        f" WHERE {entry} IN (SELECT {entry} {rest})"
        for entry, of, actor, rest, table in branches
    ]
    postgres = [
        f"SELECT l.entry, l.post, l.actor FROM ({people}) w CROSS JOIN LATERAL"
        f" (SELECT {entry} AS entry, {of} AS post, CAST({actor} AS bigint) AS actor {rest}) l"
        for entry, of, actor, rest, _ in branches
    ]
    return f"({' UNION ALL '.join(sqlite)}) s", f"({' UNION ALL '.join(postgres)}) s"


def _pull(people: str, since: str) -> SQL:
    sqlite, postgres = _newest_each(people, since)
    where = f"{timeline_visible()} {SWITCHES}"
    return SQL(select(sqlite, where, NEWEST, "LIMIT ?3"), select(postgres, where, NEWEST, "LIMIT ?3"))


PULLED = "SELECT followee AS who FROM follow WHERE follower = ?1 AND pull = 1"
EVERYBODY = "SELECT followee AS who FROM follow WHERE follower = ?1 UNION ALL SELECT CAST(?1 AS bigint)"
OLDER = _pull(EVERYBODY, "")
RECENT = _pull(EVERYBODY, "AND {id} > ?6")
WIDE = _pull(PULLED, "AND {id} > (SELECT u.pull_since FROM account u WHERE u.id = w.who)")

PUT = SQL(
    "INSERT INTO timeline (viewer, entry, post, author, actor) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING"
)
# Up to one follower, not so many: somebody who begins to follow meanwhile must not push another one out.
FAN_OUT = SQL(f"""
    INSERT INTO timeline (viewer, entry, post, author, actor)
    SELECT f.follower, CAST(?2 AS bigint), CAST(?3 AS bigint), CAST(?4 AS bigint), CAST(?5 AS bigint)
    FROM follow f WHERE f.followee = ?1 AND f.follower > ?6 AND f.follower <= ?7 AND {receives("f.follower")}
    ORDER BY f.follower
    ON CONFLICT DO NOTHING
""")
NEXT_FOLLOWERS = SQL(f"""
    WITH next AS (SELECT f.follower FROM follow f WHERE f.followee = ?1 AND f.follower > ?2
            ORDER BY f.follower LIMIT ?4),
        copied AS (SELECT n.follower FROM next n WHERE {receives("n.follower")} ORDER BY n.follower LIMIT ?3)
    SELECT (SELECT count(*) FROM next), coalesce((SELECT max(follower) FROM next), 0),
        (SELECT count(*) FROM copied), coalesce((SELECT max(follower) FROM copied), 0)
""")
# Locked where others write at the same time: what is taken back meanwhile must not be copied afterwards.
POST_STANDS = SQL("SELECT 1 FROM post WHERE id = ?1", "SELECT 1 FROM post WHERE id = ?1 FOR KEY SHARE")
REPOST_STANDS = SQL("SELECT 1 FROM repost WHERE id = ?1", "SELECT 1 FROM repost WHERE id = ?1 FOR KEY SHARE")
_REPOSTS = "SELECT id FROM repost WHERE id IN {ids:1}"
LOCK_REPOSTS = SQL(_REPOSTS, f"{_REPOSTS} ORDER BY id FOR UPDATE")
FOLLOW_STANDS = SQL(
    "SELECT 1 FROM follow WHERE follower = ?1 AND followee = ?2",
    "SELECT 1 FROM follow WHERE follower = ?1 AND followee = ?2 FOR KEY SHARE",
)
# Rows of several timelines, or several of one, are locked by viewer, then entry, before they are deleted.
_IN_ORDER = """
    WITH gone AS MATERIALIZED (SELECT viewer, entry FROM timeline WHERE {} ORDER BY viewer, entry FOR UPDATE)
    DELETE FROM timeline t USING gone WHERE t.viewer = gone.viewer AND t.entry = gone.entry
"""


def _delete(where: str) -> SQL:
    """Deletes rows of timelines, and gives one for each."""
    return SQL(f"DELETE FROM timeline WHERE {where} RETURNING 1", f"{_IN_ORDER.replace('{}', where)} RETURNING 1")


WITHDRAW = _delete("""
    entry = ?2 AND viewer IN (SELECT CAST(?1 AS bigint) UNION ALL SELECT follower FROM follow WHERE followee = ?1)
""")
WITHDRAW_REPOSTS = _delete("""
    (viewer, entry) IN (SELECT account, id FROM repost WHERE id IN {ids:1}
        UNION ALL SELECT f.follower, r.id FROM repost r JOIN follow f ON f.followee = r.account WHERE r.id IN {ids:1})
""")
BACKFILL = SQL(f"""
    INSERT INTO timeline (viewer, entry, post, author, actor)
    SELECT CAST(?1 AS bigint), entry, post, author, actor FROM (
        SELECT * FROM (SELECT id AS entry, id AS post, author, 0 AS actor FROM post
            WHERE author = ?2 AND parent IS NULL AND id > ?3 AND id < ?4 AND {post_exists("post")}
            ORDER BY id DESC LIMIT ?5) first_posts
        UNION ALL SELECT * FROM (SELECT id, id, author, 0 FROM post
            WHERE author = ?2 AND parent IS NOT NULL AND id > ?3 AND id < ?4 AND {post_exists("post")}
            ORDER BY id DESC LIMIT ?5) replies
        UNION ALL SELECT * FROM (SELECT x.id, x.post, p.author, x.account FROM repost x JOIN post p ON p.id = x.post
            WHERE x.account = ?2 AND x.id > ?3 AND x.id < ?4 AND {post_exists()}
            ORDER BY x.id DESC LIMIT ?5) reposts) e
    ORDER BY entry DESC LIMIT ?5
    ON CONFLICT DO NOTHING
""")
DROP_ACTOR = _delete("viewer = ?1 AND (actor = ?2 OR author = ?2 AND actor = 0)")
DROP_PERSON = _delete("viewer = ?1 AND (actor = ?2 OR author = ?2)")
NTH = SQL("SELECT entry FROM timeline WHERE viewer = ?1 ORDER BY entry DESC LIMIT 1 OFFSET ?2")
TRIM = _delete("viewer = ?1 AND entry <= ?2")
RAISE_FLOOR = SQL("UPDATE account SET home_floor = ?2 WHERE id = ?1 AND home_floor < ?2")
# Locked before the rows of the timeline: whoever follows, unfollows or blocks has locked the account by then.
FLOOR = SQL(
    "SELECT home_floor FROM account WHERE id = ?1",
    "SELECT home_floor FROM account WHERE id = ?1 FOR NO KEY UPDATE",
)
CLEAR = _delete("viewer = ?1")


async def ready(reader: Reader, before: int, limit: int, hide_reposts: bool, hide_replies: bool) -> list[PostSummary]:
    """The materialised part of a home timeline."""
    return await visible_page(READY, reader, before, limit, int(hide_reposts), int(hide_replies))


async def older(reader: Reader, before: int, limit: int, hide_reposts: bool, hide_replies: bool) -> list[PostSummary]:
    """The part below the viewer's floor, put together from everyone they follow: ``limit`` seeks per followee."""
    with DB.off_loop():
        return await visible_page(OLDER, reader, before, limit, int(hide_reposts), int(hide_replies))


async def recent(reader: Reader, since: int, limit: int, hide_reposts: bool, hide_replies: bool) -> list[PostSummary]:
    """The newest entries above ``since``, put together from everyone the viewer follows."""
    with DB.off_loop():
        return await visible_page(RECENT, reader, NOTHING_READY, limit, int(hide_reposts), int(hide_replies), since)


async def wide(reader: Reader, before: int, limit: int, hide_reposts: bool, hide_replies: bool) -> list[PostSummary]:
    """What authors with very many followers have published since they are pulled instead of copied."""
    return await visible_page(WIDE, reader, before, limit, int(hide_reposts), int(hide_replies))


async def put(viewer: int, entry: int, post: int, author: int, actor: int = 0) -> None:
    await DB.fetch(PUT, viewer, entry, post, author, actor)


async def entry_exists(entry: int, actor: int) -> bool:
    """Whether the post, or ``actor``'s repost, is still there; call it while writing."""
    return await DB.one(REPOST_STANDS if actor else POST_STANDS, entry) is not None


async def follow_stands(follower: int, followee: int) -> bool:
    """Whether it is still so; call it while writing."""
    return await DB.one(FOLLOW_STANDS, follower, followee) is not None


class NextFollowers(NamedTuple):
    """Some followers, by id: how many, the last one; how many of them get copies, the last one of these."""

    looked_at: int
    last: int
    receiving: int
    last_receiving: int


async def next_followers(source: int, after: int, receiving: int, limit: int) -> NextFollowers:
    """The next ``limit`` followers behind ``after``, and the first ``receiving`` of them who get copies."""
    row = await DB.one(NEXT_FOLLOWERS, source, after, receiving, limit)
    assert row is not None
    return NextFollowers(*row)


async def fan_out(source: int, entry: int, post: int, author: int, actor: int, after: int, last: int) -> None:
    """Copies one entry to the followers of ``source`` behind ``after`` and up to ``last`` who get copies."""
    await DB.fetch(FAN_OUT, source, entry, post, author, actor, after, last)


async def withdraw(source: int, entry: int) -> int:
    """Takes one entry out of the timelines of ``source`` and its followers; how many those were."""
    return len(await DB.fetch(WITHDRAW, source, entry))


async def withdraw_reposts(reposts: list[int]) -> int:
    """Takes reposts, by their ids, out of every timeline, before their rows go; how many entries those were.

    Call it with their posts locked.
    """
    await DB.fetch(LOCK_REPOSTS, DB.ids(reposts))
    return len(await DB.fetch(WITHDRAW_REPOSTS, DB.ids(reposts)))


async def backfill(viewer: int, author: int, after: int, before: int, limit: int) -> None:
    """Copies an author's posts and reposts between two ids into one timeline, newest first."""
    await DB.fetch(BACKFILL, viewer, author, after, before, limit)


async def drop_followee(viewer: int, followee: int) -> None:
    """After an unfollow: their own posts and what they reposted go; what others reposted of them stays."""
    await DB.fetch(DROP_ACTOR, viewer, followee)


async def drop_person(viewer: int, person: int) -> None:
    """After a block: nothing of theirs stays, whoever reposted it."""
    await DB.fetch(DROP_PERSON, viewer, person)


async def trim(viewer: int, keep: int) -> None:
    """Keeps the newest ``keep`` entries and says from where on the timeline is complete, once it is filled."""
    last = await DB.value(NTH, viewer, keep)
    if last is not None and await floor(viewer) != NOTHING_READY:
        await DB.fetch(TRIM, viewer, last)
        await DB.fetch(RAISE_FLOOR, viewer, last)


async def floor(viewer: int) -> int:
    """From where on a timeline is kept ready; locks the account."""
    return int(await DB.value(FLOOR, viewer) or 0)


async def clear(viewer: int) -> None:
    await DB.fetch(CLEAR, viewer)
