"""Audits of jurors: known answers, who has failed them, and what they say against it."""

from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class AuditRow(NamedTuple):
    """An audit, in the order of its columns; times are Unix milliseconds."""

    jury: int
    why: str
    author: int | None
    promoted_at: int
    withdrawn_at: int | None


class OfferedAudit(NamedTuple):
    """An audit that jurors can be given, and the case that it is about."""

    jury: int
    mod_case: int


class Taken(NamedTuple):
    """An audit that somebody has taken: what they voted and what is right (numbers of ``JuryVote``)."""

    vote: int
    right: int
    disputed: int


_COLUMNS = ", ".join(f"d.{field}" for field in AuditRow._fields)
ADD = SQL("INSERT INTO jury_audit (jury, why, author, promoted_at, withdrawn_at) VALUES (?1, ?2, ?3, ?4, ?5)")
ONE = SQL(f"SELECT {_COLUMNS} FROM jury_audit d WHERE d.jury = ?1")
BY_IDS = SQL(f"SELECT {_COLUMNS} FROM jury_audit d WHERE d.jury IN {{ids:1}}")
# While there is something to be judged.
OFFERED = SQL("""
    SELECT d.jury, s.mod_case FROM jury_audit d JOIN appeal x ON x.id = d.jury JOIN statement s ON s.id = x.statement
    WHERE d.withdrawn_at IS NULL AND EXISTS (SELECT 1 FROM evidence e WHERE e.mod_case = s.mod_case)
    ORDER BY d.jury DESC LIMIT ?1
""")
# What a jury has found is what a juror should find: JuryState.REVERSED is 2, JuryVote.REVERSE 1.
_RIGHT = "CASE WHEN j.state = 2 THEN 1 ELSE 0 END"
TAKEN = SQL(f"""
    SELECT o.vote, {_RIGHT}, CASE WHEN o.dispute_state = 0 THEN 1 ELSE 0 END FROM juror o
    JOIN jury j ON j.appeal = o.jury JOIN jury_audit d ON d.jury = o.jury AND d.withdrawn_at IS NULL
    WHERE o.account = ?1 AND o.audit = 1 AND o.state = 1 AND o.answered_at > ?2 ORDER BY o.answered_at DESC LIMIT ?3
""")
DISPUTE = SQL("""
    UPDATE juror SET dispute = ?2, dispute_state = 0, version = version + 1
    WHERE id = ?1 AND audit = 1 AND state = 1 AND dispute_state IS NULL RETURNING id
""")
# Of a case that the moderator (?1) is no party to, or has decided all the same.
_DISPUTED = """
    FROM juror o JOIN jury_audit d ON d.jury = o.jury AND d.withdrawn_at IS NULL
    JOIN appeal x ON x.id = o.jury JOIN statement s ON s.id = x.statement
    WHERE o.dispute_state = 0 AND (
        EXISTS (SELECT 1 FROM statement e WHERE e.mod_case = s.mod_case AND (e.author = ?1 OR e.second = ?1))
        OR s.account <> ?1
            AND NOT EXISTS (SELECT 1 FROM report r WHERE r.mod_case = s.mod_case AND r.reporter = ?1))
"""
DISPUTED = SQL(f"SELECT o.id, o.jury, o.dispute {_DISPUTED} AND o.id > ?2 ORDER BY o.id LIMIT ?3")
COUNT_DISPUTED = SQL(f"SELECT count(*) {_DISPUTED}")
UPHOLD = SQL("UPDATE juror SET dispute_state = 1 WHERE id = ?1 AND dispute_state = 0 RETURNING account")
WITHDRAW = SQL("UPDATE jury_audit SET withdrawn_at = ?2 WHERE jury = ?1 AND withdrawn_at IS NULL RETURNING jury")
LAPSE = SQL("UPDATE juror SET state = 5, version = version + 1 WHERE jury = ?1 AND audit = 1 AND state = 0")
FAILED = SQL(f"""
    SELECT o.id, o.account FROM juror o JOIN jury j ON j.appeal = o.jury
    WHERE o.jury = ?1 AND o.audit = 1 AND o.state = 1 AND o.vote <> {_RIGHT} AND o.account IS NOT NULL
    ORDER BY o.account
""")
PAUSE = SQL("UPDATE juror_standing SET paused_until = ?2 WHERE account = ?1")


class DisputedAudit(NamedTuple):
    """A failed audit that its juror disputes; who that is nobody is told."""

    id: int
    jury: int
    words: str


class FailedAudit(NamedTuple):
    juror: int
    account: int


async def add(row: AuditRow) -> None:
    """Errors: ``ConstraintViolation`` when the jury is an audit already."""
    await DB.fetch(ADD, *row)


async def one(jury: int) -> AuditRow | None:
    row = await DB.one(ONE, jury)
    return AuditRow._make(row) if row is not None else None


async def by_juries(juries: list[int]) -> dict[int, AuditRow]:
    """The audit that each of these juries is, if it is one."""
    return {row[0]: AuditRow._make(row) for row in await DB.fetch(BY_IDS, DB.ids(juries))} if juries else {}


async def offered(limit: int) -> list[OfferedAudit]:
    """The newest audits that can be given to jurors."""
    return [OfferedAudit(*row) for row in await DB.fetch(OFFERED, limit)]


async def taken(account: int, since: int, limit: int) -> list[Taken]:
    """The last audits that an account has answered after ``since`` (Unix milliseconds), the newest first."""
    return [Taken(*row) for row in await DB.fetch(TAKEN, account, since, limit)]


async def dispute(juror: int, words: str) -> bool:
    """False when there is nothing to dispute, or it was disputed before."""
    return await DB.one(DISPUTE, juror, words) is not None


async def disputed(moderator: int, above: int, limit: int) -> list[DisputedAudit]:
    """What waits for a moderator who is no party to it, the oldest first, with ids above one."""
    return [DisputedAudit(*row) for row in await DB.fetch(DISPUTED, moderator, above, limit)]


async def count_disputed(moderator: int) -> int:
    """How much waits for a moderator who is no party to it."""
    return int(await DB.value(COUNT_DISPUTED, moderator))


async def uphold(juror: int) -> bool:
    """False when the dispute has been settled."""
    return await DB.one(UPHOLD, juror) is not None


async def withdraw(jury: int, now: int) -> bool:
    """Within a transaction: an audit counts no longer, and nobody is given it. False if it was withdrawn before."""
    if await DB.one(WITHDRAW, jury, now) is None:
        return False
    await DB.fetch(LAPSE, jury)
    return True


async def failed(jury: int) -> list[FailedAudit]:
    """Who has failed an audit."""
    return [FailedAudit(*row) for row in await DB.fetch(FAILED, jury)]


async def pause(account: int, until: int) -> None:
    """Within a transaction: somebody is not drawn before this (Unix milliseconds)."""
    await DB.fetch(PAUSE, account, until)
