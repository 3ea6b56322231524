"""Pushes as a push service and a browser see them: whom they reach, and what they say."""

import pytest

from db.engine import DB
from db.sql import SQL
from domain.accounts import sessions
from domain.core import clock
from domain.core.errors import NotFound
from domain.notifications import deliveries, notices, preferences, push_keys, subscriptions
from domain.notifications.kinds import Channel
from tests.conftest import Watch
from tests.helpers.people import LiveNetwork
from tests.helpers.push_service import Service, choose, hush, send, told, waiting


async def test_a_reply_reaches_every_device_of_its_reader_and_no_other(network: LiveNetwork, pushes: Service) -> None:
    ana, bao, tom = await network.members("ana", "bao", "tom")
    await pushes.of(ana, "phone")
    await pushes.of(await network.device(ana.id, "ana"), "desk")
    await pushes.of(bao)
    await pushes.of(tom)
    post = await ana.post("Who has a ladder?")
    reply = await bao.post("I have one, @tom knows.\nCome by.", parent=post)
    assert await told(network) == 3
    assert sorted(push.name for push in pushes.pushed) == ["desk", "phone", "tom"]
    (phone,) = pushes.to("phone")
    note = phone.note
    assert (note["title"], note["body"]) == ("Bao replied to you", "I have one, @tom knows. Come by.")
    assert note["navigate"].endswith(f"/@bao/{reply}?for={ana.id}")
    assert [one["action"] for one in note["actions"]] == ["reply", "vote"]
    assert note["actions"][0]["navigate"].endswith(f"/compose?reply_to={reply}&for={ana.id}")
    assert note["actions"][1]["navigate"].endswith(f"/notifications/{note['data']['notice']}/vote?for={ana.id}")
    assert note["data"] | {"receipt": ""} == {
        "account": str(ana.id), "receipt": "", "notice": note["tag"][1:], "post": str(reply), "actor": str(bao.id),
    }  # fmt: skip
    assert (phone.said["web_push"], phone.said["app_badge"], phone.said["mutable"]) == (8030, 1, True)
    assert pushes.to("tom")[0].note["title"] == "Bao mentioned you"
    headers = {name: phone.headers[name] for name in ("urgency", "ttl", "topic")}
    assert headers == {"urgency": "high", "ttl": str(72 * 3600), "topic": note["tag"]}
    assert phone.claims["aud"] == f"http://127.0.0.1:{pushes.port}"
    assert phone.claims["sub"] == "mailto:mairie@tilly.example"
    assert 0 < phone.claims["exp"] - clock.now() / 1000 < 86_400
    assert phone.key == (await push_keys.vapid()).public
    assert (await told(network), await waiting()) == (0, 0)


async def test_what_was_read_or_taken_back_before_it_is_sent(network: LiveNetwork, pushes: Service) -> None:
    ana, bao = await network.members("ana", "bao")
    await pushes.of(ana)
    post = await ana.post("Soup on Monday")
    await bao.vote(post, 1)
    await network.settle()
    await bao.vote(post, 0)
    await told(network)
    await bao.follow(ana)
    await network.settle()
    page = await notices.page(await ana.viewer())
    await notices.read(await ana.viewer(), page.items[0].entry)
    await told(network)
    said = await bao.post("@ana look", followers=True)
    await network.settle()
    await bao.delete(said)
    await network.settle()
    await send(network.settings)
    await bao.post("@ana here")
    await network.settle()
    await ana.block(bao)
    await told(network)
    assert (pushes.pushed, await waiting()) == ([], 0)


async def test_who_wants_no_push_of_a_kind_or_has_set_it_aside(network: LiveNetwork, pushes: Service) -> None:
    ana, bao = await network.members("ana", "bao")
    await pushes.of(ana)
    await choose(ana, kinds={"vote": Channel.PAGE})
    await bao.vote(await ana.post("one"), 1)
    await choose(ana, strangers=preferences.ASIDE)
    await bao.post("@ana psst")
    await told(network)
    assert pushes.pushed == []
    await choose(ana)
    await bao.post("@ana hello")
    await told(network)
    assert [push.note["title"] for push in pushes.pushed] == ["Bao mentioned you"]


async def test_a_group_that_grows_is_told_once_more_and_without_a_sound(
    network: LiveNetwork, pushes: Service, watch: Watch
) -> None:
    ana, *others = await network.members("ana", "bao", "tom", "lena", "noor")
    await pushes.of(ana)
    post = await ana.post("Soup on Monday")
    for other in others:
        await other.vote(post, 1)
        await told(network)
    assert len(pushes.pushed) == 1
    watch.forward(deliveries.GROWN_MS / 1000)
    await told(network)
    first, second = (push.note for push in pushes.pushed)
    assert (first["title"], second["title"]) == ("Bao voted for your post", "Noor and 3 others voted for your post")
    assert (first["silent"], second["silent"]) == (False, True)
    assert first["tag"] == second["tag"]
    assert pushes.pushed[0].headers["topic"] == pushes.pushed[1].headers["topic"]
    assert pushes.pushed[0].headers["urgency"] == "low"
    assert [push.said["app_badge"] for push in pushes.pushed] == [1, 1]
    assert second["actions"] == []


async def test_what_grows_while_it_is_being_sent_is_told_of_later(network: LiveNetwork, pushes: Service) -> None:
    ana, bao, tom = await network.members("ana", "bao", "tom")
    await pushes.of(ana)
    post = await ana.post("Soup")
    await bao.vote(post, 1)
    await network.settle()
    (hand,) = await deliveries.claim(10)
    await tom.vote(post, 1)
    await network.settle()
    assert await deliveries.claim(10) == []
    await deliveries.settle([deliveries.Delivered(hand)])
    ((due, silent),) = await DB.fetch(SQL("SELECT due_at, silent FROM push_delivery"))
    assert clock.now() < due <= clock.now() + deliveries.GROWN_MS
    assert silent == 1


async def test_a_request_can_be_let_in_from_the_notification(network: LiveNetwork, pushes: Service) -> None:
    bao = await network.member("bao")
    ana = await network.member("ana")
    await DB.fetch(SQL("UPDATE account SET private = 1 WHERE id = ?1"), ana.id)
    await pushes.of(ana)
    await pushes.of(bao)
    await bao.follow(ana)
    await told(network)
    (push,) = pushes.pushed
    assert push.note["title"] == "Bao asks to follow you"
    assert [one["action"] for one in push.note["actions"]] == ["accept"]
    assert push.note["data"]["actor"] == str(bao.id)
    assert push.note["navigate"].endswith(f"/requests?for={ana.id}")


async def test_private_mode_says_neither_who_nor_what(network: LiveNetwork, pushes: Service) -> None:
    ana, bao = await network.members("ana", "bao")
    await pushes.of(ana)
    await choose(ana, discreet=True)
    said = await bao.post("@ana the surprise is ready")
    await told(network)
    (push,) = pushes.pushed
    assert (push.note["title"], push.note["body"]) == ("Tilly", "You have a new notification.")
    whole = str({**push.said, "notification": {**push.note, "navigate": ""}})
    assert "bao" not in whole.lower()
    assert "surprise" not in whole
    assert str(bao.id) not in whole
    assert str(said) not in whole
    assert push.note["actions"] == []


async def test_it_speaks_the_language_of_the_account_then_of_the_device(network: LiveNetwork, pushes: Service) -> None:
    ana = await network.member("ana", locale="fr")
    bao, tom = await network.members("bao", "tom")
    await DB.fetch(SQL("UPDATE account SET locale = '' WHERE id = ?1"), tom.id)
    for member in (ana, bao):
        await pushes.of(member)
    await pushes.of(tom, locale="fr")
    lena = await network.member("lena")
    await lena.post("@ana @bao @tom bonjour")
    await told(network)
    assert {push.name: push.note["lang"] for push in pushes.pushed} == {"ana": "fr", "bao": "en", "tom": "fr"}


async def test_quiet_hours_end_with_one_push(network: LiveNetwork, pushes: Service, watch: Watch) -> None:
    ana, bao, tom = await network.members("ana", "bao", "tom")
    await pushes.of(ana)
    await hush(ana)
    for number in range(3):
        await bao.post(f"@ana number {number}")
        await told(network)
    await tom.follow(ana)
    await told(network)
    assert (pushes.pushed, await waiting()) == ([], 1)
    watch.forward(3601)
    await told(network)
    (push,) = pushes.pushed
    assert push.note["title"] == "4 new notifications"
    assert push.note["navigate"].endswith(f"/notifications?for={ana.id}")
    assert push.said["app_badge"] == 4
    assert await waiting() == 0


async def test_one_notice_in_quiet_hours_is_told_as_itself(network: LiveNetwork, pushes: Service, watch: Watch) -> None:
    ana, bao = await network.members("ana", "bao")
    await pushes.of(ana)
    await hush(ana)
    await bao.post("@ana one thing")
    await told(network)
    watch.forward(3601)
    await told(network)
    assert [push.note["title"] for push in pushes.pushed] == ["Bao mentioned you"]


async def test_all_read_in_quiet_hours_is_no_push(network: LiveNetwork, pushes: Service, watch: Watch) -> None:
    ana, bao = await network.members("ana", "bao")
    await pushes.of(ana)
    await hush(ana)
    await bao.post("@ana one thing")
    await told(network)
    await notices.read(await ana.viewer(), (await notices.page(await ana.viewer())).items[0].entry)
    watch.forward(3601)
    await told(network)
    assert (pushes.pushed, await waiting()) == ([], 0)


async def test_a_session_that_ends_takes_its_device_along(network: LiveNetwork, pushes: Service) -> None:
    ana, bao = await network.members("ana", "bao")
    desk = await network.device(ana.id, "ana")
    await pushes.of(ana, "phone")
    await pushes.of(desk, "desk")
    await bao.post("@ana before")
    await network.settle()
    await sessions.end(await ana.viewer(), (await desk.viewer()).session)
    await send(network.settings)
    assert [push.name for push in pushes.pushed] == ["phone"]
    await sessions.end(await ana.viewer(), (await ana.viewer()).session)
    await bao.post("@ana after")
    await told(network)
    assert [push.name for push in pushes.pushed] == ["phone"]
    assert (await network.count("push_subscription"), await waiting()) == (0, 0)


async def test_what_waited_into_quiet_hours_is_told_with_the_rest(
    network: LiveNetwork, pushes: Service, watch: Watch
) -> None:
    """A push that is tried again and a group that grew came before; neither may wake anybody."""
    ana, bao, tom = await network.members("ana", "bao", "tom")
    device = await pushes.of(ana)
    post = await ana.post("Soup")
    await bao.vote(post, 1)
    await told(network)
    await tom.vote(post, 1)
    pushes.answers["ana"] = (503, {})
    await bao.post("@ana hello")
    await told(network)
    pushes.answers.clear()
    await hush(ana)
    watch.forward(deliveries.GROWN_MS / 1000 + 1)
    assert await told(network) == 2
    assert (len(pushes.pushed), await waiting()) == (2, 1)
    await deliveries.test(await ana.viewer(), device)
    await told(network)
    assert pushes.pushed[-1].note["title"] == "Notifications work"
    watch.forward(3601)
    await told(network)
    assert (pushes.pushed[-1].note["title"], len(pushes.pushed)) == ("2 new notifications", 4)
    assert await waiting() == 0


async def test_a_summary_waits_for_quiet_hours_that_were_made_longer(
    network: LiveNetwork, pushes: Service, watch: Watch
) -> None:
    ana, bao = await network.members("ana", "bao")
    await pushes.of(ana)
    minute = clock.now() // 60_000 % 1440
    begins = (minute - 5) % 1440
    await choose(ana, quiet_from=begins, quiet_to=(minute + 60) % 1440, zone="Etc/UTC")
    await bao.post("@ana hello")
    await told(network)
    await choose(ana, quiet_from=begins, quiet_to=(minute + 120) % 1440, zone="Etc/UTC")
    watch.forward(3601)
    await told(network)
    assert (pushes.pushed, await waiting()) == ([], 1)
    watch.forward(3601)
    await told(network)
    assert (len(pushes.pushed), await waiting()) == (1, 0)


async def test_a_device_that_was_taken_off_stays_off_until_it_is_turned_on_there(
    network: LiveNetwork, pushes: Service
) -> None:
    ana, bao = await network.members("ana", "bao")
    desk = await network.device(ana.id, "ana")
    viewer = await desk.viewer()
    device = await pushes.of(desk, "desk")
    await pushes.of(ana, "phone")
    await bao.post("@ana before")
    await network.settle()
    await subscriptions.end(await ana.viewer(), device)
    assert (await subscriptions.is_off(viewer), await subscriptions.is_off(await ana.viewer())) == (True, False)
    assert [one.id for one in await subscriptions.devices(viewer)] != [device]
    assert (await deliveries.status()).devices == 1
    await bao.post("@ana after")
    await told(network)
    assert {push.name for push in pushes.pushed} == {"phone"}
    (mark,) = await DB.fetch(SQL("SELECT id FROM push_subscription WHERE endpoint = ''"))
    with pytest.raises(NotFound):
        await subscriptions.end(viewer, mark[0])
    await pushes.of(desk, "desk")
    assert not await subscriptions.is_off(viewer)
    assert await network.count("push_subscription") == 2
