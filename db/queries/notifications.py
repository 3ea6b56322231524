"""Notices as their member reads them, and taking people out of them."""

from collections.abc import Iterable, Sequence

from db.engine import DB, Row
from db.queries.visibility import VISIBLE, account_shown
from db.sql import SQL

# ``domain.notifications.kinds`` has it: of a request that was answered this very moment nothing is shown any more.
REQUEST = 7
# What a list shows and a count counts of the notices ``w``: somebody in it is there, and the post is for its member.
SHOWN = f"""
    w.people > 0
    AND (w.kind <> {REQUEST}
        OR EXISTS (SELECT 1 FROM follow_request q WHERE q.target = w.account AND q.requester = w.actor))
    AND EXISTS (SELECT 1 FROM notice_part t JOIN account who ON who.id = t.actor
        WHERE t.notice = w.id AND t.active = 1 AND {account_shown("who")})
    AND (w.post IS NULL OR EXISTS (SELECT 1 FROM post p JOIN account a ON a.id = p.author
        WHERE p.id = w.post AND {VISIBLE.replace("?1", "w.account")}))
"""
# More than this many are not counted: the badge says "99+".
MOST = 100


def unread(account: str) -> str:
    """SQL: how many unread notices ``account`` (an expression for an id) has."""
    return f"""(SELECT count(*) FROM (SELECT 1 FROM notice w
        WHERE w.account = {account} AND w.unread = 1 AND w.state = 0 AND {SHOWN} LIMIT {MOST}) few)"""


_LINE = """
    SELECT w.id, w.kind, w.entry, w.people, w.unread, w.post, w.actor,
        EXISTS (SELECT 1 FROM follow f WHERE f.follower = w.account AND f.followee = w.actor),
        EXISTS (SELECT 1 FROM follow_request q WHERE q.target = w.actor AND q.requester = w.account)
    FROM notice w
"""
_OLDER = f"{_LINE} WHERE w.account = ?1 AND w.state = 0 AND w.entry < ?2 AND {SHOWN}"
_NEWEST_FIRST = "ORDER BY w.entry DESC LIMIT ?3"
PAGE = SQL(f"{_OLDER} {_NEWEST_FIRST}")
# The newest of each kind by index: of a kind that is rare among very many others none would be found otherwise.
KINDS = 3
_OF_KINDS = " UNION ALL ".join(
    f"SELECT * FROM ({_OLDER} AND w.kind = ?{4 + number} {_NEWEST_FIRST}) k{number}" for number in range(KINDS)
)
SHELF = SQL(f"SELECT * FROM ({_OF_KINDS}) w {_NEWEST_FIRST}")
SINCE = SQL(f"""
    {_LINE} WHERE w.account = ?1 AND w.state = 0 AND w.entry > ?2 AND {SHOWN} ORDER BY w.entry DESC LIMIT ?3
""")
ONE = SQL(f"{_LINE} WHERE w.id = ?2 AND w.account = ?1 AND w.state = 0 AND {SHOWN}")
ASIDE = SQL(f"{_LINE} WHERE w.account = ?1 AND w.state = 1 AND {SHOWN} ORDER BY w.entry DESC LIMIT ?2")
UNREAD = SQL(f"SELECT {unread('CAST(?1 AS bigint)')}")
# From one person to the next by index, however many notices each has caused. The order and the
# OFFSET keep PostgreSQL from looking at all of them at once.
_ASIDE_OF = "notice w WHERE w.account = ?1 AND w.state = 1"
ASIDE_PEOPLE = SQL(f"""
    WITH RECURSIVE next (actor) AS (
        SELECT (SELECT w.actor FROM {_ASIDE_OF} ORDER BY w.actor, w.entry LIMIT 1)
        UNION ALL SELECT (
            SELECT w.actor FROM {_ASIDE_OF} AND w.actor > next.actor ORDER BY w.actor, w.entry LIMIT 1)
        FROM next WHERE next.actor IS NOT NULL)
    SELECT count(*) FROM (
        SELECT 1 FROM next WHERE next.actor IS NOT NULL
        AND EXISTS (SELECT 1 FROM {_ASIDE_OF} AND w.actor = next.actor AND {SHOWN} ORDER BY w.entry LIMIT 1 OFFSET 0)
        LIMIT {MOST}) few
""")

# The newest few of each notice. SQLite has no lateral join: entries are unique, so they name the parts as well.
FACES = 4
_NEWEST = f"""
    FROM notice_part e JOIN account o ON o.id = e.actor
    WHERE e.notice = w.value AND e.active = 1 AND {account_shown("o")} ORDER BY e.entry DESC LIMIT {FACES}
"""
PEOPLE = SQL(
    f"""
    SELECT t.notice, who.id, who.handle, who.name, who.hue, who.avatar_small
    FROM json_each(?1) w CROSS JOIN notice_part t ON t.notice = w.value AND t.active = 1
    JOIN account who ON who.id = t.actor WHERE t.entry IN (SELECT e.entry {_NEWEST}) ORDER BY t.entry DESC
    """,
    f"""
    SELECT w.value, l.id, l.handle, l.name, l.hue, l.avatar_small
    FROM unnest(?1::bigint[]) w (value)
    CROSS JOIN LATERAL (SELECT o.id, o.handle, o.name, o.hue, o.avatar_small, e.entry {_NEWEST}) l ORDER BY l.entry DESC
    """,
)

_UNREAD = """
    SELECT id, entry FROM notice WHERE account = ?1 AND unread = 1 AND state = 0 AND people > 0 AND entry <= ?2
    AND {} ORDER BY entry DESC LIMIT ?4
"""
# As a plain condition, by which PostgreSQL goes through the index in order.
UNREAD_UPTO = SQL(_UNREAD.format("kind IN {ids:3}"), _UNREAD.format("kind = ANY(CAST(?3 AS bigint[]))"))
_THESE = "SELECT id FROM notice WHERE id IN {ids:1}"
LOCK_THESE = SQL(_THESE, f"{_THESE} ORDER BY id FOR NO KEY UPDATE")
READ = SQL("UPDATE notice SET unread = 0 WHERE id IN {ids:1}")
# Whoever changes an account's notices holds this first, so that a group is one group, and what a block takes out
# stays out. SQLite lets one write at a time anyway.
HOLD = SQL("SELECT ?1", "SELECT pg_advisory_xact_lock(?1)")

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
NEXT_ACTOR = SQL("""
    UPDATE notice SET actor = (SELECT t.actor FROM notice_part t WHERE t.notice = notice.id
        ORDER BY t.active DESC, t.entry DESC LIMIT 1)
    WHERE actor = ?2 AND account = ?1
""")
_OF = "SELECT id FROM notice WHERE account = ?1"
LOCK_OF = SQL(_OF, f"{_OF} ORDER BY id FOR UPDATE")
CLEAR = SQL("DELETE FROM notice WHERE account = ?1")
DISALLOW = SQL("DELETE FROM notice_allowed WHERE account = ?1 AND actor = ?2")
RING = SQL("""
    INSERT INTO bell (account, target) SELECT follower, followee FROM follow WHERE follower = ?1 AND followee = ?2
    AND NOT EXISTS (SELECT 1 FROM mute WHERE muter = ?1 AND muted = ?2)
    ON CONFLICT DO NOTHING
""")
UNRING = SQL("DELETE FROM bell WHERE account = ?1 AND target = ?2")


async def page(account: int, before: int, limit: int) -> list[Row]:
    """``(id, kind, entry, people, unread, post, actor, follows, asked)``, newest first."""
    return await DB.fetch(PAGE, account, before, limit)


async def shelf(account: int, before: int, limit: int, kinds: Sequence[int]) -> list[Row]:
    """The same of at most KINDS kinds."""
    return await DB.fetch(SHELF, account, before, limit, *kinds, *[0] * (KINDS - len(kinds)))


async def since(account: int, entry: int, limit: int) -> list[Row]:
    """The newest after an entry, as :func:`page`."""
    return await DB.fetch(SINCE, account, entry, limit)


async def one(account: int, notice: int) -> Row | None:
    return await DB.one(ONE, account, notice)


async def aside(account: int, limit: int) -> list[Row]:
    """What is kept apart, as :func:`page`."""
    return await DB.fetch(ASIDE, account, limit)


async def count_unread(account: int) -> int:
    """At most MOST."""
    return int(await DB.value(UNREAD, account))


async def count_aside(account: int) -> int:
    """How many people's notices are kept apart, at most MOST."""
    return int(await DB.value(ASIDE_PEOPLE, account))


async def people(notices: Iterable[int]) -> list[Row]:
    """``(notice, id, handle, name, hue, avatar_small)`` of the last FACES people of each, newest first."""
    return await DB.fetch(PEOPLE, DB.ids(notices))


async def read(account: int, upto: int, kinds: Iterable[int], limit: int) -> list[int]:
    """Marks the newest as read, as far as they stand at an entry or below. Returns their entries."""
    rows = await DB.fetch(UNREAD_UPTO, account, upto, DB.ids(kinds), limit)
    if rows:
        these = DB.ids(row[0] for row in rows)
        await DB.fetch(LOCK_THESE, these)
        await DB.fetch(READ, these)
    return [row[1] for row in rows]


async def hold(*accounts: int) -> None:
    """Waits until nobody else changes these accounts' notices; the first thing in a transaction that does."""
    for account in sorted(accounts):
        await DB.fetch(HOLD, account)


async def recipients_of(actor: int, limit: int) -> list[int]:
    """Some of those whose notices name somebody, in order."""
    return [row[0] for row in await DB.fetch(RECIPIENTS_OF, actor, limit)]


async def drop(account: int, actor: int) -> None:
    """Takes a person out of all notices of an account; the others in a group stay. Call :func:`hold` before."""
    # Before the parts of notices, as whoever removes a post does.
    await DB.fetch(LOCK_NAMING, account, actor)
    parts = await DB.fetch(DROP_PARTS, account, actor)
    await DB.fetch(FEWER, DB.ids(notice for notice, active in parts if active))
    await DB.fetch(DROP_EMPTY, account, actor)
    await DB.fetch(NEXT_ACTOR, account, actor)


async def drop_between(one: int, other: int) -> None:
    """Takes two people out of each other's notices. Call :func:`hold` for both before."""
    # A post may be in notices of both: all are locked in one order, as whoever removes the post does.
    await DB.fetch(LOCK_BETWEEN, one, other)
    await drop(one, other)
    await drop(other, one)


async def clear(account: int) -> None:
    """Removes all notices of an account. Call :func:`hold` before."""
    await DB.fetch(LOCK_OF, account)
    await DB.fetch(CLEAR, account)


async def disallow(account: int, actor: int) -> None:
    await DB.fetch(DISALLOW, account, actor)


async def ring(account: int, target: int) -> None:
    """Rings a bell on somebody who is followed and not muted."""
    await DB.fetch(RING, account, target)


async def unring(account: int, target: int) -> None:
    await DB.fetch(UNRING, account, target)
