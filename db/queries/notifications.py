"""Reading notices: lists, counts, and who is in each."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import VISIBLE, account_shown
from db.sql import SQL

# As in ``domain.notifications.kinds``: a follow request that has been answered is not shown any more.
REQUEST = 7
# Whether a notice ``w`` may be shown and counted: somebody in it still has an account, and its owner may see the post.
# What the network has done has its owner in it, who may be suspended.
VALID = f"""
    w.people > 0
    AND (w.kind <> {REQUEST}
        OR EXISTS (SELECT 1 FROM follow_request q WHERE q.target = w.account AND q.requester = w.actor))
    AND EXISTS (SELECT 1 FROM notice_part t JOIN account who ON who.id = t.actor
        WHERE t.notice = w.id AND t.active = 1 AND (who.id = w.account OR {account_shown("who")}))
    AND (w.post IS NULL OR EXISTS (SELECT 1 FROM post p JOIN account a ON a.id = p.author
        WHERE p.id = w.post AND {VISIBLE.replace("?1", "w.account")}))
"""
# Counting stops here: the badge says "99+".
MOST = 100


def unread(account: str) -> str:
    """SQL: the number of unread notices of ``account`` (an expression for an id), at most MOST."""
    return f"""(SELECT count(*) FROM (SELECT 1 FROM notice w
        WHERE w.account = {account} AND w.unread = 1 AND w.state = 0 AND {VALID} LIMIT {MOST}) few)"""


_LINE = """
    SELECT w.id, w.kind, w.entry, w.people, w.unread, w.post, w.actor,
        EXISTS (SELECT 1 FROM follow f WHERE f.follower = w.account AND f.followee = w.actor),
        EXISTS (SELECT 1 FROM follow_request q WHERE q.target = w.actor AND q.requester = w.account)
    FROM notice w
"""
_OLDER = f"{_LINE} WHERE w.account = ?1 AND w.state = 0 AND w.entry < ?2 AND {VALID}"
_NEWEST_FIRST = "ORDER BY w.entry DESC LIMIT ?3"
PAGE = SQL(f"{_OLDER} {_NEWEST_FIRST}")
# The newest of each kind by index: a scan over all kinds would read very many rows to find the rare ones.
KINDS = 3
_OF_KINDS = " UNION ALL ".join(
    f"SELECT * FROM ({_OLDER} AND w.kind = ?{4 + number} {_NEWEST_FIRST}) k{number}" for number in range(KINDS)
)
PAGE_OF_KINDS = SQL(f"SELECT * FROM ({_OF_KINDS}) w {_NEWEST_FIRST}")
SINCE = SQL(f"""
    {_LINE} WHERE w.account = ?1 AND w.state = 0 AND w.entry > ?2 AND {VALID} ORDER BY w.entry DESC LIMIT ?3
""")
ONE = SQL(f"{_LINE} WHERE w.id = ?2 AND w.account = ?1 AND w.state = 0 AND {VALID}")
SET_ASIDE = SQL(f"{_LINE} WHERE w.account = ?1 AND w.state = 1 AND {VALID} ORDER BY w.entry DESC LIMIT ?2")
UNREAD = SQL(f"SELECT {unread('CAST(?1 AS bigint)')}")
# From one person to the next by index, however many notices each has caused. The order and the
# OFFSET keep PostgreSQL from looking at all of them at once.
_SET_ASIDE = "notice w WHERE w.account = ?1 AND w.state = 1"
SET_ASIDE_PEOPLE = SQL(f"""
    WITH RECURSIVE next (actor) AS (
        SELECT (SELECT w.actor FROM {_SET_ASIDE} ORDER BY w.actor, w.entry LIMIT 1)
        UNION ALL SELECT (
            SELECT w.actor FROM {_SET_ASIDE} AND w.actor > next.actor ORDER BY w.actor, w.entry LIMIT 1)
        FROM next WHERE next.actor IS NOT NULL)
    SELECT count(*) FROM (
        SELECT 1 FROM next WHERE next.actor IS NOT NULL
        AND EXISTS (SELECT 1 FROM {_SET_ASIDE} AND w.actor = next.actor AND {VALID} ORDER BY w.entry LIMIT 1 OFFSET 0)
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


class NoticeRow(NamedTuple):
    """A notice in a list. ``people`` are behind it, ``actor`` the last of them; ``entry`` is its place in the list.

    ``unread``, ``follows`` and ``requested`` are 0 or 1: whether the owner follows the actor, or has asked to.
    """

    id: int
    kind: int
    entry: int
    people: int
    unread: int
    post: int | None
    actor: int
    follows: int
    requested: int


class PersonRow(NamedTuple):
    """Somebody in a notice."""

    notice: int
    id: int
    handle: str
    name: str
    hue: int
    avatar_small: str


async def page(account: int, before: int, limit: int) -> list[NoticeRow]:
    """The newest below an entry, newest first."""
    return [NoticeRow(*row) for row in await DB.fetch(PAGE, account, before, limit)]


async def page_of_kinds(account: int, before: int, limit: int, kinds: Sequence[int]) -> list[NoticeRow]:
    """The same of at most KINDS kinds."""
    padded = *kinds, *[0] * (KINDS - len(kinds))
    return [NoticeRow(*row) for row in await DB.fetch(PAGE_OF_KINDS, account, before, limit, *padded)]


async def since(account: int, entry: int, limit: int) -> list[NoticeRow]:
    """The newest above an entry, newest first."""
    return [NoticeRow(*row) for row in await DB.fetch(SINCE, account, entry, limit)]


async def one(account: int, notice: int) -> NoticeRow | None:
    row = await DB.one(ONE, account, notice)
    return NoticeRow(*row) if row else None


async def set_aside(account: int, limit: int) -> list[NoticeRow]:
    """What is set aside, newest first."""
    return [NoticeRow(*row) for row in await DB.fetch(SET_ASIDE, account, limit)]


async def count_unread(account: int) -> int:
    """At most MOST."""
    return int(await DB.value(UNREAD, account))


async def count_set_aside(account: int) -> int:
    """The number of people whose notices are set aside, at most MOST."""
    return int(await DB.value(SET_ASIDE_PEOPLE, account))


async def people(notices: Iterable[int]) -> list[PersonRow]:
    """The last FACES people of each notice, newest first."""
    return [PersonRow(*row) for row in await DB.fetch(PEOPLE, DB.ids(notices))]
