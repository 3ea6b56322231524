"""The page of notifications, without JavaScript and with it, and the bell."""

import re

import httpx

from domain.notifications import preferences
from domain.notifications.preferences import ASIDE, Preferences
from tests.helpers.notifications import closed, set_aside, told, unread
from tests.helpers.people import ORIGIN, LiveSite
from tests.web.paging import check


async def press(browser: httpx.AsyncClient, path: str, label: str) -> httpx.Response:
    """Presses the button of a page that is labelled so, as a browser without JavaScript does."""
    html = (await browser.get(path)).text
    buttons = re.findall(r'<button[^>]*formaction="([^"]+)"[^>]*>(.*?)</button>', html, re.DOTALL)
    named = [action for action, inside in buttons if label in inside]
    assert len(named) == 1, f"{label}: {buttons}"
    return await browser.post(named[0].replace("&amp;", "&"), headers={"referer": f"{ORIGIN}{path}"})


async def test_the_page_tells_and_is_read(site: LiveSite) -> None:
    ana, ben, cleo, dov = await site.members("ana", "ben", "cleo", "dov")
    post = await ana.post("Bread & <b>butter</b>")
    for one in (ben, cleo, dov):
        await one.vote(post, 1)
        await site.settle()
    await ben.post("An answer to it", parent=post)
    await site.settle()
    browser = site.browser(ana)
    home = (await browser.get("/")).text
    assert home.count("data-unread>2</b>") == 2
    answer = await browser.get("/notifications")
    check(answer)
    assert "<b><bdi>Dov</bdi></b> and 2 others voted for your post" in answer.text
    assert "Bread &amp; &lt;b&gt;butter" in answer.text
    assert "An answer to it" in answer.text
    assert "2 new notifications" in answer.text
    assert len(re.findall(r'class="notification[^"]* unread', answer.text)) == 2
    assert "An answer" not in (await browser.get("/notifications?only=votes")).text
    pressed = await press(browser, "/notifications", "Mark all as read")
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/notifications")
    text = (await browser.get("/notifications")).text
    assert 'unread"' not in text.replace("data-unread", "")
    assert "Mark all" not in text
    assert await unread(ana) == 0


async def test_the_script_marks_what_was_on_the_page(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    await ben.post("@ana one")
    await site.settle()
    browser = site.browser(ana)
    upto = re.search(r'data-upto="(\d+)" data-only="all"', (await browser.get("/notifications")).text)
    assert upto
    await ben.post("@ana two")
    await site.settle()
    address = f"/notifications/read?upto={upto[1]}&only=all&_method=PUT"
    answer = await browser.post(address, headers={"x-act": "1"})
    assert answer.json() == {"unread": 1}
    assert await unread(ana) == 1


async def test_older_ones_follow(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    for number in range(25):
        await ben.post(f"@ana number {number}.")
    await site.settle()
    browser = site.browser(ana)
    first = (await browser.get("/notifications?only=mentions")).text
    older = re.search(r'class="older" href="([^"]+)"', first)
    assert older
    address = older[1].replace("&amp;", "&")
    fragment = await browser.get(address, headers={"hx-request": "true"})
    assert "<html" not in fragment.text
    page = (await browser.get(address)).text
    for html in (page, fragment.text):
        assert len(re.findall(r"@ana</a> number \d+\.", html)) == 5
        assert 'class="older"' not in html


async def test_requests_are_answered_right_there(site: LiveSite) -> None:
    ana, ben, cleo = await site.members("ana", "ben", "cleo")
    await closed(ana)
    for one in (ben, cleo):
        await one.follow(ana)
        await site.settle()
    browser = site.browser(ana)
    pressed = await press(browser, "/notifications", 'Accept<span class="vh"> @ben')
    assert pressed.headers["location"] == "/notifications"
    await press(browser, "/notifications", 'Decline<span class="vh"> @cleo')
    await site.settle()
    assert await told(ana) == ["follow ben"]
    text = (await browser.get("/notifications")).text
    assert "follows you" in text
    assert "Accept" not in text
    assert await told(ben) == ["accepted ana"]


async def test_set_aside(site: LiveSite) -> None:
    ana, ben, cleo = await site.members("ana", "ben", "cleo")
    await preferences.save(await ana.viewer(), Preferences(strangers=ASIDE))
    for one in (ben, cleo):
        for number in range(5):
            await one.post(f"@ana number {number}")
    await site.settle()
    browser = site.browser(ana)
    text = (await browser.get("/notifications")).text
    assert "From 2 people" in text
    assert "number" not in text
    answer = await browser.get("/notifications/aside")
    check(answer)
    assert "And 2 more." in answer.text
    await press(browser, "/notifications/aside", 'Let through<span class="vh"> @ben')
    await press(browser, "/notifications/aside", 'Dismiss<span class="vh"> @cleo')
    assert (len(await told(ana)), await unread(ana), await set_aside(ana)) == (5, 5, {})
    assert "Nothing set aside" in (await browser.get("/notifications/aside")).text


async def test_the_bell_is_on_the_profile_of_whom_one_follows(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    browser = site.browser(ana)
    assert "/bell?" not in (await browser.get("/@ben")).text
    assert (await browser.put(f"/accounts/{ben.id}/bell")).status_code == 403
    await ana.follow(ben)
    await press(browser, "/@ben", "#bell")
    assert 'aria-pressed="true" aria-label="Stop telling me' in (await browser.get("/@ben")).text
    await ben.post("News")
    await site.settle()
    assert "bell ben" in await told(ana)
    await press(browser, "/@ben", "#bell-fill")
    assert 'aria-label="Tell me of every new post' in (await browser.get("/@ben")).text
    await ana.mute(ben)
    assert "/bell?" not in (await browser.get("/@ben")).text


async def test_it_is_for_the_member_alone(site: LiveSite) -> None:
    ana, ben, cleo = await site.members("ana", "ben", "cleo")
    await ben.post("@ana secret words")
    await site.settle()
    guest, other = site.browser(), site.browser(cleo)
    for path in ("/notifications", "/notifications/aside"):
        assert "secret words" not in (await guest.get(path)).text
        assert (await guest.get(path)).status_code in (303, 401)
        assert "secret words" not in (await other.get(path)).text
    assert "All quiet." in (await other.get("/notifications")).text
    assert "Nothing of this kind" in (await other.get("/notifications?only=votes")).text
    await other.put("/notifications/read")
    assert (await guest.put("/notifications/read")).status_code == 401
    assert await unread(ana) == 1


async def test_people_with_marks_in_their_names_are_shown_as_written(site: LiveSite) -> None:
    ana, ben = await site.member("ana"), await site.member("ben", name="<i>Ben</i> & co")
    await ben.vote(await ana.post("One"), 1)
    await site.settle()
    text = (await site.browser(ana).get("/notifications")).text
    assert "<b><bdi>&lt;i&gt;Ben&lt;/i&gt; &amp; co</bdi></b> voted for your post" in text
    assert "<i>Ben" not in text
