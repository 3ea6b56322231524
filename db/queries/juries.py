"""Juries and the seats on them, and what jurors answer."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists
from db.sql import SQL


class JuryRow(NamedTuple):
    """A jury, in the order of its columns; ``appeal`` is its id, too. Times are Unix milliseconds."""

    appeal: int
    state: int
    opened_at: int
    ends_at: int
    closed_at: int | None


class JurorRow(NamedTuple):
    """A seat on a jury, in the order of its columns; times are Unix milliseconds."""

    id: int
    jury: int
    account: int | None
    state: int
    ends_at: int
    vote: int | None
    reason: str
    answered_at: int | None
    version: int
    audit: int
    dispute: str
    dispute_state: int | None


class SaidReason(NamedTuple):
    """Why a juror voted as they did."""

    vote: int
    reason: str


_JURY = ", ".join(f"j.{field}" for field in JuryRow._fields)
_JUROR = ", ".join(f"o.{field}" for field in JurorRow._fields)
ADD = SQL("INSERT INTO jury (appeal, state, opened_at, ends_at, closed_at) VALUES (?1, ?2, ?3, ?4, ?5)")
ONE = SQL(f"SELECT {_JURY} FROM jury j WHERE j.appeal = ?1")
BY_IDS = SQL(f"SELECT {_JURY} FROM jury j WHERE j.appeal IN {{ids:1}}")
SITTING = SQL("SELECT 1 FROM jury WHERE appeal = ?1 AND state = 0")
CLOSE = SQL("UPDATE jury SET state = ?2, closed_at = ?3 WHERE appeal = ?1 AND state = 0 RETURNING appeal")
# The first states are those of seats that are held: SUMMONED is 0 and VOTED 1; CLOSED is 5.
SEAT = SQL("INSERT INTO juror (id, jury, account, state, ends_at, audit) VALUES (?1, ?2, ?3, 0, ?4, ?5)")
SEATS = SQL(f"SELECT {_JUROR} FROM juror o WHERE o.jury = ?1 AND o.audit = 0 ORDER BY o.id")
JUROR = SQL(f"SELECT {_JUROR} FROM juror o WHERE o.id = ?1")
MINE = SQL(f"SELECT {_JUROR} FROM juror o WHERE o.account = ?1 AND o.id < ?2 ORDER BY o.id DESC LIMIT ?3")
SUMMONED = SQL(f"SELECT {_JUROR} FROM juror o WHERE o.account = ?1 AND o.state = 0 ORDER BY o.id")
_ANSWER = "state = ?2, vote = ?3, reason = ?4, answered_at = ?5, version = version + 1"
ANSWER = SQL(f"UPDATE juror SET {_ANSWER} WHERE id = ?1 AND state = 0 AND version = ?6 RETURNING id")
LAPSE = SQL("UPDATE juror SET state = 4, version = version + 1 WHERE id = ?1 AND state = 0 RETURNING id")
CLOSE_SEATS = SQL("UPDATE juror SET state = 5, version = version + 1 WHERE jury = ?1 AND state = 0 AND audit = 0")
# Whose time is over, or who have left.
DUE = SQL(f"""
    SELECT o.id FROM juror o LEFT JOIN account a ON a.id = o.account AND {account_exists()}
    WHERE o.state = 0 AND (o.ends_at <= ?1 OR a.id IS NULL) ORDER BY o.ends_at, o.id LIMIT ?2
""")
# What a case is about is gone for good: the post (SubjectKind.POST is 0) is purged, which is after its author could
# still take the deletion back; the account (1) has left; the picture (2) is in its post no more.
_GONE = f"""(c.subject_kind = 0 AND NOT EXISTS (SELECT 1 FROM post p WHERE p.id = c.subject)
    OR c.subject_kind = 1 AND NOT EXISTS (SELECT 1 FROM account u WHERE u.id = c.subject AND {account_exists("u")})
    OR c.subject_kind = 2 AND NOT EXISTS (SELECT 1 FROM media m WHERE m.id = c.subject AND m.post = c.post))"""
# By somebody who has reported it (Party.REPORTER is 1).
HAS_HEARD_REPORTER = SQL("""
    SELECT 1 FROM appeal x JOIN jury j ON j.appeal = x.id WHERE x.statement = ?1 AND x.party = 1 LIMIT 1
""")
IS_GONE = SQL(f"SELECT 1 FROM mod_case c WHERE c.id = ?1 AND {_GONE}")
# Of juries whose appellant has left, or whose subject is gone.
LEFT = SQL(f"""
    SELECT j.appeal FROM jury j JOIN appeal x ON x.id = j.appeal
    JOIN statement s ON s.id = x.statement JOIN mod_case c ON c.id = s.mod_case
    LEFT JOIN account a ON a.id = x.appellant AND {account_exists()}
    WHERE j.state = 0 AND (a.id IS NULL OR x.state <> 0 OR {_GONE}) ORDER BY j.appeal LIMIT ?1
""")
ABOUT_POST = SQL("""
    SELECT j.appeal FROM jury j JOIN appeal x ON x.id = j.appeal
    JOIN statement s ON s.id = x.statement JOIN mod_case c ON c.id = s.mod_case
    WHERE j.state = 0 AND c.post = ?1 ORDER BY j.appeal
""")
HAS_SAT = SQL("SELECT 1 FROM juror o WHERE o.jury = ?1 AND o.account = ?2")
ADD_REVERSAL = SQL("INSERT INTO jury_reversal (statement, jury) VALUES (?1, ?2)")
REVERSALS = SQL("SELECT statement FROM jury_reversal WHERE statement IN {ids:1}")
# Without those of votes that were set aside (SeatState.SET_ASIDE).
REASONS = SQL("""
    SELECT o.vote, o.reason FROM juror o WHERE o.jury = ?1 AND o.audit = 0 AND o.state <> 6 AND o.reason <> ''
    ORDER BY o.vote, o.reason
""")
FORGET_REASONS = SQL("""
    UPDATE juror SET reason = '', dispute = '' WHERE (reason <> '' OR dispute <> '') AND jury IN (
        SELECT x.id FROM appeal x JOIN statement s ON s.id = x.statement WHERE s.mod_case = ?1)
""")
# A picture, video or sound of a post (SubjectKind.ACCOUNT is 1, whose pictures show who it is), while it is to be
# judged. The file of evidence is the rare end: it has an index by its key.
MAY_SEE = SQL("""
    SELECT 1 FROM evidence_file f JOIN evidence e ON e.id = f.evidence
    JOIN mod_case c ON c.id = e.mod_case AND c.subject_kind <> 1
    JOIN statement s ON s.mod_case = c.id JOIN appeal x ON x.statement = s.id
    JOIN juror o ON o.jury = x.id AND o.account = ?1 AND o.state = 0 AND o.ends_at > ?3
    WHERE f.key = ?2 LIMIT 1
""")


async def add(row: JuryRow) -> None:
    """Within a transaction that has locked the case."""
    await DB.fetch(ADD, *row)


async def one(appeal: int) -> JuryRow | None:
    """The jury of an appeal."""
    row = await DB.one(ONE, appeal)
    return JuryRow._make(row) if row is not None else None


async def by_appeals(appeals: list[int]) -> dict[int, JuryRow]:
    """The jury of each of these appeals that has one."""
    if not appeals:
        return {}
    return {row[0]: JuryRow._make(row) for row in await DB.fetch(BY_IDS, DB.ids(appeals))}


async def is_sitting(appeal: int) -> bool:
    """Whether a jury hears the appeal now."""
    return await DB.one(SITTING, appeal) is not None


async def close(jury: int, state: int, now: int) -> bool:
    """Within a transaction that has locked the case: ends a jury, and the seats of those who have not answered.

    Returns False when it has ended. ``now`` in Unix milliseconds.
    """
    if await DB.one(CLOSE, jury, state, now) is None:
        return False
    await DB.fetch(CLOSE_SEATS, jury)
    return True


async def seat(juror: int, jury: int, account: int, ends_at: int, *, audit: bool = False) -> None:
    """Within a transaction. Errors: ``ConstraintViolation`` for somebody who was drawn for this jury before."""
    await DB.fetch(SEAT, juror, jury, account, ends_at, int(audit))


async def seats(jury: int) -> list[JurorRow]:
    """All seats that a jury has had, without audits, the oldest first."""
    return list(map(JurorRow._make, await DB.fetch(SEATS, jury)))


async def juror(number: int) -> JurorRow | None:
    row = await DB.one(JUROR, number)
    return JurorRow._make(row) if row is not None else None


async def mine(account: int, before: int, limit: int) -> list[JurorRow]:
    """The seats that an account has had, the newest first."""
    return list(map(JurorRow._make, await DB.fetch(MINE, account, before, limit)))


async def summoned(account: int) -> list[JurorRow]:
    """The seats of an account that wait for its answer."""
    return list(map(JurorRow._make, await DB.fetch(SUMMONED, account)))


async def answer(seat: JurorRow, now: int) -> bool:
    """Within a transaction: writes what a juror answers. False if they have, or the seat is another version than this.

    ``now`` in Unix milliseconds.
    """
    return await DB.one(ANSWER, seat.id, seat.state, seat.vote, seat.reason, now, seat.version) is not None


async def lapse(juror: int) -> bool:
    """Within a transaction: ends a seat that was not answered in time. False if it was, or has ended."""
    return await DB.one(LAPSE, juror) is not None


async def due(now: int, limit: int) -> list[int]:
    """Seats whose time is over by ``now`` (Unix milliseconds), or whose juror has left."""
    return [row[0] for row in await DB.fetch(DUE, now, limit)]


async def left(limit: int) -> list[int]:
    """Juries that sit although whoever appealed has left, the appeal is closed, or what it is about is gone."""
    return [row[0] for row in await DB.fetch(LEFT, limit)]


async def about_post(post: int) -> list[int]:
    """Juries that sit on a case about a post, or about a picture of it."""
    return [row[0] for row in await DB.fetch(ABOUT_POST, post)]


async def has_heard_reporter(statement: int) -> bool:
    """Whether there is, or was, a jury because somebody who has reported it appealed against a decision."""
    return await DB.one(HAS_HEARD_REPORTER, statement) is not None


async def is_gone(case: int) -> bool:
    """Whether what a case is about is gone for good."""
    return await DB.one(IS_GONE, case) is not None


async def has_sat(jury: int, account: int) -> bool:
    """Whether somebody was drawn for a jury, whatever they answered."""
    return await DB.one(HAS_SAT, jury, account) is not None


async def add_reversal(statement: int, jury: int) -> None:
    """Within a transaction: notes that it was a jury that wrote a reversal."""
    await DB.fetch(ADD_REVERSAL, statement, jury)


async def reversals_among(statements: list[int]) -> set[int]:
    """Those of these statements by which a jury took a decision back."""
    return {row[0] for row in await DB.fetch(REVERSALS, DB.ids(statements))} if statements else set()


async def reasons(jury: int) -> list[SaidReason]:
    """What jurors gave as reasons, in an order that does not tell who is who."""
    return [SaidReason(*row) for row in await DB.fetch(REASONS, jury)]


async def forget_reasons(case: int) -> None:
    """Within a transaction: empties what jurors have said of appeals against the decisions on a case."""
    await DB.fetch(FORGET_REASONS, case)


async def may_see(account: int, key: str, now: int) -> bool:
    """Whether a stored file is evidence on which this account may still vote at ``now`` (Unix milliseconds)."""
    return await DB.one(MAY_SEE, account, key, now) is not None
