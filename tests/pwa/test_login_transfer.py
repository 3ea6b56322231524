"""A move as members meet it: the banner, the push, what apps ask for, and the door at the new address."""

import json

import httpx
import pytest

from domain.core import secrets
from domain.domain_migration import announcements, pinned_keys, push_fanout
from domain.domain_migration.pinned_keys import Keys, SignedMessage
from tests.conftest import OpenSite
from tests.helpers import push_service
from tests.helpers.migration_devices import NEW, OLD, SigningDevice
from tests.helpers.people import LiveNetwork, LiveSite
from tests.helpers.push_service import Service

KNOWN = "/.well-known/parvis-move"
NONCE = "n" * 32


async def told(browser: httpx.AsyncClient, nonce: str = "") -> dict[str, object]:
    found: dict[str, object] = (await browser.get(KNOWN, params={"nonce": nonce} if nonce else {})).json()
    return found


async def test_what_apps_pin(open_site: OpenSite) -> None:
    site = await open_site(origin=OLD)
    browser = site.browser()
    said = await told(browser, NONCE)
    public = await pinned_keys.public()
    assert said["keys"] == {"ed25519": public.ed25519, "p256": public.p256}
    assert (said["network"], said["notice"], said["device"]) == (public.network, None, None)
    here = SignedMessage(**said["here"])  # type: ignore[arg-type]
    assert here.text == f"{OLD} {NONCE}"
    assert pinned_keys.verify(Keys(**said["keys"]), "here", here)
    for nonce in ("", "short", "n" * 65, "move\n{}"):
        assert "here" not in await told(browser, nonce)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("127.9.9.9", "http://127.9.9.9"),
        ("localhost:8000", "http://localhost:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("parvis.test", None),
        ("evil.example", None),
        ("localhost.evil.example", None),
        ("127.0.0.1.evil.example", None),
        ("127.0.0.1@evil.example", None),
        ("10.0.0.1", None),
        ("[::ffff:127.0.0.1]x", None),
        ("2130706433", None),
        ("[", None),
        ("", None),
    ],
)
async def test_without_an_origin_only_loopback_is_signed(site: LiveSite, host: str, address: str | None) -> None:
    """Whoever asks says which Host: signing it would prove that the network is wherever they like."""
    answer = await site.browser().get(KNOWN, params={"nonce": NONCE}, headers={"host": host})
    assert answer.status_code == 200
    here = answer.json().get("here")
    assert (here and here["text"]) == (address and f"{address} {NONCE}")


async def test_with_an_origin_no_host_is_signed(open_site: OpenSite) -> None:
    site = await open_site(origin=OLD)
    for host in ("evil.example", "127.0.0.1", "new.example"):
        answer = await site.browser().get(KNOWN, params={"nonce": NONCE}, headers={"host": host})
        assert answer.json()["here"]["text"] == f"{OLD} {NONCE}"


async def test_without_an_origin_nobody_arrives(site: LiveSite) -> None:
    device = await SigningDevice().register(await site.member("ana"))
    await announcements.announce(OLD, NEW)
    stranger = site.browser(headers={"origin": NEW})
    answer = await stranger.post(f"{NEW}/arrive", data={"code": await device.code()})
    assert answer.status_code == 422
    assert "another address than this one" in answer.text


async def test_the_banner_and_the_notice(open_site: OpenSite) -> None:
    site = await open_site(origin=OLD)
    guest, ana = site.browser(), site.browser(await site.member("ana"))
    assert 'class="moving-address"' not in (await ana.get("/")).text
    notice = await announcements.announce(OLD, NEW)
    for browser in (guest, ana):
        page = (await browser.get("/public")).text
        assert f"We are moving to {NEW}." in page
        assert f"Nous déménageons à {NEW}." in (await browser.get("/public", headers={"accept-language": "fr"})).text
        signed = SignedMessage(**(await told(browser))["notice"])  # type: ignore[arg-type]
        assert json.loads(signed.text)["number"] == notice.number
    assert NEW in (await guest.get("/moved")).text
    await announcements.withdraw()
    assert 'class="moving-address"' not in (await ana.get("/")).text
    assert NEW not in (await guest.get("/moved")).text


async def test_at_the_new_address_there_is_no_banner(open_site: OpenSite) -> None:
    site = await open_site(origin=NEW)
    await announcements.announce(OLD, NEW)
    assert 'class="moving-address"' not in (await site.browser().get("/public")).text


async def test_a_device_signs_in_at_the_new_address(open_site: OpenSite) -> None:
    site = await open_site(origin=NEW)
    ana = await site.member("ana")
    device = SigningDevice()
    browser = site.browser(ana)
    answer = await browser.post("/move/device", json={"key": device.public}, headers={"x-act": "1"})
    assert answer.status_code == 201
    device.id, device.session = answer.json()["id"], answer.json()["session"]
    assert (await told(browser))["device"] == {"id": device.id, "session": device.session}
    await announcements.announce(OLD, NEW)
    newcomer = site.browser()
    form = (await newcomer.get("/arrive", params={"next": "/@ana"})).text
    assert f'data-from="{OLD}"' in form
    entered = await newcomer.post("/arrive", data={"code": await device.code(), "next": "/@ana"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/@ana")
    assert f'data-me="{ana.id}"' in (await newcomer.get("/")).text
    # The old session lives on, so that the app leads there again; the new one is another.
    assert await site.network.count("session", f"account = {ana.id}") == 2


async def test_who_is_signed_in_stays_who_they_are(open_site: OpenSite) -> None:
    site = await open_site(origin=NEW)
    ana, ben = await site.members("ana", "ben")
    device = await SigningDevice().register(ana)
    await announcements.announce(OLD, NEW)
    browser = site.browser(ben)
    assert "You are signed in here as @ben." in (await browser.get("/arrive")).text
    assert (await browser.post("/arrive", data={"code": await device.code()})).status_code == 303
    assert f'data-me="{ben.id}"' in (await browser.get("/")).text


async def test_what_is_refused_has_a_page(open_site: OpenSite) -> None:
    site = await open_site(origin=NEW, signins_per_hour=5)
    device = await SigningDevice().register(await site.member("ana"))
    await announcements.announce(OLD, NEW)
    browser, code = site.browser(address="192.0.2.7"), await device.code()
    assert (await browser.post("/arrive", data={"code": code}, headers={"origin": OLD})).status_code == 403
    assert (await browser.post("/arrive", data={"code": code, "next": "//evil.example"})).headers["location"] == "/"
    stranger = site.browser(address="192.0.2.8")
    used = await stranger.post("/arrive", data={"code": code})
    assert used.status_code == 422
    assert "This way in has been used." in used.text
    assert "Sign in with a password" in used.text
    assert "set-cookie" not in used.headers
    for _ in range(4):
        assert (await stranger.post("/arrive", data={"code": "nonsense"})).status_code == 422
    assert (await stranger.post("/arrive", data={"code": await device.code()})).status_code == 429


async def test_a_key_needs_a_session(site: LiveSite) -> None:
    guest, ana = site.browser(), site.browser(await site.member("ana"))
    assert (
        await guest.post("/move/device", json={"key": SigningDevice().public}, headers={"x-act": "1"})
    ).status_code == 401
    for wrong in (b"", b"{}", b'{"key": 1}', b'{"key": "x"}', b"\xff"):
        assert (await ana.post("/move/device", content=wrong, headers={"x-act": "1"})).status_code == 422
    foreign = {"x-act": "1", "x-account": "5"}
    assert (await ana.post("/move/device", json={"key": SigningDevice().public}, headers=foreign)).status_code == 409


async def test_every_device_is_told(network: LiveNetwork, pushes: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_fanout, "BATCH", 2)
    people = await network.members("ana", "ben", "cleo")
    for member in people:
        await pushes.of(member)
    await push_service.hush(people[0])
    notice = await announcements.announce(OLD, NEW)
    assert await push_service.told(network) == 3
    for member in people:
        (push,) = pushes.to(member.handle)
        assert (push.note["title"], push.note["body"]) == ("Tilly is moving", f"Its new address is {NEW}.")
        signed = SignedMessage(**push.note["data"]["move"])
        assert json.loads(signed.text)["number"] == notice.number
        assert pinned_keys.verify(await pinned_keys.public(), "move", signed)
        assert push.note["silent"] == (member is people[0])
        assert (push.headers["urgency"], push.headers["topic"]) == ("high", "move")
    assert await push_service.waiting() == 0
    await announcements.withdraw()
    assert await push_service.told(network) == 3
    assert pushes.to("ben")[-1].note["title"] == "Tilly stays where it is"


async def test_a_later_notice_ends_the_telling_of_an_earlier_one(network: LiveNetwork, pushes: Service) -> None:
    ana = await network.member("ana")
    await pushes.of(ana)
    await announcements.announce(OLD, "https://first.example")
    await announcements.announce(OLD, NEW)
    assert await push_service.told(network) == 1
    assert [push.note["body"] for push in pushes.to("ana")] == [f"Its new address is {NEW}."]


async def test_private_keys_stay_inside(site: LiveSite) -> None:
    await announcements.announce(OLD, NEW)
    shown = (await site.browser().get(KNOWN, params={"nonce": NONCE})).text
    for name in ("signing", pinned_keys.NAME):
        assert await secrets.once(name, lambda: "") not in shown
