"""What moderators write to those whom a case concerns, and what these answer."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class CaseMessageRow(NamedTuple):
    """A message, in the order of its columns. ``party`` is a ``Party``; ``sender`` is None once they have left.

    ``answers`` is the moderators' message that a member answers, None for one by a moderator.
    """

    id: int
    mod_case: int
    party: int
    sender: int | None
    answers: int | None
    words: str


_COLUMNS = ", ".join(f"m.{field}" for field in CaseMessageRow._fields)
ADD = SQL("INSERT INTO case_message (id, mod_case, party, sender, answers, words) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
OF_CASE = SQL(f"SELECT {_COLUMNS} FROM case_message m WHERE m.mod_case = ?1 ORDER BY m.id")
ONE = SQL(f"SELECT {_COLUMNS} FROM case_message m WHERE m.id = ?1")
COUNT = SQL("SELECT count(*) FROM case_message WHERE mod_case = ?1 AND answers IS NULL")
COUNT_ANSWERS = SQL("SELECT count(*) FROM case_message WHERE answers = ?1 AND sender = ?2")
ANSWERS = SQL(f"SELECT {_COLUMNS} FROM case_message m WHERE m.answers IN {{ids:1}} AND m.sender = ?2 ORDER BY m.id")
# Whoever reported it before the message was written (Party.REPORTER is 1) has it, and whom the case is about (0).
_TO_REPORTER = """
    m.party = 1 AND EXISTS (
        SELECT 1 FROM report r WHERE r.mod_case = m.mod_case AND r.reporter = ?1 AND r.id < m.id AND r.state <> 0)
"""
MINE = SQL(f"""
    SELECT {_COLUMNS} FROM case_message m JOIN (
        SELECT id FROM mod_case WHERE account = ?1 UNION SELECT mod_case FROM report WHERE reporter = ?1) c
        ON c.id = m.mod_case
    JOIN mod_case o ON o.id = m.mod_case
    WHERE m.answers IS NULL AND m.id < ?2 AND ((m.party = 0 AND o.account = ?1) OR ({_TO_REPORTER}))
    ORDER BY m.id DESC LIMIT ?3
""")
IS_TO = SQL(f"""
    SELECT 1 FROM case_message m JOIN mod_case o ON o.id = m.mod_case
    WHERE m.id = ?2 AND m.answers IS NULL AND ((m.party = 0 AND o.account = ?1) OR ({_TO_REPORTER}))
""")
REPORTERS = SQL("""
    SELECT reporter FROM report WHERE mod_case = ?1 AND reporter IS NOT NULL AND state <> 0 ORDER BY id LIMIT ?2
""")
# Once for each address that is confirmed.
GUESTS = SQL("""
    SELECT min(r.id) FROM report r JOIN guest_report g ON g.report = r.id
    WHERE r.mod_case = ?1 AND r.state <> 0 AND g.confirmed = 1 AND g.email <> '' GROUP BY g.email ORDER BY 1 LIMIT ?2
""")
# Answers that no moderator has replied to.
WAITING = SQL("""
    SELECT DISTINCT a.mod_case FROM case_message a
    WHERE a.mod_case IN {ids:1} AND a.answers IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM case_message m WHERE m.mod_case = a.mod_case AND m.answers IS NULL AND m.id > a.id)
""")
# Of messages, answers and reports: who has reported before is who is written to.
NEWEST = SQL("""
    SELECT coalesce(max(id), 0) FROM (
        SELECT id FROM case_message WHERE mod_case = ?1 UNION ALL SELECT id FROM report WHERE mod_case = ?1) n
""")
FORGET = SQL("DELETE FROM case_message WHERE mod_case = ?1")


async def add(row: CaseMessageRow) -> None:
    """Within a transaction."""
    await DB.fetch(ADD, *row)


async def newest(case: int) -> int:
    """The id of what was said last about a case: a message, an answer or a report; 0 if nothing was."""
    return int(await DB.value(NEWEST, case))


async def of_case(case: int) -> list[CaseMessageRow]:
    """The oldest first."""
    return list(map(CaseMessageRow._make, await DB.fetch(OF_CASE, case)))


async def one(message: int) -> CaseMessageRow | None:
    row = await DB.one(ONE, message)
    return CaseMessageRow._make(row) if row is not None else None


async def count(case: int) -> int:
    """How many moderators have written."""
    return int(await DB.value(COUNT, case))


async def count_answers(message: int, sender: int) -> int:
    return int(await DB.value(COUNT_ANSWERS, message, sender))


async def answers(messages: Sequence[int], sender: int) -> list[CaseMessageRow]:
    """What an account has answered to these, the oldest first."""
    return list(map(CaseMessageRow._make, await DB.fetch(ANSWERS, DB.ids(messages), sender))) if messages else []


async def mine(account: int, before: int, limit: int) -> list[CaseMessageRow]:
    """What moderators have written to an account, the newest first."""
    return list(map(CaseMessageRow._make, await DB.fetch(MINE, account, before, limit)))


async def is_to(account: int, message: int) -> bool:
    """Whether a moderator has written this to the account."""
    return await DB.one(IS_TO, account, message) is not None


async def reporters(case: int, limit: int) -> list[int]:
    """The first members who have reported a case."""
    return [row[0] for row in await DB.fetch(REPORTERS, case, limit)]


async def guests(case: int, limit: int) -> list[int]:
    """The first reports of guests who can be written to, one of each address."""
    return [row[0] for row in await DB.fetch(GUESTS, case, limit)]


async def waiting(cases: Sequence[int]) -> set[int]:
    """Those of these cases with an answer that no moderator has replied to."""
    return {row[0] for row in await DB.fetch(WAITING, DB.ids(cases))} if cases else set()


async def forget(case: int) -> None:
    """Within a transaction: deletes all that was written about a case."""
    await DB.fetch(FORGET, case)
