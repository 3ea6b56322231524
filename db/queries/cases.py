"""Cases: opening one by its first report, finding it, giving claims back, and closing."""

from typing import NamedTuple

from db.engine import DB, Row
from db.queries.visibility import account_exists
from db.sql import SQL


class CaseRow(NamedTuple):
    """A case, in the order of COLUMNS; times are Unix milliseconds."""

    id: int
    subject_kind: int
    subject: int
    account: int
    post: int | None
    severity: int
    state: int
    reports: int
    due_at: int
    claimed_by: int | None
    claimed_until: int
    version: int
    closed_at: int | None
    weight: int


class NewCase(NamedTuple):
    """A row for OPEN, in its order. ``state`` is 0 while only unconfirmed reports have come."""

    id: int
    subject_kind: int
    subject: int
    account: int
    post: int | None
    severity: int
    state: int
    due_at: int


COLUMNS = """c.id, c.subject_kind, c.subject, c.account, c.post, c.severity, c.state, c.reports, c.due_at,
    c.claimed_by, c.claimed_until, c.version, c.closed_at, c.weight"""
# At most one case of a subject is not closed. Whoever comes second locks it here, and changes nothing yet.
OPEN = SQL("""
    INSERT INTO mod_case (id, subject_kind, subject, account, post, severity, state, due_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (subject_kind, subject) WHERE state < 2 DO UPDATE SET reports = mod_case.reports
    RETURNING id
""")
# Another revision, or a worse rule, makes it another case than the one that a moderator has seen.
COUNT_REPORT = SQL("""
    UPDATE mod_case SET reports = reports + ?5, weight = weight + ?6, state = 1,
        version = version + CASE WHEN ?4 = 1 OR ?2 > severity OR state = 0 THEN 1 ELSE 0 END,
        severity = CASE WHEN state = 0 OR ?2 > severity THEN ?2 ELSE severity END,
        due_at = CASE WHEN ?3 < due_at THEN ?3 ELSE due_at END
    WHERE id = ?1
""")
_BY_ID = f"SELECT {COLUMNS} FROM mod_case c WHERE c.id = ?1"
ONE = SQL(_BY_ID)
LOCK = SQL(_BY_ID, f"{_BY_ID} FOR UPDATE")
LATEST = SQL(f"""
    SELECT {COLUMNS} FROM mod_case c WHERE c.subject_kind = ?1 AND c.subject = ?2 AND c.state IN (1, 2)
    ORDER BY c.id DESC LIMIT 1
""")
OF_ACCOUNT = SQL(f"""
    SELECT {COLUMNS} FROM mod_case c WHERE c.account = ?1 AND c.id <> ?2 AND c.id < ?3 AND c.state <> 0
    ORDER BY c.id DESC LIMIT ?4
""")
RELEASE_ALL = SQL("UPDATE mod_case SET claimed_by = NULL, claimed_until = 0 WHERE claimed_by = ?1")
RELEASE = SQL("UPDATE mod_case SET claimed_by = NULL, claimed_until = 0 WHERE id = ?1 AND claimed_by = ?2")
CLOSE = SQL("""
    UPDATE mod_case SET state = ?2, closed_at = ?3, version = version + 1, claimed_by = NULL, claimed_until = 0
    WHERE id = ?1
""")
REOPEN = SQL("""
    UPDATE mod_case SET state = 1, closed_at = NULL, due_at = ?2, version = version + 1 WHERE id = ?1 AND state = 2
""")
# Cases of archives from before reports had a weight.
WEIGH = SQL("""
    UPDATE mod_case SET weight = (
        SELECT coalesce(sum(r.weight), 0) FROM report r WHERE r.mod_case = mod_case.id AND r.state <> 0)
    WHERE state = 1 AND weight = 0
""")
_WAITING = "SELECT id FROM mod_case WHERE subject_kind = ?1 AND subject = ?2 AND state = 0"
LOCK_WAITING = SQL(_WAITING, f"{_WAITING} FOR UPDATE")
LAST_KEPT = SQL(f"""
    SELECT {COLUMNS} FROM mod_case c WHERE c.subject_kind = ?1 AND c.subject = ?2
        AND EXISTS (SELECT 1 FROM evidence e WHERE e.mod_case = c.id) ORDER BY c.id DESC LIMIT 1
""")
UNCLOSED = SQL("SELECT state FROM mod_case WHERE subject_kind = ?1 AND subject = ?2 AND state < 2")
TOUCH = SQL("UPDATE mod_case SET version = version + 1 WHERE id = ?1")
REPORTED_BY = SQL("SELECT 1 FROM report WHERE mod_case = ?1 AND reporter = ?2")
LANGUAGE = SQL(f"SELECT a.locale FROM account a WHERE a.id = ?1 AND {account_exists()}")


async def open_case(new: NewCase) -> int:
    """Within a transaction: the id of the subject's open case, which is locked; a new one where there is none."""
    return int(await DB.value(OPEN, *new))


async def count_report(case: int, severity: int, due_at: int, *, fresh: bool, by: int, weight: int) -> None:
    """Within a transaction: counts ``by`` more reports (0 or 1) that weigh ``weight``; ``fresh``: with evidence of
    another revision."""
    await DB.fetch(COUNT_REPORT, case, severity, due_at, int(fresh), by, weight)


async def one(case: int) -> CaseRow | None:
    return row_of(await DB.one(ONE, case))


async def lock(case: int) -> CaseRow | None:
    """Within a transaction: the case, which nobody else can change until its end."""
    return row_of(await DB.one(LOCK, case))


async def latest(subject_kind: int, subject: int) -> CaseRow | None:
    """The newest case of a subject that is open or decided."""
    return row_of(await DB.one(LATEST, subject_kind, subject))


async def lock_waiting(subject_kind: int, subject: int) -> int | None:
    """Within a transaction: the case of a subject that waits, locked; None if there is none."""
    found: int | None = await DB.value(LOCK_WAITING, subject_kind, subject)
    return found


async def last_kept(subject_kind: int, subject: int) -> CaseRow | None:
    """The newest case of a subject that keeps evidence, whatever its state."""
    return row_of(await DB.one(LAST_KEPT, subject_kind, subject))


def row_of(row: Row | None) -> CaseRow | None:
    return None if row is None else CaseRow._make(row)


async def of_account(account: int, besides: int, below: int, limit: int) -> list[CaseRow]:
    """Other cases about what is an account's, the newest first, with ids below one."""
    return list(map(CaseRow._make, await DB.fetch(OF_ACCOUNT, account, besides, below, limit)))


async def release(case: int, moderator: int) -> None:
    await DB.fetch(RELEASE, case, moderator)


async def release_all(moderator: int) -> None:
    """Gives back every case that somebody has."""
    await DB.fetch(RELEASE_ALL, moderator)


async def close(case: int, state: int, now: int) -> None:
    """Within a transaction."""
    await DB.fetch(CLOSE, case, state, now)


async def reopen(case: int, due_at: int) -> None:
    """Within a transaction: has a decided case be decided again by ``due_at`` (Unix milliseconds).

    Errors: ``ConstraintViolation`` while the subject has another case that is not closed.
    """
    await DB.fetch(REOPEN, case, due_at)


async def weigh() -> None:
    """Has open cases without a weight weigh what their reports do."""
    await DB.fetch(WEIGH)


async def unclosed(subject_kind: int, subject: int) -> int | None:
    """The ``CaseState`` of the case of a subject that is not closed, None if there is none."""
    state: int | None = await DB.value(UNCLOSED, subject_kind, subject)
    return state


async def touch(case: int) -> None:
    """Within a transaction: makes it another version."""
    await DB.fetch(TOUCH, case)


async def is_reported_by(case: int, account: int) -> bool:
    return await DB.one(REPORTED_BY, case, account) is not None


async def language_of(account: int) -> str | None:
    """The language that an account reads, "" for the browser's; None once it has left."""
    found: str | None = await DB.value(LANGUAGE, account)
    return found
