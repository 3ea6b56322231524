"""What moderators choose for themselves, and which cases they have taken of late."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists
from db.sql import SQL

# What may be hard to look at, in the words of the rules' categories, where a breach is urgent or illegal as well.
HARD_CATEGORIES = (
    "ANIMAL_WELFARE",
    "CYBER_VIOLENCE_AGAINST_WOMEN",
    "PROTECTION_OF_MINORS",
    "RISK_FOR_PUBLIC_SECURITY",
    "SELF_HARM",
    "VIOLENCE",
)
_CATEGORIES = ", ".join(f"'{one}'" for one in HARD_CATEGORIES)
# Severity.ILLEGAL is 3.
_RULE = f"u.severity >= 3 AND u.category IN ({_CATEGORIES})"
# Whether a case, c, is: somebody has reported it under such a rule, a filter that enforces one has found it, or a
# moderator has opened it under one for a complaint. A filter names its rule: that of the day of its find counts.
HARD = f"""(c.severity >= 3 AND (
    EXISTS (SELECT 1 FROM report h JOIN rule u ON u.version = h.rule_version AND u.number = h.rule_number
        WHERE h.mod_case = c.id AND {_RULE})
    OR EXISTS (SELECT 1 FROM filter_finding n JOIN filter_rule f ON f.id = n.filter JOIN rule u ON u.name = f.rule_name
        WHERE n.mod_case = c.id AND {_RULE}
            AND u.version = (SELECT max(b.version) FROM rulebook b WHERE b.published_at <= n.found_at))
    OR EXISTS (SELECT 1 FROM complaint_address h
        JOIN rule u ON u.version = h.rule_version AND u.number = h.rule_number WHERE h.mod_case = c.id AND {_RULE})))"""


class CareRow(NamedTuple):
    """A moderator's choices, in the order of their columns; see ``db.tables.care.ModeratorCare``."""

    on_duty: int
    hard_limit: int | None
    working_since: int
    worked_at: int
    break_until: int
    hard_minutes: int | None
    keeps_grey: int


class Looks(NamedTuple):
    """How many cases a moderator has taken, how many of those are hard to look at, and for how long they have had
    these, in milliseconds."""

    cases: int
    hard: int
    hard_ms: int


class CaseNow(NamedTuple):
    """What a case is to a moderator: whether it is hard to look at, they have taken it lately, and have it still."""

    is_hard: int
    was_taken: int
    is_held: int


class AtWork(NamedTuple):
    """A moderator who works, and what decides on how much they are offered; as in ``CareRow`` and ``Looks``."""

    account: int
    hard_limit: int | None
    hard_minutes: int | None
    looks: Looks


OF = SQL("""
    SELECT on_duty, hard_limit, working_since, worked_at, break_until, hard_minutes, keeps_grey FROM moderator_care
    WHERE account = ?1
""")
_NEW = """
    INSERT INTO moderator_care (account, on_duty, hard_limit, hard_minutes, working_since, worked_at, break_until,
        keeps_grey)
    VALUES (?1, {}) ON CONFLICT (account) DO UPDATE SET
"""
CHOOSE = SQL(f"""
    {_NEW.format("?2, ?3, ?4, 0, 0, 0, ?5")} on_duty = excluded.on_duty, hard_limit = excluded.hard_limit,
        hard_minutes = excluded.hard_minutes, keeps_grey = excluded.keeps_grey
""")
# Whoever works ends their break; with a pause before it, the time begins anew.
WORK = SQL(f"""
    {_NEW.format("0, NULL, NULL, ?2, ?2, 0, 0")} working_since = CASE WHEN moderator_care.worked_at < ?3
        THEN excluded.working_since ELSE moderator_care.working_since END,
        worked_at = excluded.worked_at, break_until = 0
""")
REST = SQL(f"""
    {_NEW.format("0, NULL, NULL, 0, 0, ?2, 0")} working_since = 0, worked_at = 0, break_until = excluded.break_until
""")
# While they have it, only its end changes; where they take it again, what they spent with it before still counts.
LOOK = SQL(f"""
    INSERT INTO case_look (account, mod_case, hard, looked_at, began_at, ends_at)
    SELECT ?1, c.id, CASE WHEN {HARD} THEN 1 ELSE 0 END, ?3, ?3, ?4 FROM mod_case c WHERE c.id = ?2
    ON CONFLICT (account, mod_case) DO UPDATE SET hard = excluded.hard, looked_at = excluded.looked_at,
        began_at = CASE WHEN case_look.ends_at > excluded.looked_at THEN case_look.began_at
            ELSE excluded.looked_at - (case_look.ends_at - case_look.began_at) END,
        ends_at = excluded.ends_at
""")
END = SQL("UPDATE case_look SET ends_at = ?3 WHERE account = ?1 AND mod_case = ?2 AND ends_at > ?3")
END_ALL = SQL("UPDATE case_look SET ends_at = ?2 WHERE account = ?1 AND ends_at > ?2")
# How many, how many of them hard, and how long these, up to ?3.
_TAKEN = """count(k.mod_case), CAST(coalesce(sum(k.hard), 0) AS bigint), CAST(coalesce(sum(CASE WHEN k.hard = 0 THEN 0
    WHEN k.ends_at < ?3 THEN k.ends_at - k.began_at ELSE ?3 - k.began_at END), 0) AS bigint)"""
LOOKS = SQL(f"SELECT {_TAKEN} FROM case_look k WHERE k.account = ?1 AND k.looked_at > ?2")
# Who is on duty, or has worked since ?1.
AT_WORK = SQL(f"""
    SELECT a.id, m.hard_limit, m.hard_minutes, {_TAKEN}
    FROM moderator_care m JOIN account a ON a.id = m.account
    LEFT JOIN case_look k ON k.account = m.account AND k.looked_at > ?2
    WHERE (m.on_duty = 1 OR m.worked_at > ?1) AND a.role <> 'member' AND {account_exists()}
    GROUP BY a.id, m.hard_limit, m.hard_minutes
""")
CASE_NOW = SQL(f"""
    SELECT CASE WHEN {HARD} THEN 1 ELSE 0 END,
        (SELECT count(*) FROM case_look k WHERE k.mod_case = c.id AND k.account = ?2 AND k.looked_at > ?3),
        (SELECT count(*) FROM case_look k WHERE k.mod_case = c.id AND k.account = ?2 AND k.ends_at > ?4)
    FROM mod_case c WHERE c.id = ?1
""")
FORGET_OLD = SQL("DELETE FROM case_look WHERE looked_at < ?1")
FORGET = SQL("DELETE FROM moderator_care WHERE account = ?1")
FORGET_LOOKS = SQL("DELETE FROM case_look WHERE account = ?1")


async def of(account: int) -> CareRow | None:
    """None for whoever has chosen nothing and taken no case."""
    row = await DB.one(OF, account)
    return CareRow._make(row) if row is not None else None


async def choose(account: int, on_duty: int, hard_limit: int | None, hard_minutes: int | None, keeps_grey: int) -> None:
    await DB.fetch(CHOOSE, account, on_duty, hard_limit, hard_minutes, keeps_grey)


async def work(account: int, now: int, unbroken_since: int) -> None:
    """Notes that somebody works; without work since ``unbroken_since`` they begin anew. Unix milliseconds."""
    await DB.fetch(WORK, account, now, unbroken_since)


async def rest(account: int, until: int) -> None:
    """Begins a break until then (Unix milliseconds); 0 ends it."""
    await DB.fetch(REST, account, until)


async def look(account: int, case: int, now: int, until: int) -> None:
    """Notes that somebody has a case until then; with ``now`` that they had it until now. Unix milliseconds."""
    await DB.fetch(LOOK, account, case, now, until)


async def end(account: int, case: int, now: int) -> None:
    """Notes that somebody has a case no longer; harmless if they have not had it."""
    await DB.fetch(END, account, case, now)


async def end_all(account: int, now: int) -> None:
    """The same of all that somebody has."""
    await DB.fetch(END_ALL, account, now)


async def looks(account: int, since: int, now: int) -> Looks:
    """What somebody has taken after ``since``, up to ``now`` (Unix milliseconds)."""
    row = await DB.one(LOOKS, account, since, now)
    assert row is not None
    return Looks._make(row)


async def at_work(since: int, now: int) -> list[AtWork]:
    """Moderators who are on duty, or have taken or decided something after ``since``; what they have taken is from then
    on, up to ``now`` (Unix milliseconds)."""
    rows = await DB.fetch(AT_WORK, since, since, now)
    return [AtWork(account, limit, minutes, Looks._make(taken)) for account, limit, minutes, *taken in rows]


async def case_now(case: int, account: int, since: int, now: int) -> CaseNow:
    """What a case is to a moderator; ``since`` says from when on a case was taken lately. Unix milliseconds."""
    row = await DB.one(CASE_NOW, case, account, since, now)
    return CaseNow._make(row) if row is not None else CaseNow(0, 0, 0)


async def forget_old(before: int) -> None:
    """Forgets what was taken before then (Unix milliseconds)."""
    await DB.fetch(FORGET_OLD, before)


async def forget(account: int) -> None:
    """Forgets all that is kept of a moderator."""
    await DB.fetch(FORGET, account)
    await DB.fetch(FORGET_LOOKS, account)
