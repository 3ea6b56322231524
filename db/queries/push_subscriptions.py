"""Devices that take pushes: browsers, each tied to its session, and addresses that were entered by hand."""

from collections.abc import Iterable
from typing import NamedTuple

from db.engine import DB
from db.sql import SQL

KEY_USES = SQL("SELECT vapid, count(*) FROM push_subscription WHERE vapid <> '' GROUP BY vapid")
DEVICES = SQL("""
    SELECT p.id, p.session, coalesce(s.agent, ''), p.endpoint, p.p256dh, p.vapid, p.permission, p.made_at, p.sent_at,
        p.confirmed_at, p.failed, p.problem,
        EXISTS (SELECT 1 FROM push_delivery d WHERE d.subscription = p.id AND d.notice = -1)
    FROM push_subscription p LEFT JOIN session s ON s.id = p.session
    WHERE p.account = ?1 AND p.endpoint <> '' ORDER BY p.id DESC
""")
BY_ENDPOINT = SQL("""
    SELECT id, account, session, vapid, p256dh, auth FROM push_subscription WHERE endpoint_key = ?1
""")
COUNT = SQL("SELECT count(*) FROM push_subscription WHERE account = ?1 AND endpoint <> ''")
# A row without an address is a mark: the member has turned the pushes of this session off.
OFF = SQL("SELECT 1 FROM push_subscription WHERE session = ?1 AND endpoint = ''")
ADD = SQL("""
    INSERT INTO push_subscription (id, account, session, endpoint, endpoint_key, p256dh, auth, vapid, locale, zone,
        permission, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT DO NOTHING
""")
RENEW = SQL("""
    UPDATE push_subscription SET p256dh = ?2, auth = ?3, vapid = ?4, locale = ?5, zone = ?6, permission = ?7, failed = 0
    WHERE id = ?1
""")
DROP = SQL("DELETE FROM push_subscription WHERE id = ?2 AND account = ?1 AND endpoint <> '' RETURNING session")
DROP_ENDPOINT = SQL("DELETE FROM push_subscription WHERE endpoint_key = ?2 AND account = ?1")
DROP_ID = SQL("DELETE FROM push_subscription WHERE id = ?1")
DROP_ENTERED = SQL("DELETE FROM push_subscription WHERE account = ?1 AND session IS NULL")
DROP_OTHERS_OF_SESSION = SQL("DELETE FROM push_subscription WHERE session = ?1 AND endpoint_key <> ?2")
CONFIRM = SQL("""
    UPDATE push_subscription SET confirmed_at = ?2, failed = 0, problem = ''
    WHERE id = ?1 AND (confirmed_at IS NULL OR confirmed_at < ?2)
""")
DEVICES_OF = SQL("SELECT id FROM push_subscription WHERE account = ?1 AND failed < ?2 AND endpoint <> '' ORDER BY id")
_SOME = "SELECT id FROM push_subscription WHERE id IN {ids:1}"
# Two processes may write results of the same devices: both lock them in one order, so that they never deadlock.
LOCK = SQL(_SOME, f"{_SOME} ORDER BY id FOR UPDATE")
SENT = SQL("UPDATE push_subscription SET sent_at = ?2, failed = 0, problem = '' WHERE id IN {ids:1}")
GONE = SQL("DELETE FROM push_subscription WHERE id IN {ids:1}")
BROKEN = SQL("UPDATE push_subscription SET failed = failed + 1, problem = ?2 WHERE id = ?1")


class KeyUse(NamedTuple):
    """A push key's public half, and the number of subscriptions that were made with it."""

    public: str
    devices: int


class DeviceRow(NamedTuple):
    """A device as its member sees it; see ``domain.notifications.subscriptions.PushDevice``. ``waiting`` is 0 or 1."""

    id: int
    session: str | None
    agent: str
    endpoint: str
    p256dh: str
    vapid: str
    permission: str
    made_at: int
    sent_at: int | None
    confirmed_at: int | None
    failed: int
    problem: str
    waiting: int


class EndpointRow(NamedTuple):
    """The subscription that an address belongs to, with its keys."""

    id: int
    account: int
    session: str | None
    vapid: str
    p256dh: str
    auth: str


class NewSubscription(NamedTuple):
    """A device to insert, in the order of ADD; see ``db.tables.notifications.PushSubscription``."""

    id: int
    account: int
    session: str | None
    endpoint: str
    endpoint_key: str
    p256dh: str
    auth: str
    vapid: str
    locale: str
    zone: str
    permission: str
    made_at: int


class RenewedSubscription(NamedTuple):
    """What a known device reports again, in the order of RENEW."""

    id: int
    p256dh: str
    auth: str
    vapid: str
    locale: str
    zone: str
    permission: str


class RemovedSubscription(NamedTuple):
    """The session that a removed device belonged to; None when its address was entered by hand."""

    session: str | None


async def key_uses() -> list[KeyUse]:
    return [KeyUse(*row) for row in await DB.fetch(KEY_USES)]


async def devices(account: int) -> list[DeviceRow]:
    """A member's devices, newest first."""
    return [DeviceRow(*row) for row in await DB.fetch(DEVICES, account)]


async def by_endpoint(key: str) -> EndpointRow | None:
    """``key`` is the digest of the address."""
    row = await DB.one(BY_ENDPOINT, key)
    return EndpointRow(*row) if row else None


async def count(account: int) -> int:
    return int(await DB.value(COUNT, account))


async def add(subscription: NewSubscription) -> None:
    await DB.fetch(ADD, *subscription)


async def renew(subscription: RenewedSubscription) -> None:
    await DB.fetch(RENEW, *subscription)


async def drop(account: int, subscription: int) -> RemovedSubscription | None:
    """None when the member has no such device."""
    row = await DB.one(DROP, account, subscription)
    return RemovedSubscription(*row) if row else None


async def mark_off(mark: int, account: int, session: str, now: int) -> None:
    """Notes that a session gets no pushes; an address that it reports later replaces the note."""
    await add(NewSubscription(mark, account, session, "", f"off {mark}", "", "", "", "", "", "", now))


async def is_off(session: str) -> bool:
    return await DB.one(OFF, session) is not None


async def drop_id(subscription: int) -> None:
    await DB.fetch(DROP_ID, subscription)


async def drop_endpoint(account: int, key: str) -> None:
    await DB.fetch(DROP_ENDPOINT, account, key)


async def drop_entered(account: int) -> None:
    """Deletes the addresses of an account that were entered by hand."""
    await DB.fetch(DROP_ENTERED, account)


async def drop_others_of_session(session: str, key: str) -> None:
    """A browser has one subscription: another one of the same session is out of date."""
    await DB.fetch(DROP_OTHERS_OF_SESSION, session, key)


async def confirm(subscription: int, now: int) -> None:
    await DB.fetch(CONFIRM, subscription, now)


async def devices_of(account: int, most_failed: int) -> list[int]:
    """The devices of a member with fewer than ``most_failed`` failures in a row."""
    return [row[0] for row in await DB.fetch(DEVICES_OF, account, most_failed)]


async def lock(subscriptions: Iterable[int]) -> None:
    """Locks devices until the transaction ends."""
    await DB.fetch(LOCK, DB.ids(set(subscriptions)))


async def sent(subscriptions: list[int], now: int) -> None:
    if subscriptions:
        await DB.fetch(SENT, DB.ids(subscriptions), now)


async def gone(subscriptions: list[int]) -> None:
    """Deletes subscriptions that their push service does not know."""
    if subscriptions:
        await DB.fetch(GONE, DB.ids(subscriptions))


async def broken(subscription: int, problem: str) -> None:
    await DB.fetch(BROKEN, subscription, problem)
