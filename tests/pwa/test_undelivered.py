"""What becomes of pushes that are refused, late, or in hand when a worker dies; and of keys that change."""

import asyncio
from collections import Counter

import pytest

from adapters import addresses
from app import background
from domain.notifications import deliveries, push_keys, subscriptions
from domain.notifications.kinds import Channel
from domain.notifications.subscriptions import Offer
from pwa import payloads, push
from pwa.push import Sender
from tests.conftest import Watch
from tests.helpers.people import LiveNetwork
from tests.helpers.push_service import Service, choose, problems, send, service, told, waiting


@pytest.mark.parametrize("status", [404, 410])
async def test_a_dead_subscription_is_gone_after_one_try(network: LiveNetwork, pushes: Service, status: int) -> None:
    ana, bao = await network.members("ana", "bao")
    await pushes.of(ana)
    pushes.answers["ana"] = (status, {})
    await bao.post("@ana one")
    await bao.post("@ana two")
    await told(network)
    assert (await network.count("push_subscription"), await waiting()) == (0, 0)
    await bao.post("@ana three")
    assert await told(network) == 0


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [(429, {"Retry-After": "90"}, 90), (503, {}, 5), (500, {}, 5), (502, {"Retry-After": "soon"}, 5), (408, {}, 5)],
)
async def test_what_can_not_be_delivered_now_is_tried_again(
    network: LiveNetwork, pushes: Service, watch: Watch, status: int, headers: dict[str, str], wait: int
) -> None:
    ana, bao = await network.members("ana", "bao")
    await pushes.of(ana)
    pushes.answers["ana"] = (status, headers)
    await bao.post("@ana hello")
    await told(network)
    del pushes.answers["ana"]
    watch.forward(wait - 1)
    assert await told(network) == 0
    watch.forward(1.1)
    assert await told(network) == 1
    assert (len(pushes.pushed), await waiting()) == (2, 0)
    assert await problems(ana) == [(0, "")]


async def test_a_service_that_stays_away_is_given_up_and_said(
    network: LiveNetwork, pushes: Service, watch: Watch
) -> None:
    ana, bao = await network.members("ana", "bao")
    await pushes.of(ana)
    pushes.answers["ana"] = (503, {})
    await bao.post("@ana hello")
    await network.settle()
    for _ in range(deliveries.ATTEMPTS):
        assert await send(network.settings) == 1
        watch.forward(3601)
    assert (await waiting(), await problems(ana)) == (0, [(1, "silent")])


@pytest.mark.parametrize(
    ("status", "problem"), [(400, "refused"), (401, "key"), (403, "key"), (413, "large"), (307, "refused")]
)
async def test_a_refusal_is_counted_and_said_until_a_push_arrives(
    network: LiveNetwork, pushes: Service, status: int, problem: str
) -> None:
    ana, bao = await network.members("ana", "bao")
    device = await pushes.of(ana)
    pushes.answers["ana"] = (status, {"Location": f"http://127.0.0.1:{pushes.port}/elsewhere"})
    await bao.post("@ana 0")
    await told(network)
    assert (len(pushes.pushed), await waiting(), await problems(ana)) == (1, 0, [(1, problem)])
    for number in range(1, 8):
        await bao.post(f"@ana {number}")
        await told(network)
    assert len(pushes.pushed) == deliveries.MOST_FAILED, "after that it is left alone"
    del pushes.answers["ana"]
    await deliveries.test(await ana.viewer(), device)
    await told(network)
    assert (pushes.pushed[-1].note["title"], await problems(ana)) == ("Notifications work", [(0, "")])


async def test_no_connection_is_tried_again_and_holds_up_nobody(
    network: LiveNetwork, private_addresses: None, watch: Watch
) -> None:
    async with service() as first:
        ana, bao, tom = await network.members("ana", "bao", "tom")
        await first.of(ana)
    async with service() as second:
        await second.of(tom)
        await bao.post("@ana @tom hello")
        await told(network)
        assert [push.name for push in second.pushed] == ["tom"]
    assert (await waiting(), await problems(ana)) == (1, [(0, "")])


async def test_an_address_that_is_not_public_gets_nothing(
    network: LiveNetwork, pushes: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, bao = await network.members("ana", "bao")
    await pushes.of(ana)
    monkeypatch.setattr(addresses.GUARD, "open", False)
    await bao.post("@ana hello")
    await told(network)
    assert (pushes.pushed, await problems(ana)) == ([], [(1, "address")])


async def test_a_worker_that_dies_in_mid_send_loses_nothing(
    network: LiveNetwork, pushes: Service, watch: Watch
) -> None:
    ana, bao = await network.members("ana", "bao")
    await pushes.of(ana)
    await bao.post("@ana hello")
    await network.settle()
    assert len(await deliveries.claim(10)) == 1
    assert await send(network.settings) == 0, "nobody takes what is leased"
    watch.forward(deliveries.LEASE_MS / 1000 + 1)
    assert await send(network.settings) == 1
    assert (len(pushes.pushed), await waiting()) == (1, 0)


async def test_several_senders_send_nothing_twice(network: LiveNetwork, pushes: Service) -> None:
    people = await network.members("ana", "bao", "tom", "lena", "noor", "pavel")
    for member in people:
        viewer = await member.viewer()
        for number in range(20):
            offer = pushes.device(f"{member.handle}{number}").offer()
            await deliveries.test(viewer, await subscriptions.enter(viewer, offer))
    taken = await asyncio.gather(*(send(network.settings) for _ in range(4)))
    assert sum(taken) == 120
    assert sorted(push.name for push in pushes.pushed) == sorted(pushes.devices)
    assert await waiting() == 0


async def test_it_wakes_by_itself_and_finishes_what_it_has_in_hand(network: LiveNetwork, pushes: Service) -> None:
    ana, bao = await network.members("ana", "bao")
    await pushes.of(ana)
    async with background.working(network.settings):
        await bao.post("@ana hello")
        async with asyncio.timeout(5):
            while not pushes.pushed:
                await asyncio.sleep(0.01)
    assert await waiting() == 0


async def test_an_address_entered_by_hand(network: LiveNetwork, pushes: Service) -> None:
    ana, bao = await network.members("ana", "bao")
    viewer = await ana.viewer()
    await subscriptions.enter(viewer, pushes.device("secret").offer())
    await subscriptions.enter(viewer, Offer(f"http://127.0.0.1:{pushes.port}/plain"))
    await bao.post("@ana the surprise")
    await told(network)
    assert pushes.to("secret")[0].note["title"] == "Bao mentioned you"
    (plain,) = pushes.to("plain")
    assert plain.body == b"News on Tilly"
    assert "authorization" not in plain.headers
    assert plain.headers["content-type"].startswith("text/plain")
    assert plain.headers["ttl"] == str(72 * 3600)


async def test_rotation_loses_nobody(network: LiveNetwork, pushes: Service, watch: Watch) -> None:
    ana, bao, tom = await network.members("ana", "bao", "tom")
    await pushes.of(ana)
    old = await push_keys.vapid()
    new = await push_keys.rotate()
    assert old.public != new.public
    assert [key.current for key in await push_keys.keys()] == [True, False]
    await pushes.of(tom)
    await bao.post("@ana @tom hello")
    await told(network)
    assert {push.name: push.key for push in pushes.pushed} == {"ana": old.public, "tom": new.public}
    assert all(push.claims for push in pushes.pushed)
    watch.forward(2 * 86_400)
    await push_keys.forget_unused()
    assert len(await push_keys.keys()) == 2, "somebody still needs it"
    # The page makes another subscription once it sees the new key.
    await pushes.of(ana, "ana2", replaces=pushes.devices["ana"].endpoint)
    await push_keys.forget_unused()
    assert [key.public for key in await push_keys.keys()] == [new.public]
    await bao.post("@ana again")
    await told(network)
    assert (pushes.pushed[-1].name, pushes.pushed[-1].key) == ("ana2", new.public)
    assert await network.count("push_subscription") == 2


async def test_the_longest_post_and_name_still_fit(network: LiveNetwork, pushes: Service) -> None:
    ana = await network.member("ana")
    bao = await network.member("bao", name="👩🏽‍🚀" * 30)
    await pushes.of(ana)
    await bao.post("@ana " + "👨‍👩‍👧‍👦" * 400)
    await told(network)
    (push,) = pushes.pushed
    assert len(push.body) <= 4096
    assert push.note["title"].startswith("👩🏽‍🚀")


def test_what_is_too_long_is_shortened() -> None:
    note = {"title": "t" * 5000, "body": "é" * 5000, "tag": "n1"}
    made = payloads._fitted({"notification": note}, note)
    assert len(made.encode()) <= payloads.MOST_BYTES
    assert note["body"] == ""


@pytest.mark.parametrize(
    ("header", "wait"), [("7", 7000), (" 0 ", 0), ("", None), ("-3", None), ("soon", None), ("1e3", None)]
)
def test_retry_after(header: str, wait: int | None) -> None:
    assert push.wait_ms(header) == wait


def test_retry_after_as_a_date() -> None:
    wait = push.wait_ms("Fri, 01 Jan 2100 00:00:00 GMT")
    assert wait is not None
    assert wait > 86_400_000


async def test_a_sender_that_ends_writes_down_what_it_knows(network: LiveNetwork, pushes: Service) -> None:
    ana, bao = await network.members("ana", "bao")
    await pushes.of(ana)
    await bao.post("@ana hello")
    await network.settle()
    async with Sender(network.settings).running():
        while not pushes.pushed:
            await asyncio.sleep(0.005)
    assert await waiting() == 0


async def test_a_kind_that_was_switched_off_meanwhile(network: LiveNetwork, pushes: Service) -> None:
    ana, bao = await network.members("ana", "bao")
    await pushes.of(ana)
    await bao.post("@ana hello")
    await network.settle()
    await choose(ana, kinds={"mention": Channel.PAGE})
    await told(network)
    assert (pushes.pushed, await waiting()) == ([], 0)


async def test_a_test_that_waits_to_be_tried_again_is_sent_at_once(network: LiveNetwork, pushes: Service) -> None:
    ana = await network.member("ana")
    device = await pushes.of(ana)
    pushes.answers["ana"] = (503, {"Retry-After": "3600"})
    await deliveries.test(await ana.viewer(), device)
    assert await send(network.settings) == 1
    pushes.answers.clear()
    assert await send(network.settings) == 0
    await deliveries.test(await ana.viewer(), device)
    assert await send(network.settings) == 1
    assert (len(pushes.pushed), await waiting()) == (2, 0)


async def test_a_second_press_sends_no_second_test(network: LiveNetwork, pushes: Service) -> None:
    ana = await network.member("ana")
    device = await pushes.of(ana)
    await deliveries.test(await ana.viewer(), device)
    assert len(await deliveries.claim(10)) == 1
    await deliveries.test(await ana.viewer(), device)
    assert await deliveries.claim(10) == []


async def test_who_answers_slowly_holds_up_only_themselves(network: LiveNetwork, pushes: Service) -> None:
    *strangers, bao = await network.members("ana", "tom", "lena", "bao")
    for member in strangers:
        viewer = await member.viewer()
        for number in range(15):
            device = pushes.device(f"{member.handle}{number}")
            pushes.slow.add(f"{member.handle}{number}")
            await deliveries.test(viewer, await subscriptions.enter(viewer, device.offer()))
    await pushes.of(bao)
    async with Sender(network.settings).running():
        async with asyncio.timeout(5):
            while len(pushes.pushed) < push.BY_HAND:
                await asyncio.sleep(0.01)
        await strangers[0].post("@bao hello")
        await network.settle()
        async with asyncio.timeout(5):
            while not pushes.to("bao"):
                await asyncio.sleep(0.01)
        handles = Counter(one.name.rstrip("0123456789") for one in pushes.pushed[: push.BY_HAND])
        assert max(handles.values()) <= push.PER_ACCOUNT


def test_only_so_many_services_are_remembered() -> None:
    services = push.Services()
    for number in range(push.MOST_SERVICES + 10):
        for _ in range(push.TRIES):
            services.failed(f"host{number}")
    assert len(services._failures) == push.MOST_SERVICES
    assert services.rests(f"host{push.MOST_SERVICES}")
    assert not services.rests("host0")
