"""What moderators do with a complaint from upstream: make sure of its sender, open cases, close it with an answer."""

import msgspec

from db.engine import DB
from db.queries import cases
from db.queries import upstream as queries
from db.queries.cases import NewCase
from domain.core import access, clock, events, ids, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, NotFound, collect
from domain.core.moderation_events import ComplaintLetterDue
from domain.core.retries import retried
from domain.moderation import (
    appeal_eligibility,
    case_alerts,
    clocks,
    complaint_alerts,
    evidence,
    reports,
    staff,
    upstream,
    upstream_desk,
    upstream_evidence,
    upstream_forms,
    upstream_letters,
    upstream_trail,
    weights,
)
from domain.moderation.kinds import CaseState
from domain.moderation.reports import NamedRule
from domain.moderation.rules import Rule
from domain.moderation.subjects import ReportedSubject, Subject
from domain.moderation.upstream import Complaint
from domain.moderation.upstream_kinds import EntryKind, LetterKind, LetterState, Sender, Verified


async def verify(viewer: Viewer, complaint: int) -> None:
    """Notes that a moderator has made sure of the sender, such as by a call back.

    Errors: ``NotFound``, ``Forbidden``, ``Conflict``.
    """
    access.require(permissions.may_moderate(viewer))
    await _verify(viewer, complaint)


async def verify_by_command(complaint: int) -> None:
    """The same for whoever works on the server itself. Errors: ``NotFound``, ``Conflict``."""
    await _verify(None, complaint)


@retried
async def _verify(viewer: Viewer | None, complaint: int) -> None:
    async with DB.writing():
        row = await _lock(viewer, complaint)
        await queries.verify(complaint, Verified.BY_MODERATOR, upstream.due_once_sure(row))
        await upstream_trail.add(complaint, EntryKind.VERIFIED)
        await complaint_alerts.go_on(complaint, Sender(row.sender))


async def _lock(viewer: Viewer | None, complaint: int, *, closed: bool = False) -> Complaint:
    row = await upstream_desk.lock(viewer, complaint, closed=closed)
    if viewer is not None:
        await staff.check_role(viewer)
    return row


@retried
async def correct(viewer: Viewer, complaint: int, sender: Sender | None, name: str, locale: str, deadline: str) -> None:
    """Says who has sent a complaint, in what language they are answered, and until when they want it.

    ``deadline`` is as in ``ComplaintForm``. Errors: ``NotFound``, ``Forbidden``, ``Conflict``, ``Invalid``.
    """
    access.require(permissions.may_moderate(viewer))
    text_parsing.check_sizes(name=(name, upstream.MAX_NAME))
    name = text_parsing.line(name)
    collect(
        sender=None if sender is not None else Invalid("Choose who that is."),
        name=text_parsing.too_long(name, upstream.MAX_NAME) if name else Invalid("Give a name."),
        locale=None if locale in upstream.LOCALES else Invalid("Choose a language."),
        deadline=upstream_forms.moment_problem(deadline),
    )
    assert sender is not None
    deadline_at = upstream_forms.moment(deadline)
    async with DB.writing():
        row = await _lock(viewer, complaint)
        due_at = clocks.complaint_due_at(sender, row.received_at, deadline_at, sure=upstream.is_sure(row))
        await queries.correct(complaint, sender, name, locale, deadline_at, due_at)
        await upstream_trail.add(complaint, EntryKind.CORRECTED)
        if row.sender != sender:
            await complaint_alerts.go_on(complaint, sender)


async def open_cases(viewer: Viewer, complaint: int, places: list[int], named: NamedRule) -> None:
    """Opens a case for each of these addresses, or joins the one that there is; it is due no later than the complaint.

    Errors: ``NotFound``, ``Forbidden``, ``Conflict``, ``Invalid`` on ``places`` and ``rule``.
    """
    access.require(permissions.may_moderate(viewer))
    rule = await _rule(named)
    await upstream_desk.check_party(viewer, complaint)
    named_places = [one for one in await upstream_desk.addresses(complaint) if one.place in places]
    chosen = [one for one in named_places if one.can_open]
    if not chosen and any(one.removed for one in named_places):
        raise Conflict("Moderators have removed it already: the answer says so.")
    collect(places=None if chosen else Invalid("Choose what a case is opened for."))
    for subject in {one.subject: None for one in chosen}:
        assert subject is not None
        await _open_case(viewer, complaint, await _load(subject), rule, named)


async def _rule(named: NamedRule) -> Rule:
    try:
        return await reports.rule_on_form(named)
    except NotFound:
        problem = Invalid("Choose the rule that this breaks.")
        raise Invalid(problem.words, fields={"rule": problem}) from None


async def _load(subject: Subject) -> ReportedSubject:
    try:
        return await upstream_evidence.load(subject)
    except NotFound:
        raise Conflict("One of these is gone, and nothing of it was kept. Say so in the answer.") from None


@retried
async def _open_case(viewer: Viewer, complaint: int, found: ReportedSubject, rule: Rule, named: NamedRule) -> None:
    subject = found.subject
    async with DB.writing():
        row = await upstream_desk.lock(viewer, complaint)
        due_at = min(clocks.due_at(rule.severity, clock.now()), row.due_at)
        new = NewCase(
            ids.new(), subject.kind, subject.id, found.account, found.post, rule.severity, CaseState.OPEN, due_at
        )
        case = await cases.open_case(new)
        await case_alerts.opened(new, case)
        await staff.check_role(viewer)
        fresh = await evidence.keep(case, found.snapshot, complaint)
        again = complaint in await queries.of_case(case)
        await case_alerts.rises(case, rule.severity)
        await cases.count_report(
            case, rule.severity, due_at, fresh=fresh, by=int(not again), weight=0 if again else weights.UPSTREAM
        )
        await queries.link(complaint, subject.kind, subject.id, case, named.version, named.number)
        await queries.touch(complaint)
        await upstream_trail.add(complaint, EntryKind.CASE_OPENED, case)


async def case_decided(event: events.CaseDecided) -> None:
    """Reaction: notes in the trails of complaints that a case of theirs was decided."""
    for complaint in await queries.of_case(event.case):
        await _note_decision(complaint, event.statement)


@retried
async def _note_decision(complaint: int, statement: int) -> None:
    async with DB.writing():
        if await queries.lock(complaint) is not None:
            await queries.touch(complaint)
            await upstream_trail.add(complaint, EntryKind.DECIDED, statement)


class Closing(msgspec.Struct, frozen=True):
    """How a complaint is closed: with a letter, or without one. ``version`` is what the moderator has seen, None for
    whatever there is.
    """

    version: int | None
    answers: bool
    subject: str = ""
    words: str = ""


async def close(viewer: Viewer, complaint: int, closing: Closing, *, can_mail: bool) -> bool:
    """Closes a complaint, and has the letter mailed if it can be. Returns whether it is left to be sent another way.

    Errors: ``NotFound``, ``Forbidden``, ``Invalid`` on ``subject`` and ``words``, ``Conflict`` while a case is open.
    """
    access.require(permissions.may_moderate(viewer))
    return await _close(viewer, complaint, closing, can_mail=can_mail)


async def close_by_command(complaint: int, closing: Closing, *, can_mail: bool) -> bool:
    """The same for whoever works on the server itself. Errors: ``NotFound``, ``Invalid``, ``Conflict``."""
    return await _close(None, complaint, closing, can_mail=can_mail)


@retried
async def _close(viewer: Viewer | None, complaint: int, closing: Closing, *, can_mail: bool) -> bool:
    subject, words = _letter(closing) if closing.answers else ("", "")
    async with DB.writing():
        row = await _lock(viewer, complaint)
        if closing.version not in (None, row.version):
            raise Conflict("This complaint has changed since you opened it. Look at it again. What you wrote is below.")
        if any(one.case_state is CaseState.OPEN for one in await upstream_desk.addresses(complaint)):
            raise Conflict("One of its cases is still open: decide that first.")
        if closing.answers:
            letter = await upstream_letters.add(row, LetterKind.ANSWER, subject, words, can_mail=can_mail)
            if can_mail and row.email:
                await events.record(ComplaintLetterDue(letter=letter))
        now = clock.now()
        # As long as evidence of terrorist content is kept, and appeals may come.
        await queries.close(complaint, now, appeal_eligibility.until(now))
        await upstream_trail.add(complaint, EntryKind.CLOSED)
        await upstream_evidence.let_go(complaint, appeal_eligibility.until(now))
    return closing.answers and not (can_mail and row.email)


def _letter(closing: Closing) -> tuple[str, str]:
    """Subject and words of a letter as they are stored. Errors: ``Invalid``."""
    limits = upstream_letters.MAX_SUBJECT, upstream_letters.MAX_WORDS
    text_parsing.check_sizes(subject=(closing.subject, limits[0]), words=(closing.words, limits[1]))
    subject, words = text_parsing.line(closing.subject), text_parsing.clean(closing.words)
    collect(
        subject=text_parsing.too_long(subject, limits[0]) if subject else Invalid("Give the letter a subject."),
        words=text_parsing.too_long(words, limits[1]) if words else Invalid("Write the letter first."),
    )
    return subject, words


@retried
async def sent_by_hand(viewer: Viewer, complaint: int, letter: int) -> None:
    """Notes that a moderator has sent a letter another way. Errors: ``NotFound``, ``Forbidden``, ``Conflict``."""
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        await _lock(viewer, complaint, closed=True)
        found = await upstream_letters.one(letter)
        if found is None or found.complaint != complaint:
            raise NotFound
        if found.state not in (LetterState.UNSENT, LetterState.FAILED):
            raise Conflict("This letter has been sent.")
        await upstream_letters.by_hand(found)
