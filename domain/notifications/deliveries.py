"""Pushes that are still to be sent: planned with the notice, taken under a lease, and kept until they have gone out."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

import msgspec

from db.engine import DB
from db.queries import push as queries
from domain.core import clock, ids
from domain.core.access import Viewer
from domain.core.events import Noticed
from domain.core.retries import retried
from domain.core.wakeup import Wakeup
from domain.notifications import preferences, subscriptions
from domain.notifications.kinds import NAMES
from domain.notifications.preferences import Preferences

# In place of a notice: what came in quiet hours, a test, and that the network moves.
SUMMARY, TEST, MOVE = 0, -1, -2
# A device that was refused so often in a row gets no more until it is put right.
MOST_FAILED = 5
# A group that grows is told of again after so long, and without a sound.
GROWN_MS = 300_000
LEASE_MS = 120_000
# A push that can't be delivered is tried again after 5, 20, 80... seconds, at most an hour apart; then it is dropped.
ATTEMPTS = 10
LONGEST_MS = 86_400_000


class Delivery(msgspec.Struct, array_like=True, gc=False):
    """A push in hand, in the order of ``db.queries.push.CLAIMED``; ``locale`` is the account's choice, or ""."""

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
    # 1 for an address that was entered by hand.
    by_hand: int
    # The end of its lease, in Unix milliseconds, which tells it from any other claim of this delivery.
    until: int


class DeliveryStatus(msgspec.Struct, frozen=True):
    """How pushing goes; ``confirmed`` devices have shown a push within a day."""

    devices: int
    broken: int
    confirmed: int
    waiting: int
    due: int


class Outcome(msgspec.Struct, frozen=True):
    """What became of a delivery in hand."""

    # Whether the delivery is over with: it has been sent, or never will be.
    over: ClassVar[bool] = True
    delivery: Delivery


class Delivered(Outcome, frozen=True):
    """The push service has it."""


class Void(Outcome, frozen=True):
    """There is nothing to tell any more."""


class Gone(Outcome, frozen=True):
    """The push service knows no such subscription: it is deleted."""


class Broken(Outcome, frozen=True):
    """It was refused for good; ``problem`` is one of "refused", "key", "large" or "address"."""

    problem: str


class Later(Outcome, frozen=True):
    """It could not be delivered now; ``after_ms`` is what the push service asked for, None when it said nothing."""

    over: ClassVar[bool] = False
    after_ms: int | None = None


class Quiet(Outcome, frozen=True):
    """Told in one with all else from ``entry`` on when the quiet hours end, ``until`` in Unix milliseconds."""

    over: ClassVar[bool] = False
    until: int
    entry: int


# Called whenever this process has planned pushes.
PLANNED = Wakeup()


async def plan(event: Noticed) -> None:
    """A push to each of the member's devices, if they want one: now, or one for all at the end of their quiet hours."""
    kind = await queries.kind_of_unread(event.account, event.notice)
    if kind is None:
        return
    devices = await queries.to_tell(event.account, MOST_FAILED)
    if not devices:
        return
    wanted = await preferences.of(event.account)
    if not wanted.wants(kind, preferences.PUSH):
        return
    now = clock.now()
    quiet = wanted.quiet_until(now)
    for device in devices:
        if quiet:
            await queries.plan(ids.new(), device, SUMMARY, event.entry, 0, quiet)
        else:
            due = now if event.fresh else now + GROWN_MS
            await queries.plan(ids.new(), device, event.notice, event.entry, int(not event.fresh), due)
    DB.after_commit(PLANNED)


async def test(viewer: Viewer, subscription: int) -> None:
    """Sends a test to one of the member's own devices. Errors: ``NotFound``."""
    device = await subscriptions.one(viewer, subscription)
    async with DB.writing():
        await queries.plan(ids.new(), device.id, TEST, 0, 0, clock.now())
        DB.after_commit(PLANNED)


async def claim(limit: int) -> list[Delivery]:
    """Up to ``limit`` pushes that are due, which nobody else takes for LEASE_MS."""
    now = clock.now()
    if not await queries.any_due(now):
        return []
    return [Delivery(*row) for row in await queries.claim(now, now + LEASE_MS, limit)]


async def put_back(claimed: list[Delivery], after_ms: int) -> None:
    """Gives up the lease of some pushes, which are due again after so long."""
    if claimed:
        async with DB.writing():
            await queries.put_back(await _held(claimed), clock.now() + after_ms)


async def _held(claimed: Iterable[Delivery]) -> set[int]:
    """Those that nobody else has claimed since; call it while writing."""
    return await queries.held((delivery.id, delivery.until) for delivery in claimed)


async def status() -> DeliveryStatus:
    return DeliveryStatus(*await queries.status(clock.now()))


async def quiet_news(delivery: Delivery, wanted: Preferences) -> tuple[int, int | None]:
    """How many notices a summary stands for, of the kinds that its member wants pushed, and one of them."""
    kinds = [kind for kind in NAMES if wanted.wants(kind, preferences.PUSH)]
    return await queries.since(delivery.account, delivery.entry, kinds)


@retried
async def settle(found: Sequence[Outcome]) -> None:
    """Writes down what became of deliveries, all in one transaction.

    Nothing is written of those whose lease was taken over meanwhile: whoever has them now does it.
    """
    now = clock.now()
    async with DB.writing():
        await queries.lock(one.delivery.subscription for one in found)
        held = await _held(one.delivery for one in found)
        outcomes = [one for one in found if one.delivery.id in held]
        for one in outcomes:
            if isinstance(one, Quiet):
                await _put_off(one, now)
        await queries.gone([one.delivery.subscription for one in outcomes if isinstance(one, Gone)])
        await queries.sent([one.delivery.subscription for one in outcomes if isinstance(one, Delivered)], now)
        for one in outcomes:
            if isinstance(one, Broken):
                await queries.broken(one.delivery.subscription, one.problem)
        late = [one for one in outcomes if isinstance(one, Later)]
        given_up = [one.delivery for one in late if one.delivery.attempts + 1 >= ATTEMPTS]
        for one in late:
            delivery = one.delivery
            if delivery.attempts + 1 < ATTEMPTS:
                await queries.later(delivery.id, now + _delay(one), delivery.attempts + 1)
        for delivery in given_up:
            await queries.broken(delivery.subscription, "silent")
        over = [one.delivery for one in outcomes if one.over]
        await queries.over([(delivery.id, delivery.revision) for delivery in over + given_up], now + GROWN_MS)


async def _put_off(found: Quiet, now: int) -> None:
    delivery = found.delivery
    if delivery.notice == SUMMARY:
        await queries.later(delivery.id, found.until, delivery.attempts)
        return
    await queries.plan(ids.new(), delivery.subscription, SUMMARY, found.entry, 0, found.until)
    await queries.over([(delivery.id, delivery.revision)], now + GROWN_MS)


def _delay(found: Later) -> int:
    wait = min(5000 * 4**found.delivery.attempts, 3_600_000) if found.after_ms is None else found.after_ms
    return max(1000, min(wait, LONGEST_MS))
