"""News by mail, once a day or a week: to a confirmed address, each digest once, and none when there is nothing new.

The clock takes on what is due (``take_on``) and records a ``DigestDue`` for each in the same transaction, so that one
of several processes does it. Who sends it claims it first (``claim``): a digest whose worker died in between is not
sent twice; what was in it comes with the next one.
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
from domain.notifications.notices import NoticeView
from domain.notifications.preferences import MAIL

OFF, DAILY, WEEKLY = 0, 1, 2
# When digests go out: at seven in the morning, weekly ones on Mondays.
HOUR = 7
# How long a link to confirm an address works, in days.
CONFIRM_DAYS = 3
# Notices looked through for one digest, and shown in it.
LOOKED_AT, SHOWN = 100, 30
BATCH = 200
OVER = N_("This link is too old, or belongs to an address that was changed since.")


class DigestState(msgspec.Struct, frozen=True):
    """A member's digest: how often, to which address (""), and whether that one is confirmed."""

    often: int
    email: str
    confirmed: bool


class Digest(msgspec.Struct, frozen=True):
    """What one mail is made of; ``more``: how many notices did not fit, ``last`` the newest one's entry."""

    email: str
    handle: str
    name: str
    locale: str
    notices: list[NoticeView]
    more: int
    last: int


class DigestReader(msgspec.Struct, frozen=True):
    """Whose digest a link is about."""

    account: int
    handle: str
    email: str


async def state(viewer: Viewer) -> DigestState:
    row = await queries.digest(member(viewer).id)
    if row is None:
        return DigestState(OFF, "", confirmed=False)
    often, confirmed, _, email, _ = row
    return DigestState(often or OFF, email, bool(email) and confirmed == email)


async def choose(viewer: Viewer, often: int) -> bool:
    """Sets how often; to an address that is not confirmed a link is mailed first. Returns whether one is.

    Errors: ``Invalid`` with the field digest, without an address too.
    """
    member(viewer)
    email = await credentials.email_of(viewer)
    if often not in (OFF, DAILY, WEEKLY):
        collect(digest=Invalid("Choose one of these."))
    if often and not email:
        collect(digest=Invalid("Add an e-mail address to your account first."))
    zone = (await preferences.of(viewer.id)).zone
    async with DB.writing():
        now = clock.now()
        await queries.set_digest(viewer.id, often, next_at(often, zone, now), ids.first(now))
        asked = bool(often) and not (await state(viewer)).confirmed
        if asked:
            await events.record(events.ConfirmDue(account=viewer.id, email=email, locale=viewer.reading.locale))
    return asked


def next_at(often: int, zone: str, now: int) -> int:
    """When the next digest is due, in Unix milliseconds: a morning in the member's time zone, after ``now``."""
    there = preferences.clock_of(zone)
    moment = datetime.fromtimestamp(now / 1000, there).replace(hour=HOUR, minute=0, second=0, microsecond=0)
    while moment.timestamp() * 1000 <= now or (often == WEEKLY and moment.weekday() != 0):
        moment += timedelta(days=1)
    return int(moment.timestamp() * 1000)


async def take_on() -> None:
    """Records a ``DigestDue`` for every digest that is due, and plans the next one; what was missed is not made up."""
    now = clock.now()
    while rows := await queries.due(now, BATCH):
        async with DB.writing():
            for account, often, due_at, zone in rows:
                if await queries.plan(account, due_at, next_at(often, zone, now)):
                    await events.record(events.DigestDue(account=account, due_at=due_at))


async def compose(account: int) -> Digest | None:
    """What to mail: what is unread, wanted by mail, and was in no digest; None for nothing, or nobody to mail to."""
    row = await queries.to_send(account)
    if row is None:
        return None
    email, handle, name, locale, entry = row
    wishes = await preferences.of(account)
    found = await notices.since(account, entry, LOOKED_AT)
    news = [one for one in found if one.unread and wishes.wants(one.kind, MAIL)]
    if not news:
        return None
    news.sort(key=lambda one: one.entry, reverse=True)
    return Digest(email, handle, name, locale, news[:SHOWN], len(news) - len(news[:SHOWN]), news[0].entry)


async def claim(account: int, due_at: int) -> bool:
    """Whether this digest is ours to send; from then on nobody else may."""
    return await queries.claim(account, due_at)


async def give_back(account: int, due_at: int) -> None:
    """The mail was refused: the digest may be claimed again."""
    await queries.give_back(account, due_at)


async def sent(account: int, digest: Digest) -> None:
    """The next one begins after this one."""
    await queries.sent(account, digest.last)


# --- links -----------------------------------------------------------------------------------------------------------
# They need no session and no row: account and time, signed together with what they are for and the address they were
# mailed to, so that a changed address ends them.


async def waits_for(account: int, email: str) -> str:
    """The handle of whoever still has this address, "" for nobody."""
    row = await queries.owner(account)
    return str(row[0]) if row and row[1] == email else ""


async def confirm_token(account: int, email: str) -> str:
    return await _token("confirm", account, email, clock.now() + CONFIRM_DAYS * 86_400_000)


async def stop_token(account: int, email: str) -> str:
    """Works as long as the account has the address."""
    return await _token("stop", account, email, 0)


async def to_confirm(token: str) -> DigestReader:
    """Whose address a link confirms. Errors: ``Forbidden``."""
    return await _owner("confirm", token)


async def to_stop(token: str) -> DigestReader:
    """Whose digest a link stops. Errors: ``Forbidden``."""
    return await _owner("stop", token)


async def confirm(token: str) -> DigestReader:
    """From now on digests go to this address. Errors: ``Forbidden``."""
    owner = await to_confirm(token)
    await queries.confirm(owner.account, owner.email)
    return owner


async def stop(token: str) -> DigestReader:
    """No more digests; safe to repeat. Errors: ``Forbidden``."""
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
    row = await queries.owner(number) if (number := ids.parse(account)) else None
    if row is None or number is None or not until.isdecimal() or len(until) > 15:
        raise Forbidden(OVER)
    expected = await _mac(purpose, number, row[1], int(until))
    if not hmac.compare_digest(expected.encode(), mac.encode()) or (int(until) and int(until) < clock.now()):
        raise Forbidden(OVER)
    return DigestReader(number, row[0], row[1])
