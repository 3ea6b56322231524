"""Unread notifications by mail, once a day or a week, to a confirmed address; no mail when there is nothing new.

What a digest says is in web/mails.py.

The scheduler calls ``record_due``, which records a ``DigestDue`` for each digest and its next date in one transaction,
so that only one of several processes does it. The worker claims a digest before it sends it (``claim``): when it dies
in between, that digest is not sent twice, and the next one has its notifications.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

import msgspec

from db.engine import DB
from db.queries import notification_settings as queries
from domain.accounts import credentials
from domain.core import clock, events, ids, secrets
from domain.core.access import Viewer, member
from domain.core.errors import Forbidden, Invalid, collect
from domain.core.translatable import N_
from domain.notifications import notices, preferences
from domain.notifications.kinds import Channel
from domain.notifications.notices import NoticeView

OFF, DAILY, WEEKLY = 0, 1, 2
# When digests go out: at seven in the morning, weekly ones on Mondays.
HOUR = 7
# How long a link to confirm an address works, in days.
CONFIRM_DAYS = 3
# Notices read for one digest, and shown in it.
MOST_READ, MOST_SHOWN = 100, 30
BATCH = 200
EXPIRED = N_("This link is too old, or belongs to an address that was changed since.")


class DigestState(msgspec.Struct, frozen=True):
    """A member's digest: how often, the account's address ("" without one), and whether that address is confirmed."""

    often: int
    email: str
    confirmed: bool


class Digest(msgspec.Struct, frozen=True):
    """The contents of one mail. ``more`` notices did not fit; ``last`` is the newest one's entry."""

    email: str
    handle: str
    name: str
    locale: str
    notices: list[NoticeView]
    more: int
    last: int


class DigestReader(msgspec.Struct, frozen=True):
    """The account and address that a link in a mail was made for."""

    account: int
    handle: str
    email: str


async def state(viewer: Viewer) -> DigestState:
    row = await queries.digest(member(viewer).id)
    if row is None:
        return DigestState(OFF, "", confirmed=False)
    return DigestState(row.often or OFF, row.email, bool(row.email) and row.confirmed_email == row.email)


async def choose(viewer: Viewer, often: int) -> bool:
    """Sets how often, and mails a confirmation link to an address that is not confirmed. Returns whether it does.

    Errors: ``Invalid`` with the field digest, also without an address.
    """
    member(viewer)
    email = await credentials.email_of(viewer)
    if often not in (OFF, DAILY, WEEKLY):
        collect(digest=Invalid("Choose one of these."))
    if often and not email:
        collect(digest=Invalid("Add an email address to your account first."))
    zone = (await preferences.of(viewer.id)).zone
    async with DB.writing():
        now = clock.now()
        await queries.set_digest(viewer.id, often, next_at(often, zone, now), ids.first(now))
        asked = bool(often) and not (await state(viewer)).confirmed
        if asked:
            await events.record(
                events.EmailConfirmationDue(account=viewer.id, email=email, locale=viewer.reading.locale)
            )
    return asked


def next_at(often: int, zone: str, now: int) -> int:
    """The next digest's date in Unix milliseconds: the first morning after ``now`` in the member's time zone."""
    there = preferences.clock_of(zone)
    moment = datetime.fromtimestamp(now / 1000, there).replace(hour=HOUR, minute=0, second=0, microsecond=0)
    while moment.timestamp() * 1000 <= now or (often == WEEKLY and moment.weekday() != 0):
        moment += timedelta(days=1)
    return int(moment.timestamp() * 1000)


async def record_due() -> None:
    """Records a ``DigestDue`` for every digest that is due and sets its next date; dates in between are skipped."""
    now = clock.now()
    while digests := await queries.due(now, BATCH):
        async with DB.writing():
            for due in digests:
                if await queries.plan(due.account, due.due_at, next_at(due.often, due.zone, now)):
                    await events.record(events.DigestDue(account=due.account, due_at=due.due_at))


async def compose(account: int) -> Digest | None:
    """The unread notices that are wanted by mail and were in no digest; None when there are none, or no address."""
    to = await queries.to_send(account)
    if to is None:
        return None
    wanted = await preferences.of(account)
    found = await notices.since(account, to.entry, MOST_READ)
    new = [one for one in found if one.unread and wanted.wants(one.kind, Channel.MAIL)]
    if not new:
        return None
    new.sort(key=lambda one: one.entry, reverse=True)
    return Digest(to.email, to.handle, to.name, to.locale, new[:MOST_SHOWN], len(new[MOST_SHOWN:]), new[0].entry)


async def claim(account: int, due_at: int) -> bool:
    """Takes a digest to send it. False when another process has it, or it was sent."""
    return await queries.claim(account, due_at)


async def give_back(account: int, due_at: int) -> None:
    """The mail was refused: the digest may be claimed again."""
    await queries.give_back(account, due_at)


async def sent(account: int, digest: Digest) -> None:
    """The next one begins after this one."""
    await queries.sent(account, digest.last)


# --- links -----------------------------------------------------------------------------------------------------------
# They need no session and no row. A link has the account and its expiry; both are signed together with its purpose and
# the address it was mailed to, so that it ends when the address changes.


async def handle_at(account: int, email: str) -> str:
    """The account's handle, or "" when it has another address by now."""
    owner = await queries.owner(account)
    return owner.handle if owner and owner.email == email else ""


async def confirm_token(account: int, email: str) -> str:
    """A token to confirm an address, good for CONFIRM_DAYS days."""
    return await _token("confirm", account, email, clock.now() + CONFIRM_DAYS * 86_400_000)


async def stop_token(account: int, email: str) -> str:
    """A token to stop digests that works as long as the account has the address."""
    return await _token("stop", account, email, 0)


async def to_confirm(token: str) -> DigestReader:
    """The account and address that a link confirms. Errors: ``Forbidden`` for an expired or forged link."""
    return await _owner("confirm", token)


async def to_stop(token: str) -> DigestReader:
    """The account whose digest a link stops. Errors: ``Forbidden`` for a forged link."""
    return await _owner("stop", token)


async def confirm(token: str) -> DigestReader:
    """Confirms an address: digests go there from now on. Errors: ``Forbidden``."""
    owner = await to_confirm(token)
    await queries.confirm(owner.account, owner.email)
    return owner


async def forget_confirmed(account: int) -> None:
    """Forgets a confirmed address that is no longer the account's: coming back to it needs another confirmation."""
    await queries.forget_confirmed(account)


async def stop(token: str) -> DigestReader:
    """Turns digests off; safe to repeat. Errors: ``Forbidden``."""
    owner = await to_stop(token)
    await queries.stop(owner.account)
    return owner


async def _token(purpose: str, account: int, email: str, until: int) -> str:
    return f"{account}.{until}.{await _mac(purpose, account, email, until)}"


async def _mac(purpose: str, account: int, email: str, until: int) -> str:
    signed = f"digest {purpose} {account} {until} {email}".encode()
    return hmac.new(await secrets.mac_key(), signed, hashlib.sha256).hexdigest()[:40]


async def _owner(purpose: str, token: str) -> DigestReader:
    account, until, mac = [*token.split("."), "", ""][:3]
    number = ids.parse(account)
    owner = await queries.owner(number) if number else None
    if owner is None or number is None or not until.isdecimal() or len(until) > 15:
        raise Forbidden(EXPIRED)
    expected = await _mac(purpose, number, owner.email, int(until))
    if not hmac.compare_digest(expected.encode(), mac.encode()) or (int(until) and int(until) < clock.now()):
        raise Forbidden(EXPIRED)
    return DigestReader(number, owner.handle, owner.email)
