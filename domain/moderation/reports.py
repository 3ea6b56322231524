"""Reports: what a member or a guest says breaks a rule. All reports of one subject are one case, until it is decided.

The case, the report and the evidence are written in one transaction, so what was reported can be judged even if it is
deleted a moment later. Nobody but moderators learns who reported something.
"""

import msgspec

from db.engine import DB
from db.queries import cases
from db.queries import reports as queries
from db.queries.cases import NewCase
from db.queries.reports import NewReport
from domain.accounts import profiles
from domain.core import access, clock, cursors, ids, permissions, text_parsing
from domain.core.access import Viewer, member
from domain.core.cursors import SIZE, Page
from domain.core.errors import Invalid, NotFound, collect
from domain.core.retries import retried
from domain.moderation import clocks, evidence, rules, statements, subjects
from domain.moderation.kinds import CaseState, Outcome, ReportState, Severity, Source, SubjectKind
from domain.moderation.rules import Rule
from domain.moderation.subjects import ReportedSubject, Subject

MAX_WORDS = 1000
MAX_NAME = 100
# Reporters whose names a statement is searched for.
MOST_NAMES = 1000


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
    """A report as its reporter sees it: ``filed_at`` in Unix milliseconds, and the outcome once there is one."""

    id: int
    kind: SubjectKind
    rule: Rule
    words: str
    filed_at: int
    outcome: Outcome | None


class CaseReport(msgspec.Struct, frozen=True):
    """A report as moderators see it: by whom is not for them to know."""

    rule: Rule
    rule_version: int
    words: str
    filed_at: int


@retried
async def file(viewer: Viewer, filed: FiledReport) -> Receipt:
    """Takes a member's report. The same member reports an open case once; again gives the first receipt.

    Errors: ``SignedOut``, ``NotFound`` for what the viewer may not see, ``Invalid``, ``Forbidden`` for one's own.
    """
    member(viewer)
    words, rule = await checked(filed)
    found = await subjects.load(viewer, filed.subject)
    access.require(permissions.may_report(viewer, found.account))
    async with DB.writing():
        if await _is_harmless(found, rule):
            return await _answered(viewer, filed, words, found)
        case = await open_case(found, rule, CaseState.OPEN)
        report = _new(case, viewer.id, filed, words, ReportState.OPEN)
        if not await queries.add(report):
            before = await queries.by(case, viewer.id)
            return Receipt(before.id if before else report.id, found.account, found.handle, repeated=True)
        await count(case, rule, fresh=await evidence.keep(case, found.snapshot))
    return Receipt(report.id, found.account, found.handle)


async def checked(filed: FiledReport) -> tuple[str, Rule]:
    """The words as they are stored, and the rule. Errors: ``Invalid``."""
    text_parsing.check_sizes(words=(filed.words, MAX_WORDS))
    words = text_parsing.clean(filed.words)
    collect(words=text_parsing.too_long(words, MAX_WORDS))
    try:
        book = await rules.of_version(filed.rule.version)
        return words, book.rule(filed.rule.number)
    except NotFound:
        problem = Invalid("Choose the rule that this breaks.")
        raise Invalid(problem.words, fields={"rule": problem}) from None


async def open_case(found: ReportedSubject, rule: Rule, state: CaseState) -> int:
    """Within a transaction: the open case of a subject, made if need be, and locked."""
    now = clock.now()
    due_at = clocks.due_at(rule.severity, now) if state is CaseState.OPEN else clock.LAST
    subject = found.subject
    new = NewCase(ids.new(), subject.kind, subject.id, found.account, rule.severity, state, due_at)
    return await cases.open_case(new)


async def count(case: int, rule: Rule, *, fresh: bool) -> None:
    """Within a transaction: one more report counts in a case; ``fresh``: it brought a revision that was not there."""
    await cases.count_report(case, rule.severity, clocks.due_at(rule.severity, clock.now()), fresh)


async def _is_harmless(found: ReportedSubject, rule: Rule) -> bool:
    """Whether moderators have found nothing wrong with this revision, and no worse rule is named now.

    That holds until an edit.
    """
    before = await cases.latest(found.subject.kind, found.subject.id)
    if before is None or before.state != CaseState.DECIDED or Severity(before.severity) < rule.severity:
        return False
    return await statements.is_harmless(before.id, found.snapshot.revision)


async def _answered(viewer: Viewer, filed: FiledReport, words: str, found: ReportedSubject) -> Receipt:
    before = await cases.latest(found.subject.kind, found.subject.id)
    assert before is not None
    report = _new(before.id, viewer.id, filed, words, ReportState.OPEN)
    repeated = not await queries.add(report)
    if repeated:
        own = await queries.by(before.id, viewer.id)
        return Receipt(own.id if own else report.id, found.account, found.handle, True, Outcome.NO_BREACH)
    await queries.answer(report.id, Outcome.NO_BREACH, clock.now())
    return Receipt(report.id, found.account, found.handle, outcome=Outcome.NO_BREACH)


def _new(case: int, reporter: int | None, filed: FiledReport, words: str, state: ReportState) -> NewReport:
    return NewReport(ids.new(), case, reporter, filed.rule.version, filed.rule.number, words, state)


async def of_case(case: int, limit: int) -> list[CaseReport]:
    """The first reports of a case that count."""
    rows = await queries.of_case(case, limit)
    books = {version: await rules.of_version(version) for version in {row.rule_version for row in rows}}
    return [
        CaseReport(books[row.rule_version].rule(row.rule_number), row.rule_version, row.words, ids.time_of(row.id))
        for row in rows
    ]


async def names(case: int) -> list[str]:
    """Handles and names of those who reported a case, so that no text names them."""
    rows = await queries.of_case(case, MOST_NAMES)
    cards = await profiles.cards(row.reporter for row in rows if row.reporter is not None)
    return [name for card in cards.values() for name in card] + await queries.guest_names(case)


async def source(case: int) -> Source:
    """What brought a case up: a notice under article 16 as soon as one of its reports is a guest's."""
    return Source.ARTICLE_16 if await queries.came_from_guests(case) else Source.OTHER_NOTICE


async def close(case: int, until: int) -> None:
    """Within a transaction: has names and addresses of a case's guests forgotten at ``until`` (Unix milliseconds)."""
    await queries.expire_guests(case, until)


async def mine(viewer: Viewer, cursor: str = "") -> Page[OwnReport]:
    """What the viewer has reported, newest first."""
    rows = await queries.mine(member(viewer).id, cursors.below(cursor), SIZE + 1)
    books = {version: await rules.of_version(version) for version in {row.rule_version for row in rows}}
    found = [
        OwnReport(
            row.id,
            SubjectKind(row.subject_kind),
            books[row.rule_version].rule(row.rule_number),
            row.words,
            ids.time_of(row.id),
            None if row.outcome is None else Outcome(row.outcome),
        )
        for row in rows[:SIZE]
    ]
    return Page(found, cursors.after(found[-1].id) if len(rows) > SIZE else "")
