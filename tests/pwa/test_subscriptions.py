"""Which devices get pushes: what is taken from a browser or a person, and when it ends."""

import hashlib
import hmac
from collections.abc import Callable

import msgspec
import pytest

from db.engine import DB
from db.queries import secrets as queries
from db.sql import SQL
from domain.accounts import closing, credentials
from domain.core import clock, p256, secrets
from domain.core.access import GUEST
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, SignedOut
from domain.notifications import deliveries, push_keys, subscriptions
from domain.notifications.subscriptions import MOST, Offer
from tests.conftest import Watch
from tests.helpers.people import PASSWORD, LiveNetwork, Member
from tests.helpers.push_service import PushReceiver, b64

ENDPOINT = "https://push.example.org/"


def offer(name: str = "one", **fields: str) -> Offer:
    made = PushReceiver(ENDPOINT + name).offer()
    return msgspec.structs.replace(made, **fields)


async def keep(member: Member, name: str = "one", **fields: str) -> int:
    return await subscriptions.subscribe(await member.viewer(), offer(name, **fields))


async def endpoints(member: Member) -> list[str]:
    return [one.endpoint.removeprefix(ENDPOINT) for one in await subscriptions.devices(await member.viewer())]


WRONG: dict[str, Callable[[Offer], Offer]] = {
    "no keys": lambda one: msgspec.structs.replace(one, p256dh="", auth=""),
    "no auth": lambda one: msgspec.structs.replace(one, auth=""),
    "short auth": lambda one: msgspec.structs.replace(one, auth=b64(b"fifteen bytes..")),
    "long auth": lambda one: msgspec.structs.replace(one, auth=b64(b"s" * 17)),
    "compressed point": lambda one: msgspec.structs.replace(one, p256dh=b64(b"\x02" + b"\x01" * 32)),
    "off the curve": lambda one: msgspec.structs.replace(one, p256dh=b64(b"\x04" + b"\x01" * 64)),
    "hybrid point": lambda one: msgspec.structs.replace(
        one, p256dh=b64(b"\x06" + secrets.unpadded(one.p256dh)[1:])
    ),
    "at infinity": lambda one: msgspec.structs.replace(one, p256dh=b64(b"\x00")),
    "too long": lambda one: msgspec.structs.replace(one, p256dh=one.p256dh + "AAAA"),
    "no base64": lambda one: msgspec.structs.replace(one, p256dh="é" * 87),
    "plain base64": lambda one: msgspec.structs.replace(one, auth="+/" + one.auth[2:]),
    "http": lambda one: msgspec.structs.replace(one, endpoint="http://push.example.org/one"),
    "loopback": lambda one: msgspec.structs.replace(one, endpoint="https://127.0.0.1/one"),
    "a host of ours": lambda one: msgspec.structs.replace(one, endpoint="https://database.internal/one"),
    "long address": lambda one: msgspec.structs.replace(one, endpoint=ENDPOINT + "a" * 2048),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_no_subscription(network: LiveNetwork, name: str) -> None:
    ana = await network.member("ana")
    with pytest.raises(Invalid):
        await subscriptions.subscribe(await ana.viewer(), WRONG[name](offer()))
    assert await endpoints(ana) == []


async def test_guests_have_no_devices(network: LiveNetwork) -> None:
    for action in (subscriptions.subscribe, subscriptions.enter):
        with pytest.raises(SignedOut):
            await action(GUEST, offer())


async def test_the_same_device_stays_one(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    first = await keep(ana, zone="Europe/Paris", permission="granted")
    assert await keep(ana, zone="Europe/Lisbon") == first
    assert await endpoints(ana) == ["one"]
    assert (await subscriptions.here(await ana.viewer())) is not None
    assert await DB.value(SQL("SELECT zone FROM push_subscription")) == "Europe/Lisbon"
    assert await DB.value(SQL("SELECT zone FROM notice_setting")) == "Europe/Paris", "the first word counts for hours"


async def test_a_browser_has_one_address_at_a_time(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    desk = await network.device(ana.id, "ana")
    await keep(desk, "desk")
    await keep(ana, "old")
    await keep(ana, "new", replaces=f"{ENDPOINT}old")
    await keep(ana, "newer")
    assert sorted(await endpoints(ana)) == ["desk", "newer"]


async def test_replacing_takes_nothing_from_others(network: LiveNetwork) -> None:
    ana, bao = await network.members("ana", "bao")
    await keep(ana, "hers")
    await keep(bao, "his", replaces=f"{ENDPOINT}hers")
    assert (await endpoints(ana), await endpoints(bao)) == (["hers"], ["his"])


async def test_a_device_that_changes_hands_takes_nothing_along(network: LiveNetwork) -> None:
    ana, bao, tom = await network.members("ana", "bao", "tom")
    device = offer()
    hers = await subscriptions.subscribe(await ana.viewer(), device)
    await tom.post("@ana a secret")
    await network.settle()
    assert await network.count("push_delivery") == 1
    his = await subscriptions.subscribe(await bao.viewer(), device)
    assert his != hers
    assert (await endpoints(ana), await endpoints(bao)) == ([], ["one"])
    assert await network.count("push_delivery") == 0


async def test_whoever_learned_the_address_does_not_take_it_over(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    desk = await network.device(ana.id, "ana")
    device = offer()
    for taken in (subscriptions.subscribe, subscriptions.enter):
        await taken(await ana.viewer(), device)
        for guess in (offer(), offer(p256dh=device.p256dh, auth=b64(b"another 16 bytes"))):
            for other in (eve, desk):
                with pytest.raises(Conflict) as refused:
                    await subscriptions.subscribe(await other.viewer(), guess)
                assert refused.value.code == "key", "a browser makes itself another address then"
            with pytest.raises(Invalid, match="another account or device"):
                await subscriptions.enter(await eve.viewer(), guess)
        with pytest.raises(Invalid, match="another account or device"):
            await subscriptions.enter(await eve.viewer(), offer(p256dh="", auth=""))
        assert (await endpoints(ana), await endpoints(eve)) == (["one"], [])
        [found] = await subscriptions.devices(await ana.viewer())
        await subscriptions.end(await ana.viewer(), found.id)


async def test_an_address_without_keys_is_not_taken_over_at_all(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    plain = offer(p256dh="", auth="")
    first = await subscriptions.enter(await ana.viewer(), plain)
    assert await subscriptions.enter(await ana.viewer(), plain) == first
    for guess in (plain, offer()):
        with pytest.raises(Invalid, match="another account or device"):
            await subscriptions.enter(await eve.viewer(), guess)
    for other in (ana, eve):
        with pytest.raises(Conflict):
            await subscriptions.subscribe(await other.viewer(), offer())
    assert (await endpoints(ana), await endpoints(eve)) == (["one"], [])


async def test_at_most_so_many(network: LiveNetwork) -> None:
    ana, bao = await network.members("ana", "bao")
    for number in range(MOST):
        await subscriptions.enter(await ana.viewer(), offer(str(number)))
    with pytest.raises(Forbidden, match="20 devices"):
        await subscriptions.enter(await ana.viewer(), offer("more"))
    with pytest.raises(Forbidden):
        await keep(ana, "more")
    await keep(bao)
    assert await subscriptions.enter(await ana.viewer(), offer("3")), "one that is there already is no more"


async def test_the_key_it_was_made_with(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    old = (await push_keys.vapid()).public
    await keep(ana, key=old)
    new = (await push_keys.rotate()).public
    await keep(ana)
    assert (await subscriptions.here(await ana.viewer())).key == old  # type: ignore[union-attr]
    await keep(ana, "two", key=new)
    assert (await subscriptions.here(await ana.viewer())).key == new  # type: ignore[union-attr]
    with pytest.raises(Conflict) as refused:
        await keep(ana, "three", key=b64(b"\x04" + b"\x02" * 64))
    assert refused.value.code == "key"


async def test_only_ones_own_can_be_ended_or_tested(network: LiveNetwork) -> None:
    ana, bao = await network.members("ana", "bao")
    device = await keep(ana)
    for action in (subscriptions.end, deliveries.test):
        with pytest.raises(NotFound):
            await action(await bao.viewer(), device)
    await subscriptions.end(await ana.viewer(), device)
    assert await endpoints(ana) == []


async def test_a_new_password_ends_what_was_entered_by_hand(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    desk = await network.device(ana.id, "ana")
    await keep(ana, "phone")
    await keep(desk, "desk")
    await subscriptions.enter(await ana.viewer(), offer("hand"))
    await credentials.change_password(await ana.viewer(), PASSWORD, "another lamp in the window")
    assert await endpoints(ana) == ["phone"]
    await subscriptions.enter(await ana.viewer(), offer("hand"))
    await credentials.reset(await credentials.make_reset(ana.id), "a third lamp in the window")
    assert await network.count("push_subscription") == 0


async def test_who_leaves_is_told_nothing_more(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    await keep(ana)
    await subscriptions.enter(await ana.viewer(), offer("hand"))
    await closing.leave(await ana.viewer(), "ana", PASSWORD)
    assert await network.count("push_subscription") == 0


async def test_by_hand_with_both_keys_or_neither(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    viewer = await ana.viewer()
    with pytest.raises(Invalid, match="both"):
        await subscriptions.enter(viewer, offer("hand", auth=""))
    await subscriptions.enter(viewer, offer("plain", auth="", p256dh=""))
    await subscriptions.enter(viewer, offer("full"))
    found = {one.endpoint.removeprefix(ENDPOINT): one for one in await subscriptions.devices(viewer)}
    assert {name: one.encrypted for name, one in found.items()} == {"plain": False, "full": True}
    assert found["plain"].key == ""
    assert all(one.session is None for one in found.values())


async def test_a_receipt_confirms_its_device_and_only_ours_count(network: LiveNetwork, watch: Watch) -> None:
    ana = await network.member("ana")
    device = await keep(ana)
    mac = await secrets.mac_key()
    assert (await subscriptions.one(await ana.viewer(), device)).confirmed_at is None
    token = subscriptions.receipt(mac, device, clock.now())
    await subscriptions.confirm(token)
    at = (await subscriptions.one(await ana.viewer(), device)).confirmed_at
    assert at is not None
    raw = secrets.unpadded(token)
    other = b64(hmac.digest(b"k" * 32, b"push receipt " + raw[:13], hashlib.sha256)[:16])
    forged = [
        "", "x", "é", token[:-1], token + "AAAA", token[:-4] + "AAAA", b64(raw[:13]) + other,
        b64(bytes([raw[0] ^ 1]) + raw[1:]), subscriptions.receipt(b"k" * 32, device, clock.now()),
        subscriptions.receipt(mac, device, clock.now() + 3_600_000),
    ]  # fmt: skip
    watch.forward(60)
    for bad in forged:
        with pytest.raises(Forbidden):
            await subscriptions.confirm(bad)
    assert (await subscriptions.one(await ana.viewer(), device)).confirmed_at == at
    watch.forward(29 * 86_400)
    with pytest.raises(Forbidden):
        await subscriptions.confirm(token)


async def test_secrets_are_made_once(network: LiveNetwork) -> None:
    assert await secrets.mac_key() == await secrets.mac_key()
    assert len(await secrets.mac_key()) == 32
    first = await push_keys.vapid()
    assert await push_keys.vapid() == first
    assert len(secrets.unpadded(first.public)) == 65
    assert [key.public for key in await push_keys.keys()] == [first.public]


async def test_two_processes_make_one_key(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both look, both find nothing, both make one: the first that is written counts for both."""
    real = queries.keep

    async def beaten(name: str, value: str, now: int) -> None:
        await real(name, p256.new(), now)
        await real(name, value, now)

    monkeypatch.setattr(queries, "keep", beaten)
    assert await push_keys.vapid() == await push_keys.vapid()
    assert await network.count("secret", "name = 'vapid'") == 1


async def test_an_old_key_that_nobody_needs_is_forgotten_after_a_day(network: LiveNetwork, watch: Watch) -> None:
    await push_keys.vapid()
    await push_keys.rotate()
    watch.forward(3600)
    await push_keys.forget_unused()
    assert len(await push_keys.keys()) == 2
    watch.forward(86_400)
    await push_keys.forget_unused()
    assert len(await push_keys.keys()) == 1
