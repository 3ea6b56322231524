"""Reports: what a member or a guest says breaks a rule. All reports of one subject are one case, until it is decided.

The case, the report and the evidence are written in one transaction, so what was reported can be judged even if it is
deleted a moment later. Nobody but moderators learns who reported something.
"""

from collections.abc import Sequence

import msgspec

from db.engine import DB
from db.queries import cases, upstream
from db.queries import reports as queries
from db.queries.cases import NewCase
from db.queries.reports import NewReport, OwnReportRow
from domain.core import access, clock, cursors, ids, permissions, text_parsing, trust
from domain.core.access import Viewer, account_holder, member
from domain.core.cursors import SIZE, Page, Rank
from domain.core.errors import Invalid, NotFound, collect
from domain.core.retries import retried
from domain.core.trust import ReportPolicy
from domain.moderation import case_alerts, clocks, evidence, rules, statements, subjects, weights
from domain.moderation.evidence import Content, Snapshot
from domain.moderation.kinds import CaseState, Outcome, ReportState, Severity, Source, SubjectKind
from domain.moderation.rules import Rule
from domain.moderation.subjects import ReportedSubject, Subject

MAX_WORDS = 1000
MAX_NAME = 100
# Reports of a case on a page; before all of them.
LISTED, FIRST = 50, Rank(0, 0)
# How long somebody may have a form open while other rules are published.
FORM_MS = clock.HOUR_MS


class NamedRule(msgspec.Struct, frozen=True):
    """A rule as a form names it: by the version that the form showed, and its number."""

    version: int
    number: int


class FiledReport(msgspec.Struct, frozen=True):
    """What is reported, under which rule, in which words of the reporter's own ("" for none)."""

    subject: Subject
    rule: NamedRule
    words: str = ""


class Receipt(msgspec.Struct, frozen=True):
    """A report that was taken. ``repeated``: the member had reported this already, and that report counts.

    ``outcome`` is known at once where moderators have found nothing wrong with the same revision before.
    """

    id: int
    account: int
    handle: str
    repeated: bool = False
    outcome: Outcome | None = None


class OwnReport(msgspec.Struct, frozen=True):
    """A report as its reporter sees it: ``filed_at`` in Unix milliseconds, and the outcome once there is one.

    ``about`` is what they had before them then, None once it is purged. ``case`` is for other areas of moderation, and
    no page shows it.
    """

    id: int
    case: int
    kind: SubjectKind
    rule: Rule
    words: str
    filed_at: int
    outcome: Outcome | None
    about: Content | None = None


class CaseReport(msgspec.Struct, frozen=True):
    """A report as moderators see it: by whom is not for them to know."""

    rule: Rule
    rule_version: int
    words: str
    filed_at: int


@retried
async def file(viewer: Viewer, filed: FiledReport, policy: ReportPolicy = trust.DEFAULTS.reports) -> Receipt:
    """Takes a member's report. The same member reports an open case once: later words take the place of the first.

    Errors: ``SignedOut``, ``NotFound`` for what the viewer may not see, ``Invalid``, ``Forbidden`` for one's own.
    """
    member(viewer)
    words, rule = await _checked(filed)
    found = await subjects.load(viewer, filed.subject)
    access.require(permissions.may_report(viewer, found.account))
    weight = await weights.of(viewer, policy)
    async with DB.writing():
        if (harmless := await harmless_case(found, rule)) is not None:
            return await _answered(_new(harmless, viewer.id, filed, words, ReportState.OPEN, weight), found)
        severity = weights.counted(rule.severity, weight)
        case = await open_case(found, severity, CaseState.OPEN)
        report = _new(case, viewer.id, filed, words, ReportState.OPEN, weight)
        is_first = await queries.add(report)
        number = report.id if is_first else await _renewed(case, report)
        fresh = await evidence.keep(case, found.snapshot, number)
        await count(case, severity, weight if is_first else None, fresh=fresh)
        return Receipt(number, found.account, found.handle, repeated=not is_first)


async def _checked(filed: FiledReport) -> tuple[str, Rule]:
    """The words as they are stored, and the rule. Errors: ``Invalid``."""
    text_parsing.check_sizes(words=(filed.words, MAX_WORDS))
    words = text_parsing.clean(filed.words)
    collect(words=text_parsing.too_long(words, MAX_WORDS))
    try:
        return words, await rule_on_form(filed.rule)
    except NotFound:
        problem = Invalid("Choose the rule that this breaks.")
        raise Invalid(problem.words, fields={"rule": problem}) from None


async def rule_on_form(named: NamedRule) -> Rule:
    """A rule of the version in force, or of the one before for as long as a form may have been open.

    Errors: ``NotFound``.
    """
    book = await rules.current()
    if named.version != book.version:
        replaced_at = (await rules.of_version(named.version + 1)).published_at
        if clock.now() - replaced_at > FORM_MS:
            raise NotFound
        book = await rules.of_version(named.version)
    return book.rule(named.number)


async def open_case(found: ReportedSubject, severity: Severity, state: CaseState) -> int:
    """Within a transaction: the open case of a subject, made if need be, and locked."""
    now = clock.now()
    due_at = clocks.due_at(severity, now) if state is CaseState.OPEN else clock.LAST
    subject = found.subject
    new = NewCase(ids.new(), subject.kind, subject.id, found.account, found.post, severity, state, due_at)
    case = await cases.open_case(new)
    await case_alerts.opened(new, case)
    return case


async def _renewed(case: int, report: NewReport) -> int:
    """Within a transaction: has a member's earlier report of the case say what they say now. Returns its id."""
    assert report.reporter is not None
    before = await queries.by(case, report.reporter)
    assert before is not None
    await queries.renew(before.id, report.rule_version, report.rule_number, report.words or before.words)
    return before.id


async def count(case: int, severity: Severity, weight: int | None, *, fresh: bool) -> None:
    """Within a transaction: one more report of this weight counts in a case; None if it is somebody's report again.

    ``fresh``: it brought a revision that was not there.
    """
    due_at, by = clocks.due_at(severity, clock.now()), int(weight is not None)
    await case_alerts.rises(case, severity)
    await cases.count_report(case, severity, due_at, fresh=fresh, by=by, weight=weight or 0)


async def harmless_case(found: ReportedSubject, rule: Rule) -> int | None:
    """The closed case in which moderators have found that this revision does not break this rule, if there is one.

    That holds until an edit, also of what it quotes or replies to. It is never so of an account, which goes on acting.
    """
    if found.subject.kind is SubjectKind.ACCOUNT:
        return None
    before = await cases.latest(found.subject.kind, found.subject.id)
    if before is None or before.state != CaseState.DECIDED or rule.name not in await queries.rules_named(before.id):
        return None
    # Whoever finds a breach after all, on appeal, has locked it.
    await cases.lock(before.id)
    if not await statements.is_harmless(before.id, found.snapshot.revision):
        return None
    return before.id if await _shows_the_same(before.id, found.snapshot) else None


async def _shows_the_same(case: int, snapshot: Snapshot) -> bool:
    """Whether what a post quotes and replies to says what it said when it was judged, as far as that is still kept."""
    judged = [one.content for one in await evidence.of_case(case) if one.revision == snapshot.revision]
    said = {(past.text, past.written_at) for one in judged for past in one.context}
    return not judged or all((past.text, past.written_at) in said for past in snapshot.content.context)


async def _answered(report: NewReport, found: ReportedSubject) -> Receipt:
    if not await queries.add(report):
        assert report.reporter is not None
        own = await queries.by(report.mod_case, report.reporter)
        return Receipt(own.id if own else report.id, found.account, found.handle, True, Outcome.NO_BREACH)
    await queries.answer(report.id, Outcome.NO_BREACH, clock.now())
    return Receipt(report.id, found.account, found.handle, outcome=Outcome.NO_BREACH)


def _new(case: int, reporter: int | None, filed: FiledReport, words: str, state: ReportState, weight: int) -> NewReport:
    return NewReport(ids.new(), case, reporter, filed.rule.version, filed.rule.number, words, state, weight)


async def of_case(case: int, cursor: str = "") -> Page[CaseReport]:
    """Reports of a case that count: those of members, then those of guests, the oldest first."""
    last = cursors.rank(cursor) or FIRST
    rows = await queries.of_case(case, LISTED + 1, last.score, last.id)
    books = await rules.of_versions(row.rule_version for row in rows)
    found = [
        CaseReport(books[row.rule_version].rule(row.rule_number), row.rule_version, row.words, ids.time_of(row.id))
        for row in rows[:LISTED]
    ]
    if len(rows) <= LISTED:
        return Page(found)
    return Page(found, cursors.after(Rank(int(rows[LISTED - 1].reporter is None), rows[LISTED - 1].id)))


async def source(case: int) -> Source:
    """What brought a case up: a trusted flagger; or a notice under article 16, as soon as a guest has reported it;
    or the network itself, by a filter, where there are no reports.
    """
    if await upstream.flaggers([case]):
        return Source.TRUSTED_FLAGGER
    if await queries.came_from_guests(case):
        return Source.ARTICLE_16
    told = await queries.are_there(case) or await upstream.of_cases([case])
    return Source.OTHER_NOTICE if told else Source.VOLUNTARY


async def mine(viewer: Viewer, cursor: str = "") -> Page[OwnReport]:
    """What the viewer has reported, newest first."""
    rows = await queries.mine(account_holder(viewer).id, cursors.below(cursor), SIZE + 1)
    found = await _own(rows[:SIZE])
    return Page(found, cursors.after(found[-1].id) if len(rows) > SIZE else "")


async def read(viewer: Viewer, report: int) -> OwnReport:
    """One of the viewer's reports. Errors: ``SignedOut``, ``NotFound``."""
    row = await queries.own(account_holder(viewer).id, report)
    if row is None:
        raise NotFound
    return (await _own([row]))[0]


async def _own(rows: Sequence[OwnReportRow]) -> list[OwnReport]:
    books = await rules.of_versions(row.rule_version for row in rows)
    # Of several reports of one case the first: nobody is shown here what was written after they reported it.
    seen = await evidence.seen({row.mod_case: ids.time_of(row.id) for row in sorted(rows, reverse=True)})
    # What it quotes and replies to may be by somebody who has blocked them.
    about = {case: msgspec.structs.replace(content, context=()) for case, content in seen.items()}
    return [
        OwnReport(
            row.id,
            row.mod_case,
            SubjectKind(row.subject_kind),
            books[row.rule_version].rule(row.rule_number),
            row.words,
            ids.time_of(row.id),
            None if row.outcome is None else Outcome(row.outcome),
            about.get(row.mod_case),
        )
        for row in rows
    ]
