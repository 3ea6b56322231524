"""Without scripts, a post that is interrupted comes back with its whole form, to its own author, or not at all."""

import html
from typing import Any

import httpx
import pytest

from db.tables.backups import SiteState
from domain.accounts import login_codes, profiles
from domain.backups import handover
from domain.backups.handover import SITE_MODE
from domain.core.visibility import WhoMayReply
from tests.helpers import media_files
from tests.helpers.people import PASSWORD, LiveSite, Member
from tests.web.html_forms import fields

# Everything that the form has, none of it as it is by default.
WHOLE = {
    "text": 'Half an hour of "work" & <love>\nand a second line',
    "cover": "What happens in the end",
    "sensitive": "1",
    "visibility": "followers",
    "replies_to": "mentioned",
    "key": "k" * 20,
}
GONE = "A picture of this post is no longer here. Add it again."


def lost(site: LiveSite) -> httpx.AsyncClient:
    """A browser whose session has ended."""
    browser = site.browser()
    browser.cookies.set("parvis", "of-yesterday")
    return browser


async def pictures(member: Member) -> dict[str, str]:
    """The fields of two pictures that were sent; the second one is not described."""
    one, two = (
        await member.send(media_files.encoded()),
        await member.send(media_files.encoded(media_files.photo(90, 60))),
    )
    return {f"alt.{two.id}": "The second first", f"alt.{one.id}": ""}


async def sign_in(browser: httpx.AsyncClient, page: str, member: Member, **more: str) -> httpx.Response:
    """Signs in by the form on a page, with all that it carries."""
    form = fields(page, "/signin") | {"handle": member.handle, "password": PASSWORD, **more}
    return await browser.post("/signin", data=form)


def composed(page: str, action: str = "/posts") -> dict[str, str]:
    """What the form for a post sends, without whose it is and without what is empty anyway."""
    found = fields(page, action)
    return {name: found[name] for name in found if found[name] or name.startswith("alt.")} | {"account": ""}


@pytest.mark.parametrize("way", ["password", "code"])
async def test_a_session_that_ends_in_mid_post(site: LiveSite, way: str) -> None:
    ana = await site.member("ana")
    quoted = await (await site.member("ben")).post("A thing to quote")
    whole = {**WHOLE, "quote": str(quoted), "account": str(ana.id), **await pictures(ana)}
    browser = lost(site)
    asked = await browser.post("/posts", data=whole)
    assert asked.status_code == 401
    wrong = await sign_in(browser, asked.text, ana, password="not the password")
    assert wrong.status_code == 422
    if way == "password":
        answer = await sign_in(browser, wrong.text, ana)
    else:
        form = fields(wrong.text, "/signin/code") | {"code": await login_codes.make(await ana.viewer())}
        answer = await browser.post("/signin/code", data=form)
    assert answer.status_code == 200
    assert composed(answer.text) == whole | {"account": ""}
    assert [name for name in composed(answer.text) if name.startswith("alt.")] == [
        name for name in whole if name.startswith("alt.")
    ], "in their order"
    assert fields(answer.text, "/posts")["account"] == str(ana.id)


async def test_pictures_alone_are_a_post(site: LiveSite) -> None:
    ana = await site.member("ana")
    whole = {"visibility": "followers", "key": "k" * 20, **await pictures(ana)}
    browser = lost(site)
    answer = await sign_in(browser, (await browser.post("/posts", data=whole)).text, ana)
    assert composed(answer.text) == whole | {"replies_to": "everyone", "account": ""}


async def test_somebody_else_signs_in(site: LiveSite) -> None:
    """What one member wrote is never put before another, who may be a stranger at the same device."""
    ana, ben = await site.members("ana", "ben")
    whole = {**WHOLE, "account": str(ana.id), **await pictures(ana)}
    browser = lost(site)
    asked = await browser.post("/posts", data=whole)
    answer = await sign_in(browser, asked.text, ben)
    assert (answer.status_code, answer.headers["location"]) == (303, "/compose")
    page = (await browser.get("/compose")).text
    key = fields(page, "/posts")["key"]
    assert composed(page) == {"visibility": "public", "replies_to": "everyone", "key": key, "account": ""}
    assert "Half an hour" not in page


async def test_a_form_of_one_is_not_sent_by_another(site: LiveSite) -> None:
    """Ana's page is still open when Ben signs in on the device, and it is sent."""
    ana, ben = await site.members("ana", "ben")
    posted = await ben.post("Mine")
    browser = site.browser(ben)
    for address in ("/posts", "/compose", f"/posts/{posted}?_method=PUT"):
        answer = await browser.post(address, data={**WHOLE, "account": str(ana.id)})
        assert answer.status_code == 409, address
        assert "This is for another account." in answer.text
        assert "Half an hour" not in html.unescape(answer.text)
    assert await site.network.count("post") == 1


async def test_a_session_that_ends_while_one_edits(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    post = await ana.show("First words", cover="Cover")
    browser = site.browser(ana)
    action = f"/posts/{post}?_method=PUT"
    form = fields((await browser.get(f"/posts/{post}/edit")).text, action) | {"text": "Other words", "cover": "Another"}
    late = lost(site)
    asked = await late.post(action, data=form)
    assert asked.status_code == 401
    assert (await sign_in(lost(site), asked.text, ben)).status_code == 303, "never as a post of somebody else's"
    answer = await sign_in(late, asked.text, ana)
    assert fields(answer.text, action) == form, "never as a new post, which anybody would see"
    assert (await late.post(action, data=form)).headers["location"] == f"/@ana/{post}"
    assert (await ana.view(post)).text == "Other words"


async def test_a_session_that_ends_while_one_attaches(site: LiveSite) -> None:
    ana = await site.member("ana")
    whole = {**WHOLE, "account": str(ana.id), **await pictures(ana)}
    browser = lost(site)
    asked = await browser.post("/compose", data=whole, files={"files": ("lamp.jpg", media_files.encoded())})
    assert asked.status_code == 401
    assert "The files are not: add them again." in asked.text
    answer = await sign_in(browser, asked.text, ana)
    assert composed(answer.text) == whole | {"account": ""}


async def test_a_script_whose_session_has_ended_is_told_so(site: LiveSite) -> None:
    ana = await site.member("ana")
    post = await ana.post("Hello")
    for path in ("/posts", "/compose", f"/posts/{post}?_method=PUT"):
        for header in ("x-act", "hx-request"):
            answer = await lost(site).post(path, data=WHOLE, headers={header: "1"})
            assert answer.status_code == 401, (path, header)
            assert "Half an hour" not in answer.text


async def test_a_refused_form_comes_back_whole(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    closed = await ben.post("Few", replies_to=WhoMayReply.MENTIONED)
    browser = site.browser(ana)
    whole = {**WHOLE, "reply_to": str(closed), **await pictures(ana)}
    answer = await browser.post("/posts", data=whole)
    assert answer.status_code == 403
    wanted = {name: value for name, value in whole.items() if name != "replies_to"}
    assert composed(answer.text) == wanted | {"account": ""}
    odd = await browser.post("/posts", data={**whole, "reply_to": "", "visibility": "friends", "replies_to": "some"})
    assert odd.status_code == 422
    shown = composed(odd.text)
    assert (shown["visibility"], shown["replies_to"]) == ("followers", "mentioned"), "what is not known is not opened"


async def test_pictures_that_are_gone(site: LiveSite) -> None:
    """Another's picture, and one that was removed meanwhile: the form says that it is not there."""
    ana, ben = await site.members("ana", "ben")
    mine, his = await ana.send(), await ben.send(media_files.encoded(media_files.photo(90, 60)))
    browser = site.browser(ana)
    for gone in (his.id, mine.id + 1):
        answer = await browser.post("/compose", data={"text": "Look", f"alt.{mine.id}": "", f"alt.{gone}": "x"})
        assert GONE in html.unescape(answer.text)
        assert [name for name in composed(answer.text) if name.startswith("alt.")] == [f"alt.{mine.id}"]


async def test_a_private_account_writes_for_its_followers(site: LiveSite) -> None:
    ana = await site.member("ana")
    await profiles.set_private(await ana.viewer(), private=True)
    browser = lost(site)
    answer = await sign_in(browser, (await browser.post("/posts", data={**WHOLE, "visibility": "public"})).text, ana)
    assert composed(answer.text)["visibility"] == "followers"


async def test_the_browser_restores_nothing_by_itself(site: LiveSite) -> None:
    """It would put one member's words into another's form when one goes back, and only some of the fields."""
    ana = await site.member("ana")
    post = await ana.post("Hello")
    browser = site.browser(ana)
    for path in ("/", "/compose", f"/posts/{post}/edit"):
        assert '<form class="compose" method="post" autocomplete="off"' in (await browser.get(path)).text, path


async def test_a_network_that_moves_gives_back_every_picture(site: LiveSite) -> None:
    """Also those that nobody has described."""
    ana = await site.member("ana")
    whole: dict[str, Any] = {**WHOLE, **await pictures(ana)}
    await handover.stop_writes()
    try:
        answer = await site.browser(ana).post("/posts", data=whole)
        assert answer.status_code == 503
        assert fields(answer.text, "/posts") == whole
    finally:
        await handover.resume_writes()
        SITE_MODE.state, SITE_MODE.address = SiteState.NORMAL, ""
