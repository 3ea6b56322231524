"""Reports by people without an account, with what article 16 of the Digital Services Act asks for.

A report counts once its sender has confirmed their address by a link that is mailed to them. Reports of threats and of
the abuse of children need no address, and count at once (:func:`counts_at_once`).
"""

import contextlib
import hashlib
import hmac
from urllib.parse import unquote, urlsplit

import msgspec

from db.engine import DB
from db.queries import cases, upstream
from db.queries import reports as queries
from db.queries.reports import NewReport, ReportRow
from domain.accounts import emails, profiles
from domain.core import clock, events, ids, secrets, text_parsing, trust
from domain.core.access import GUEST
from domain.core.errors import Forbidden, Invalid, NotFound, Refused, collect
from domain.core.retries import retried
from domain.core.trust import ReportPolicy
from domain.moderation import evidence, reports, rules, subjects
from domain.moderation.kinds import CaseState, Outcome, ReportState, Severity, SubjectKind
from domain.moderation.reports import MAX_NAME, NamedRule
from domain.moderation.rules import Category, Rule
from domain.moderation.subjects import ReportedSubject, Subject

# A report whose address is not confirmed in time is deleted.
CONFIRM_DAYS = 7
MAX_ADDRESS = 500
CONFIRM = "confirm report"
# Of urgent rules, those of these categories: threats, and the abuse of children.
AT_ONCE = frozenset({Category.VIOLENCE, Category.PROTECTION_OF_MINORS})
BATCH = 100

# A guest's report as it is stored, with who it is from.
GuestReport = queries.GuestRow


class GuestForm(msgspec.Struct, frozen=True):
    """What a guest fills in. ``address`` is that of a post or a profile, on one of the network's own ``hosts``;
    ``good_faith``: they believe that it is all true."""

    address: str
    rule: NamedRule
    words: str
    name: str
    email: str
    good_faith: bool
    locale: str = ""
    hosts: frozenset[str] = frozenset()


class TakenReport(msgspec.Struct, frozen=True):
    """``confirm``: it counts once the sender has followed the link that is ``mailed`` to them."""

    report: int
    confirm: bool
    mailed: bool


@retried
async def file(form: GuestForm, *, can_mail: bool, policy: ReportPolicy = trust.DEFAULTS.reports) -> TakenReport:
    """Takes a guest's report, with the evidence. ``can_mail``: the network can send the link that confirms an address.

    Errors: ``Invalid`` with the fields.
    """
    text_parsing.check_sizes(
        address=(form.address, MAX_ADDRESS), name=(form.name, MAX_NAME), words=(form.words, reports.MAX_WORDS)
    )
    found, rule, words = await _checked(form, can_mail)
    confirm, email = not counts_at_once(rule), emails.normalized(form.email)
    async with DB.writing():
        case = await reports.harmless_case(found, rule)
        if is_new := case is None:
            begins = CaseState.WAITING if confirm else CaseState.OPEN
            case = await reports.open_case(found, rule.severity, begins)
        state = ReportState.UNCONFIRMED if confirm else ReportState.OPEN
        report = NewReport(ids.new(), case, None, form.rule.version, form.rule.number, words, state, policy.guest)
        await queries.add(report)
        fresh = is_new and await evidence.keep(case, found.snapshot, report.id)
        until = clock.now() + CONFIRM_DAYS * clock.DAY_MS if confirm or not is_new else clock.LAST
        await queries.add_guest(report.id, text_parsing.line(form.name), email, form.locale, until)
        if email and can_mail:
            await events.record(events.GuestConfirmationDue(report=report.id))
        if not is_new:
            await events.record(events.AnswersContinued(case=case))
        elif not confirm:
            await reports.count(case, rule.severity, policy.guest, fresh=fresh)
        elif fresh:
            # A moderator who has the case before them has not seen this revision.
            await cases.touch(case)
    return TakenReport(report.id, confirm, mailed=bool(email and can_mail))


async def _checked(form: GuestForm, can_mail: bool) -> tuple[ReportedSubject, Rule, str]:
    """What is reported, the rule, and the words as they are stored. Errors: ``Invalid`` with the fields."""
    found, rule, words = None, None, text_parsing.clean(form.words)
    with contextlib.suppress(NotFound):
        found = await _load(form)
    with contextlib.suppress(NotFound):
        rule = await reports.rule_on_form(form.rule)
    at_once = rule is not None and counts_at_once(rule)
    collect(
        address=None if found else Invalid("There is no public post or profile at this address."),
        rule=None if rule else Invalid("Choose the rule that this breaks."),
        words=None if words else Invalid("Say what is wrong with it."),
        name=_name_problem(form.name, at_once=at_once),
        email=_email_problem(form.email, at_once=at_once, can_mail=can_mail),
        good_faith=None if form.good_faith else Invalid("Confirm that what you say is accurate."),
    )
    collect(words=text_parsing.too_long(words, reports.MAX_WORDS))
    assert found is not None
    assert rule is not None
    return found, rule, words


def counts_at_once(rule: Rule) -> bool:
    """Whether a guest's report under a rule needs no confirmed address: an urgent rule about threats or minors.

    Of the abuse of children nobody has to say who they are (Digital Services Act, article 16(2)(c)).
    """
    return rule.severity is Severity.URGENT and rule.category in AT_ONCE


def _name_problem(name: str, *, at_once: bool) -> Refused | None:
    name = text_parsing.line(name)
    return text_parsing.too_long(name, MAX_NAME) if at_once or name else Invalid("Give your name.")


def _email_problem(email: str, *, at_once: bool, can_mail: bool) -> Refused | None:
    if problem := emails.problem(email):
        return problem
    if at_once:
        return None
    if not can_mail:
        return Invalid("This network can't send mail, so it can't confirm your address. Write to its contact address.")
    return None if email.strip() else Invalid("Give your email address: we send a link to confirm it.")


async def _load(form: GuestForm) -> ReportedSubject:
    """What is at the form's address: ``https://host/@ana/123``, ``/@ana`` or ``@ana``. Errors: ``NotFound``."""
    try:
        parts = urlsplit(form.address.strip())
    except ValueError:
        raise NotFound from None
    if parts.netloc and parts.netloc.lower() not in form.hosts:
        raise NotFound
    handle, _, post = unquote(parts.path).strip("/").removeprefix("@").partition("/")
    if not post:
        account = await profiles.by_handle(GUEST, handle)
        return await subjects.load(GUEST, Subject(SubjectKind.ACCOUNT, account.id))
    found = await subjects.load(GUEST, Subject(SubjectKind.POST, ids.parse(post.partition("/")[0]) or 0))
    if found.handle.lower() != handle.lower():
        raise NotFound
    return found


async def token(report: int) -> str:
    """What the mailed link carries: it proves that the address is the sender's."""
    return await signed(CONFIRM, report)


async def of_token(text: str) -> GuestReport:
    """The report that a link is about. Errors: ``Forbidden`` for a forged link, or one whose report is deleted."""
    found = await of_signed(CONFIRM, text)
    if found is None:
        raise Forbidden("This link is not valid, or no longer. Send the report once more.")
    return found


async def signed(purpose: str, report: int) -> str:
    """A token for one purpose, which whoever sent a report is mailed."""
    mac = hmac.new(await secrets.mac_key(), f"{purpose} {report}".encode(), hashlib.sha256)
    return f"{report}.{secrets.padless(mac.digest()[:16])}"


async def of_signed(purpose: str, text: str) -> GuestReport | None:
    """The report of a token; None if it is forged, made for another purpose, or its report is deleted."""
    identifier = ids.parse(text.partition(".")[0])
    if identifier is None or not hmac.compare_digest((await signed(purpose, identifier)).encode(), text.encode()):
        return None
    return await queries.guest(identifier)


async def of_report(report: int) -> GuestReport | None:
    """A guest's report, for a mail about it; None once it is deleted."""
    return await queries.guest(report)


async def about(row: GuestReport) -> tuple[str, int | None]:
    """Whose a reported post or account is, by its handle then, "" once the evidence is purged; and the post, if any."""
    case = await cases.one(row.mod_case)
    found = (await evidence.newest([row.mod_case])).get(row.mod_case)
    return found.handle if found else "", case.post if case else None


@retried
async def confirm(text: str) -> GuestReport:
    """Makes a report count. Safe to repeat. Errors: ``Forbidden``."""
    found = await of_token(text)
    async with DB.writing():
        row = await cases.lock(found.mod_case)
        await queries.confirm_guest(found.report)
        if found.state == ReportState.ANSWERED:
            # It counted at once, and is decided: now they can be told.
            await events.record(events.GuestAnswerDue(report=found.report))
        elif row is not None and await queries.confirm(found.report):
            until = clock.LAST
            if row.state in (CaseState.WAITING, CaseState.OPEN):
                report = await queries.one(found.report)
                assert report is not None
                await reports.count(row.id, (await _rule(report)).severity, report.weight, fresh=False)
            else:
                # Decided meanwhile: the worker tells them at once.
                until = evidence.kept_until(clock.now())
                await events.record(events.AnswersContinued(case=row.id))
            await queries.keep_guest(found.report, until)
    return found


async def _rule(row: ReportRow) -> Rule:
    return (await rules.of_version(row.rule_version)).rule(row.rule_number)


async def forget_old() -> int:
    """Deletes reports that nobody confirmed in time, and names and addresses whose date has come. Returns how many."""
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
        if row.state != CaseState.WAITING or await upstream.names(row.subject_kind, row.subject):
            return
        if not await queries.has_reports(row.id):
            await cases.close(row.id, CaseState.VOID, clock.now())
            await evidence.expire(row.id, clock.now())


def outcome(row: GuestReport) -> Outcome | None:
    """What became of a report, None while it is open."""
    return None if row.outcome is None else Outcome(row.outcome)
