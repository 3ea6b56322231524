"""Complaints from upstream by forms: the public one, and the one in which a moderator enters a letter or a call."""

from datetime import UTC, datetime

import msgspec

from db.engine import DB
from domain.accounts import emails
from domain.core import access, clock, ids, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.errors import Invalid, Refused, collect
from domain.core.retries import retried
from domain.moderation import upstream, upstream_addresses
from domain.moderation.upstream import LOCALES, MAX_NAME, MAX_REFERENCE, MAX_WORDS, NewComplaint
from domain.moderation.upstream_addresses import MAX_ADDRESSES, MAX_LENGTH, FoundAddress
from domain.moderation.upstream_kinds import Channel, ComplaintState, Sender

# How long ago a letter or a call that a moderator enters may have come.
ENTERED_DAYS = 30


class ComplaintForm(msgspec.Struct, frozen=True):
    """What is filled in. ``addresses`` are on lines of their own; ``hosts`` are the network's own.

    ``deadline`` and ``received`` are as a browser sends them, in UTC: "2026-05-04T12:30", or "".
    """

    sender: Sender | None
    name: str
    email: str
    words: str
    addresses: str
    reference: str = ""
    deadline: str = ""
    received: str = ""
    locale: str = "en"
    hosts: frozenset[str] = frozenset()


class TakenComplaint(msgspec.Struct, frozen=True):
    """``confirm``: it counts once the sender has followed the link that is ``mailed`` to them."""

    complaint: int
    confirm: bool
    mailed: bool


async def file(form: ComplaintForm, *, can_mail: bool) -> TakenComplaint:
    """Takes what somebody sends by the public form. ``can_mail``: the network can send the link that confirms it.

    Errors: ``Invalid`` with the fields, ``TooMany``.
    """
    await _check(form, can_mail=can_mail)
    confirm = form.sender is not Sender.AUTHORITY
    state = ComplaintState.UNCONFIRMED if confirm else ComplaintState.OPEN
    complaint = await _write(form, Channel.FORM, state, clock.now(), can_mail=can_mail)
    return TakenComplaint(complaint, confirm, mailed=can_mail)


async def enter(viewer: Viewer, form: ComplaintForm, *, can_mail: bool) -> int:
    """Enters a letter or a call. Errors: ``SignedOut``, ``NotFound``, ``Invalid`` with the fields, ``TooMany``."""
    access.require(permissions.may_moderate(viewer))
    await _check(form, entered=True)
    received_at = moment(form.received) or clock.now()
    return await _write(form, Channel.ENTERED, ComplaintState.OPEN, received_at, can_mail=can_mail)


async def _check(form: ComplaintForm, *, can_mail: bool = True, entered: bool = False) -> None:
    """Errors: ``Invalid`` with the fields."""
    text_parsing.check_sizes(
        name=(form.name, MAX_NAME),
        reference=(form.reference, MAX_REFERENCE),
        words=(form.words, MAX_WORDS),
        addresses=(form.addresses, MAX_ADDRESSES * MAX_LENGTH // text_parsing.CODE_POINTS),
    )
    words, lines = text_parsing.clean(form.words), text_parsing.clean(form.addresses).split()
    collect(
        sender=None if form.sender in senders() else Invalid("Say who you are."),
        name=_name_problem(form.name),
        email=_email_problem(form, entered=entered, can_mail=can_mail),
        reference=text_parsing.too_long(text_parsing.line(form.reference), MAX_REFERENCE),
        addresses=_addresses_problem(lines),
        words=text_parsing.too_long(words, MAX_WORDS) if words else Invalid("Say what is wrong with it."),
        deadline=moment_problem(form.deadline) if entered else _deadline_problem(form.deadline),
        received=_received_problem(form.received),
        locale=None if form.locale in LOCALES else Invalid("Choose a language."),
    )


def senders(*, can_mail: bool = True) -> tuple[Sender, ...]:
    """What somebody can say that they are: without mail only what needs no link that confirms it."""
    if not can_mail:
        return (Sender.AUTHORITY,)
    return tuple(one for one in Sender if one is not Sender.OTHER)


def _name_problem(name: str) -> Refused | None:
    name = text_parsing.line(name)
    return text_parsing.too_long(name, MAX_NAME) if name else Invalid("Give a name.")


def _email_problem(form: ComplaintForm, *, entered: bool, can_mail: bool) -> Refused | None:
    if problem := emails.problem(form.email):
        return problem
    if not can_mail and form.sender is not Sender.AUTHORITY:
        return Invalid("This network can't send mail, so it can't confirm your address. Write to its contact address.")
    return None if entered or form.email.strip() else Invalid("Give your email address: we answer there.")


def _addresses_problem(lines: list[str]) -> Refused | None:
    if len(lines) > MAX_ADDRESSES:
        return Invalid(
            "At most %(limit)s addresses fit here; there are %(count)s.", limit=MAX_ADDRESSES, count=len(lines)
        )
    longest = max(map(len, lines), default=0)
    return Invalid("At most %(limit)s characters fit here.", limit=MAX_LENGTH) if longest > MAX_LENGTH else None


def moment(text: str) -> int | None:
    """A time as a form has it, in Unix milliseconds; None for none. Errors: ``ValueError``."""
    if not text.strip():
        return None
    found = datetime.strptime(text.strip()[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=UTC)
    return int(found.timestamp()) * 1000


def moment_problem(text: str) -> Refused | None:
    """What is wrong with a time as a form has it."""
    try:
        found = moment(text)
    except ValueError:
        return Invalid("This is no day with a time.")
    in_reach = found is None or ids.EPOCH <= found < ids.EPOCH + 100 * 365 * clock.DAY_MS
    return None if in_reach else Invalid("This is too far away.")


def _deadline_problem(text: str) -> Refused | None:
    found = None if (problem := moment_problem(text)) else moment(text)
    return Invalid("This day is past.") if found is not None and found <= clock.now() else problem


def _received_problem(text: str) -> Refused | None:
    if problem := moment_problem(text):
        return problem
    found = moment(text)
    if found is None or clock.now() - ENTERED_DAYS * clock.DAY_MS <= found <= clock.now():
        return None
    return Invalid("It came within the last %(days)s days, and not later than now.", days=ENTERED_DAYS)


async def _write(
    form: ComplaintForm, channel: Channel, state: ComplaintState, received_at: int, *, can_mail: bool
) -> int:
    lines = list(dict.fromkeys(text_parsing.clean(form.addresses).split()))
    found = await upstream_addresses.found_at(lines, form.hosts)
    assert form.sender is not None
    new = NewComplaint(
        sender=form.sender,
        name=text_parsing.line(form.name),
        email=emails.normalized(form.email),
        reference=text_parsing.line(form.reference),
        words=text_parsing.clean(form.words),
        locale=form.locale,
        channel=channel,
        state=state,
        received_at=received_at,
        deadline_at=moment(form.deadline),
    )
    return await _take(new, found, can_mail=can_mail)


@retried
async def _take(new: NewComplaint, found: list[FoundAddress], *, can_mail: bool) -> int:
    async with DB.writing():
        return await upstream.add(new, found, answer=can_mail)
