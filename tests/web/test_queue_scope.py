"""The part of the queue that a moderator works on is chosen in a form, and stays chosen in that browser."""

import re

from tests.helpers.people import PASSWORD, LiveSite

COOKIE = "parvis-queue"
NARROW = "You see part of the queue"


async def test_a_part_of_the_queue(site: LiveSite) -> None:
    ana, eve = await site.members("ana", "eve")
    moderator = await site.network.moderator()
    for text, rule in (("You will be sorry.", 1), ("Cheap shoes.", 10)):
        await ana.report(await eve.post(text), rule=rule)
    browser = site.browser(moderator)
    whole = (await browser.get("/moderation")).text
    assert "You will be sorry." in whole
    assert "Cheap shoes." in whole
    assert NARROW not in whole
    chosen = await browser.put("/moderation/scope", data={"rule": "spam", "kind": "post"})
    assert chosen.headers["location"] == "/moderation"
    part = (await browser.get("/moderation")).text
    assert NARROW in part
    assert "Cheap shoes." in part
    assert "You will be sorry." not in part
    assert re.findall(r'<option value="([^"]+)" selected', part) == ["spam", "post"]
    led = (await browser.post("/moderation/next")).headers["location"]
    assert "Cheap shoes." in (await browser.get(led)).text
    await browser.delete(f"{led}/claim")
    await browser.put("/moderation/scope", data={"rule": "", "kind": "account"})
    assert "No case here is open." in (await browser.get("/moderation")).text
    assert (await browser.post("/moderation/next")).headers["location"] == "/moderation?empty=1"
    await browser.put("/moderation/scope")
    assert (await browser.get("/moderation")).text == whole


async def test_what_is_not_offered_counts_as_nothing(site: LiveSite) -> None:
    moderator = await site.network.moderator()
    browser = site.browser(moderator)
    for data in ({"rule": "no-such-rule"}, {"kind": "everything"}, {"rule": 'x"; Path=/', "kind": "post\r\n"}):
        assert (await browser.put("/moderation/scope", data=data)).status_code == 303
        assert COOKIE not in browser.cookies
    browser.cookies.set(COOKIE, "account.gone")
    assert NARROW in (await browser.get("/moderation")).text
    for value in ("", ".", "gone", "x.y.z", '"<>'):
        browser.cookies.delete(COOKIE)
        browser.cookies.set(COOKIE, value)
        assert NARROW not in (await browser.get("/moderation")).text, value


async def test_nobody_else_has_it_and_it_goes_with_the_session(site: LiveSite) -> None:
    member, moderator = await site.member("ana"), await site.network.moderator()
    outsider = await site.browser(member).put("/moderation/scope", data={"kind": "post"})
    assert outsider.status_code == 404
    assert "set-cookie" not in outsider.headers
    assert (await site.browser().put("/moderation/scope", data={"kind": "post"})).status_code == 401
    browser = site.browser(moderator)
    await browser.put("/moderation/scope", data={"kind": "post"})
    (line,) = [one for one in (await browser.post("/signout")).headers.get_list("set-cookie") if COOKIE in one]
    assert "Max-Age=0" in line
    assert COOKIE not in browser.cookies
    # Nor has whoever signs in on the same device, however the session before ended.
    browser.cookies.set(COOKIE, "post.")
    entered = await browser.post("/signin", data={"handle": "ana", "password": PASSWORD})
    assert [one for one in entered.headers.get_list("set-cookie") if COOKIE in one and "Max-Age=0" in one]
