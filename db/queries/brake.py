"""The brake and the crisis, each changed by whoever comes first, and how far moderators are behind."""

from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class BrakeRow(NamedTuple):
    """The brake, in the order of its columns; see ``db.tables.brake.Brake``. Times are Unix milliseconds."""

    since: int | None
    reason: int
    words: str
    ends_at: int | None
    better_since: int | None
    rests_until: int
    version: int


class CrisisRow(NamedTuple):
    """A crisis, in the order of its columns; see ``db.tables.brake.Crisis``. Times are Unix milliseconds."""

    id: int
    proposer: int | None
    words: str
    hours: int
    since: int | None
    ends_at: int | None


class Load(NamedTuple):
    """Open cases that the brake goes by, those decided within a day, and when the first urgent one of the former is due
    (Unix milliseconds), if any is.
    """

    open: int
    closed: int
    urgent_due_at: int | None


BRAKE = SQL("SELECT since, reason, words, ends_at, better_since, rests_until, version FROM brake WHERE id = 1")
# Of two that have read the same version, one writes.
SET_BRAKE = SQL("""
    INSERT INTO brake (id, since, reason, words, ends_at, better_since, rests_until, version)
    VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (id) DO UPDATE SET since = excluded.since, reason = excluded.reason, words = excluded.words,
        ends_at = excluded.ends_at, better_since = excluded.better_since, rests_until = excluded.rests_until,
        version = excluded.version
    WHERE brake.version = excluded.version - 1
    RETURNING id
""")
# How many different ones there are, up to two: a tenth of the time that count(DISTINCT ...) takes.
_ONE_OR_TWO = "CASE WHEN min({0}) < max({0}) THEN 2 WHEN max({0}) IS NOT NULL THEN 1 ELSE 0 END"
# One person, or a stranger with many addresses, does not switch the brake. It goes by a case that no report has brought
# up (a filter, a complaint) or that a moderator has at the moment (?4 is now); that two people have reported whose
# reports weigh something, guests by an address that is theirs; or one member with a report of the weight ?2 at least.
# Of the last kind, ?3 cases count for each such member. Severity.URGENT is 4.
_BY_PEOPLE = """
    SELECT c.id, c.due_at, c.severity, CASE WHEN c.reports = 0 OR c.claimed_until > ?4 THEN 2 ELSE
            coalesce(p.members, 0) + coalesce(p.guests, 0) END AS people, p.heaviest, p.reporter
    FROM mod_case c LEFT JOIN (
        SELECT r.mod_case, max(CASE WHEN r.reporter IS NOT NULL THEN r.weight ELSE 0 END) AS heaviest,
            max(CASE WHEN r.weight > 0 THEN r.reporter END) AS reporter,
            {members} AS members, {guests} AS guests
        FROM report r LEFT JOIN guest_report g ON g.report = r.id
        WHERE r.mod_case IN (SELECT id FROM mod_case WHERE state = 1) AND r.state <> 0
        GROUP BY r.mod_case) p ON p.mod_case = c.id
    WHERE c.state = 1
""".format(
    members=_ONE_OR_TWO.format("CASE WHEN r.weight > 0 THEN r.reporter END"),
    guests=_ONE_OR_TWO.format("CASE WHEN g.confirmed = 1 THEN lower(g.email) END"),
)
LOAD = SQL(f"""
    WITH known AS (SELECT * FROM ({_BY_PEOPLE}) k WHERE k.people > 1 OR k.heaviest >= ?2)
    SELECT (SELECT count(*) FROM known WHERE people > 1) + (
            SELECT CAST(coalesce(sum(CASE WHEN s.cases > ?3 THEN ?3 ELSE s.cases END), 0) AS bigint)
            FROM (SELECT count(*) AS cases FROM known WHERE people < 2 GROUP BY reporter) s),
        (SELECT count(*) FROM mod_case WHERE closed_at IS NOT NULL AND closed_at > ?1 AND state = 2),
        (SELECT min(due_at) FROM known WHERE severity = 4)
""")
_CRISIS = "SELECT id, proposer, words, hours, since, ends_at FROM crisis WHERE number = 1"
CRISIS = SQL(_CRISIS)
LOCK_CRISIS = SQL(_CRISIS, f"{_CRISIS} FOR UPDATE")
PROPOSE = SQL("""
    INSERT INTO crisis (id, number, proposer, words, hours) VALUES (?1, 1, ?2, ?3, ?4)
    ON CONFLICT (number) DO NOTHING RETURNING id
""")
BEGIN = SQL("UPDATE crisis SET since = ?2, ends_at = ?3 WHERE id = ?1 AND since IS NULL RETURNING id")
DROP = SQL("DELETE FROM crisis WHERE id = ?1 RETURNING id")
DROP_PROPOSAL_BY = SQL("DELETE FROM crisis WHERE proposer = ?1 AND since IS NULL")


async def brake() -> BrakeRow | None:
    """None while it was never on."""
    row = await DB.one(BRAKE)
    return BrakeRow._make(row) if row is not None else None


async def set_brake(row: BrakeRow) -> bool:
    """Writes the version after the one that was read. False when somebody else has written it."""
    return await DB.one(SET_BRAKE, *row) is not None


async def load(since: int, heavy: int, each: int, now: int) -> Load:
    """How far moderators are behind; what was decided after ``since`` counts. Times in Unix milliseconds.

    Of cases that one member alone has reported, those count whose report weighs ``heavy`` at least, ``each`` of them
    for every member.
    """
    with DB.off_loop():
        row = await DB.one(LOAD, since, heavy, each, now)
    assert row is not None
    return Load._make(row)


async def crisis() -> CrisisRow | None:
    """The crisis that is proposed or in force."""
    row = await DB.one(CRISIS)
    return CrisisRow._make(row) if row is not None else None


async def lock_crisis() -> CrisisRow | None:
    """Within a transaction: the same, which nobody else can change until its end."""
    row = await DB.one(LOCK_CRISIS)
    return CrisisRow._make(row) if row is not None else None


async def propose(crisis: int, proposer: int, words: str, hours: int) -> bool:
    """False when one is proposed or in force already."""
    return await DB.one(PROPOSE, crisis, proposer, words, hours) is not None


async def begin(crisis: int, since: int, ends_at: int) -> bool:
    """False when it has begun already, or is there no more."""
    return await DB.one(BEGIN, crisis, since, ends_at) is not None


async def drop(crisis: int) -> bool:
    """False when somebody else has ended it."""
    return await DB.one(DROP, crisis) is not None


async def drop_proposal_by(account: int) -> None:
    """Takes back what somebody has proposed."""
    await DB.fetch(DROP_PROPOSAL_BY, account)
