"""Whom an urgent case was pushed to, and who is next."""

from collections.abc import Sequence

from db.engine import DB
from db.queries.care import HARD
from db.queries.visibility import account_exists
from db.sql import SQL

_AT_WORK = f"m.on_duty = 1 AND m.break_until <= ?{{now}} AND a.role <> 'member' AND {account_exists()}"
# Whom something can be pushed to: on duty and not on a break (?2 is now), with a device that works (?3 failures don't).
CAN_BE_TOLD = f"""{_AT_WORK.format(now=2)}
    AND EXISTS (SELECT 1 FROM push_subscription p WHERE p.account = a.id AND p.endpoint <> '' AND p.failed < ?3)"""
LAST_THERE = "coalesce((SELECT max(s.seen_at) FROM session s WHERE s.account = a.id), 0) DESC, a.id"
# No party to the case, c; who moderates alone (?4) may have reported it.
_NO_PARTY = """a.id <> c.account
    AND (?4 = 1 OR NOT EXISTS (SELECT 1 FROM report r WHERE r.mod_case = c.id AND r.reporter = a.id))"""
# Able to decide it, not told yet unless it is told again (?6), and told since ?7 of fewer than ?8 that still wait and
# weigh as much, so that a storm of what weighs little keeps nobody from hearing of the rest. Who was there last comes
# first; where it is hard to look at, those come last who have seen as much of that as they wanted to (?5).
NEXT = SQL(f"""
    SELECT a.id FROM moderator_care m JOIN account a ON a.id = m.account JOIN mod_case c ON c.id = ?1
    WHERE {CAN_BE_TOLD} AND {_NO_PARTY}
        AND NOT EXISTS (SELECT 1 FROM proposal o WHERE o.mod_case = c.id AND o.author = a.id)
        AND (?6 = 1 OR NOT EXISTS (SELECT 1 FROM case_alert t WHERE t.mod_case = c.id AND t.account = a.id))
        AND (SELECT count(*) FROM case_alert t JOIN mod_case o ON o.id = t.mod_case
            WHERE t.account = a.id AND t.told_at > ?7 AND o.state = 1 AND o.severity = 4 AND o.weight >= c.weight
                AND (o.claimed_by IS NULL OR o.claimed_until <= ?2)) < ?8
    ORDER BY (a.id IN {{ids:5}} AND {HARD}), {LAST_THERE} LIMIT 1
""")
TOLD = SQL("INSERT INTO case_alert (mod_case, account, told_at) VALUES (?1, ?2, ?3)")
LAST = SQL("SELECT max(told_at) FROM case_alert WHERE mod_case = ?1")
FORGET = SQL("DELETE FROM case_alert WHERE mod_case = ?1")
# CaseState.OPEN is 1, Severity.URGENT is 4.
FORGET_CLOSED = SQL("DELETE FROM case_alert WHERE mod_case IN (SELECT id FROM mod_case WHERE state <> 1)")
WAITS = SQL(f"""
    SELECT 1 FROM mod_case c JOIN account a ON a.id = ?2 JOIN moderator_care m ON m.account = a.id
    WHERE c.id = ?1 AND c.state = 1 AND c.severity = 4 AND (c.claimed_by IS NULL OR c.claimed_until <= ?3)
        AND {_AT_WORK.format(now=3)} AND {_NO_PARTY}
""")
# Whether the case {case} was reported by somebody who is no stranger (a guest whose address is known to be theirs, or a
# member whose reports weigh ?1 at least; not who has left), found by a filter or opened for a complaint.
_IS_KNOWN = """(EXISTS (SELECT 1 FROM report r WHERE r.mod_case = {case} AND r.state <> 0 AND (
        r.reporter IS NOT NULL AND r.weight >= ?1
        OR EXISTS (SELECT 1 FROM guest_report g WHERE g.report = r.id AND g.confirmed = 1)))
    OR EXISTS (SELECT 1 FROM filter_finding f WHERE f.mod_case = {case})
    OR EXISTS (SELECT 1 FROM complaint_address h WHERE h.mod_case = {case}))"""
_IS_REPORTED = "EXISTS (SELECT 1 FROM report r WHERE r.mod_case = {case} AND r.state <> 0)"
IS_BY_STRANGERS = SQL(f"SELECT 1 WHERE {_IS_REPORTED.format(case='?2')} AND NOT {_IS_KNOWN.format(case='?2')}")
TOLD_BY_STRANGERS = SQL(f"""
    SELECT count(*) FROM mod_case c WHERE c.state = 1 AND c.severity = 4
        AND EXISTS (SELECT 1 FROM case_alert t WHERE t.mod_case = c.id AND t.told_at > ?2)
        AND {_IS_REPORTED.format(case="c.id")} AND NOT {_IS_KNOWN.format(case="c.id")}
""")


async def is_by_strangers(case: int, vouched: int) -> bool:
    """Whether only strangers have reported a case; a member whose reports weigh ``vouched`` is none."""
    return await DB.one(IS_BY_STRANGERS, vouched, case) is not None


async def told_by_strangers(vouched: int, since: int) -> int:
    """Of how many such cases that are urgent and wait somebody was told ``since`` then (Unix milliseconds)."""
    return int(await DB.value(TOLD_BY_STRANGERS, vouched, since))


async def next_moderator(
    case: int, now: int, *, alone: bool, most_failed: int, beyond: Sequence[int], again: bool, since: int, most: int
) -> int | None:
    """Who is to be told next, or ``again``; None when all have been, or were told ``since`` then of ``most`` others.

    Times in Unix milliseconds; ``beyond`` have seen as much that is hard to look at as they wanted to.
    """
    about = DB.ids(beyond), int(again), since, most
    found: int | None = await DB.value(NEXT, case, now, most_failed, int(alone), *about)
    return found


async def told(case: int, account: int, now: int) -> None:
    await DB.fetch(TOLD, case, account, now)


async def last_told_at(case: int) -> int | None:
    """When somebody was told last (Unix milliseconds)."""
    found: int | None = await DB.value(LAST, case)
    return found


async def forget(case: int) -> None:
    """Has everybody be told anew."""
    await DB.fetch(FORGET, case)


async def forget_closed() -> None:
    await DB.fetch(FORGET_CLOSED)


async def is_waiting(case: int, account: int, now: int, *, alone: bool) -> bool:
    """Whether an urgent case waits to be taken, and somebody is there to be told. ``now`` in Unix milliseconds."""
    return await DB.one(WAITS, case, account, now, int(alone)) is not None
