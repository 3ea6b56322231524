"""The push health page, what a browser's script says, receipts, and the pages with one button."""

from collections.abc import AsyncIterator

import httpx
import pytest

from domain.core import clock, secrets
from domain.notifications import notices, push_keys, subscriptions
from domain.notifications.subscriptions import Offer
from tests.conftest import OpenSite, Watch
from tests.helpers.people import LiveSite, Member
from tests.helpers.push_service import PushReceiver, Service, send, service

ACT = {"x-act": "1"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
async def town(open_site: OpenSite, private_addresses: None) -> LiveSite:
    return await open_site()


@pytest.fixture
async def pushes(town: LiveSite) -> AsyncIterator[Service]:
    async with service() as running:
        yield running


async def subscribed(browser: httpx.AsyncClient, device: PushReceiver, **fields: object) -> str:
    answer = await browser.post("/push/subscriptions", json=device.json(**fields))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def health(browser: httpx.AsyncClient) -> str:
    answer = await browser.get("/settings/push")
    assert answer.status_code == 200
    return answer.text


async def told(town: LiveSite) -> None:
    await town.settle()
    await send(town.network.settings)


async def test_state_subscribe_and_sign_out(town: LiveSite, pushes: Service) -> None:
    ana, bao = await town.members("ana", "bao")
    browser = town.browser(ana)
    state = (await browser.get("/push/state")).json()
    assert state == {"key": (await push_keys.vapid()).public, "account": str(ana.id), "subscription": None}
    device = pushes.device("phone")
    made = await subscribed(browser, device, zone="Europe/Paris", permission="granted")
    assert await subscribed(browser, device) == made
    state = (await browser.get("/push/state")).json()
    assert state["subscription"] == {"id": made, "endpoint_hash": subscriptions.digest(device.endpoint)}
    assert (await town.browser(await town.network.device(ana.id, "ana")).get("/push/state")).json()[
        "subscription"
    ] is None
    await bao.post("@ana one")
    await told(town)
    await browser.post("/signout")
    await bao.post("@ana two")
    await told(town)
    assert [push.note["body"] for push in pushes.pushed] == ["@ana one"]
    guest = (await town.browser().get("/push/state")).json()
    assert (guest["account"], guest["subscription"]) == ("0", None)


async def test_signing_in_over_somebody_ends_their_pushes(town: LiveSite, pushes: Service) -> None:
    from tests.helpers.people import PASSWORD

    ana, _ = await town.members("ana", "bao")
    browser = town.browser(ana)
    await subscribed(browser, pushes.device("phone"))
    answer = await browser.post("/signin", data={"handle": "bao", "password": PASSWORD})
    assert answer.status_code == 303
    assert await town.network.count("push_subscription") == 0


@pytest.mark.parametrize("body", ["", "[]", "{", '{"endpoint": 3}', '{"endpoint": "https://push.example.org/"}'])
async def test_what_is_no_subscription(town: LiveSite, body: str) -> None:
    ana = await town.member("ana")
    for path in ("/push/subscriptions", "/push/receipts"):
        answer = await town.browser(ana).post(path, content=body, headers=ACT)
        assert answer.status_code == 422
    assert (await town.browser().post("/push/subscriptions", content=body, headers=ACT)).status_code == 401


async def test_another_site_can_not_subscribe(town: LiveSite, pushes: Service) -> None:
    ana = await town.member("ana")
    browser = town.browser(ana, headers={"sec-fetch-site": "cross-site"})
    assert (await browser.post("/push/subscriptions", json=pushes.device("x").json())).status_code == 403


async def test_the_outsider_finds_nothing(town: LiveSite, pushes: Service) -> None:
    ana, bao = await town.members("ana", "bao")
    made = await subscribed(town.browser(ana), pushes.device("phone"))
    other = town.browser(bao)
    for answer in (
        await other.post(f"/push/subscriptions/{made}/test", headers=ACT),
        await other.delete(f"/push/subscriptions/{made}", headers=ACT),
        await other.post("/push/subscriptions/77/test", headers=ACT),
        await other.delete("/push/subscriptions/x", headers=ACT),
    ):
        assert answer.status_code == 404
    guest = town.browser()
    assert (await guest.delete(f"/push/subscriptions/{made}", headers=ACT)).status_code == 401
    assert (await guest.get("/settings/push")).headers["location"].startswith("/signin?next=")
    assert "127.0.0.1" not in await health(other)
    assert await town.network.count("push_subscription") == 1


async def test_a_test_is_sent_confirmed_and_shown(town: LiveSite, pushes: Service) -> None:
    ana = await town.network.device((await town.member("ana")).id, "ana", FIREFOX)
    browser = town.browser(ana)
    assert "No device gets notifications yet." in await health(browser)
    made = await subscribed(browser, pushes.device("phone"))
    page = await health(browser)
    assert "Firefox, Linux" in page
    assert "This device" in page
    assert "Nothing was sent yet." in page
    assert f":{pushes.port}" not in page, "a browser's endpoint is nobody's to read"
    answer = await browser.post(f"/push/subscriptions/{made}/test")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/push?done=tested")
    assert "A test is on its way." in await health(browser)
    await send(town.network.settings)
    assert "none has arrived yet" in await health(browser)
    receipt = pushes.pushed[0].note["data"]["receipt"]
    guest = town.browser(address="198.51.100.7")
    assert (await guest.post("/push/receipts", json={"receipt": receipt})).status_code == 204
    assert "last arrived" in await health(browser)
    forged = await guest.post("/push/receipts", json={"receipt": receipt[:-3] + "AAA"}, headers=ACT)
    assert forged.status_code == 403
    answer = await browser.post(f"/push/subscriptions/{made}?_method=DELETE")
    assert answer.headers["location"] == "/settings/push?done=removed"
    assert "No device gets notifications yet." in await health(browser)


async def test_receipts_have_a_limit(open_site: OpenSite) -> None:
    town = await open_site(acts_per_hour=20)
    guest = town.browser()
    codes = [(await guest.post("/push/receipts", json={"receipt": "x"}, headers=ACT)).status_code for _ in range(25)]
    assert codes == [403] * 20 + [429] * 5


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "no longer takes what we sign"),
        (413, "was too large for the push service"),
        (400, "refused the last notification"),
    ],
)
async def test_a_problem_is_said_in_words(town: LiveSite, pushes: Service, status: int, words: str) -> None:
    ana = await town.member("ana")
    browser = town.browser(ana)
    made = await subscribed(browser, pushes.device("phone"))
    pushes.answers["phone"] = (status, {})
    for _ in range(5):
        await browser.post(f"/push/subscriptions/{made}/test")
        await send(town.network.settings)
    page = await health(browser)
    assert words in page
    assert "Nothing more is sent until then." in page
    pushes.answers.clear()
    await browser.post(f"/push/subscriptions/{made}/test")
    await send(town.network.settings)
    assert words not in await health(browser)


async def test_an_address_by_hand_works_without_scripts(town: LiveSite, pushes: Service) -> None:
    ana = await town.member("ana")
    browser = town.browser(ana)
    for wrong in ("ftp://push.example.org/x", "not an address", ""):
        answer = await browser.post("/push/addresses", data={"endpoint": wrong, "p256dh": "", "auth": ""})
        assert answer.status_code == 422
        assert "must be a public address" in answer.text
        assert f'value="{wrong}"' in answer.text
    device = pushes.device("hand")
    answer = await browser.post("/push/addresses", data={"endpoint": f" {device.endpoint} ", "p256dh": "", "auth": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/push?done=entered")
    page = await health(browser)
    assert "Address entered by hand" in page
    assert f"127.0.0.1:{pushes.port}" in page
    assert "only told that there is news" in page


async def test_an_address_of_somebody_else_is_refused_in_words(town: LiveSite, pushes: Service) -> None:
    ana, eve = await town.members("ana", "eve")
    device = pushes.device("hand")
    form = {"endpoint": device.endpoint, "p256dh": "", "auth": ""}
    assert (await town.browser(ana).post("/push/addresses", data=form)).status_code == 303
    answer = await town.browser(eve).post("/push/addresses", data=form)
    assert answer.status_code == 422
    assert "another account or device" in answer.text
    answer = await town.browser(eve).post("/push/subscriptions", json=device.json(), headers=ACT)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "key")
    assert await town.network.count("push_subscription", f"account = {ana.id}") == 1


async def test_in_a_real_network_private_addresses_are_refused(site: LiveSite) -> None:
    ana = await site.member("ana")
    for endpoint in ("http://127.0.0.1:9/x", "https://localhost/x", "https://10.0.0.1/x", "https://169.254.169.254/x"):
        device = PushReceiver(endpoint)
        answer = await site.browser(ana).post("/push/subscriptions", json=device.json(), headers=ACT)
        assert answer.status_code == 422, endpoint
        answer = await site.browser(ana).post("/push/addresses", data={"endpoint": endpoint})
        assert answer.status_code == 422, endpoint


async def notice_of(member: Member) -> int:
    return (await notices.page(await member.viewer())).items[0].id


async def test_the_page_that_votes(town: LiveSite) -> None:
    ana, bao, tom = await town.members("ana", "bao", "tom")
    post = await bao.post("@ana <b>look</b>")
    await town.settle()
    where = f"/notifications/{await notice_of(ana)}/vote"
    browser = town.browser(ana)
    page = (await browser.get(where)).text
    assert "Bao mentioned you" in page
    assert "&lt;b&gt;look" in page
    action = f"/posts/{post}/vote?_method=PUT&amp;value=up"
    assert action in page
    await browser.post(action.replace("&amp;", "&"), headers={"referer": f"http://parvis.test{where}"})
    assert (await bao.view(post)).ups == 1
    assert (await browser.get(where)).headers["location"] == f"/@bao/{post}"
    assert (await town.browser(tom).get(where)).status_code == 404
    assert (await town.browser().get(where)).headers["location"].startswith("/signin")
    assert (await browser.get(where.replace("/vote", "/accept"))).status_code == 404


async def test_the_page_that_accepts(town: LiveSite) -> None:
    ana, bao = await town.members("ana", "bao")
    await town.browser(ana).post("/settings/privacy", data={"private": "1"})
    await bao.follow(ana)
    await town.settle()
    where = f"/notifications/{await notice_of(ana)}/accept"
    browser = town.browser(ana)
    page = (await browser.get(where)).text
    assert f"/requests/{bao.id}?_method=PUT" in page
    assert (await town.browser(bao).get(where)).status_code == 404
    await browser.post(f"/requests/{bao.id}?_method=PUT")
    assert await town.network.count("follow", f"follower = {bao.id}") == 1
    assert (await browser.get(where.replace("/accept", "/vote"))).status_code == 404


async def test_old_news_of_a_device_is_said(town: LiveSite, pushes: Service, watch: Watch) -> None:
    ana = await town.member("ana")
    browser = town.browser(ana)
    made = await subscribed(browser, pushes.device("phone"))
    await browser.post(f"/push/subscriptions/{made}/test")
    await send(town.network.settings)
    assert "The device may be off" not in await health(browser)
    watch.forward(700)
    assert "The device may be off" in await health(browser)
    await subscriptions.confirm(subscriptions.receipt(await secrets.mac_key(), int(made), clock.now()))
    assert "The device may be off" not in await health(browser)
    hand = Offer(pushes.device("hand").endpoint)
    await subscriptions.enter(await ana.viewer(), hand)
    assert "It renews itself" not in await health(browser)
