"""Guessing passwords is slow, and keeps nobody out: not on a known device, and not on a new one."""

import asyncio

import httpx
import pytest

from asgi import password_guessing
from domain.accounts import credentials, device_cookies, login_codes, sessions
from tests.conftest import OpenSite, Watch
from tests.helpers.people import PASSWORD, LiveSite

COOKIE = "parvis-device"
WRONG = "not the password"


async def enter(browser: httpx.AsyncClient, handle: str, password: str = PASSWORD) -> int:
    return (await browser.post("/signin", data={"handle": handle, "password": password})).status_code


async def attack(site: LiveSite, handle: str, away: str = "198.51.100") -> list[int]:
    """Wrong passwords for one name, each from another network."""
    return [await enter(site.browser(address=f"{away}.{number}"), handle, WRONG) for number in range(9)]


def known(site: LiveSite, browser: httpx.AsyncClient, address: str = "203.0.113.5") -> httpx.AsyncClient:
    """A browser with nothing but another's device cookie."""
    made = site.browser(address=address)
    made.cookies.set(COOKIE, browser.cookies[COOKIE])
    return made


@pytest.fixture
def engine() -> str:
    """This is about HTTP; tests/web/test_revocation.py has what ends device cookies, on both engines."""
    return "sqlite"


@pytest.fixture
async def site(open_site: OpenSite, monkeypatch: pytest.MonkeyPatch) -> LiveSite:
    monkeypatch.setattr(password_guessing, "FIRST_SECONDS", 0.001)
    monkeypatch.setattr(password_guessing, "MOST_SECONDS", 0.002)
    return await open_site(signins_per_hour=3)


async def test_many_networks_lock_nobody_out(site: LiveSite) -> None:
    await site.members("ana", "ben")
    assert set(await attack(site, "ana")) == {422}
    assert await enter(site.browser(address="203.0.113.1"), "ana") == 303, "from a new device, after a delay"
    assert await enter(site.browser(address="203.0.113.1"), "ben") == 303


async def test_one_network_is_refused(site: LiveSite) -> None:
    await site.members("ana", "ben")
    one = site.browser(address="198.51.100.1")
    assert [await enter(one, "ana", WRONG) for _ in range(4)] == [422, 422, 422, 429]
    assert await enter(one, "ana") == 429, "not even the right password is looked at"
    assert await enter(one, "ben") == 429
    assert await enter(site.browser(address="198.51.100.2"), "ana") == 303
    assert [await enter(site.browser(address=f"2001:db8:1:2:{n}::1"), "ana", WRONG) for n in range(4)][-1] == 429


async def test_a_known_device_passes_whatever_others_do(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    await site.member("ana", email="ana@tilly.example")
    home = site.browser(address="203.0.113.5")
    assert await enter(home, "ana") == 303
    monkeypatch.setattr(password_guessing, "WAITING_EACH", 0)  # nobody else is let in
    await attack(site, "ana")
    await attack(site, "ana@tilly.example", "198.51.101")
    assert [await enter(site.browser(address="203.0.113.5"), f"who{n}", WRONG) for n in range(4)][-1] == 429
    assert await enter(site.browser(address="203.0.113.9"), "ana") == 429
    for name in ("ana", "@ANA", "Ana@tilly.example"):
        assert await enter(known(site, home), name) == 303, "from whatever network, one that is refused too"


async def test_a_known_device_has_a_limit_of_its_own(site: LiveSite) -> None:
    await site.members("ana", "ben")
    home = site.browser()
    await enter(home, "ana")
    thief = known(site, home, "198.51.100.9")
    assert [await enter(thief, "ana", WRONG) for _ in range(4)] == [422, 422, 422, 429]
    assert await enter(known(site, home, "198.51.100.8"), "ana") == 429, "another network gives it no more tries"
    assert await enter(site.browser(address="203.0.113.1"), "ana") == 303, "and others are none the slower"


async def test_the_cookie_is_for_its_account_alone(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_guessing, "WAITING_EACH", 0)
    await site.member("ana", email="house@tilly.example")
    eve = await site.member("eve", email="house@tilly.example")
    await credentials.change_password(await eve.viewer(), PASSWORD, "the password of eve")
    home = site.browser()
    assert await enter(home, "eve", "the password of eve") == 303
    for name in ("ana", "house@tilly.example"):
        tries = [await enter(known(site, home, f"198.51.100.{n}"), name, WRONG) for n in range(6)]
        assert set(tries[3:]) == {429}, "a cookie of one's own buys no tries for another account"


async def test_made_up_cookies_are_none(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_guessing, "WAITING_EACH", 0)
    ana = await site.member("ana")
    home = site.browser()
    await enter(home, "ana")
    issued, changed_at, nonce, mac = home.cookies[COOKIE].split(".")
    await attack(site, "ana")
    made_up = [
        f"{int(issued) + 1}.{changed_at}.{nonce}.{mac}", f"{issued}.{int(changed_at) + 1}.{nonce}.{mac}",
        f"{issued}.{changed_at}.{'A' * 22}.{mac}", f"{issued}.{changed_at}.{nonce}.{'A' * 43}",
        f"{issued}.{changed_at}.{nonce}", "~", "x" * 3000, str(ana.id), "\u00e9",
    ]  # fmt: skip
    for value in made_up:
        browser = site.browser(address="203.0.113.77")
        form = {"handle": "ana", "password": PASSWORD}
        cookie = f"{COOKIE}={value}".encode("latin-1")
        answer = await browser.post("/signin", data=form, headers=[(b"cookie", cookie)])
        assert answer.status_code == 429, value
    assert await enter(known(site, home), "ana") == 303


async def test_what_the_cookie_is(open_site: OpenSite) -> None:
    site = await open_site(origin="https://tilly.example")
    ana = await site.member("ana")
    answer = await site.browser().post("/signin", data={"handle": "ana", "password": PASSWORD})
    [line] = [one for one in answer.headers.get_list("set-cookie") if COOKIE in one]
    name, _, value = line.partition(";")[0].partition("=")
    assert name == f"__Host-{COOKIE}"
    assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure", "Max-Age=31536000"} <= set(line.split("; "))
    assert str(ana.id) not in value, "it does not say whose it is"


async def test_it_outlives_signing_out_and_ends_with_the_account(site: LiveSite) -> None:
    await site.members("ana", "ben")
    browser = site.browser()
    await enter(browser, "ben")
    await enter(browser, "ana")
    gone = await browser.post("/signout")
    assert not [one for one in gone.headers.get_list("set-cookie") if one.startswith(COOKIE)]
    both = browser.cookies[COOKIE]
    assert len(both.split("~")) == 2
    await enter(browser, "ana")
    assert len(browser.cookies[COOKIE].split("~")) == 2, "one token for each account"
    await browser.post("/settings/leave", data={"handle": "ana", "password": PASSWORD})
    assert browser.cookies[COOKIE] in both, "the token of @ben alone"
    await enter(browser, "ben")
    await browser.post("/settings/leave", data={"handle": "ben", "password": PASSWORD})
    assert COOKIE not in browser.cookies


async def test_a_browser_keeps_a_few_accounts(site: LiveSite) -> None:
    people = await site.members(*(f"one{number}" for number in range(device_cookies.MOST + 2)))
    browser = site.browser()
    for person in people:
        await enter(browser, person.handle)
    assert len(browser.cookies[COOKIE].split("~")) == device_cookies.MOST
    found = [
        bool(await device_cookies.recognize(browser.cookies[COOKIE], await credentials.named(person.handle)))
        for person in people
    ]
    assert found == [False] * 2 + [True] * device_cookies.MOST


async def vouches(browser: httpx.AsyncClient) -> bool:
    cookie = browser.cookies.get(COOKIE) or ""
    return bool(await device_cookies.recognize(cookie, await credentials.named("ana")))


ACTIONS = {
    "password": ("/settings/account/password", {"current": PASSWORD, "new": "another lamp in the window"}),
    "address": ("/settings/account/email", {"proof": PASSWORD, "email": "new@tilly.example"}),
    "others": ("/sessions?_method=DELETE", {}),
}


@pytest.mark.parametrize("action", ACTIONS)
async def test_an_action_that_ends_the_others_keeps_this_one(site: LiveSite, action: str) -> None:
    await site.member("ana")
    here, there = site.browser(), site.browser()
    await enter(here, "ana")
    await enter(there, "ana")
    assert await vouches(here)
    assert await vouches(there)
    path, form = ACTIONS[action]
    assert (await here.post(path, data=form)).status_code == 303
    assert await vouches(here)
    assert not await vouches(there)


async def test_a_reset_ends_them_all_but_the_one_it_was_done_in(site: LiveSite) -> None:
    ana = await site.member("ana")
    here, there = site.browser(), site.browser()
    await enter(there, "ana")
    link = await credentials.make_reset(ana.id)
    assert (await here.post(f"/reset/{link}", data={"password": "another lamp"})).status_code == 303
    assert await vouches(here)
    assert not await vouches(there)


async def test_it_lasts_a_year(site: LiveSite, watch: Watch) -> None:
    await site.member("ana")
    browser = site.browser()
    await enter(browser, "ana")
    watch.forward(360 * 86_400)
    assert await vouches(browser)
    watch.forward(6 * 86_400)
    assert not await vouches(browser)


async def test_every_way_in_leaves_one(site: LiveSite) -> None:
    form = {"handle": "ana", "name": "Ana", "password": PASSWORD, "birth_date": "1990-01-01", "terms": "1", "email": ""}
    first = site.browser()
    await first.post("/signup", data=form)
    assert await vouches(first)
    code = await login_codes.make(await sessions.viewer(first.cookies["parvis"]))
    second = site.browser()
    await second.post("/signin/code", data={"code": code})
    assert await vouches(second)


PROOFS = {
    "password": ("/settings/account/password", {"current": WRONG, "new": "another lamp in the window"}),
    "address": ("/settings/account/email", {"proof": WRONG, "email": "new@tilly.example"}),
    "leave": ("/settings/leave", {"handle": "ana", "password": WRONG}),
}


@pytest.mark.parametrize("proof", PROOFS)
async def test_a_stolen_session_keeps_nobody_from_their_settings(site: LiveSite, proof: str) -> None:
    ana = await site.member("ana")
    thief = site.browser(await site.network.device(ana.id, "ana"), address="198.51.100.66")
    path, form = PROOFS[proof]
    assert [(await thief.post(path, data=form)).status_code for _ in range(4)] == [422, 422, 422, 429]
    right = {name: PASSWORD if value == WRONG else value for name, value in form.items()}
    assert (await site.browser(ana, address="203.0.113.5").post(path, data=right)).status_code == 303


async def test_names_that_do_not_exist_are_delayed_alike(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    await site.member("ana", email="ana@tilly.example")
    seconds: dict[str, list[float]] = {}
    real = password_guessing.Delays.seconds

    def noted(self: password_guessing.Delays, name: str) -> float:
        found = real(self, name)
        seconds.setdefault(name, []).append(found)
        return found

    monkeypatch.setattr(password_guessing, "monotonic", lambda: 1000.0)
    monkeypatch.setattr(password_guessing.Delays, "seconds", noted)
    for number, name in enumerate(("ana", "nobody", "ana@tilly.example", "nobody@tilly.example")):
        assert set(await attack(site, name, f"198.51.{number}")) == {422}
    assert len(seconds) == 4
    first, *others = seconds.values()
    assert max(first) > 0
    assert all(one == first for one in others)


async def test_the_delay_holds_up_nobody_else(open_site: OpenSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site = await open_site(signins_per_hour=3)
    await site.members("ana", "ben")
    monkeypatch.setattr(password_guessing, "FIRST_SECONDS", 0.0)
    await attack(site, "ana")
    monkeypatch.setattr(password_guessing, "FIRST_SECONDS", 600.0)
    monkeypatch.setattr(password_guessing, "MOST_SECONDS", 600.0)
    held = asyncio.create_task(enter(site.browser(address="203.0.113.1"), "ana"))
    assert await enter(site.browser(address="203.0.113.2"), "ben") == 303
    assert (await site.browser().get("/public")).status_code == 200
    assert not held.done()
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)
