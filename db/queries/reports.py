"""Reports by members and guests: filing, confirming, answering."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class NewReport(NamedTuple):
    """A row for ADD, in its order. ``reporter`` is None for a guest; ``state`` is a ``ReportState``."""

    id: int
    mod_case: int
    reporter: int | None
    rule_version: int
    rule_number: int
    words: str
    state: int
    weight: int


class ReportRow(NamedTuple):
    """A report, in the order of _COLUMNS. ``outcome`` is an ``Outcome``, ``told_at`` Unix milliseconds."""

    id: int
    mod_case: int
    reporter: int | None
    rule_version: int
    rule_number: int
    words: str
    state: int
    outcome: int | None
    told_at: int | None
    weight: int


class DecidedRow(NamedTuple):
    """A report whose reporter was told its ``Outcome`` at ``told_at`` (Unix milliseconds)."""

    id: int
    outcome: int
    told_at: int


class OwnReportRow(NamedTuple):
    """A report as its reporter sees it, in the order of MINE: with what it is about."""

    id: int
    mod_case: int
    subject_kind: int
    rule_version: int
    rule_number: int
    words: str
    outcome: int | None


class GuestRow(NamedTuple):
    """Who a guest's report is from, and how far it is; ``confirmed``: they have followed the mailed link (0 or 1)."""

    report: int
    name: str
    email: str
    locale: str
    confirmed: int
    state: int
    mod_case: int
    outcome: int | None


_COLUMNS = """r.id, r.mod_case, r.reporter, r.rule_version, r.rule_number, r.words, r.state, r.outcome, r.told_at,
    r.weight"""
ADD = SQL("""
    INSERT INTO report (id, mod_case, reporter, rule_version, rule_number, words, state, weight)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING RETURNING id
""")
BY = SQL(f"SELECT {_COLUMNS} FROM report r WHERE r.mod_case = ?1 AND r.reporter = ?2")
# Members first: guests can be many who are one.
_GUESTS_LAST = "CASE WHEN r.reporter IS NULL THEN 1 ELSE 0 END"
OF_CASE = SQL(f"""
    SELECT {_COLUMNS} FROM report r WHERE r.mod_case = ?1 AND r.state <> 0
        AND ({_GUESTS_LAST}, r.id) > (?3, ?4) ORDER BY {_GUESTS_LAST}, r.id LIMIT ?2
""")
TOLD = SQL("SELECT mod_case, told_at FROM report WHERE reporter = ?1 AND mod_case IN {ids:2} AND told_at IS NOT NULL")
RENEW = SQL("UPDATE report SET rule_version = ?2, rule_number = ?3, words = ?4 WHERE id = ?1")
_OWN = """
    SELECT r.id, r.mod_case, c.subject_kind, r.rule_version, r.rule_number, r.words, r.outcome
    FROM report r JOIN mod_case c ON c.id = r.mod_case WHERE r.reporter = ?1
"""
MINE = SQL(f"{_OWN} AND r.id < ?2 ORDER BY r.id DESC LIMIT ?3")
OWN = SQL(f"{_OWN} AND r.id = ?2")
DECIDED = SQL("""
    SELECT id, outcome, told_at FROM report
    WHERE reporter = ?1 AND outcome IS NOT NULL AND told_at IS NOT NULL ORDER BY id DESC LIMIT ?2
""")
TO_ANSWER = SQL("""
    SELECT id FROM report WHERE mod_case = ?1 AND id > ?3 AND state <> 0 AND coalesce(outcome, -1) <> ?2
    ORDER BY id LIMIT ?4
""")
# Whoever is second changes nothing, and tells nobody.
ANSWER = SQL("""
    UPDATE report SET state = 2, outcome = ?2, told_at = ?3
    WHERE id = ?1 AND state <> 0 AND coalesce(outcome, -1) <> ?2 RETURNING id
""")
CONFIRM = SQL("UPDATE report SET state = 1 WHERE id = ?1 AND state = 0 RETURNING id")
ADD_GUEST = SQL("INSERT INTO guest_report (report, name, email, locale, purge_at) VALUES (?1, ?2, ?3, ?4, ?5)")
GUEST = SQL("""
    SELECT g.report, g.name, g.email, g.locale, g.confirmed, r.state, r.mod_case, r.outcome
    FROM guest_report g JOIN report r ON r.id = g.report WHERE g.report = ?1
""")
CONFIRM_GUEST = SQL("UPDATE guest_report SET confirmed = 1 WHERE report = ?1")
EXPIRE_GUESTS = SQL("""
    UPDATE guest_report SET purge_at = ?2 WHERE report IN (SELECT id FROM report WHERE mod_case = ?1 AND state <> 0)
""")
KEEP_GUEST = SQL("UPDATE guest_report SET purge_at = ?2 WHERE report = ?1")
ONE = SQL(f"SELECT {_COLUMNS} FROM report r WHERE r.id = ?1")
GUESTS_DUE = SQL("SELECT report FROM guest_report WHERE purge_at <= ?1 ORDER BY purge_at LIMIT ?2")
FORGET_GUEST = SQL("DELETE FROM guest_report WHERE report = ?1")
DROP_UNCONFIRMED = SQL("DELETE FROM report WHERE id = ?1 AND state = 0 RETURNING mod_case")
HAS_REPORTS = SQL("SELECT 1 FROM report WHERE mod_case = ?1 LIMIT 1")
FROM_GUESTS = SQL("""
    SELECT 1 FROM report r JOIN guest_report g ON g.report = r.id WHERE r.mod_case = ?1 AND r.state <> 0 LIMIT 1
""")
COUNTED = SQL("SELECT 1 FROM report WHERE mod_case = ?1 AND state <> 0 LIMIT 1")
RULES = SQL("""
    SELECT DISTINCT u.name FROM report r JOIN rule u ON u.version = r.rule_version AND u.number = r.rule_number
    WHERE r.mod_case = ?1 AND r.state <> 0
""")
FORGET_WORDS = SQL("UPDATE report SET words = '' WHERE mod_case = ?1")


async def add(report: NewReport) -> bool:
    """False when this member has reported the case already."""
    return await DB.one(ADD, *report) is not None


async def by(case: int, reporter: int) -> ReportRow | None:
    """A member's report in a case."""
    row = await DB.one(BY, case, reporter)
    return ReportRow._make(row) if row is not None else None


async def told(reporter: int, cases: Sequence[int]) -> dict[int, int]:
    """When a member was told the last outcome of each of these cases (Unix milliseconds)."""
    return {row[0]: row[1] for row in await DB.fetch(TOLD, reporter, DB.ids(cases))} if cases else {}


async def of_case(case: int, limit: int, guest: int, last: int) -> list[ReportRow]:
    """Reports of a case that count, after the one with the id ``last``; ``guest``: that one is a guest's."""
    return list(map(ReportRow._make, await DB.fetch(OF_CASE, case, limit, guest, last)))


async def renew(report: int, rule_version: int, rule_number: int, words: str) -> None:
    """Has a report say something else."""
    await DB.fetch(RENEW, report, rule_version, rule_number, words)


async def mine(account: int, before: int, limit: int) -> list[OwnReportRow]:
    """What an account has reported, newest first."""
    return list(map(OwnReportRow._make, await DB.fetch(MINE, account, before, limit)))


async def own(account: int, report: int) -> OwnReportRow | None:
    """One of an account's reports."""
    row = await DB.one(OWN, account, report)
    return OwnReportRow._make(row) if row is not None else None


async def decided(account: int, limit: int) -> list[DecidedRow]:
    """The newest reports of an account whose outcome it knows."""
    return list(map(DecidedRow._make, await DB.fetch(DECIDED, account, limit)))


async def to_answer(case: int, outcome: int, after: int, limit: int) -> list[int]:
    """The first reports of a case after one, by their ids, that count and don't have this outcome."""
    return [row[0] for row in await DB.fetch(TO_ANSWER, case, outcome, after, limit)]


async def answer(report: int, outcome: int, now: int) -> bool:
    """False when it has this outcome already."""
    return await DB.one(ANSWER, report, outcome, now) is not None


async def confirm(report: int) -> bool:
    """False when it counts already, or is gone."""
    return await DB.one(CONFIRM, report) is not None


async def add_guest(report: int, name: str, email: str, locale: str, purge_at: int) -> None:
    await DB.fetch(ADD_GUEST, report, name, email, locale, purge_at)


async def guest(report: int) -> GuestRow | None:
    row = await DB.one(GUEST, report)
    return GuestRow._make(row) if row is not None else None


async def rules_named(case: int) -> set[str]:
    """The names of the rules under which a case was reported."""
    return {row[0] for row in await DB.fetch(RULES, case)}


async def confirm_guest(report: int) -> None:
    """Notes that a guest's address is theirs."""
    await DB.fetch(CONFIRM_GUEST, report)


async def forget_words(case: int) -> None:
    """Within a transaction: empties what reporters of a case have said in their own words."""
    await DB.fetch(FORGET_WORDS, case)


async def expire_guests(case: int, at: int) -> None:
    """Has names and addresses of a case's guests forgotten at ``at`` (Unix milliseconds)."""
    await DB.fetch(EXPIRE_GUESTS, case, at)


async def keep_guest(report: int, until: int) -> None:
    """Has a guest's name and address forgotten at ``until`` (Unix milliseconds)."""
    await DB.fetch(KEEP_GUEST, report, until)


async def one(report: int) -> ReportRow | None:
    row = await DB.one(ONE, report)
    return ReportRow._make(row) if row is not None else None


async def guests_due(now: int, limit: int) -> list[int]:
    return [row[0] for row in await DB.fetch(GUESTS_DUE, now, limit)]


async def forget_guest(report: int) -> None:
    await DB.fetch(FORGET_GUEST, report)


async def drop_unconfirmed(report: int) -> int | None:
    """Removes a report that was never confirmed. Returns its case; None when it counts."""
    case: int | None = await DB.value(DROP_UNCONFIRMED, report)
    return case


async def has_reports(case: int) -> bool:
    return await DB.one(HAS_REPORTS, case) is not None


async def are_there(case: int) -> bool:
    """Whether a case has reports that count."""
    return await DB.one(COUNTED, case) is not None


async def came_from_guests(case: int) -> bool:
    """Whether a guest's is among the reports that count."""
    return await DB.one(FROM_GUESTS, case) is not None
