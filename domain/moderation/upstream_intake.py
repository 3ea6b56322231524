"""Takes mails with complaints from upstream: each opens a complaint, or joins the trail of the one that it answers."""

from collections.abc import Collection
from enum import Enum, auto

import msgspec

from adapters import incoming_mail
from adapters.incoming_mail import IncomingMail
from db.engine import DB
from db.queries import complaint_trail, known_senders
from db.queries import upstream as queries
from db.queries.upstream import AddressRow, ComplaintRow
from domain.core import clock, text_parsing
from domain.core.retries import retried
from domain.moderation import upstream, upstream_addresses, upstream_evidence, upstream_trail
from domain.moderation.upstream import MAX_NAME, MAX_WORDS, NewComplaint
from domain.moderation.upstream_addresses import MAX_ADDRESSES
from domain.moderation.upstream_kinds import Channel, ComplaintState, EntryKind, Sender, Verified
from domain.moderation.upstream_trail import cut

# Common words of French, and of English.
_FRENCH = frozenset("le la les des une est vous nous et que pour dans sur avec votre".split())
_ENGLISH = frozenset("the and of to is you that for your this with on are we".split())


class Fate(Enum):
    """What became of a mail. ``REPEATED``: it had come before; ``IGNORED``: a machine's answer to nothing of ours."""

    OPENED = auto()
    JOINED = auto()
    REPEATED = auto()
    IGNORED = auto()


class Intake(msgspec.Struct, frozen=True):
    """``complaint`` is None for a mail that was ignored, or had come before."""

    fate: Fate
    complaint: int | None = None


class _Repeated(Exception):
    """Ends a transaction in which a mail turned out to be there."""


async def take(raw: bytes, hosts: Collection[str], *, can_mail: bool) -> Intake:
    """Takes a mail as a mail server hands it over. ``hosts`` are the network's own.

    Errors: ``incoming_mail.BadMail``; ``TooMany``, for which it may be sent again later.
    """
    mail = incoming_mail.read(raw)
    try:
        return await _take(mail, hosts, can_mail=can_mail)
    except _Repeated:
        return Intake(Fate.REPEATED)


@retried
async def _take(mail: IncomingMail, hosts: Collection[str], *, can_mail: bool) -> Intake:
    """Errors: ``_Repeated``, ``TooMany``."""
    named = upstream_addresses.in_text(text_parsing.clean(f"{mail.subject}\n{mail.text}"), hosts)
    async with DB.writing():
        if await complaint_trail.by_message([mail.message_id]):
            raise _Repeated
        complaint, by_token = await _answered(mail)
        if complaint is not None:
            await _join(complaint, mail, named, hosts, by_token=by_token)
            return Intake(Fate.JOINED, complaint)
        if mail.replied:
            return Intake(Fate.IGNORED)
        return Intake(Fate.OPENED, await _open(mail, named, hosts, can_mail=can_mail))


async def _answered(mail: IncomingMail) -> tuple[int | None, bool]:
    """The complaint that a mail is about, and whether it has its token; else it answers a mail of the same sender's."""
    for text in (*mail.references, *mail.recipients, mail.subject[:1000]):
        complaint = await upstream.named_by(text)
        if complaint is not None and await queries.one(complaint):
            return complaint, True
    found = await complaint_trail.by_message(list(mail.references))
    if found is not None and _domain(found[1]) == _domain(mail.sender):
        return found[0], False
    return None, False


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


async def _join(
    complaint: int, mail: IncomingMail, named: list[str], hosts: Collection[str], *, by_token: bool
) -> None:
    row = await queries.lock(complaint)
    kept = await upstream_trail.add_mail(complaint, mail)
    if row is None or kept is None:
        return
    if mail.generated or mail.replied:
        await upstream_trail.add(complaint, EntryKind.AUTOMATIC, kept)
        return
    await upstream_trail.add(complaint, EntryKind.REMINDER, kept)
    await _add_addresses(row, named, hosts)
    await queries.touch(complaint)
    if by_token and mail.sender == row.email and row.verified == Verified.NOT:
        await upstream.confirmed(row)
        row = await queries.lock(complaint) or row
    if row.state == ComplaintState.CLOSED:
        await upstream.start_clock(row)
        await upstream.keep_evidence(complaint, Verified(row.verified))
        await upstream_trail.add(complaint, EntryKind.REOPENED)


async def _add_addresses(row: ComplaintRow, named: list[str], hosts: Collection[str]) -> None:
    """Adds those that the complaint does not name yet, as far as there is room."""
    before: list[AddressRow] = await queries.addresses(row.id)
    fresh = [one for one in named if one not in {row.address for row in before}][: MAX_ADDRESSES - len(before)]
    found = await upstream_addresses.found_at(fresh, hosts)
    await queries.add_addresses(upstream_addresses.rows(row.id, found, first=len(before)))
    await upstream_evidence.keep(row.id, [one.subject for one in found], Verified(row.verified))


async def _open(mail: IncomingMail, named: list[str], hosts: Collection[str], *, can_mail: bool) -> int:
    """Errors: ``_Repeated``, ``TooMany``."""
    known = await known_senders.named(mail.sender, _domain(mail.sender))
    words = text_parsing.clean(mail.text) or text_parsing.clean(mail.subject)
    new = NewComplaint(
        sender=Sender(known.sender) if known else Sender.OTHER,
        name=known.name if known else cut(text_parsing.line(mail.name) or mail.sender, MAX_NAME),
        email=mail.sender,
        words=cut(words, MAX_WORDS),
        locale=_language(mail, words),
        channel=Channel.MAIL,
        received_at=clock.now(),
    )
    found = await upstream_addresses.found_at(named, hosts)
    # Machines that write by themselves are not answered (RFC 3834).
    complaint = await upstream.add(new, found, answer=can_mail and not mail.generated)
    if await upstream_trail.add_mail(complaint, mail) is None:
        raise _Repeated
    return complaint


def _language(mail: IncomingMail, words: str) -> str:
    """In which of two languages to answer: as the mail says, or by its most common words."""
    if mail.language in upstream.LOCALES:
        return mail.language
    said = words[:5000].lower().split()
    french, english = (sum(one in common for one in said) for common in (_FRENCH, _ENGLISH))
    return "fr" if french > english else "en"
