"""The moderators' queue: which cases are open, in their order, and claiming one."""

from typing import NamedTuple

from db.engine import DB
from db.queries.care import HARD
from db.queries.cases import COLUMNS, CaseRow, row_of
from db.sql import SQL


class QueueFigures(NamedTuple):
    """How many cases are open, and of those: overdue, urgent, and urgent ones that are overdue; and when the first
    urgent one is due (Unix milliseconds), if any is.
    """

    open: int
    overdue: int
    urgent: int
    urgent_overdue: int
    urgent_due_at: int | None


class CasePlace(NamedTuple):
    """A place in the queue: ``rest`` is 0 among urgent cases, ``due_at`` in Unix milliseconds."""

    rest: int
    due_at: int
    severity: int
    weight: int
    id: int


# Cases about whatever.
ANY = -1


class RowScope(NamedTuple):
    """The name of the rule that cases come under, "" for any; what they are about, a ``SubjectKind`` or ANY."""

    rule: str = ""
    kind: int = ANY


HOUR_MS = 3_600_000
# What is urgent (Severity.URGENT is 4) comes first, then what is due first; of what is due in the same hour, what is
# worse, then what weighs most. The index mod_case_order has this order.
_ORDER = f"(c.severity < 4), (c.due_at / {HOUR_MS}), (-c.severity), (-c.weight), c.due_at, c.id"
# Neither about the moderator (?1) nor reported by them: they would learn how it stands, and can't decide it. Whoever is
# alone (?2) sees all of it, since nobody else would see that there is something.
_FOR = "(?2 = 1 OR c.account <> ?1 AND c.id NOT IN (SELECT r.mod_case FROM report r WHERE r.reporter = ?1))"
# About something of a kind; and under the rule with a name, by a report that counts, a filter's find or a complaint. By
# which rule they are reported themselves is told to nobody (?1).
_IN_SCOPE = """
    (?{kind} = -1 OR c.subject_kind = ?{kind}) AND (?{rule} = '' OR c.account <> ?1 AND (
    EXISTS (SELECT 1 FROM report h JOIN rule u ON u.version = h.rule_version AND u.number = h.rule_number
        WHERE h.mod_case = c.id AND h.state <> 0 AND u.name = ?{rule})
    OR EXISTS (SELECT 1 FROM filter_finding n JOIN filter_rule f ON f.id = n.filter
        WHERE n.mod_case = c.id AND f.rule_name = ?{rule})
    OR EXISTS (SELECT 1 FROM complaint_address h JOIN rule u ON u.version = h.rule_version AND u.number = h.rule_number
        WHERE h.mod_case = c.id AND u.name = ?{rule})))
"""
# The first term alone is what SQLite finds a place in the index by.
QUEUE = SQL(f"""
    SELECT {COLUMNS} FROM mod_case c WHERE c.state = 1 AND (c.severity < 4) >= (?4 = 1)
        AND ({_ORDER}) > (?4 = 1, ?5, ?6, ?7, ?8, ?9) AND {_FOR}
        AND {_IN_SCOPE.format(rule=10, kind=11)}
    ORDER BY {_ORDER} LIMIT ?3
""")
FIGURES = SQL(f"""
    SELECT count(*), coalesce(sum(CASE WHEN c.due_at < ?3 THEN 1 ELSE 0 END), 0),
        coalesce(sum(CASE WHEN c.severity = 4 THEN 1 ELSE 0 END), 0),
        coalesce(sum(CASE WHEN c.severity = 4 AND c.due_at < ?3 THEN 1 ELSE 0 END), 0),
        min(CASE WHEN c.severity = 4 THEN c.due_at END)
    FROM mod_case c WHERE c.state = 1 AND {_FOR}
""")
# Not about the moderator, nor reported by them unless they are alone (?3), nor waiting for another one to agree to what
# they propose; nobody else has it.
_FREE = """
    SELECT c.id FROM mod_case c WHERE c.state = 1 AND c.account <> ?1
        AND (c.claimed_by IS NULL OR c.claimed_by = ?1 OR c.claimed_until <= ?2)
        AND (?3 = 1 OR NOT EXISTS (SELECT 1 FROM report r WHERE r.mod_case = c.id AND r.reporter = ?1))
        AND NOT EXISTS (SELECT 1 FROM proposal o WHERE o.mod_case = c.id AND o.author = ?1)
"""
# With ?4, none that is hard to look at.
_NEXT = f"""
    {_FREE} AND (?4 = 0 OR NOT {HARD}) AND {_IN_SCOPE.format(rule=5, kind=6)} ORDER BY {_ORDER} LIMIT 1
"""
FIRST_FREE = SQL(f"SELECT {COLUMNS} FROM mod_case c WHERE c.id IN (SELECT * FROM ({_NEXT}) f)")
_CLAIM = "UPDATE mod_case SET claimed_by = ?1, claimed_until = ?{until} WHERE id = ({free}) RETURNING id"
CLAIM_NEXT = SQL(
    _CLAIM.format(until=7, free=_NEXT), _CLAIM.format(until=7, free=f"{_NEXT} FOR UPDATE OF c SKIP LOCKED")
)
CLAIM = SQL(
    _CLAIM.format(until=5, free=f"{_FREE} AND c.id = ?4"),
    _CLAIM.format(until=5, free=f"{_FREE} AND c.id = ?4 FOR UPDATE OF c"),
)
# What a moderator has besides ?2, beyond the first ?4 of which they have longest.
_BEYOND = """
    SELECT c.id FROM mod_case c WHERE c.claimed_by = ?1 AND c.claimed_until > ?3 AND c.state = 1 AND c.id <> ?2
    ORDER BY c.claimed_until DESC, c.id LIMIT 1000 OFFSET ?4
"""
_RELEASE = "UPDATE mod_case SET claimed_by = NULL, claimed_until = 0 WHERE id IN ({}) AND claimed_by = ?1 RETURNING id"
# Whoever works on one of them just now keeps it.
RELEASE_BEYOND = SQL(_RELEASE.format(_BEYOND), _RELEASE.format(f"{_BEYOND} FOR UPDATE OF c SKIP LOCKED"))


async def queue(moderator: int, limit: int, after: CasePlace, scope: RowScope, *, alone: bool) -> list[CaseRow]:
    """The open cases after a place that this moderator sees: urgent ones, then those that are due in the first hour, of
    which the worst, and of those the ones that weigh most.
    """
    place = after.rest, after.due_at // HOUR_MS, -after.severity, -after.weight, after.due_at, after.id
    return list(map(CaseRow._make, await DB.fetch(QUEUE, moderator, int(alone), limit, *place, *scope)))


async def figures(moderator: int, now: int, *, alone: bool) -> QueueFigures:
    """Of the same cases. ``now`` in Unix milliseconds."""
    row = await DB.one(FIGURES, moderator, int(alone), now)
    assert row is not None
    return QueueFigures._make(row)


async def first_free(moderator: int, now: int, scope: RowScope, *, alone: bool, easy: bool) -> CaseRow | None:
    """The first case that is free for the moderator, or that they have; ``easy``: none that is hard to look at."""
    return row_of(await DB.one(FIRST_FREE, moderator, now, int(alone), int(easy), *scope))


async def claim_next(moderator: int, until: int, now: int, scope: RowScope, *, alone: bool, easy: bool) -> int | None:
    """Gives the moderator the first case that is free for them, or that they have; None when there is none.

    ``easy``: none that is hard to look at.
    """
    found: int | None = await DB.value(CLAIM_NEXT, moderator, now, int(alone), int(easy), *scope, until)
    return found


async def claim(case: int, moderator: int, until: int, now: int, *, alone: bool) -> bool:
    """False when somebody else has the case, it is closed, or it is not for this moderator."""
    return await DB.one(CLAIM, moderator, now, int(alone), case, until) is not None


async def release_beyond(moderator: int, case: int, now: int, most: int) -> list[int]:
    """Gives back what a moderator has beyond ``most`` cases, of which this one is the newest: those that they took
    first. Returns which.
    """
    return [row[0] for row in await DB.fetch(RELEASE_BEYOND, moderator, case, now, most - 1)]
