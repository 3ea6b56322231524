"""A sender that wakes after its lease on a push was taken over: it can neither end, put off nor give back another's."""

from collections.abc import Callable

import pytest

from db.engine import DB, Row
from db.sql import SQL
from domain.notifications import deliveries, subscriptions
from domain.notifications.deliveries import Broken, Delivered, Delivery, Gone, Later, Outcome, Quiet, Void
from tests.conftest import Watch
from tests.helpers.people import LiveNetwork, Member
from tests.helpers.push_service import PushReceiver

DELIVERIES = SQL("SELECT id, subscription, notice, due_at, attempts, revision FROM push_delivery ORDER BY id")
DEVICES = SQL("SELECT id, failed, problem, sent_at FROM push_subscription ORDER BY id")
OUTCOMES: list[Callable[[Delivery], Outcome]] = [
    Delivered, Void, Gone, Later, lambda one: Broken(one, "refused"), lambda one: Quiet(one, 2**50, one.entry),
]  # fmt: skip


async def state() -> tuple[list[Row], list[Row]]:
    return [tuple(row) for row in await DB.fetch(DELIVERIES)], [tuple(row) for row in await DB.fetch(DEVICES)]


async def one_push(member: Member) -> None:
    viewer = await member.viewer()
    device = await subscriptions.subscribe(viewer, PushReceiver("https://push.example/ana").offer())
    await deliveries.test(viewer, device)


@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_what_another_has_in_hand_is_left_alone(
    network: LiveNetwork, watch: Watch, outcome: Callable[[Delivery], Outcome]
) -> None:
    await one_push(await network.member("ana"))
    (slow,) = await deliveries.claim(10)
    watch.forward(deliveries.LEASE_MS / 1000 + 1)
    (quick,) = await deliveries.claim(10)
    before = await state()
    await deliveries.settle([outcome(slow)])
    await deliveries.put_back([slow], 0)
    assert await state() == before
    await deliveries.settle([Delivered(quick)])
    assert (await state())[0] == []


async def test_a_lease_that_nobody_took_over_is_still_ones_own(network: LiveNetwork, watch: Watch) -> None:
    await one_push(await network.member("ana"))
    (late,) = await deliveries.claim(10)
    watch.forward(deliveries.LEASE_MS / 1000 + 1)
    await deliveries.settle([Delivered(late)])
    assert (await state())[0] == []
