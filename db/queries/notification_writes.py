"""Making notices: what stands, who may be told, and the rows. Everything here is called while writing."""

from collections.abc import Iterable

from db.engine import DB, Row
from db.queries.visibility import IN_AUDIENCE, account_exists, account_shown
from db.sql import SQL
from db.tables.notifications import NoticeState

# False when another process changes this account's notices: the event that wants it comes again.
HOLD = SQL("SELECT ?1", "SELECT pg_try_advisory_xact_lock(?1)")

# Shared with everybody but whoever removes the post, and with it the notices about it.
AUTHOR = SQL("SELECT author FROM post WHERE id = ?1", "SELECT author FROM post WHERE id = ?1 FOR KEY SHARE")
VOTE = SQL("SELECT value FROM vote WHERE account = ?1 AND post = ?2")
REPOST = SQL("SELECT 1 FROM repost WHERE account = ?1 AND post = ?2")
FOLLOW = SQL("SELECT 1 FROM follow WHERE follower = ?1 AND followee = ?2")
REQUEST = SQL("SELECT 1 FROM follow_request WHERE requester = ?1 AND target = ?2")
# A post's author, whom it answers and quotes, and whether it answers at all.
_SAID = """
    SELECT p.author, p.parent_author, q.author, p.parent FROM post p LEFT JOIN post q ON q.id = p.quote WHERE p.id = ?1
"""
SAID = SQL(_SAID, f"{_SAID} FOR KEY SHARE OF p")
MENTIONED = SQL("SELECT account FROM mention WHERE post = ?1")
# The plus keeps SQLite off the index of the actor, who may be in very many.
NOTICED_AS = SQL("SELECT account FROM notice WHERE post = ?1 AND kind = ?2 AND +actor = ?3")

PART = SQL("SELECT notice, active FROM notice_part WHERE account = ?1 AND topic = ?2 AND post = ?3 AND actor = ?4")
# What lies between two people, and whether a post (0: none) is for the first. No row: one of them is not there.
BETWEEN = SQL(f"""
    SELECT EXISTS (SELECT 1 FROM block b WHERE b.blocker = ?1 AND b.blocked = ?2)
            OR EXISTS (SELECT 1 FROM block b WHERE b.blocker = ?2 AND b.blocked = ?1),
        EXISTS (SELECT 1 FROM mute m WHERE m.muter = ?1 AND m.muted = ?2),
        EXISTS (SELECT 1 FROM follow f WHERE f.follower = ?1 AND f.followee = ?2)
            OR EXISTS (SELECT 1 FROM notice_allowed l WHERE l.account = ?1 AND l.actor = ?2),
        CAST(?3 AS bigint) = 0
            OR EXISTS (SELECT 1 FROM post p JOIN account a ON a.id = p.author WHERE p.id = ?3 AND {IN_AUDIENCE}),
        EXISTS (SELECT 1 FROM push_subscription s WHERE s.account = ?1)
    FROM account me CROSS JOIN account who
    WHERE me.id = ?1 AND {account_exists("me")} AND who.id = ?2 AND {account_shown("who")}
""")
GROUP = SQL("""
    SELECT id, people FROM notice WHERE account = ?1 AND kind = ?2 AND post = ?3 AND unread = 1 AND state = 0
""")
GROUP_OF_NONE = SQL("""
    SELECT id, people FROM notice WHERE account = ?1 AND kind = ?2 AND post IS NULL AND unread = 1 AND state = 0
""")
NEW = SQL("""
    INSERT INTO notice (id, account, kind, post, actor, entry, unread, state)
    VALUES (?1, ?2, ?3, ?4, ?5, ?1, ?6, ?7)
""")
NEW_PART = SQL("INSERT INTO notice_part (account, topic, post, actor, notice, entry) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
GROW = SQL("UPDATE notice SET people = people + 1, actor = ?2, entry = ?3 WHERE id = ?1")
STAND = SQL("""
    UPDATE notice_part SET active = ?5 WHERE account = ?1 AND topic = ?2 AND post = ?3 AND actor = ?4 AND active <> ?5
    RETURNING notice
""")
# Who is named is somebody who stands in it, the last one, as long as there is one.
RECOUNT = SQL("""
    UPDATE notice SET people = people + ?2, actor = (SELECT t.actor FROM notice_part t WHERE t.notice = notice.id
        ORDER BY t.active DESC, t.entry DESC LIMIT 1)
    WHERE id = ?1
""")

# Locked, so that a bell that is taken down meanwhile does not ring.
BELLS = SQL(
    "SELECT account FROM bell WHERE target = ?1 AND account > ?2 ORDER BY account LIMIT ?3",
    "SELECT account FROM bell WHERE target = ?1 AND account > ?2 ORDER BY account LIMIT ?3 FOR KEY SHARE",
)
# Those of ?1 who have no notice of this post yet, with an id for each.
_RUNG = f"""
    SELECT m.id, CAST(?2 AS bigint) + row_number() OVER (ORDER BY m.id) AS notice,
        CASE WHEN EXISTS (SELECT 1 FROM push_subscription s WHERE s.account = m.id) THEN 1 ELSE 0 END AS push
    FROM account m WHERE m.id IN {{ids:1}} AND {account_exists("m")}
    AND NOT EXISTS (SELECT 1 FROM mute u WHERE u.muter = m.id AND u.muted = ?4)
    AND NOT EXISTS (
        SELECT 1 FROM notice_part t WHERE t.account = m.id AND t.topic = ?5 AND t.post = ?3 AND t.actor = ?4)
"""
RUNG = SQL(_RUNG)
RING = SQL(f"""
    INSERT INTO notice (id, account, kind, post, actor, entry)
    SELECT r.notice, r.id, CAST(?6 AS smallint), CAST(?3 AS bigint), CAST(?4 AS bigint), r.notice FROM ({_RUNG}) r
""")
RING_PARTS = SQL("""
    INSERT INTO notice_part (account, topic, post, actor, notice, entry)
    SELECT account, CAST(?3 AS smallint), post, actor, id, id FROM notice WHERE id > ?1 AND id <= ?2 AND post = ?4
""")

ALLOW = SQL("INSERT INTO notice_allowed (account, actor) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
# Shared, as by whoever tells of a post: nobody removes it, and with it the notices about it.
_POSTS_APART = """
    SELECT id FROM post WHERE id IN (SELECT post FROM notice WHERE account = ?1 AND actor = ?2 AND state = 1)
"""
SHARE_POSTS_APART = SQL(_POSTS_APART, f"{_POSTS_APART} ORDER BY id DESC FOR KEY SHARE")
_APART = "SELECT id, kind, post FROM notice WHERE account = ?1 AND actor = ?2 AND state = 1 ORDER BY id"
APART = SQL(_APART, f"{_APART} FOR UPDATE")
JOIN_GROUP = SQL("UPDATE notice_part SET notice = ?2, entry = ?3 WHERE notice = ?1 RETURNING actor, active")
GONE = SQL("DELETE FROM notice WHERE id = ?1")
LET_IN = SQL("UPDATE notice SET state = 0, unread = 1, entry = ?2 WHERE id = ?1")
LET_IN_PART = SQL("UPDATE notice_part SET entry = ?2 WHERE notice = ?1")
DISMISS = SQL("UPDATE notice SET state = 2 WHERE account = ?1 AND actor = ?2 AND state = 1")


async def hold(account: int) -> bool:
    """False when somebody else changes this account's notices."""
    return bool(await DB.value(HOLD, account))


async def author(post: int) -> int | None:
    """Whose post it is; call it while writing, before anything about the post's notices is changed."""
    return await DB.value(AUTHOR, post)  # type: ignore[no-any-return]


async def votes_up(account: int, post: int) -> bool:
    return bool(await DB.value(VOTE, account, post) == 1)


async def reposts(account: int, post: int) -> bool:
    return await DB.one(REPOST, account, post) is not None


async def follows(follower: int, followee: int) -> bool:
    return await DB.one(FOLLOW, follower, followee) is not None


async def asks(requester: int, target: int) -> bool:
    return await DB.one(REQUEST, requester, target) is not None


async def said(post: int) -> Row | None:
    """``(author, whom it answers, whom it quotes, what it answers)``."""
    return await DB.one(SAID, post)


async def mentioned(post: int) -> list[int]:
    return [row[0] for row in await DB.fetch(MENTIONED, post)]


async def noticed_as(post: int, kind: int, actor: int) -> list[int]:
    """Who has a notice of this kind about a post."""
    return [row[0] for row in await DB.fetch(NOTICED_AS, post, kind, actor)]


async def part(account: int, topic: int, post: int, actor: int) -> Row | None:
    """``(notice, active)``."""
    return await DB.one(PART, account, topic, post, actor)


async def between(account: int, actor: int, post: int) -> Row | None:
    """``(blocked, muted, followed or allowed, may see the post, takes pushes)``; None when one of the two has left."""
    return await DB.one(BETWEEN, account, actor, post)


async def group(account: int, kind: int, post: int) -> Row | None:
    """``(id, people)`` of the unread notice of a kind about a post."""
    return await (DB.one(GROUP, account, kind, post) if post else DB.one(GROUP_OF_NONE, account, kind))


async def new(
    identifier: int, account: int, kind: int, post: int, actor: int, unread: bool, state: NoticeState
) -> None:
    """A notice, whose first entry is its id."""
    await DB.fetch(NEW, identifier, account, kind, post or None, actor, int(unread), state)


async def new_part(account: int, topic: int, post: int, actor: int, notice: int, entry: int) -> None:
    await DB.fetch(NEW_PART, account, topic, post, actor, notice, entry)


async def grow(notice: int, actor: int, entry: int) -> None:
    await DB.fetch(GROW, notice, actor, entry)


async def stand(account: int, topic: int, post: int, actor: int, active: bool) -> bool:
    """Puts somebody back into their notice, or takes them out; False when it was so already."""
    notice = await DB.value(STAND, account, topic, post, actor, int(active))
    if notice is None:
        return False
    await DB.fetch(RECOUNT, notice, 1 if active else -1)
    return True


async def bells(target: int, after: int, limit: int) -> list[int]:
    """The next people who want to hear of somebody's posts."""
    return [row[0] for row in await DB.fetch(BELLS, target, after, limit)]


async def ring(accounts: Iterable[int], first: int, post: int, actor: int, topic: int, kind: int) -> list[Row]:
    """Tells many people of one post, with ids from ``first`` on: ``(account, notice, takes pushes)`` of those told."""
    ids = DB.ids(accounts)
    told = await DB.fetch(RUNG, ids, first, post, actor, topic)
    if told:
        await DB.fetch(RING, ids, first, post, actor, topic, kind)
        await DB.fetch(RING_PARTS, first, first + len(told), topic, post)
    return told


async def allow(account: int, actor: int) -> None:
    await DB.fetch(ALLOW, account, actor)


async def share_posts_apart(account: int, actor: int) -> None:
    """Keeps the posts there, about which something is kept apart from somebody, until the transaction ends."""
    await DB.fetch(SHARE_POSTS_APART, account, actor)


async def apart(account: int, actor: int) -> list[Row]:
    """``(id, kind, post)`` of what is kept apart from somebody, oldest first; locks it."""
    return await DB.fetch(APART, account, actor)


async def join(notice: int, group: int, entry: int) -> None:
    """Moves the one person of a notice into a group."""
    for actor, active in await DB.fetch(JOIN_GROUP, notice, group, entry):
        await DB.fetch(GONE, notice)
        if active:
            await DB.fetch(GROW, group, actor, entry)


async def let_in(notice: int, entry: int) -> None:
    """Puts a notice that was kept apart among the others, unread."""
    await DB.fetch(LET_IN, notice, entry)
    await DB.fetch(LET_IN_PART, notice, entry)


async def dismiss(account: int, actor: int) -> None:
    # In the order of ids, as whoever removes a post locks the notices about it.
    await DB.fetch(APART, account, actor)
    await DB.fetch(DISMISS, account, actor)
