"""Notifications of moderators: when one was last, and whether there is something that it did not tell of."""

from db.engine import DB
from db.queries.appeals import FREE
from db.queries.visibility import account_exists
from db.sql import SQL

LAST = SQL("SELECT coalesce(max(entry), 0) FROM notice WHERE account = ?1 AND kind = ?2")
# What came with an id above ?3 or later than ?4: appeals that are free for them, also those that a jury has left to
# moderators (JuryState.REFERRED is 3); suspensions for good, bulk decisions (BulkState.WAITING is 1; they wait until
# later than ?5), a crisis, words of lists and known pictures, which others have proposed.
WAITS = SQL(f"""
    SELECT 1 FROM account me WHERE me.id = ?1 AND me.role <> 'member' AND {account_exists("me")} AND (
        EXISTS (SELECT 1 FROM ({FREE}) f WHERE f.id > ?3
            OR EXISTS (SELECT 1 FROM jury j WHERE j.appeal = f.id AND j.state = 3 AND j.closed_at > ?4))
        OR EXISTS (SELECT 1 FROM proposal o JOIN mod_case c ON c.id = o.mod_case
            WHERE c.state = 1 AND o.proposed_at > ?4 AND o.author <> ?1 AND c.account <> ?1
                AND (c.claimed_by IS NULL OR c.claimed_by = ?1 OR c.claimed_until <= ?2)
                AND NOT EXISTS (SELECT 1 FROM report r WHERE r.mod_case = c.id AND r.reporter = ?1))
        OR EXISTS (SELECT 1 FROM bulk_decision b
            WHERE b.state = 1 AND b.expires_at > ?5 AND b.expires_at > ?2 AND b.author <> ?1)
        OR EXISTS (SELECT 1 FROM crisis x WHERE x.since IS NULL AND x.id > ?3 AND x.proposer <> ?1)
        OR EXISTS (SELECT 1 FROM word_proposal w WHERE w.proposed_at > ?4 AND w.author <> ?1)
        OR EXISTS (SELECT 1 FROM known_picture k WHERE k.waits = 1 AND k.id > ?3 AND k.author <> ?1))
""")
# NotificationKind.WORK is 19, UNOFFERED 20.
FORGET = SQL("DELETE FROM notice WHERE account = ?1 AND kind IN (19, 20)")


async def last(account: int, kind: int) -> int:
    """The entry of an account's newest notice of a kind, 0 for none."""
    return int(await DB.value(LAST, account, kind))


async def is_waited_for(account: int, now: int, entry: int, since: int, bulk_until: int) -> bool:
    """Whether something that came after an ``entry``, or later than ``since``, waits for this moderator.

    A bulk decision that came later waits beyond ``bulk_until``. Times in Unix milliseconds.
    """
    return await DB.one(WAITS, account, now, entry, since, bulk_until) is not None


async def forget(account: int) -> None:
    """Deletes what somebody was notified of as a moderator."""
    await DB.fetch(FORGET, account)
