"""What moderators choose for themselves, and which cases they have taken of late."""

from typing import NamedTuple

from db.engine import DB
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
# Whether a case, c, is: somebody has reported it under such a rule. Severity.ILLEGAL is 3.
HARD = f"""(c.severity >= 3 AND EXISTS (SELECT 1 FROM report h
    JOIN rule u ON u.version = h.rule_version AND u.number = h.rule_number
    WHERE h.mod_case = c.id AND u.severity >= 3 AND u.category IN ({_CATEGORIES})))"""


class CareRow(NamedTuple):
    """A moderator's choices, in the order of their columns; see ``db.tables.care.ModeratorCare``."""

    on_duty: int
    hard_limit: int | None
    working_since: int
    worked_at: int
    break_until: int


class Looks(NamedTuple):
    """How many cases a moderator has taken, and how many of those are hard to look at."""

    cases: int
    hard: int


OF = SQL("""
    SELECT on_duty, hard_limit, working_since, worked_at, break_until FROM moderator_care WHERE account = ?1
""")
_NEW = """
    INSERT INTO moderator_care (account, on_duty, hard_limit, working_since, worked_at, break_until)
    VALUES (?1, {}) ON CONFLICT (account) DO UPDATE SET
"""
CHOOSE = SQL(f"""
    {_NEW.format("?2, ?3, 0, 0, 0")} on_duty = excluded.on_duty, hard_limit = excluded.hard_limit
""")
# Whoever works ends their break; with a pause before it, the time begins anew.
WORK = SQL(f"""
    {_NEW.format("0, NULL, ?2, ?2, 0")} working_since = CASE WHEN moderator_care.worked_at < ?3
        THEN excluded.working_since ELSE moderator_care.working_since END,
        worked_at = excluded.worked_at, break_until = 0
""")
REST = SQL(f"{_NEW.format('0, NULL, 0, 0, ?2')} working_since = 0, worked_at = 0, break_until = excluded.break_until")
LOOK = SQL(f"""
    INSERT INTO case_look (account, mod_case, hard, looked_at)
    SELECT ?1, c.id, CASE WHEN {HARD} THEN 1 ELSE 0 END, ?3 FROM mod_case c WHERE c.id = ?2
    ON CONFLICT (account, mod_case) DO UPDATE SET hard = excluded.hard, looked_at = excluded.looked_at
""")
LOOKS = SQL("SELECT count(*), coalesce(sum(hard), 0) FROM case_look WHERE account = ?1 AND looked_at > ?2")
NEW_AND_HARD = SQL(f"""
    SELECT 1 FROM mod_case c WHERE c.id = ?1 AND {HARD} AND NOT EXISTS (
        SELECT 1 FROM case_look k WHERE k.mod_case = c.id AND k.account = ?2 AND k.looked_at > ?3)
""")
FORGET_OLD = SQL("DELETE FROM case_look WHERE looked_at < ?1")
FORGET = SQL("DELETE FROM moderator_care WHERE account = ?1")
FORGET_LOOKS = SQL("DELETE FROM case_look WHERE account = ?1")


async def of(account: int) -> CareRow | None:
    """None for whoever has chosen nothing and taken no case."""
    row = await DB.one(OF, account)
    return CareRow._make(row) if row is not None else None


async def choose(account: int, on_duty: int, hard_limit: int | None) -> None:
    await DB.fetch(CHOOSE, account, on_duty, hard_limit)


async def work(account: int, now: int, unbroken_since: int) -> None:
    """Notes that somebody works; without work since ``unbroken_since`` they begin anew. Unix milliseconds."""
    await DB.fetch(WORK, account, now, unbroken_since)


async def rest(account: int, until: int) -> None:
    """Begins a break until then (Unix milliseconds); 0 ends it."""
    await DB.fetch(REST, account, until)


async def look(account: int, case: int, now: int) -> None:
    """Notes that somebody has taken a case."""
    await DB.fetch(LOOK, account, case, now)


async def looks(account: int, since: int) -> Looks:
    """What somebody has taken after ``since`` (Unix milliseconds)."""
    row = await DB.one(LOOKS, account, since)
    assert row is not None
    return Looks._make(row)


async def is_new_and_hard(case: int, account: int, since: int) -> bool:
    """Whether a case is hard to look at, and somebody has not taken it after ``since`` (Unix milliseconds)."""
    return await DB.one(NEW_AND_HARD, case, account, since) is not None


async def forget_old(before: int) -> None:
    """Forgets what was taken before then (Unix milliseconds)."""
    await DB.fetch(FORGET_OLD, before)


async def forget(account: int) -> None:
    """Forgets all that is kept of a moderator."""
    await DB.fetch(FORGET_LOOKS, account)
    await DB.fetch(FORGET, account)
