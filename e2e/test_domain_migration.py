"""The host dies, the network stands at another address, and an installed app finds the way and signs its member in."""

import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, expect

from e2e import device, installed, migration
from e2e.client import Client
from e2e.installed import Profile
from e2e.migration import Forger, MigratingNetwork
from tests.helpers.services import parvis

POST = "The lighthouse is lit again."
CODE = """() => new Promise((done) => {
  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data }) => done(data.code);
  navigator.serviceWorker.controller.postMessage({ move: "code" }, [channel.port2]);
})"""
SHOWN = "async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((one) => one.title)"


@pytest.fixture
def network() -> Iterator[MigratingNetwork]:
    with migration.moving() as network:
        yield network
        print(network.old.tail(), network.new.log.exists() and network.new.tail())


@pytest.fixture
def profile(playwright: Playwright, network: MigratingNetwork) -> Iterator[Profile]:
    with installed.running(playwright, network.old.base) as profile:
        yield profile


@pytest.fixture
def ana(network: MigratingNetwork, profile: Profile) -> Client:
    """A member with a post, whose browser has the network's keys, and whose key the network has."""
    ana = Client(network.old.base).sign_up("ana", "Ana Ruiz")
    ana.publish(POST)
    profile.context.add_cookies(ana.cookies())  # type: ignore[arg-type]
    profile.context.grant_permissions(["notifications"], origin=network.old.base)
    profile.page.goto("/")
    profile.controlled()
    device.until(profile.page, lambda: profile.page.evaluate(migration.SETTLED))
    device.until(profile.page, lambda: "/" in device.copies(profile.page))
    return ana


def kept(page: Page, name: str = "move") -> dict[str, Any] | None:
    found: dict[str, Any] | None = page.evaluate(migration.BEACON, name)
    return found


def tell(network: MigratingNetwork, page: Page) -> None:
    """The move is announced, and the app has heard of it on a page."""
    assert network.to in network.announce()

    def is_shown() -> bool:
        page.goto("/public")
        return page.locator("aside.moving-address").count() == 1

    # A server looks for notices of other processes every two seconds.
    device.until(page, is_shown)
    expect(page.locator("aside.moving-address")).to_contain_text(f"We are moving to {network.to}.")
    device.until(page, lambda: (kept(page) or {}).get("to") == network.to)


def leads(page: Page, network: MigratingNetwork, address: str = "/") -> None:
    page.goto(network.old.base + address)
    expect(page.get_by_role("heading", name="A new address")).to_be_visible()
    expect(page.locator(".to")).to_have_text(network.to)


def test_the_host_dies(network: MigratingNetwork, profile: Profile, ana: Client) -> None:
    window = profile.install()
    tell(network, window)
    # Until then everything works here as usual.
    window.goto("/@ana")
    expect(window.get_by_text(POST)).to_be_visible()
    network.die()
    leads(window, network, "/@ana")
    expect(window.get_by_text("This address does not answer.")).to_be_visible()
    expect(window.locator("#kept a").first).to_contain_text("Home")
    # Out of the app into the browser, from where the new one can be installed.
    with profile.context.expect_page() as opened:
        window.get_by_role("link", name="Go there").click()
    there = opened.value
    there.wait_for_url(f"{network.to}/@ana")
    expect(there.get_by_text(POST)).to_be_visible()
    expect(there.locator("html")).not_to_have_attribute("data-me", "0")
    # And so it does the next time, when one is signed in there already.
    window.goto("/")
    with profile.context.expect_page() as opened:
        window.get_by_role("link", name="Go there").click()
    opened.value.wait_for_url(f"{network.to}/arrive?next=%2F")
    expect(opened.value.get_by_text("You are signed in here as @ana.")).to_be_visible()


def test_what_is_kept_can_be_read_on(network: MigratingNetwork, profile: Profile, ana: Client) -> None:
    page = profile.page
    tell(network, page)
    network.old.stop(signal.SIGKILL)
    leads(page, network)
    page.locator("#kept a", has_text="Home").click()
    expect(page.locator(".copy-line")).to_contain_text("Saved at")
    # Without any connection nobody is sent anywhere.
    profile.context.set_offline(True)
    page.goto("/")
    expect(page.locator(".copy-line")).to_contain_text("Saved at")


def test_a_code_is_good_once(network: MigratingNetwork, profile: Profile, ana: Client) -> None:
    tell(network, profile.page)
    code = profile.page.evaluate(CODE)
    network.die()
    stranger = Client(network.to)
    assert stranger.http.post("/arrive", data={"code": code, "next": "/"}).status_code == 303
    again = Client(network.to).http.post("/arrive", data={"code": code})
    assert again.status_code == 422
    assert "This way in has been used." in again.text
    # Typed into an address, it is taken only at a person's own press: whose it is could be anybody.
    leads(profile.page, network)
    fresh = profile.page.evaluate(CODE)
    other = profile.context.new_page()
    other.goto(f"{network.to}/arrive#{fresh}")
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url(network.to + "/")
    expect(other.locator("html")).not_to_have_attribute("data-me", "0")


def test_somebody_else_at_the_old_address(network: MigratingNetwork, profile: Profile, ana: Client) -> None:
    tell(network, profile.page)
    network.old.stop(signal.SIGKILL)
    with migration.parked(network.old.port):
        device.stop_worker(profile.page)
        leads(profile.page, network, "/@ana")
    # Nor is it this network because it is one.
    with migration.moving() as other:
        other.old.stop()
        other.old.port = network.old.port
        other.old.environment |= {"PARVIS_PORT": str(network.old.port), "PARVIS_ORIGIN": network.old.base}
        other.old.base = network.old.base
        other.old.start()
        device.stop_worker(profile.page)
        leads(profile.page, network)
    # Back is back.
    network.old.start()
    device.stop_worker(profile.page)
    profile.page.goto("/@ana")
    expect(profile.page.get_by_text(POST)).to_be_visible()


def test_a_notice_taken_back(network: MigratingNetwork, profile: Profile, ana: Client) -> None:
    tell(network, profile.page)
    parvis("move", "withdraw", environment=network.old.environment)

    def withdrawn() -> bool:
        profile.page.goto("/public")
        return not profile.page.locator("aside.moving-address").count()

    device.until(profile.page, withdrawn)
    device.until(profile.page, lambda: (kept(profile.page) or {}).get("to") == "")
    network.old.stop(signal.SIGKILL)
    profile.page.goto("/")
    expect(profile.page.locator(".copy-line")).to_contain_text("Saved at")


def test_it_outlives_an_update_of_the_worker(network: MigratingNetwork, profile: Profile, ana: Client) -> None:
    page = profile.page
    tell(network, page)
    pinned, notice = kept(page, "keys"), kept(page)
    page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.unregister())")
    page.goto("/")
    profile.controlled()
    device.until(page, lambda: page.evaluate("caches.match('/moved').then(Boolean)"))
    assert (kept(page, "keys"), kept(page)) == (pinned, notice)
    network.die()
    leads(page, network)


def test_notices_that_are_not_to_be_believed(network: MigratingNetwork, profile: Profile, ana: Client) -> None:
    page, real = profile.page, network.forger()
    pinned = kept(page, "keys")
    assert pinned
    here = (pinned["network"], network.old.base)
    stranger, half = Forger(), Forger(p256=real.p256)
    now = int(page.evaluate("Date.now()"))
    wrong = {
        "both keys": stranger.notice(*here, "http://127.0.0.2:1"),
        "only the one key": half.notice(*here, "http://127.0.0.2:2"),
        "only the other": Forger(edwards=real.edwards).notice(*here, "http://127.0.0.2:3"),
        "over": real.notice(*here, "http://127.0.0.2:4", at=now - 2 * migration.DAY_MS, until=now - 1),
        "of the day after tomorrow": real.notice(*here, "http://127.0.0.2:5", at=now + 2 * migration.DAY_MS),
        "another network": real.notice("x" * 22, network.old.base, "http://127.0.0.2:6"),
        "another address": real.notice(here[0], "http://127.0.0.2:9", "http://127.0.0.2:7"),
        "no address": real.notice(*here, "javascript:alert(1)"),
        "changed": {**real.notice(*here, "http://127.0.0.2:8"), "text": stranger.notice(*here, "http://e")["text"]},
        "for something else": real.sign("here", real.notice(*here, "http://127.0.0.2:8")["text"]),
    }
    for why, signed in wrong.items():
        _pushed(profile, signed, shown="127.0.0.1")
        assert kept(page) is None, why
    _pushed(profile, real.notice(*here, "http://127.0.0.2:10", number=1000), shown="Old Harbour is moving")
    assert (kept(page) or {})["to"] == "http://127.0.0.2:10"
    for number in (1000, 999):
        _pushed(profile, real.notice(*here, "http://127.0.0.2:11", number=number), shown="127.0.0.1")
        assert (kept(page) or {})["to"] == "http://127.0.0.2:10", number
    # A page that brings one is believed no more than a push: what is pinned stays.
    page.route("**/.well-known/parvis-move*", lambda route: route.abort())
    assert kept(page, "keys") == pinned


def _pushed(profile: Profile, signed: dict[str, str], shown: str) -> None:
    """A push with a notice comes; what is shown of it. A Chromium that has just started may tidy it away at once."""
    page = profile.page
    page.evaluate(
        "navigator.serviceWorker.ready.then(async (one) => (await one.getNotifications()).map((n) => n.close()))"
    )
    for _ in range(3):
        profile.push(migration.payload(signed))
        for _ in range(30):
            if titles := page.evaluate(SHOWN):
                assert titles == [shown]
                return
            page.wait_for_timeout(50)
    raise AssertionError("nothing is shown")


def test_a_session_that_is_over_signs_nobody_in(network: MigratingNetwork, profile: Profile, ana: Client) -> None:
    page = profile.page
    tell(network, page)
    code = page.evaluate(CODE)
    ana.send("/sessions?_method=DELETE")
    other = Client(network.old.base).sign_in("ana")
    other.send("/sessions?_method=DELETE")
    network.die()
    answer = Client(network.to).http.post("/arrive", data={"code": code})
    assert answer.status_code == 422
    assert "is signed in no longer" in answer.text
    leads(page, network)
    page.get_by_role("link", name="Go there").click()
    page.wait_for_url(re.compile(re.escape(network.to) + "/arrive"))
    expect(page.get_by_text("is signed in no longer")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in with a password")).to_be_visible()
