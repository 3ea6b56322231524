"""Devices that take pushes: a browser, tied to its session, or an RFC 8030 address entered by hand."""

import hashlib
import hmac

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from adapters import addresses
from db.engine import DB
from db.queries import push_subscriptions as queries
from db.queries.push_subscriptions import DeviceRow, EndpointRow, NewSubscription, RenewedSubscription
from domain.accounts import revocation
from domain.core import clock, ids, secrets
from domain.core.access import Viewer, account_holder, member
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from domain.notifications import preferences, push_keys

MOST, ENDPOINT_BYTES = 20, 2048
# How long a receipt may take to come back, in milliseconds: a push may wait for its device for days.
RECEIPT_MS = 28 * 86_400_000
_MAC_BYTES = 16
# As the Push API and the Notifications API call them.
PERMISSIONS = ("granted", "denied", "prompt", "default")


class Offer(msgspec.Struct, frozen=True):
    """An address to push to, as a browser or a person gives it.

    ``p256dh``, ``auth`` and ``key`` (the push key it was made with, "" when unknown) are base64url; ``replaces`` is the
    endpoint that it replaces; ``permission`` is one of PERMISSIONS and ``zone`` an IANA name, both "" when unknown.
    """

    endpoint: str
    p256dh: str = ""
    auth: str = ""
    key: str = ""
    replaces: str = ""
    zone: str = ""
    permission: str = ""
    locale: str = ""


class PushDevice(msgspec.Struct, frozen=True):
    """A subscription as its member sees it. ``session`` is None for an address entered by hand; times are in Unix
    milliseconds; ``problem`` is one of those of ``deliveries.Broken``; ``waiting``: a test has not been sent yet."""

    id: int
    session: str | None
    agent: str
    endpoint: str
    encrypted: bool
    key: str
    permission: str
    made_at: int
    sent_at: int | None
    confirmed_at: int | None
    failed: int
    problem: str
    waiting: bool

    @property
    def host(self) -> str:
        """The server that the address leads to."""
        return self.endpoint.partition("://")[2].partition("/")[0]


async def devices(viewer: Viewer) -> list[PushDevice]:
    """The member's devices, newest first."""
    return [_device(row) for row in await queries.devices(account_holder(viewer).id)]


def _device(row: DeviceRow) -> PushDevice:
    return PushDevice(
        id=row.id,
        session=row.session,
        agent=row.agent,
        endpoint=row.endpoint,
        encrypted=bool(row.p256dh),
        key=row.vapid,
        permission=row.permission,
        made_at=row.made_at,
        sent_at=row.sent_at,
        confirmed_at=row.confirmed_at,
        failed=row.failed,
        problem=row.problem,
        waiting=bool(row.waiting),
    )


async def here(viewer: Viewer) -> PushDevice | None:
    """The device of the viewer's session."""
    return next((one for one in await devices(viewer) if one.session == viewer.session), None)


async def one(viewer: Viewer, subscription: int) -> PushDevice:
    """One of the member's own devices. Errors: ``NotFound``."""
    found = next((device for device in await devices(viewer) if device.id == subscription), None)
    if found is None:
        raise NotFound
    return found


async def subscribe(viewer: Viewer, offer: Offer) -> int:
    """Ties a browser's address to the viewer's session. Returns the device's id; a known address keeps its id.

    An address that another account or session has must come with the same keys. Errors: ``Invalid``; ``Conflict`` with
    the code "key" when they differ, or when it was made for a push key that no longer exists; ``Forbidden`` when the
    member has MOST devices.
    """
    member(viewer)
    _check(offer)
    if not (offer.p256dh and offer.auth):
        raise Invalid("This browser gave no keys to encrypt with.")
    zone = offer.zone if offer.zone in preferences.zones() else ""
    permission = offer.permission if offer.permission in PERMISSIONS else ""
    offer = msgspec.structs.replace(offer, zone=zone, permission=permission)
    device = await _save(viewer, offer, viewer.session)
    await preferences.zone_from_device(viewer.id, zone)
    return device


async def enter(viewer: Viewer, offer: Offer) -> int:
    """Saves an address that the member typed in. Without keys its pushes say only that there is something new.

    Errors: ``Invalid``, also for an address that another account or session has, unless the same keys come with it;
    ``Forbidden`` when the member has MOST devices.
    """
    member(viewer)
    _check(offer)
    if bool(offer.p256dh) != bool(offer.auth):
        raise Invalid("Give both keys or neither.")
    return await _save(viewer, offer, None)


async def _save(viewer: Viewer, offer: Offer, session: str | None) -> int:
    key = await _key_of(offer)
    hashed = digest(offer.endpoint)
    async with DB.writing():
        await revocation.lock_signed_in(viewer)
        if offer.replaces:
            await queries.drop_endpoint(viewer.id, digest(offer.replaces))
        if session:
            await queries.drop_others_of_session(session, hashed)
        known = await queries.by_endpoint(hashed)
        if known is not None and (known.account, known.session) == (viewer.id, session):
            return await _renew(known, offer, key)
        if known is not None:
            if not _has_keys(offer, known.p256dh, known.auth):
                raise _taken(session)
            # Pushes that wait for the account or session that had this address before must not come here.
            await queries.drop_id(known.id)
        return await _add(viewer, offer, session, key, hashed)


async def _renew(known: EndpointRow, offer: Offer, key: str) -> int:
    made_with = key if offer.key or not known.vapid else known.vapid
    await queries.renew(
        RenewedSubscription(known.id, offer.p256dh, offer.auth, made_with, offer.locale, offer.zone, offer.permission)
    )
    return known.id


async def _add(viewer: Viewer, offer: Offer, session: str | None, key: str, hashed: str) -> int:
    if await queries.count(viewer.id) >= MOST:
        raise Forbidden("You have %(limit)s devices that take notifications. Remove one first.", limit=MOST)
    made = NewSubscription(
        id=ids.new(),
        account=viewer.id,
        session=session,
        endpoint=offer.endpoint,
        endpoint_key=hashed,
        p256dh=offer.p256dh,
        auth=offer.auth,
        vapid=key,
        locale=offer.locale,
        zone=offer.zone,
        permission=offer.permission,
        made_at=clock.now(),
    )
    await queries.add(made)
    return made.id


def _has_keys(offer: Offer, p256dh: str, auth: str) -> bool:
    """Whether an offer has a device's keys: somebody who only learned its address does not have them."""
    same = hmac.compare_digest(f"{offer.p256dh}.{offer.auth}".encode(), f"{p256dh}.{auth}".encode())
    return bool(p256dh and auth) and same


def _taken(session: str | None) -> Refused:
    if session:
        return Conflict("This device must turn notifications on again.", code="key")
    return Invalid("This address is in use by another account or device. Remove it there first.")


async def _key_of(offer: Offer) -> str:
    if not offer.p256dh:
        return ""
    keys = await push_keys.keys() or [await push_keys.vapid()]
    if not offer.key:
        return keys[0].public
    if all(key.public != offer.key for key in keys):
        raise Conflict("This device must turn notifications on again.", code="key")
    return offer.key


def _check(offer: Offer) -> None:
    if len(offer.endpoint.encode()) > ENDPOINT_BYTES:
        raise Invalid("This address is too long.")
    try:
        addresses.check(offer.endpoint)
    except addresses.WrongAddress:
        raise Invalid("This must be a public address that begins with https://.") from None
    if (offer.p256dh and not _is_point(offer.p256dh)) or (offer.auth and not _is_bytes(offer.auth, 16)):
        raise Invalid("These keys are not those of a push address.")


def _is_point(text: str) -> bool:
    if not _is_bytes(text, 65):
        return False
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), secrets.unpadded(text))
    except ValueError:
        return False
    return secrets.unpadded(text)[0] == 4


def _is_bytes(text: str, length: int) -> bool:
    try:
        return len(text) < 200 and len(secrets.unpadded(text)) == length
    except ValueError:
        return False


async def end(viewer: Viewer, subscription: int) -> None:
    """Removes one of the member's own devices; its browser finds out by ``is_off``. Errors: ``NotFound``."""
    async with DB.writing():
        found = await queries.drop(member(viewer).id, subscription)
        if found is None:
            raise NotFound
        if found.session is not None:
            await queries.mark_off(ids.new(), viewer.id, found.session, clock.now())


async def end_entered(account: int) -> None:
    """Ends the addresses of an account that were entered by hand; a browser's end with its session (a foreign key)."""
    await queries.drop_entered(account)


async def is_off(viewer: Viewer) -> bool:
    """Whether the member removed the device of the viewer's session, and has not turned pushes on again there."""
    return bool(viewer.session) and await queries.is_off(viewer.session)


def receipt(mac_key: bytes, subscription: int, now: int) -> str:
    """A token by which a device reports that a push arrived; it says nothing to anybody else."""
    payload = subscription.to_bytes(8, "big") + (now // 1000).to_bytes(5, "big")
    return secrets.padless(payload + _sign(mac_key, payload))


async def confirm(token: str) -> None:
    """Notes that a device has shown a push. Errors: ``Forbidden`` for a forged token, or one older than RECEIPT_MS."""
    try:
        raw = secrets.unpadded(token[:200])
    except ValueError:
        raw = b""
    payload, signed = raw[:13], raw[13:]
    now = clock.now()
    sent_at = int.from_bytes(payload[8:], "big") * 1000
    genuine = len(raw) == 13 + _MAC_BYTES and hmac.compare_digest(signed, _sign(await secrets.mac_key(), payload))
    if not genuine or not now - RECEIPT_MS < sent_at < now + 60_000:
        raise Forbidden("This receipt is not ours.")
    await queries.confirm(int.from_bytes(payload[:8], "big"), now)


def _sign(mac_key: bytes, payload: bytes) -> bytes:
    return hmac.digest(mac_key, b"push receipt " + payload, hashlib.sha256)[:_MAC_BYTES]


def digest(endpoint: str) -> str:
    """The SHA-256 by which an endpoint is looked up: pages show this instead of the address, which is a secret."""
    return hashlib.sha256(endpoint.encode()).hexdigest()
