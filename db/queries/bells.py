"""Bells: who wants a notification of each new post of whom. Everything here is called while writing."""

from collections.abc import Iterable
from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists
from db.sql import SQL

ADD = SQL("""
    INSERT INTO bell (account, target) SELECT follower, followee FROM follow WHERE follower = ?1 AND followee = ?2
    AND NOT EXISTS (SELECT 1 FROM mute WHERE muter = ?1 AND muted = ?2)
    ON CONFLICT DO NOTHING
""")
REMOVE = SQL("DELETE FROM bell WHERE account = ?1 AND target = ?2")
# Locked, so that a bell that is removed meanwhile notifies nobody.
OWNERS = SQL(
    "SELECT account FROM bell WHERE target = ?1 AND account > ?2 ORDER BY account LIMIT ?3",
    "SELECT account FROM bell WHERE target = ?1 AND account > ?2 ORDER BY account LIMIT ?3 FOR KEY SHARE",
)
# Those of ?1 who have no notice of this post yet, with an id for each.
_NEW = f"""
    SELECT m.id, CAST(?2 AS bigint) + row_number() OVER (ORDER BY m.id) AS notice,
        CASE WHEN EXISTS (SELECT 1 FROM push_subscription s WHERE s.account = m.id) THEN 1 ELSE 0 END AS push
    FROM account m WHERE m.id IN {{ids:1}} AND {account_exists("m")}
    AND NOT EXISTS (SELECT 1 FROM mute u WHERE u.muter = m.id AND u.muted = ?4)
    AND NOT EXISTS (
        SELECT 1 FROM notice_part t WHERE t.account = m.id AND t.topic = ?5 AND t.post = ?3 AND t.actor = ?4)
"""
NEW = SQL(_NEW)
NOTIFY = SQL(f"""
    INSERT INTO notice (id, account, kind, post, actor, entry)
    SELECT r.notice, r.id, CAST(?6 AS smallint), CAST(?3 AS bigint), CAST(?4 AS bigint), r.notice FROM ({_NEW}) r
""")
NOTIFY_PARTS = SQL("""
    INSERT INTO notice_part (account, topic, post, actor, notice, entry)
    SELECT account, CAST(?3 AS smallint), post, actor, id, id FROM notice WHERE id > ?1 AND id <= ?2 AND post = ?4
""")


class BellNotice(NamedTuple):
    """A notice that was just written; ``has_devices`` is 1 when its owner has devices that take pushes."""

    account: int
    notice: int
    has_devices: int


async def add(account: int, target: int) -> None:
    """Adds a bell, unless the target is muted or not followed."""
    await DB.fetch(ADD, account, target)


async def remove(account: int, target: int) -> None:
    await DB.fetch(REMOVE, account, target)


async def owners(target: int, after: int, limit: int) -> list[int]:
    """The next accounts above ``after``, in order, that have a bell on somebody."""
    return [row[0] for row in await DB.fetch(OWNERS, target, after, limit)]


async def notify(accounts: Iterable[int], first: int, post: int, actor: int, topic: int, kind: int) -> list[BellNotice]:
    """Writes a notice of one post for each account that has none yet, with ids from ``first`` on."""
    ids = DB.ids(accounts)
    found = [BellNotice(*row) for row in await DB.fetch(NEW, ids, first, post, actor, topic)]
    if found:
        await DB.fetch(NOTIFY, ids, first, post, actor, topic, kind)
        await DB.fetch(NOTIFY_PARTS, first, first + len(found), topic, post)
    return found
