"""The install page knows the device; links and other apps find the way in."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pwa import install_guide
from pwa.install_guide import ClientDevice
from tests.conftest import OpenSite
from tests.helpers import media_files
from tests.helpers.people import LiveSite


def _agents() -> Iterator[tuple[str, ClientDevice, str]]:
    """Browsers' names as they send them, what they are, and words of the steps that they need."""
    for line in Path(__file__).with_name("agents.txt").read_text().splitlines()[1:]:
        kind, system, app, version, words, agent = (part.strip() for part in line.split(" | ", 5))
        yield agent, ClientDevice(kind, system, app, int(version or 0)), words


AGENTS = list(_agents())
STEPS = re.compile(r"</div>\s*<p>(.+)</p></li>")
INSIDE = next(agent for agent, device, _ in AGENTS if device.kind == "inside-android")


@pytest.mark.parametrize(("agent", "device"), [(agent, device) for agent, device, _ in AGENTS])
def test_devices_by_their_names(agent: str, device: ClientDevice) -> None:
    assert install_guide.of({"user-agent": agent}) == device


def test_a_phone_that_asks_for_the_desktop_site_is_a_phone() -> None:
    """Chrome then calls itself Linux; its hint still tells."""
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
    hinted = {"user-agent": agent, "sec-ch-ua-platform": '"Android"'}
    assert install_guide.of(hinted).kind == "android-chrome"
    assert install_guide.of({"user-agent": agent, "sec-ch-ua-platform": '"Linux"'}).kind == "chrome"


@pytest.mark.parametrize(
    "host", ["evil.example", "[::1", "evil.example:99999", "evil.example:x", "127.0.0.1.evil.example", "x" * 250, ""]
)
async def test_no_host_is_believed(site: LiveSite, host: str) -> None:
    """Without PARVIS_ORIGIN the page names no address but this machine's own; whoever asks says which Host."""
    for agent in ("", INSIDE):
        answer = await site.browser(headers={"user-agent": agent}).get("/install", headers={"host": host})
        assert answer.status_code == 200, agent
        for sign in ("evil.example", 'class="qr"', "intent://", "x" * 250, 'class="where"'):
            assert sign not in answer.text, (agent, sign)
    text = (await site.browser().get("/install", headers={"host": "127.0.0.1:8000"})).text
    assert 'class="qr"' in text
    assert "127.0.0.1:8000/install" in text


async def test_each_device_gets_its_own_steps(open_site: OpenSite) -> None:
    site = await open_site(origin="https://tilly.example")
    for agent, device, words in AGENTS:
        text = (await site.browser(headers={"user-agent": agent}).get("/install")).text
        assert words in text, agent
        others = {other for _, _, other in AGENTS if other not in (words, "Add to taskbar")}
        assert [other for other in others if other in text] == [], agent
        assert ("intent://" in text) == (device.kind == "inside-android")
        assert ("x-safari-http" in text) == (device.kind == "inside-ios")


async def test_anybody_can_look_up_another_device(site: LiveSite) -> None:
    browser = site.browser(headers={"user-agent": AGENTS[0][0]})
    for kind in install_guide.KINDS:
        text = (await browser.get(f"/install?device={kind}")).text
        assert f'data-device="{kind}"' in text
        assert f'href="/install?device={kind}" aria-current="true"' in text
    unknown = (await browser.get("/install?device=<toaster>")).text
    assert 'data-device="iphone"' in unknown
    assert "toaster>" not in unknown


async def test_the_steps_speak_french(site: LiveSite) -> None:
    """Buttons have other names there: the steps must say what is on the screen."""
    english, french = site.browser(), site.browser(headers={"accept-language": "fr"})
    for kind in install_guide.KINDS:
        address = f"/install?device={kind}"
        steps = [STEPS.findall((await browser.get(address)).text) for browser in (english, french)]
        assert len(steps[0]) == len(steps[1]) > 1
        assert set(steps[0]) & set(steps[1]) == set(), kind


async def test_the_code_carries_the_network_s_address(open_site: OpenSite) -> None:
    site = await open_site(origin="https://tilly.example")
    text = (await site.browser().get("/install")).text
    assert "tilly.example/install" in text
    assert "<svg" in text[text.index('class="card carry"') :]
    inside = (await site.browser(headers={"user-agent": INSIDE}).get("/install")).text
    assert "intent://tilly.example/install#Intent;scheme=https;" in inside
    assert "S.browser_fallback_url=https%3A%2F%2Ftilly.example%2Finstall;end" in inside


async def test_what_other_apps_share_begins_a_post(site: LiveSite) -> None:
    browser = site.browser(await site.member("ana"))
    shared = {"title": "Fête & marché", "text": "Look: https://tilly.example/a", "url": "https://tilly.example/a"}
    answer = await browser.get("/share", params=shared)
    assert answer.status_code == 303
    form = (await browser.get(answer.headers["location"])).text
    assert "Fête &amp; marché\nLook: https://tilly.example/a</textarea>" in form, "the link is there once"
    assert await site.network.count("post") == 0, "nothing is posted by a link"
    guest = site.browser()
    shared["text"] = "é" * 600
    told = [
        await guest.get("/share", params=shared),
        await guest.get("/compose", params={"text": shared["text"]}),
        await guest.post("/share", data=shared, files=[("files", ("a.jpg", media_files.encoded()))]),
    ]
    for answer in told:
        assert (answer.status_code, shared["text"] in answer.text, "Sign in first" in answer.text) == (401, True, True)
    assert ["share them again" in answer.text for answer in told] == [False, False, True]


@pytest.mark.parametrize(
    ("link", "place"),
    [
        ("web+parvis:@ana", "/@ana"),
        ("web+parvis://@ana", "/@ana"),
        ("web+parvis:@ana/123", "/@ana/123"),
        ("web+parvis:@ana/123/", "/@ana/123"),
        ("web+parvis://evil.example/", None),
        ("web+parvis:@ana/../settings", None),
        ("https://evil.example/@ana", None),
        ("javascript:alert(1)", None),
        ("//evil.example", None),
        ("web+parvis:@ana\r\nset-cookie: a=b", None),
        ("", None),
    ],
)
async def test_links_lead_to_people_and_posts_and_nowhere_else(site: LiveSite, link: str, place: str | None) -> None:
    answer = await site.browser().get("/go", params={"to": link})
    assert answer.status_code == (303 if place else 404)
    assert answer.headers.get("location") == place


async def test_my_own_profile_has_an_address_for_everybody(site: LiveSite) -> None:
    assert (await site.browser(await site.member("ana")).get("/me")).headers["location"] == "/@ana"
    assert (await site.browser().get("/me")).headers["location"] == "/signin?next=/me"
