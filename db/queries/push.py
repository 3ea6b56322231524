"""Devices that take pushes, and pushes that are still to be sent."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from db.engine import DB, Row
from db.queries.notifications import SHOWN
from db.queries.visibility import account_exists
from db.sql import SQL

DEVICES_BY_KEY = SQL("SELECT vapid, count(*) FROM push_subscription WHERE vapid <> '' GROUP BY vapid")

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
# Without an address it is a mark: the member has ended the pushes of this session.
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
DROP_OTHERS_OF_SESSION = SQL("DELETE FROM push_subscription WHERE session = ?1 AND endpoint_key <> ?2")
CONFIRM = SQL("""
    UPDATE push_subscription SET confirmed_at = ?2, failed = 0, problem = ''
    WHERE id = ?1 AND (confirmed_at IS NULL OR confirmed_at < ?2)
""")

ABOUT_NOTICE = SQL("SELECT kind FROM notice WHERE id = ?2 AND account = ?1 AND unread = 1 AND state = 0")
TO_TELL = SQL("SELECT id FROM push_subscription WHERE account = ?1 AND failed < ?2 AND endpoint <> '' ORDER BY id")
# What waits already is only told that more has happened; but a test that was tried before is tried again now.
PLAN = SQL("""
    INSERT INTO push_delivery (id, subscription, notice, entry, silent, due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (subscription, notice) DO UPDATE SET revision = push_delivery.revision + 1,
        entry = CASE WHEN excluded.entry < push_delivery.entry THEN excluded.entry ELSE push_delivery.entry END,
        due_at = CASE WHEN push_delivery.notice = -1 AND push_delivery.attempts > 0 THEN excluded.due_at
            ELSE push_delivery.due_at END,
        attempts = CASE WHEN push_delivery.notice = -1 THEN 0 ELSE push_delivery.attempts END
""")
ANY_DUE = SQL("SELECT 1 FROM push_delivery WHERE due_at <= ?1 LIMIT 1")
_DUE = "SELECT d.id FROM push_delivery d WHERE d.due_at <= ?1 ORDER BY d.due_at, d.id LIMIT ?3"
_CLAIM = "UPDATE push_delivery SET due_at = ?2 WHERE id IN ({}) RETURNING id"
CLAIM = SQL(_CLAIM.format(_DUE), _CLAIM.format(f"{_DUE} FOR UPDATE SKIP LOCKED"))
CLAIMED = SQL(f"""
    SELECT d.id, d.revision, d.notice, d.entry, d.silent, d.attempts, d.subscription, p.account, p.endpoint, p.p256dh,
        p.auth, p.vapid, a.locale, p.locale, CASE WHEN p.session IS NULL THEN 1 ELSE 0 END, d.due_at
    FROM push_delivery d JOIN push_subscription p ON p.id = d.subscription JOIN account a ON a.id = p.account
    WHERE d.id IN {{ids:1}} AND {account_exists()} ORDER BY p.account, d.id
""")
# A claim sets ``due_at`` to the end of its lease, and the next claim, which comes after that, to a later moment: it is
# the lease's fencing token too. Rows are locked in the order in which they are planned.
_HELD = "SELECT id, due_at FROM push_delivery WHERE id IN {ids:1}"
HELD = SQL(_HELD, f"{_HELD} ORDER BY subscription, notice FOR UPDATE")
PUT_BACK = SQL("UPDATE push_delivery SET due_at = ?2 WHERE id IN {ids:1}")
SINCE = SQL(f"""
    SELECT count(*), max(w.id) FROM notice w
    WHERE w.account = ?1 AND w.entry >= ?2 AND w.unread = 1 AND w.state = 0 AND w.kind IN {{ids:3}} AND {SHOWN}
""")

_SOME = "SELECT id FROM push_subscription WHERE id IN {ids:1}"
# Two processes write down what became of the same devices: in one order, so that they never wait in a circle.
LOCK = SQL(_SOME, f"{_SOME} ORDER BY id FOR UPDATE")
DONE = SQL("DELETE FROM push_delivery WHERE id IN {ids:1} AND (revision = ?2 OR notice <= 0)")
GREW = SQL("UPDATE push_delivery SET due_at = ?2, silent = 1, attempts = 0 WHERE id IN {ids:1}")
LATER = SQL("UPDATE push_delivery SET due_at = ?2, attempts = ?3 WHERE id = ?1")
SENT = SQL("UPDATE push_subscription SET sent_at = ?2, failed = 0, problem = '' WHERE id IN {ids:1}")
GONE = SQL("DELETE FROM push_subscription WHERE id IN {ids:1}")
BROKEN = SQL("UPDATE push_subscription SET failed = failed + 1, problem = ?2 WHERE id = ?1")
STATUS = SQL("""
    SELECT (SELECT count(*) FROM push_subscription WHERE endpoint <> ''),
        (SELECT count(*) FROM push_subscription WHERE failed > 0),
        (SELECT count(*) FROM push_subscription WHERE confirmed_at > CAST(?1 AS bigint) - 86400000),
        (SELECT count(*) FROM push_delivery), (SELECT count(*) FROM push_delivery WHERE due_at <= ?1)
""")


async def devices_by_key() -> list[Row]:
    """``(public half, how many subscriptions)``."""
    return await DB.fetch(DEVICES_BY_KEY)


async def devices(account: int) -> list[Row]:
    """The fields of ``domain.notifications.subscriptions.Device``, newest first; the session in its second place."""
    return await DB.fetch(DEVICES, account)


async def by_endpoint(key: str) -> Row | None:
    """``(id, account, session, vapid, p256dh, auth)``."""
    return await DB.one(BY_ENDPOINT, key)


async def count(account: int) -> int:
    return int(await DB.value(COUNT, account))


async def add(*fields: Any) -> None:
    """A device; the fields in the order of ADD."""
    await DB.fetch(ADD, *fields)


async def renew(subscription: int, *fields: Any) -> None:
    """What a device says of itself afresh; the fields in the order of RENEW."""
    await DB.fetch(RENEW, subscription, *fields)


async def drop(account: int, subscription: int) -> Row | None:
    """``(session,)``; None when the member has no such device."""
    return await DB.one(DROP, account, subscription)


async def mark_off(mark: int, account: int, session: str, now: int) -> None:
    """Notes that a session gets no pushes; whatever address it gives later replaces the note."""
    await DB.fetch(ADD, mark, account, session, "", f"off {mark}", "", "", "", "", "", "", now)


async def is_off(session: str) -> bool:
    return await DB.one(OFF, session) is not None


async def drop_id(subscription: int) -> None:
    await DB.fetch(DROP_ID, subscription)


async def drop_endpoint(account: int, key: str) -> None:
    await DB.fetch(DROP_ENDPOINT, account, key)


async def drop_others_of_session(session: str, key: str) -> None:
    """A browser has one subscription: another one of the same session is out of date."""
    await DB.fetch(DROP_OTHERS_OF_SESSION, session, key)


async def confirm(subscription: int, now: int) -> None:
    await DB.fetch(CONFIRM, subscription, now)


async def kind_of_unread(account: int, notice: int) -> int | None:
    """The kind of a notice that is still unread and not set aside."""
    return await DB.value(ABOUT_NOTICE, account, notice)  # type: ignore[no-any-return]


async def to_tell(account: int, most_failed: int) -> list[int]:
    """The devices of a member that have failed fewer times in a row."""
    return [row[0] for row in await DB.fetch(TO_TELL, account, most_failed)]


async def plan(identifier: int, subscription: int, notice: int, entry: int, silent: int, due_at: int) -> None:
    await DB.fetch(PLAN, identifier, subscription, notice, entry, silent, due_at)


async def any_due(now: int) -> bool:
    """A cheap look before taking the write lock."""
    return await DB.one(ANY_DUE, now) is not None


async def claim(now: int, until: int, limit: int) -> list[Row]:
    """Takes a lease, until ``until``, on what is due; the fields of ``domain.notifications.deliveries.Delivery``."""
    async with DB.writing():
        ids = [row[0] for row in await DB.fetch(CLAIM, now, until, limit)]
        return await DB.fetch(CLAIMED, DB.ids(ids)) if ids else []


async def held(deliveries: Iterable[tuple[int, int]]) -> set[int]:
    """Those of the deliveries, given as id and end of the lease, whose lease was not taken over; locks them."""
    leases = dict(deliveries)
    return {row[0] for row in await DB.fetch(HELD, DB.ids(leases)) if row[1] == leases[row[0]]}


async def put_back(deliveries: Iterable[int], due_at: int) -> None:
    """Makes deliveries due at another moment."""
    await DB.fetch(PUT_BACK, DB.ids(deliveries), due_at)


async def since(account: int, entry: int, kinds: list[int]) -> tuple[int, int | None]:
    """How many unread notices of some kinds there are from an entry on, and one of them."""
    row = await DB.one(SINCE, account, entry, DB.ids(kinds))
    assert row is not None
    return row[0], row[1]


async def status(now: int) -> Row:
    """``(devices, with a problem, confirmed in a day, pushes that wait, of them due)``."""
    row = await DB.one(STATUS, now)
    assert row is not None
    return row


async def lock(subscriptions: Iterable[int]) -> None:
    """Locks devices until the transaction ends."""
    await DB.fetch(LOCK, DB.ids(set(subscriptions)))


async def over(deliveries: Iterable[tuple[int, int]], grown_until: int) -> None:
    """Forgets deliveries, given as id and revision; one of which there is more to tell by now waits until then."""
    by_revision: dict[int, list[int]] = {}
    for identifier, revision in deliveries:
        by_revision.setdefault(revision, []).append(identifier)
    for revision, identifiers in by_revision.items():
        await DB.fetch(DONE, DB.ids(identifiers), revision)
    if by_revision:
        await DB.fetch(GREW, DB.ids(chain.from_iterable(by_revision.values())), grown_until)


async def later(delivery: int, due_at: int, attempts: int) -> None:
    await DB.fetch(LATER, delivery, due_at, attempts)


async def sent(subscriptions: list[int], now: int) -> None:
    if subscriptions:
        await DB.fetch(SENT, DB.ids(subscriptions), now)


async def gone(subscriptions: list[int]) -> None:
    if subscriptions:
        await DB.fetch(GONE, DB.ids(subscriptions))


async def broken(subscription: int, problem: str) -> None:
    await DB.fetch(BROKEN, subscription, problem)
