"""Notices by people without an account, with what article 16 of the Digital Services Act asks for.

A notice counts once its sender has confirmed their address by a link that is mailed to them. Urgent rules, such as
threats and the abuse of children, need no address, and count at once.
"""

import hashlib
import hmac
from urllib.parse import unquote, urlsplit

import msgspec

from db.engine import DB
from db.queries import cases
from db.queries import reports as queries
from db.queries.reports import GuestRow, NewReport
from domain.accounts import emails, profiles
from domain.core import clock, events, ids, secrets, text_parsing
from domain.core.access import GUEST
from domain.core.errors import Forbidden, Invalid, NotFound, Refused, collect
from domain.core.retries import retried
from domain.moderation import evidence, reports, rules, subjects
from domain.moderation.kinds import CaseState, Outcome, ReportState, Severity, SubjectKind
from domain.moderation.reports import MAX_NAME, FiledReport, NamedRule
from domain.moderation.rules import Rule
from domain.moderation.subjects import Subject

# A notice whose address is not confirmed in time is deleted.
CONFIRM_DAYS = 7
DAY_MS = 86_400_000
MAX_ADDRESS = 500
BATCH = 100


class Notice(msgspec.Struct, frozen=True):
    """A guest's form. ``address`` is that of a post or a profile; ``good_faith``: they believe that it is all true."""

    address: str
    rule: NamedRule
    words: str
    name: str
    email: str
    good_faith: bool
    locale: str = ""


class TakenNotice(msgspec.Struct, frozen=True):
    """``confirm``: it counts once the sender has followed the link that is mailed to them."""

    report: int
    confirm: bool


@retried
async def file(notice: Notice, *, can_mail: bool) -> TakenNotice:
    """Takes a guest's notice, with the evidence. ``can_mail``: the network can send the link that confirms an address.

    Errors: ``Invalid`` with the fields.
    """
    text_parsing.check_sizes(
        address=(notice.address, MAX_ADDRESS), name=(notice.name, MAX_NAME), words=(notice.words, reports.MAX_WORDS)
    )
    rule = await _check(notice, can_mail)
    found = await subjects.load(GUEST, await _subject(notice.address))
    filed = FiledReport(found.subject, notice.rule, notice.words)
    words, _ = await reports.checked(filed)
    confirm = rule.severity is not Severity.URGENT
    async with DB.writing():
        case = await reports.open_case(found, rule, CaseState.WAITING if confirm else CaseState.OPEN)
        state = ReportState.UNCONFIRMED if confirm else ReportState.OPEN
        report = NewReport(ids.new(), case, None, notice.rule.version, notice.rule.number, words, state)
        await queries.add(report)
        fresh = await evidence.keep(case, found.snapshot)
        until = clock.now() + CONFIRM_DAYS * DAY_MS if confirm else clock.LAST
        email = emails.normalized(notice.email)
        await queries.add_guest(report.id, text_parsing.line(notice.name), email, notice.locale, until)
        if confirm:
            await events.record(events.GuestConfirmationDue(report=report.id))
        else:
            await reports.count(case, rule, fresh=fresh)
    return TakenNotice(report.id, confirm)


async def _check(notice: Notice, can_mail: bool) -> Rule:
    rule = None
    try:
        rule = (await rules.of_version(notice.rule.version)).rule(notice.rule.number)
        urgent = rule.severity is Severity.URGENT
    except NotFound:
        urgent = False
    collect(
        address=await _address_problem(notice.address),
        rule=None if rule else Invalid("Choose the rule that this breaks."),
        words=None if text_parsing.clean(notice.words) else Invalid("Say what is wrong with it."),
        name=None if urgent or text_parsing.line(notice.name) else Invalid("Give your name."),
        email=_email_problem(notice.email, urgent=urgent, can_mail=can_mail),
        good_faith=None if notice.good_faith else Invalid("Confirm that what you say is accurate."),
    )
    assert rule is not None
    return rule


def _email_problem(email: str, *, urgent: bool, can_mail: bool) -> Refused | None:
    if problem := emails.problem(email):
        return problem
    if urgent:
        return None
    if not can_mail:
        return Invalid("This network can't send mail, so it can't confirm your address. Write to its contact address.")
    return None if email.strip() else Invalid("Give your e-mail address: we send a link to confirm it.")


async def _address_problem(address: str) -> Refused | None:
    try:
        await subjects.load(GUEST, await _subject(address))
    except NotFound:
        return Invalid("There is no public post or profile at this address.")
    return None


async def _subject(address: str) -> Subject:
    """What is at an address: ``https://host/@ana/123``, ``/@ana`` or ``@ana``. Errors: ``NotFound``."""
    try:
        path = unquote(urlsplit(address.strip()).path)
    except ValueError:
        raise NotFound from None
    handle, _, post = path.strip("/").removeprefix("@").partition("/")
    if post:
        identifier = ids.parse(post.partition("/")[0])
        if identifier is None:
            raise NotFound
        return Subject(SubjectKind.POST, identifier)
    return Subject(SubjectKind.ACCOUNT, (await profiles.by_handle(GUEST, handle)).id)


async def token(report: int) -> str:
    """What the mailed link carries: it proves that the address is the sender's."""
    mac = hmac.new(await secrets.mac_key(), f"confirm report {report}".encode(), hashlib.sha256)
    return f"{report}.{secrets.padless(mac.digest()[:16])}"


async def of_token(text: str) -> GuestRow:
    """The notice that a link is about. Errors: ``Forbidden`` for a forged link, or one whose notice is deleted."""
    identifier = ids.parse(text.partition(".")[0])
    if identifier is not None and hmac.compare_digest((await token(identifier)).encode(), text.encode()):
        found = await queries.guest(identifier)
        if found is not None:
            return found
    raise Forbidden("This link is not valid, or no longer. Send the report once more.")


async def of_report(report: int) -> GuestRow | None:
    """A notice, for a mail about it; None once it is deleted."""
    return await queries.guest(report)


@retried
async def confirm(text: str) -> GuestRow:
    """Makes a notice count. Safe to repeat. Errors: ``Forbidden``."""
    found = await of_token(text)
    async with DB.writing():
        row = await cases.lock(found.mod_case)
        if row is not None and await queries.confirm(found.report):
            until = clock.LAST
            if row.state in (CaseState.WAITING, CaseState.OPEN):
                await reports.count(row.id, await _rule(found.report), fresh=False)
            else:
                # Decided meanwhile: the worker tells them at once.
                until = clock.now() + evidence.KEPT_DAYS * DAY_MS
                await events.record(events.AnswersContinued(case=row.id))
            await queries.keep_guest(found.report, until)
    return found


async def _rule(report: int) -> Rule:
    row = await queries.one(report)
    assert row is not None
    return (await rules.of_version(row.rule_version)).rule(row.rule_number)


async def forget_old() -> int:
    """Deletes notices that nobody confirmed in time, and names and addresses whose date has come. Returns how many."""
    forgotten = 0
    while due := await queries.guests_due(clock.now(), BATCH):
        for report in due:
            await _forget(report)
        forgotten += len(due)
    return forgotten


@retried
async def _forget(report: int) -> None:
    async with DB.writing():
        found = await queries.one(report)
        row = await cases.lock(found.mod_case) if found else None
        await queries.forget_guest(report)
        if row is None or await queries.drop_unconfirmed(report) is None:
            return
        if row.state == CaseState.WAITING and not await queries.has_reports(row.id):
            await cases.close(row.id, CaseState.VOID, clock.now())
            await evidence.expire(row.id, clock.now())


def outcome(row: GuestRow) -> Outcome | None:
    """What became of a notice, None while it is open."""
    return None if row.outcome is None else Outcome(row.outcome)
