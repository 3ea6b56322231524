"""Codes that carry a login into the installed app."""

import re

import httpx
import pytest

from domain.accounts import login_codes
from domain.core.access import GUEST
from domain.core.errors import Invalid, SignedOut
from tests.conftest import OpenSite, Watch
from tests.helpers.people import PASSWORD, LiveNetwork, LiveSite


def test_a_code_has_forty_bits_that_nobody_misreads() -> None:
    assert len(set(login_codes.ALPHABET)) ** login_codes.LENGTH >= 2**40
    assert not set("01IO") & set(login_codes.ALPHABET)


async def test_a_code_signs_in_once(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    code = await login_codes.make(await ana.viewer())
    assert re.fullmatch(rf"[{login_codes.ALPHABET}]{{4}}-[{login_codes.ALPHABET}]{{4}}", code)
    typed = f"  {code.lower().replace('-', ' ')} "
    assert (await login_codes.redeem(typed)).account == ana.id
    with pytest.raises(Invalid):
        await login_codes.redeem(code)


async def test_only_the_newest_is_valid_and_only_for_its_account(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    old, bens = await login_codes.make(await ana.viewer()), await login_codes.make(await ben.viewer())
    new = await login_codes.make(await ana.viewer())
    with pytest.raises(Invalid):
        await login_codes.redeem(old)
    assert [(await login_codes.redeem(code)).account for code in (bens, new)] == [ben.id, ana.id]


async def test_it_expires(network: LiveNetwork, watch: Watch) -> None:
    ana = await network.member("ana")
    code = await login_codes.make(await ana.viewer())
    watch.forward(login_codes.MINUTES * 60 + 1)
    with pytest.raises(Invalid):
        await login_codes.redeem(code)
    await login_codes.make(await ana.viewer())
    watch.forward(login_codes.MINUTES * 60 + 1)
    await login_codes.forget_old()
    assert await network.count("signin_code") == 0


async def test_what_is_kept_does_not_give_it_away(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    code = await login_codes.make(await ana.viewer())
    assert await network.count("signin_code", f"id LIKE '%{code[:4]}%'") == 0
    assert await network.count("signin_code", "length(id) >= 64") == 1


@pytest.mark.parametrize("typed", ["", "ABCD", "ABCD-EFG0", "ABCD-EFGHJ", "ABCD\x00EFGH", "ⅣBCDEFGH", "'; --", "Ä" * 8])
async def test_nonsense_is_no_code(network: LiveNetwork, typed: str) -> None:
    with pytest.raises(Invalid):
        await login_codes.redeem(typed)


async def test_a_guest_makes_none(network: LiveNetwork) -> None:
    with pytest.raises(SignedOut):
        await login_codes.make(GUEST)


# --- over HTTP


async def made(browser: httpx.AsyncClient) -> str:
    answer = await browser.post("/install/code")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    found = re.search(r"<output>([^<]+)</output>", answer.text)
    assert found
    return found[1]


async def test_from_the_browser_into_the_app(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser, app = site.browser(ana), site.browser(headers={"user-agent": "the app"})
    code = await made(browser)
    assert code not in (await browser.get("/install")).text, "shown this once"
    answer = await app.post("/signin/code", data={"code": code, "next": "/settings"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    assert "@ana" in (await app.get("/")).text
    assert "@ana" in (await browser.get("/")).text, "the browser stays signed in"
    assert await site.network.count("session", f"account = {ana.id}") == 2
    again = await site.browser().post("/signin/code", data={"code": code})
    assert again.status_code == 422
    assert "has been used" in again.text
    assert "set-cookie" not in again.headers
    assert " open>" in again.text, "the form that was sent is open"


async def test_it_ends_the_session_that_the_device_had(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    code = await made(site.browser(ana))
    device = site.browser(ben)
    await device.post("/signin/code", data={"code": code})
    assert "@ana" in (await device.get("/")).text
    assert await site.network.count("session", f"account = {ben.id}") == 0


async def test_it_leads_nowhere_else(site: LiveSite) -> None:
    code = await made(site.browser(await site.member("ana")))
    answer = await site.browser().post("/signin/code", data={"code": code, "next": "https://evil.example/"})
    assert answer.headers["location"] == "/"


async def test_guessing_is_limited(open_site: OpenSite) -> None:
    site = await open_site(signins_per_hour=3)
    code = await made(site.browser(await site.member("ana")))
    thief = site.browser(address="203.0.113.7")
    answers = [(await thief.post("/signin/code", data={"code": f"ABCD-EFG{n}"})).status_code for n in range(2, 7)]
    assert answers == [422, 422, 422, 429, 429]
    assert (await thief.post("/signin/code", data={"code": code})).status_code == 429, "even the right one"
    assert (await site.browser().post("/signin/code", data={"code": code})).status_code == 303


async def test_a_new_password_and_signing_others_out_end_it(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    codes_made = [await made(browser)]
    await browser.post("/sessions?_method=DELETE")
    codes_made.append(await made(browser))
    await browser.post("/settings/account/password", data={"current": PASSWORD, "new": "another lamp in it"})
    for code in codes_made:
        assert (await site.browser().post("/signin/code", data={"code": code})).status_code == 422


async def test_who_left_does_not_come_back_by_a_code(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    code = await made(browser)
    left = await browser.post("/settings/leave", data={"handle": "ana", "password": PASSWORD})
    assert left.status_code == 303
    assert (await site.browser().post("/signin/code", data={"code": code})).status_code == 422


async def test_a_guest_is_led_to_sign_in(site: LiveSite) -> None:
    guest = site.browser()
    assert (await guest.post("/install/code")).status_code in (401, 403)
    assert "Make a code" not in (await guest.get("/install")).text
    assert await site.network.count("signin_code") == 0
