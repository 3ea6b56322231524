"""What is counted of moderation, month by month, and kept."""

from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class Span(NamedTuple):
    """A time to count in: Unix milliseconds and ids, each with what is before and not within."""

    since: int
    until: int
    first: int
    end: int


class MonthRow(NamedTuple):
    """``month`` is like 2026-05; ``counted_at`` in Unix milliseconds; ``figures`` is JSON."""

    month: str
    counted_at: int
    figures: str


# By rule, its severity, and whether guests have sent them.
REPORTS = SQL("""
    SELECT name, severity, guest, count(*) FROM (
        SELECT u.name, u.severity, CASE WHEN r.reporter IS NULL AND EXISTS (
            SELECT 1 FROM guest_report g WHERE g.report = r.id) THEN 1 ELSE 0 END AS guest
        FROM report r JOIN rule u ON u.version = r.rule_version AND u.number = r.rule_number
        WHERE r.id >= ?1 AND r.id < ?2 AND r.state <> 0) f
    GROUP BY name, severity, guest
""")
# Not those that a bulk decision has made, and decided in the same moment: nobody has waited for them.
_WAITED = """(c.reports > 0 OR NOT EXISTS (
    SELECT 1 FROM bulk_statement b JOIN statement s ON s.id = b.statement WHERE s.mod_case = c.id))"""
# Cases that count, by severity (CaseState.OPEN is 1, DECIDED 2).
OPENED = SQL(f"""
    SELECT severity, count(*) FROM mod_case c
    WHERE id >= ?1 AND id < ?2 AND state IN (1, 2) AND {_WAITED} GROUP BY severity
""")
# The first report is when the case was made, which its id tells (domain/core/ids.py).
_MINUTES = "(c.closed_at - (c.id >> 22) - 1577836800000) / 60000"
# Two digits of a number, so that there are few different ones.
_ROUNDED = """
    CASE WHEN minutes < 0 THEN 0 WHEN minutes < 100 THEN minutes WHEN minutes < 1000 THEN minutes / 10 * 10
        WHEN minutes < 10000 THEN minutes / 100 * 100 ELSE minutes / 1000 * 1000 END
"""
# By severity, whether it was in time, and the minutes from the first report.
DECIDED = SQL(f"""
    SELECT severity, in_time, {_ROUNDED} AS rounded, count(*) FROM (
        SELECT c.severity, CASE WHEN c.closed_at <= c.due_at THEN 1 ELSE 0 END AS in_time, {_MINUTES} AS minutes
        FROM mod_case c WHERE c.closed_at >= ?1 AND c.closed_at < ?2 AND c.state = 2 AND {_WAITED}) f
    GROUP BY severity, in_time, rounded
""")
DECISIONS = SQL("""
    SELECT s.kind, coalesce(u.name, ''), coalesce(u.severity, 0), s.automation, count(*)
    FROM statement s LEFT JOIN rule u ON u.version = s.rule_version AND u.number = s.rule_number
    WHERE s.id >= ?1 AND s.id < ?2 GROUP BY s.kind, u.name, u.severity, s.automation
""")
LODGED = SQL("SELECT party, count(*) FROM appeal WHERE id >= ?1 AND id < ?2 GROUP BY party")
# By whether a jury has upheld (JuryState 1) or reversed (2) the decision. Where it found one wrong on the appeal of
# somebody who reported it (Party 1), a moderator decides.
ANSWERED = SQL("""
    SELECT party, state, by_jury, count(*) FROM (
        SELECT a.party, a.state, CASE WHEN EXISTS (
            SELECT 1 FROM jury j WHERE j.appeal = a.id AND j.state IN (1, 2)
                AND NOT (a.party = 1 AND j.state = 2)) THEN 1 ELSE 0 END AS by_jury
        FROM appeal a WHERE a.decided_at >= ?1 AND a.decided_at < ?2) f
    GROUP BY party, state, by_jury
""")
# What was open at a moment: cases, those of them that were overdue, and appeals.
BACKLOG = SQL("""
    SELECT (SELECT count(*) FROM mod_case WHERE state = 1 AND id < ?2)
        + (SELECT count(*) FROM mod_case WHERE state = 2 AND closed_at >= ?1 AND id < ?2),
        (SELECT count(*) FROM mod_case WHERE state = 1 AND id < ?2 AND due_at < ?1)
        + (SELECT count(*) FROM mod_case WHERE state = 2 AND closed_at >= ?1 AND id < ?2 AND due_at < ?1),
        (SELECT count(*) FROM appeal WHERE state = 0 AND id < ?2)
        + (SELECT count(*) FROM appeal WHERE decided_at >= ?1 AND id < ?2)
""")
# Complaints that count (ComplaintState.UNCONFIRMED is 0), by who sent them; and how long closed ones took.
COMPLAINTS = SQL("""
    SELECT sender, count(*) FROM complaint WHERE received_at >= ?1 AND received_at < ?2 AND state <> 0 GROUP BY sender
""")
_COMPLAINTS_CLOSED = f"""
    SELECT in_time, {_ROUNDED} AS rounded, count(*) FROM (
        SELECT CASE WHEN c.closed_at <= c.due_at THEN 1 ELSE 0 END AS in_time,
            (c.closed_at - c.received_at) / 60000 AS minutes
        FROM complaint c WHERE c.closed_at >= ?1 AND c.closed_at < ?2 AND c.state = 2{{}}) f
    GROUP BY in_time, rounded
"""
COMPLAINTS_CLOSED = SQL(_COMPLAINTS_CLOSED.format(""))
# Those of authorities (Sender.AUTHORITY is 2), which have a clock of their own.
ORDERS_CLOSED = SQL(_COMPLAINTS_CLOSED.format(" AND c.sender = 2"))
COMPLAINTS_OPEN = SQL("""
    SELECT count(*), coalesce(sum(CASE WHEN due_at < ?1 THEN 1 ELSE 0 END), 0) FROM complaint
    WHERE received_at < ?1 AND (state = 1 OR (state = 2 AND closed_at >= ?1))
""")
FIRST = SQL("""
    SELECT min(id) FROM (SELECT min(id) AS id FROM mod_case UNION ALL SELECT min(id) FROM complaint) f
""")
MONTHS = SQL("SELECT month, counted_at, figures FROM moderation_month ORDER BY month")
COUNTED = SQL("SELECT month, counted_at FROM moderation_month ORDER BY month")
NEWEST = SQL("SELECT coalesce(max(counted_at), 0) FROM moderation_month")
PUT = SQL("""
    INSERT INTO moderation_month (month, counted_at, figures) VALUES (?1, ?2, ?3)
    ON CONFLICT (month) DO UPDATE SET counted_at = excluded.counted_at, figures = excluded.figures
""")


async def reports(span: Span) -> list[tuple[str, int, int, int]]:
    """Rule, severity, 1 for those of guests, and how many."""
    return [(row[0], row[1], row[2], row[3]) for row in await DB.fetch(REPORTS, span.first, span.end)]


async def opened(span: Span) -> list[tuple[int, int]]:
    """Severity and how many cases."""
    return [(row[0], row[1]) for row in await DB.fetch(OPENED, span.first, span.end)]


async def decided(span: Span) -> list[tuple[int, int, int, int]]:
    """Severity, 1 for those in time, minutes from the first report (two digits of them), and how many cases."""
    return [(row[0], row[1], row[2], row[3]) for row in await DB.fetch(DECIDED, span.since, span.until)]


async def decisions(span: Span) -> list[tuple[int, str, int, int, int]]:
    """``StatementKind``, rule, severity, ``Automation``, and how many statements."""
    return [(row[0], row[1], row[2], row[3], row[4]) for row in await DB.fetch(DECISIONS, span.first, span.end)]


async def lodged(span: Span) -> list[tuple[int, int]]:
    """``Party`` and how many appeals."""
    return [(row[0], row[1]) for row in await DB.fetch(LODGED, span.first, span.end)]


async def answered(span: Span) -> list[tuple[int, int, int, int]]:
    """``Party``, ``AppealState``, 1 for those by juries, and how many appeals."""
    return [(row[0], row[1], row[2], row[3]) for row in await DB.fetch(ANSWERED, span.since, span.until)]


async def backlog(span: Span) -> tuple[int, int, int]:
    """At the end of the span: open cases, overdue ones, open appeals."""
    row = await DB.one(BACKLOG, span.until, span.end)
    assert row is not None
    return row[0], row[1], row[2]


async def complaints(span: Span) -> list[tuple[int, int]]:
    """``Sender`` and how many complaints from upstream."""
    return [(row[0], row[1]) for row in await DB.fetch(COMPLAINTS, span.since, span.until)]


async def complaints_closed(span: Span) -> list[tuple[int, int, int]]:
    """1 for those in time, minutes from the receipt (two digits of them), and how many complaints."""
    return [(row[0], row[1], row[2]) for row in await DB.fetch(COMPLAINTS_CLOSED, span.since, span.until)]


async def orders_closed(span: Span) -> list[tuple[int, int, int]]:
    """The same of complaints by authorities alone."""
    return [(row[0], row[1], row[2]) for row in await DB.fetch(ORDERS_CLOSED, span.since, span.until)]


async def complaints_open(span: Span) -> tuple[int, int]:
    """At the end of the span: open complaints, and overdue ones."""
    row = await DB.one(COMPLAINTS_OPEN, span.until)
    assert row is not None
    return row[0], row[1]


async def first() -> int | None:
    """The id of the first case or complaint."""
    found: int | None = await DB.value(FIRST)
    return found


async def months() -> list[MonthRow]:
    """The oldest first."""
    return list(map(MonthRow._make, await DB.fetch(MONTHS)))


async def counted() -> dict[str, int]:
    """When each month was counted (Unix milliseconds)."""
    return {row[0]: row[1] for row in await DB.fetch(COUNTED)}


async def newest() -> int:
    """When figures were counted last (Unix milliseconds), 0 if never."""
    return int(await DB.value(NEWEST))


async def put(row: MonthRow) -> None:
    """Writes the figures of a month, in place of earlier ones."""
    await DB.fetch(PUT, *row)
