"""The queue of pushes: one row per device and notice, claimed under a lease, deleted once delivered."""

from collections.abc import Iterable
from typing import NamedTuple

from db.engine import DB
from db.queries.notifications import VALID
from db.queries.visibility import account_exists, account_shown
from db.sql import SQL

KIND_OF_UNREAD = SQL("SELECT kind FROM notice WHERE id = ?2 AND account = ?1 AND unread = 1 AND state = 0")
# A push that waits already only gets a new revision; but a test that was tried before is tried again now.
PLAN = SQL("""
    INSERT INTO push_delivery (id, subscription, notice, entry, silent, due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (subscription, notice) DO UPDATE SET revision = push_delivery.revision + 1,
        entry = CASE WHEN excluded.entry < push_delivery.entry THEN excluded.entry ELSE push_delivery.entry END,
        due_at = CASE WHEN push_delivery.notice = -1 AND push_delivery.attempts > 0 THEN excluded.due_at
            ELSE push_delivery.due_at END,
        attempts = CASE WHEN push_delivery.notice = -1 THEN 0 ELSE push_delivery.attempts END
""")
IS_SHOWN = SQL(f"SELECT 1 FROM account a WHERE a.id = ?1 AND {account_shown()}")
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
UNREAD_SINCE = SQL(f"""
    SELECT count(*), max(w.id) FROM notice w
    WHERE w.account = ?1 AND w.entry >= ?2 AND w.unread = 1 AND w.state = 0 AND w.kind IN {{ids:3}} AND {VALID}
""")
DONE = SQL("DELETE FROM push_delivery WHERE id IN {ids:1} AND (revision = ?2 OR notice <= 0)")
GREW = SQL("UPDATE push_delivery SET due_at = ?2, silent = 1, attempts = 0 WHERE id IN {ids:1}")
LATER = SQL("UPDATE push_delivery SET due_at = ?2, attempts = ?3 WHERE id = ?1")
STATUS = SQL("""
    SELECT (SELECT count(*) FROM push_subscription WHERE endpoint <> ''),
        (SELECT count(*) FROM push_subscription WHERE failed > 0),
        (SELECT count(*) FROM push_subscription WHERE confirmed_at > CAST(?1 AS bigint) - 86400000),
        (SELECT count(*) FROM push_delivery), (SELECT count(*) FROM push_delivery WHERE due_at <= ?1)
""")


class PlannedPush(NamedTuple):
    """A push to queue, in the order of PLAN. ``notice`` is 0 or less for other pushes than of one notice: see
    ``domain.notifications.deliveries``. ``silent`` is 0 or 1, ``due_at`` in Unix milliseconds."""

    id: int
    subscription: int
    notice: int
    entry: int
    silent: int
    due_at: int


class Delivery(NamedTuple):
    """A claimed push, in the order of CLAIMED.

    ``notice`` is 0 or less for other pushes than of one notice: see ``domain.notifications.deliveries``; a summary
    covers the notices from ``entry`` on. ``silent`` is 0 or 1. ``locale`` is the account's choice, or "". ``by_hand``
    is 1 for an address that was entered by hand. ``until`` is the end of its lease, in Unix milliseconds, which tells
    it from any other claim of this push.
    """

    id: int
    revision: int
    notice: int
    entry: int
    silent: int
    attempts: int
    subscription: int
    account: int
    endpoint: str
    p256dh: str
    auth: str
    vapid: str
    locale: str
    device_locale: str
    by_hand: int
    until: int


class UnreadSince(NamedTuple):
    """How many notices are unread, and the newest of them."""

    number: int
    newest: int | None


class DeliveryStatus(NamedTuple):
    """Devices; those with a problem; those that have confirmed a push within a day; pushes queued, and due."""

    devices: int
    broken: int
    confirmed: int
    waiting: int
    due: int


async def is_shown(account: int) -> bool:
    """Whether an account is there and not suspended."""
    return await DB.one(IS_SHOWN, account) is not None


async def kind_of_unread(account: int, notice: int) -> int | None:
    """The kind of a notice that is still unread and not set aside."""
    kind: int | None = await DB.value(KIND_OF_UNREAD, account, notice)
    return kind


async def plan(push: PlannedPush) -> None:
    """Queues a push, or notes on the one that waits for this device and notice that there is more to say."""
    await DB.fetch(PLAN, *push)


async def any_due(now: int) -> bool:
    """A cheap look before taking the write lock."""
    return await DB.one(ANY_DUE, now) is not None


async def claim(now: int, until: int, limit: int) -> list[Delivery]:
    """Claims pushes that are due, under a lease until ``until``."""
    async with DB.writing():
        ids = [row[0] for row in await DB.fetch(CLAIM, now, until, limit)]
        return [Delivery(*row) for row in await DB.fetch(CLAIMED, DB.ids(ids))] if ids else []


async def held(claimed: Iterable[Delivery]) -> set[int]:
    """The ids of the pushes whose lease was not taken over; locks them. Call it while writing."""
    until = {delivery.id: delivery.until for delivery in claimed}
    return {delivery for delivery, due_at in await DB.fetch(HELD, DB.ids(until)) if due_at == until[delivery]}


async def put_back(deliveries: Iterable[int], due_at: int) -> None:
    """Makes deliveries due at another moment."""
    await DB.fetch(PUT_BACK, DB.ids(deliveries), due_at)


async def unread_since(account: int, entry: int, kinds: Iterable[int]) -> UnreadSince:
    """The unread notices of some kinds from an entry on."""
    row = await DB.one(UNREAD_SINCE, account, entry, DB.ids(kinds))
    assert row is not None
    return UnreadSince(*row)


async def status(now: int) -> DeliveryStatus:
    row = await DB.one(STATUS, now)
    assert row is not None
    return DeliveryStatus(*row)


async def finish(deliveries: Iterable[Delivery], grown_until: int) -> None:
    """Deletes deliveries; one that has a later revision by now stays, silent and due at ``grown_until``."""
    by_revision: dict[int, list[int]] = {}
    for delivery in deliveries:
        by_revision.setdefault(delivery.revision, []).append(delivery.id)
    for revision, ids in by_revision.items():
        await DB.fetch(DONE, DB.ids(ids), revision)
    if by_revision:
        await DB.fetch(GREW, DB.ids(delivery for ids in by_revision.values() for delivery in ids), grown_until)


async def later(delivery: int, due_at: int, attempts: int) -> None:
    await DB.fetch(LATER, delivery, due_at, attempts)
