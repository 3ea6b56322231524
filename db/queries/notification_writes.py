"""Writing, changing and removing notices. Everything here is called while writing."""

from collections.abc import Iterable
from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import IN_AUDIENCE, account_exists, account_shown
from db.sql import SQL
from db.tables.notifications import NoticeState

# Whoever changes an account's notices holds this first, so that a group is one group, and a blocked account does not
# come back into a notice. SQLite lets one write at a time anyway.
LOCK = SQL("SELECT ?1", "SELECT pg_advisory_xact_lock(?1)")
TRY_LOCK = SQL("SELECT ?1", "SELECT pg_try_advisory_xact_lock(?1)")

PART = SQL("SELECT notice, active FROM notice_part WHERE account = ?1 AND topic = ?2 AND post = ?3 AND actor = ?4")
RELATIONSHIP = SQL(f"""
    SELECT EXISTS (SELECT 1 FROM block b WHERE b.blocker = ?1 AND b.blocked = ?2)
            OR EXISTS (SELECT 1 FROM block b WHERE b.blocker = ?2 AND b.blocked = ?1),
        EXISTS (SELECT 1 FROM mute m WHERE m.muter = ?1 AND m.muted = ?2),
        EXISTS (SELECT 1 FROM follow f WHERE f.follower = ?1 AND f.followee = ?2)
            OR EXISTS (SELECT 1 FROM notice_allowed l WHERE l.account = ?1 AND l.actor = ?2),
        CAST(?3 AS bigint) = 0
            OR EXISTS (SELECT 1 FROM post p JOIN account a ON a.id = p.author WHERE p.id = ?3 AND {IN_AUDIENCE}),
        EXISTS (SELECT 1 FROM push_subscription s WHERE s.account = ?1)
    FROM account me CROSS JOIN account who
    WHERE me.id = ?1 AND {account_exists("me")} AND who.id = ?2 AND (who.id = me.id OR {account_shown("who")})
""")
GROUP = SQL("""
    SELECT id, people FROM notice WHERE account = ?1 AND kind = ?2 AND post = ?3 AND unread = 1 AND state = 0
""")
GROUP_WITHOUT_POST = SQL("""
    SELECT id, people FROM notice WHERE account = ?1 AND kind = ?2 AND post IS NULL AND unread = 1 AND state = 0
""")
INSERT = SQL("""
    INSERT INTO notice (id, account, kind, post, actor, entry, unread, state)
    VALUES (?1, ?2, ?3, ?4, ?5, ?1, ?6, ?7)
""")
INSERT_PART = SQL(
    "INSERT INTO notice_part (account, topic, post, actor, notice, entry) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
)
GROW = SQL("UPDATE notice SET people = people + 1, actor = ?2, entry = ?3 WHERE id = ?1")
SET_ACTIVE = SQL("""
    UPDATE notice_part SET active = ?5 WHERE account = ?1 AND topic = ?2 AND post = ?3 AND actor = ?4 AND active <> ?5
    RETURNING notice
""")
# The notice names the last active person, or the last one when nobody is active.
_LAST_ACTOR = """
    (SELECT t.actor FROM notice_part t WHERE t.notice = notice.id ORDER BY t.active DESC, t.entry DESC LIMIT 1)
"""
RECOUNT = SQL(f"UPDATE notice SET people = people + ?2, actor = {_LAST_ACTOR} WHERE id = ?1")

_UNREAD = """
    SELECT id, entry FROM notice WHERE account = ?1 AND unread = 1 AND state = 0 AND people > 0 AND entry <= ?2
    AND {} ORDER BY entry DESC LIMIT ?4
"""
# As a plain condition, by which PostgreSQL goes through the index in order.
UNREAD_UPTO = SQL(_UNREAD.format("kind IN {ids:3}"), _UNREAD.format("kind = ANY(CAST(?3 AS bigint[]))"))
_THESE = "SELECT id FROM notice WHERE id IN {ids:1}"
LOCK_THESE = SQL(_THESE, f"{_THESE} ORDER BY id FOR NO KEY UPDATE")
MARK_READ = SQL("UPDATE notice SET unread = 0 WHERE id IN {ids:1}")

ALLOW = SQL("INSERT INTO notice_allowed (account, actor) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
DISALLOW = SQL("DELETE FROM notice_allowed WHERE account = ?1 AND actor = ?2")
# A shared lock, as reactions take it: nobody removes the post, and with it the notices about it.
_POSTS_SET_ASIDE = """
    SELECT id FROM post WHERE id IN (SELECT post FROM notice WHERE account = ?1 AND actor = ?2 AND state = 1)
"""
SHARE_POSTS_SET_ASIDE = SQL(_POSTS_SET_ASIDE, f"{_POSTS_SET_ASIDE} ORDER BY id DESC FOR KEY SHARE")
_SET_ASIDE = "SELECT id, kind, post FROM notice WHERE account = ?1 AND actor = ?2 AND state = 1 ORDER BY id"
SET_ASIDE = SQL(_SET_ASIDE, f"{_SET_ASIDE} FOR UPDATE")
JOIN_GROUP = SQL("UPDATE notice_part SET notice = ?2, entry = ?3 WHERE notice = ?1 RETURNING actor, active")
DELETE = SQL("DELETE FROM notice WHERE id = ?1")
LET_THROUGH = SQL("UPDATE notice SET state = 0, unread = 1, entry = ?2 WHERE id = ?1")
LET_THROUGH_PART = SQL("UPDATE notice_part SET entry = ?2 WHERE notice = ?1")
DISMISS = SQL("UPDATE notice SET state = 2 WHERE account = ?1 AND actor = ?2 AND state = 1")

RECIPIENTS_OF = SQL("SELECT DISTINCT account FROM notice_part WHERE actor = ?1 ORDER BY account LIMIT ?2")
_NAMING = "SELECT id FROM notice WHERE id IN (SELECT notice FROM notice_part WHERE actor = ?2 AND account = ?1)"
LOCK_NAMING = SQL(_NAMING, f"{_NAMING} ORDER BY id FOR UPDATE")
_BETWEEN = """
    SELECT id FROM notice WHERE id IN (
        SELECT notice FROM notice_part WHERE actor = ?2 AND account = ?1
        UNION ALL SELECT notice FROM notice_part WHERE actor = ?1 AND account = ?2)
"""
LOCK_BETWEEN = SQL(_BETWEEN, f"{_BETWEEN} ORDER BY id FOR UPDATE")
DROP_PARTS = SQL("DELETE FROM notice_part WHERE actor = ?2 AND account = ?1 RETURNING notice, active")
FEWER = SQL("UPDATE notice SET people = people - 1 WHERE id IN {ids:1}")
DROP_EMPTY = SQL("""
    DELETE FROM notice WHERE actor = ?2 AND account = ?1
    AND NOT EXISTS (SELECT 1 FROM notice_part t WHERE t.notice = notice.id)
""")
NEXT_ACTOR = SQL(f"UPDATE notice SET actor = {_LAST_ACTOR} WHERE actor = ?2 AND account = ?1")
_OF = "SELECT id FROM notice WHERE account = ?1"
LOCK_OF = SQL(_OF, f"{_OF} ORDER BY id FOR UPDATE")
CLEAR = SQL("DELETE FROM notice WHERE account = ?1")


class PartKey(NamedTuple):
    """What makes a cause count once: ``topic`` is one of ``domain.notifications.kinds``, ``post`` the id of what it is
    about, 0 for nothing."""

    account: int
    topic: int
    post: int
    actor: int


class PartRow(NamedTuple):
    """One person in a notice; ``active`` is 0 once the cause was taken back."""

    notice: int
    active: int


class Relationship(NamedTuple):
    """What an account has to do with an actor and a post, each 0 or 1.

    ``blocked``: in either direction. ``known``: the actor is followed, or was let through once. ``readable``: the
    account may see the post. ``has_devices``: the account has devices that take pushes.
    """

    blocked: int
    muted: int
    known: int
    readable: int
    has_devices: int


class GroupRow(NamedTuple):
    """An unread notice that others may join; ``people`` is 0 when all of them have left it again."""

    id: int
    people: int


class NewNotice(NamedTuple):
    """A notice to insert, in the order of INSERT. Its first entry is its id."""

    id: int
    account: int
    kind: int
    post: int | None
    actor: int
    unread: int
    state: NoticeState


class SetAsideRow(NamedTuple):
    id: int
    kind: int
    post: int | None


async def lock(*accounts: int) -> None:
    """Locks these accounts' notices until the transaction ends; the first call of a transaction that changes them."""
    for account in sorted(accounts):
        await DB.fetch(LOCK, account)


async def try_lock(account: int) -> bool:
    """Locks an account's notices as :func:`lock` does, or returns False at once if another transaction holds them."""
    return bool(await DB.value(TRY_LOCK, account))


async def part(key: PartKey) -> PartRow | None:
    row = await DB.one(PART, *key)
    return PartRow(*row) if row else None


async def relationship(account: int, actor: int, post: int) -> Relationship | None:
    """``post`` is 0 when there is none. None when one of the two accounts is closed."""
    row = await DB.one(RELATIONSHIP, account, actor, post)
    return Relationship(*row) if row else None


async def group(account: int, kind: int, post: int) -> GroupRow | None:
    """The unread notice of a kind about a post, 0 for no post."""
    row = await (DB.one(GROUP, account, kind, post) if post else DB.one(GROUP_WITHOUT_POST, account, kind))
    return GroupRow(*row) if row else None


async def insert(notice: NewNotice) -> None:
    await DB.fetch(INSERT, *notice)


async def insert_part(key: PartKey, notice: int, entry: int) -> None:
    await DB.fetch(INSERT_PART, *key, notice, entry)


async def grow(notice: int, actor: int, entry: int) -> None:
    """Counts one more person and moves the notice to a later entry."""
    await DB.fetch(GROW, notice, actor, entry)


async def set_active(key: PartKey, active: bool) -> bool:
    """Counts a person in their notice again, or no longer. False when nothing changed."""
    notice = await DB.value(SET_ACTIVE, *key, int(active))
    if notice is None:
        return False
    await DB.fetch(RECOUNT, notice, 1 if active else -1)
    return True


async def mark_read(account: int, upto: int, kinds: Iterable[int], limit: int) -> list[int]:
    """Marks the newest ``limit`` unread notices at or below an entry as read. Returns their entries."""
    rows = await DB.fetch(UNREAD_UPTO, account, upto, DB.ids(kinds), limit)
    if rows:
        these = DB.ids(row[0] for row in rows)
        await DB.fetch(LOCK_THESE, these)
        await DB.fetch(MARK_READ, these)
    return [row[1] for row in rows]


async def allow(account: int, actor: int) -> None:
    """Never again sets aside what an actor causes."""
    await DB.fetch(ALLOW, account, actor)


async def disallow(account: int, actor: int) -> None:
    await DB.fetch(DISALLOW, account, actor)


async def share_posts_set_aside(account: int, actor: int) -> None:
    """Keeps the posts of an actor's notices that are set aside from being removed until the transaction ends."""
    await DB.fetch(SHARE_POSTS_SET_ASIDE, account, actor)


async def set_aside(account: int, actor: int) -> list[SetAsideRow]:
    """What is set aside of an actor, oldest first; locks it."""
    return [SetAsideRow(*row) for row in await DB.fetch(SET_ASIDE, account, actor)]


async def join(notice: int, group: int, entry: int) -> None:
    """Moves the one person of a notice into a group."""
    for actor, active in await DB.fetch(JOIN_GROUP, notice, group, entry):
        await DB.fetch(DELETE, notice)
        if active:
            await DB.fetch(GROW, group, actor, entry)


async def let_through(notice: int, entry: int) -> None:
    """Moves a notice that was set aside among the others, unread."""
    await DB.fetch(LET_THROUGH, notice, entry)
    await DB.fetch(LET_THROUGH_PART, notice, entry)


async def dismiss(account: int, actor: int) -> None:
    # In the order of ids, as whoever removes a post locks the notices about it.
    await DB.fetch(SET_ASIDE, account, actor)
    await DB.fetch(DISMISS, account, actor)


async def recipients_of(actor: int, limit: int) -> list[int]:
    """The first accounts, in order, that have notices with an actor."""
    return [row[0] for row in await DB.fetch(RECIPIENTS_OF, actor, limit)]


async def drop(account: int, actor: int) -> None:
    """Removes an actor from all notices of an account; the others in a group stay. Call :func:`lock` before."""
    # Before the parts of notices, as whoever removes a post does.
    await DB.fetch(LOCK_NAMING, account, actor)
    parts = [PartRow(*row) for row in await DB.fetch(DROP_PARTS, account, actor)]
    await DB.fetch(FEWER, DB.ids(part.notice for part in parts if part.active))
    await DB.fetch(DROP_EMPTY, account, actor)
    await DB.fetch(NEXT_ACTOR, account, actor)


async def drop_between(one: int, other: int) -> None:
    """Removes two accounts from each other's notices. Call :func:`lock` for both before."""
    # A post may be in notices of both: all are locked in one order, as whoever removes the post does.
    await DB.fetch(LOCK_BETWEEN, one, other)
    await drop(one, other)
    await drop(other, one)


async def clear(account: int) -> None:
    """Removes all notices of an account. Call :func:`lock` before."""
    await DB.fetch(LOCK_OF, account)
    await DB.fetch(CLEAR, account)
