"""The queue of push notifications: one row per device, claimed under a lease, deleted once delivered."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from db.engine import DB
from db.queries import push as queries
from db.queries import push_subscriptions
from db.queries.push import PlannedPush
from domain.core import clock, ids
from domain.core.access import Viewer
from domain.core.events import Noticed
from domain.core.retries import retried
from domain.core.wakeup import Wakeup
from domain.notifications import preferences, subscriptions
from domain.notifications.kinds import Channel, NotificationKind
from domain.notifications.preferences import Preferences

# In place of a notice's id: a summary of quiet hours, a test, and that the network moves to another address. What is
# below these is an alert for a moderator: an urgent case or an authority's complaint, by the negative of its id.
SUMMARY, TEST, MOVE = 0, -1, -2
# A device gets no more pushes after this many failures in a row, until it subscribes again.
MOST_FAILED = 5
# A group that grows is pushed again after this time, without a sound.
GROWN_MS = 300_000
LEASE_MS = 120_000
# A push that can't be delivered is tried again after 5, 20, 80... seconds, at most an hour apart; then it is dropped.
ATTEMPTS = 10
LONGEST_MS = 86_400_000

Delivery = queries.Delivery


class Outcome(msgspec.Struct, frozen=True):
    """The result of a delivery."""

    # Whether the delivery is finished: it has been sent, or never will be.
    over: ClassVar[bool] = True
    delivery: Delivery


class Delivered(Outcome, frozen=True):
    """The push service accepted it."""


class Void(Outcome, frozen=True):
    """There is nothing to send any more."""


class Gone(Outcome, frozen=True):
    """The push service knows no such subscription: it is deleted."""


class Broken(Outcome, frozen=True):
    """The push service refused it for good; ``problem`` is one of "refused", "key", "large" or "address"."""

    problem: str


class Later(Outcome, frozen=True):
    """It could not be delivered now; ``after_ms`` is the delay that the push service asked for, if it did."""

    over: ClassVar[bool] = False
    after_ms: int | None = None


class Quiet(Outcome, frozen=True):
    """Quiet hours: it becomes part of a summary from ``entry`` on, sent at ``until`` in Unix milliseconds."""

    over: ClassVar[bool] = False
    until: int
    entry: int


# Wakes the sender when this process has queued pushes.
PLANNED = Wakeup()


async def plan(event: Noticed) -> None:
    """Queues a push for each device of the member that wants this kind; in quiet hours, a summary at their end.

    Whoever is suspended is told only what the network itself does.
    """
    kind = await queries.kind_of_unread(event.account, event.notice)
    if kind is None:
        return
    devices = await push_subscriptions.devices_of(event.account, MOST_FAILED)
    if not devices or (NotificationKind(kind).rules.has_actor and not await queries.is_shown(event.account)):
        return
    wanted = await preferences.of(event.account)
    if not wanted.wants(NotificationKind(kind), Channel.PUSH):
        return
    now = clock.now()
    quiet = wanted.quiet_until(now)
    for device in devices:
        if quiet:
            push = PlannedPush(ids.new(), device, SUMMARY, event.entry, 0, quiet)
        else:
            due = now if event.fresh else now + GROWN_MS
            push = PlannedPush(ids.new(), device, event.notice, event.entry, int(not event.fresh), due)
        await queries.plan(push)
    DB.after_commit(PLANNED)


async def plan_alert(account: int, about: int) -> None:
    """Within a transaction: queues a push for each device of a moderator, in quiet hours too; ``about`` is the id of an
    urgent case, or of an authority's complaint."""
    for device in await push_subscriptions.devices_of(account, MOST_FAILED):
        await queries.plan(PlannedPush(ids.new(), device, -about, 0, 0, clock.now()))
    DB.after_commit(PLANNED)


async def test(viewer: Viewer, subscription: int) -> None:
    """Sends a test to one of the member's own devices. Errors: ``NotFound``."""
    device = await subscriptions.one(viewer, subscription)
    async with DB.writing():
        await queries.plan(PlannedPush(ids.new(), device.id, TEST, 0, 0, clock.now()))
        DB.after_commit(PLANNED)


async def claim(limit: int) -> list[Delivery]:
    """Claims up to ``limit`` pushes that are due; no other worker can claim them for LEASE_MS."""
    now = clock.now()
    if not await queries.any_due(now):
        return []
    return await queries.claim(now, now + LEASE_MS, limit)


async def put_back(claimed: list[Delivery], after_ms: int) -> None:
    """Gives up the lease of some pushes and makes them due again after ``after_ms`` milliseconds."""
    if claimed:
        async with DB.writing():
            await queries.put_back(await queries.held(claimed), clock.now() + after_ms)


async def status() -> queries.DeliveryStatus:
    return await queries.status(clock.now())


async def summarized(delivery: Delivery, wanted: Preferences) -> tuple[int, int | None]:
    """How many unread notices a summary covers, of the kinds that its member wants pushed, and the newest of them."""
    kinds = [kind for kind in NotificationKind if wanted.wants(kind, Channel.PUSH)]
    return await queries.unread_since(delivery.account, delivery.entry, kinds)


@retried
async def settle(found: Sequence[Outcome]) -> None:
    """Writes the results of deliveries, all in one transaction.

    A delivery whose lease was taken over is left to the worker that has it now.
    """
    now = clock.now()
    async with DB.writing():
        await push_subscriptions.lock(one.delivery.subscription for one in found)
        held = await queries.held(one.delivery for one in found)
        outcomes = [one for one in found if one.delivery.id in held]
        for one in outcomes:
            if isinstance(one, Quiet):
                await _summarize(one, now)
        await push_subscriptions.gone([one.delivery.subscription for one in outcomes if isinstance(one, Gone)])
        await push_subscriptions.sent(
            [one.delivery.subscription for one in outcomes if isinstance(one, Delivered)], now
        )
        for one in outcomes:
            if isinstance(one, Broken):
                await push_subscriptions.broken(one.delivery.subscription, one.problem)
        given_up = await _retry([one for one in outcomes if isinstance(one, Later)], now)
        await queries.finish([one.delivery for one in outcomes if one.over] + given_up, now + GROWN_MS)


async def _retry(late: Sequence[Later], now: int) -> list[Delivery]:
    """Schedules another attempt of each, and returns those that have had all of theirs."""
    given_up = []
    for one in late:
        attempts = one.delivery.attempts + 1
        if attempts < ATTEMPTS:
            await queries.later(one.delivery.id, now + _delay(one), attempts)
        else:
            await push_subscriptions.broken(one.delivery.subscription, "silent")
            given_up.append(one.delivery)
    return given_up


async def _summarize(found: Quiet, now: int) -> None:
    delivery = found.delivery
    if delivery.notice == SUMMARY:
        await queries.later(delivery.id, found.until, delivery.attempts)
        return
    await queries.plan(PlannedPush(ids.new(), delivery.subscription, SUMMARY, found.entry, 0, found.until))
    await queries.finish([delivery], now + GROWN_MS)


def _delay(found: Later) -> int:
    wait = min(5000 * 4**found.delivery.attempts, 3_600_000) if found.after_ms is None else found.after_ms
    return max(1000, min(wait, LONGEST_MS))
