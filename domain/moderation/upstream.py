"""Complaints from upstream: of the network's host, its registrar, an authority or a trusted flagger.

They come by mail (upstream_intake.py), by a public form, or a moderator enters a letter or a call (upstream_forms.py).
A complaint by the form counts once its sender has confirmed their address by a link; an order of an authority is listed
at once, as unconfirmed: after all others, and without the clock of an order.
"""

import hashlib
import hmac

import msgspec
import regex

from db.engine import DB
from db.queries import upstream as queries
from db.queries.upstream import ComplaintRow
from domain.core import clock, events, ids, secrets
from domain.core.errors import Forbidden, TooMany
from domain.core.moderation_events import ComplaintReceiptDue
from domain.core.retries import retried
from domain.moderation import clocks, complaint_alerts, upstream_addresses, upstream_evidence, upstream_trail
from domain.moderation.upstream_addresses import FoundAddress
from domain.moderation.upstream_kinds import Channel, ComplaintState, EntryKind, Sender, Verified

MAX_WORDS, MAX_NAME, MAX_REFERENCE = 10_000, 200, 200
# A complaint by the form whose address is not confirmed in time is deleted.
CONFIRM_DAYS = 7
# Complaints of one mail address in a day: with more of them the desk would hold nothing else.
MAX_A_DAY = 50
# Receipts to one mail address in an hour, for mails: it may be somebody else's who sends them.
RECEIPTS_AN_HOUR = 3
BATCH = 100

# A complaint as it is stored.
Complaint = ComplaintRow

LOCALES = ("en", "fr")
TOKEN = regex.compile(r"\b(\d{1,19})\.([0-9a-f]{16})\b")


class NewComplaint(msgspec.Struct, frozen=True):
    """What is written of a complaint as it comes; times in Unix milliseconds."""

    sender: Sender
    name: str
    email: str
    words: str
    locale: str
    channel: Channel
    received_at: int
    reference: str = ""
    state: ComplaintState = ComplaintState.OPEN
    deadline_at: int | None = None


async def add(new: NewComplaint, found: list[FoundAddress], *, answer: bool) -> int:
    """Within a transaction: writes a complaint. ``answer``: its sender is mailed that it came. Errors: ``TooMany``."""
    now = clock.now()
    by_form = new.channel is Channel.FORM
    day = ids.first(now - clock.DAY_MS)
    if new.email and await queries.sent_since(new.email, day, by_form=by_form) >= MAX_A_DAY:
        raise TooMany("Too many complaints came from this address today.", retry_after=clock.HOUR_MS // 1000)
    counts = new.state is ComplaintState.OPEN
    row = ComplaintRow(
        # Whose letter a moderator enters may have written long ago.
        id=ids.new(None if new.channel is Channel.ENTERED else new.received_at),
        sender=new.sender,
        name=new.name,
        email=new.email,
        reference=new.reference,
        words=new.words,
        locale=new.locale,
        channel=new.channel,
        verified=Verified.NOT,
        state=new.state,
        received_at=new.received_at,
        deadline_at=new.deadline_at,
        due_at=_due_at(new) if counts else clock.LAST,
        claimed_by=None,
        claimed_until=0,
        version=1,
        closed_at=None,
        purge_at=clock.LAST if counts else now + CONFIRM_DAYS * clock.DAY_MS,
    )
    await queries.add(row)
    await queries.add_addresses(upstream_addresses.rows(row.id, found))
    await upstream_trail.add(row.id, EntryKind.RECEIVED)
    if counts:
        await complaint_alerts.announce(row.id, new.sender)
    known = Verified.BY_MODERATOR if new.channel is Channel.ENTERED else Verified.NOT
    await upstream_evidence.keep(row.id, [one.subject for one in found], known)
    if answer and new.email and (new.channel is not Channel.MAIL or await _may_answer(new.email, now)):
        await events.record(ComplaintReceiptDue(complaint=row.id))
    return row.id


def _due_at(new: NewComplaint) -> int:
    sure = new.channel is not Channel.FORM
    return clocks.complaint_due_at(new.sender, new.received_at, new.deadline_at, sure=sure)


async def _may_answer(email: str, now: int) -> bool:
    """Whether few complaints, the newest among them, came from a mail address in the last hour."""
    return await queries.sent_since(email, ids.first(now - clock.HOUR_MS), by_form=False) <= RECEIPTS_AN_HOUR


async def token(complaint: int) -> str:
    """What links and letters to a sender carry, and nobody else knows: in lower case, since mail addresses are."""
    mac = hmac.new(await secrets.mac_key(), f"complaint {complaint}".encode(), hashlib.sha256)
    return f"{complaint}.{mac.hexdigest()[:16]}"


async def named_by(text: str) -> int | None:
    """The complaint whose token is in a text, None for none."""
    for match in TOKEN.finditer(text):
        identifier = ids.parse(match[1])
        if identifier is not None and hmac.compare_digest(await token(identifier), match[0]):
            return identifier
    return None


def came_at(row: Complaint) -> int:
    """When a complaint came, in Unix milliseconds, as all that tells of it says: its clock may begin later, once its
    sender has confirmed their address, or again.
    """
    return row.received_at if row.channel == Channel.ENTERED else ids.time_of(row.id)


async def one(complaint: int) -> Complaint | None:
    """A complaint, for a mail about it; None once it is deleted."""
    return await queries.one(complaint)


async def of_token(text: str) -> Complaint:
    """The complaint that a link is about. Errors: ``Forbidden`` for a forged link, or once the complaint is deleted."""
    identifier = await named_by(text) if TOKEN.fullmatch(text) else None
    found = await queries.one(identifier) if identifier is not None else None
    if found is None:
        raise Forbidden("This link is not valid, or no longer. Send the complaint once more.")
    return found


@retried
async def confirm(text: str) -> None:
    """Notes that the sender's address is theirs; from now on the complaint counts. Safe to repeat.

    Errors: ``Forbidden``.
    """
    complaint = (await of_token(text)).id
    async with DB.writing():
        row = await queries.lock(complaint)
        if row is not None:
            await confirmed(row)


async def confirmed(row: ComplaintRow) -> None:
    """Within a transaction that has locked the complaint: the same."""
    if row.verified == Verified.NOT:
        await queries.verify(row.id, Verified.BY_LINK, due_once_sure(row))
        await upstream_trail.add(row.id, EntryKind.CONFIRMED)
        await complaint_alerts.go_on(row.id, Sender(row.sender))
        await keep_evidence(row.id, Verified.BY_LINK)
    if row.state == ComplaintState.UNCONFIRMED:
        await start_clock(row)


def is_sure(row: ComplaintRow) -> bool:
    """Whether it counts for what it says: by the public form, once somebody has made sure of its sender."""
    return row.channel != Channel.FORM or row.verified != Verified.NOT


def due_once_sure(row: ComplaintRow) -> int:
    """When a complaint is due once somebody has made sure of its sender: an order by the form has its clock from now
    on.
    """
    if row.state != ComplaintState.OPEN or is_sure(row):
        return row.due_at
    return min(row.due_at, clocks.complaint_due_at(Sender(row.sender), clock.now(), row.deadline_at))


async def keep_evidence(complaint: int, verified: Verified) -> None:
    """Within a transaction that has locked the complaint: keeps what is at its addresses now."""
    await upstream_evidence.keep(complaint, upstream_addresses.named(await queries.addresses(complaint)), verified)


async def start_clock(row: ComplaintRow) -> None:
    """Within a transaction that has locked the complaint: opens it, or opens it again; its clock begins now."""
    now = clock.now()
    first = row.state == ComplaintState.UNCONFIRMED
    deadline = row.deadline_at if first else None
    due_at = clocks.complaint_due_at(Sender(row.sender), now, deadline, sure=first or is_sure(row))
    await queries.open_(row.id, now, due_at, clock.LAST)
    await complaint_alerts.announce(row.id, Sender(row.sender))


async def forget_old() -> int:
    """Deletes complaints that nobody confirmed in time, and closed ones whose date has come. Returns how many."""
    forgotten = 0
    while due := await queries.due(clock.now(), BATCH):
        for complaint in due:
            await _forget(complaint)
        forgotten += len(due)
    return forgotten


@retried
async def _forget(complaint: int) -> None:
    async with DB.writing():
        row = await queries.lock(complaint)
        if row is not None and row.state == ComplaintState.UNCONFIRMED:
            await upstream_evidence.let_go(complaint, clock.now())
        await queries.delete(complaint, clock.now())
