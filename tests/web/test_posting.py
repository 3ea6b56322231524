"""Posting by form and by htmx: once, to the right place, and never losing what was typed."""

import html
import re

import httpx

from domain.core.visibility import WhoMayReply
from tests.conftest import OpenSite
from tests.helpers.people import PASSWORD, LiveSite, hidden

HTMX = {"hx-request": "true"}
ACT = {"x-act": "1"}


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return html.unescape(found[1]) if found else ""


def typed(page: str) -> str:
    found = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    return html.unescape(found[1]) if found else ""


async def test_a_form_posts_once(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    key = field((await browser.get("/compose")).text, "key")
    assert len(key) >= 16
    assert field((await browser.get("/compose")).text, "key") != key
    data = {"text": "Bonjour #Tilly", "key": key, "visibility": "public", "replies_to": "everyone"}
    places = {(await browser.post("/posts", data=data)).headers["location"] for _ in range(3)}
    assert len(places) == 1
    (place,) = places
    assert re.fullmatch(r"/@ana/\d+", place)
    page = (await site.browser().get(place)).text
    assert 'Bonjour <a href="/tags/tilly">#Tilly</a>' in page
    assert "Bonjour" in (await browser.get("/")).text
    assert await site.network.count("post") == 1


async def test_the_composer_on_top_of_home_has_a_new_key_each_time(site: LiveSite) -> None:
    browser = site.browser(await site.member("ana"))
    keys = {field((await browser.get("/")).text, "key") for _ in range(3)}
    assert len(keys) == 3


async def test_a_reply_leads_back_to_its_thread(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    root = await ana.post("Root")
    browser = site.browser(ben)
    form = (await browser.get(f"/compose?reply_to={root}")).text
    assert typed(form) == "@ana "
    assert "Root" in form
    data = {"text": "@ana Yes", "key": field(form, "key"), "reply_to": str(root)}
    place = (await browser.post("/posts", data=data)).headers["location"]
    assert place.startswith(f"/@ana/{root}#p-")
    assert "Yes" in (await site.browser().get(place)).text


async def test_htmx_gets_the_post_and_an_event(site: LiveSite) -> None:
    browser = site.browser(await site.member("ana"))
    answer = await browser.post("/posts", data={"text": "Quick", "key": "k" * 20}, headers=HTMX)
    assert answer.status_code == 201
    assert answer.text.lstrip().startswith('<article class="post"')
    assert '"posted"' in answer.headers["hx-trigger"]


async def test_what_is_refused_is_kept(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    closed = await ana.post("Few", replies_to=WhoMayReply.MENTIONED)
    browser = site.browser(ben)
    long = "é" * 1001
    for data, status, words in (
        ({"text": long}, 422, "At most 1,000 characters|At most 1000 characters"),
        ({"text": "  "}, 422, "Write something first"),
        ({"text": "Me too", "reply_to": str(closed)}, 403, "Only people mentioned"),
        ({"text": "Me too", "reply_to": "123"}, 404, "There is nothing here"),
        ({"text": "Look", "visibility": "world"}, 422, "Choose who may see it"),
        ({"text": "Look", "replies_to": "nobody"}, 422, "Choose who may reply"),
    ):
        answer = await browser.post("/posts", data={"key": "k" * 20, **data})
        assert answer.status_code == status, words
        assert re.search(words, html.unescape(answer.text))
        assert typed(answer.text).strip() == data["text"].strip()
        assert field(answer.text, "key") == "k" * 20
    assert await site.network.count("post") == 1


async def test_a_session_that_ends_in_mid_post_keeps_the_text(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    root = await ben.post("Root")
    lost = site.browser()
    lost.cookies.set("parvis", "of-yesterday")
    words = 'Half an hour of "work" & <love>\nand a second line'
    data = {"text": words, "key": "k" * 20, "reply_to": str(root), "cover": "Long", "visibility": "followers"}
    answer = await lost.post("/posts", data=data)
    assert answer.status_code == 401
    carried = {name: field(answer.text, name) for name in (*data, "next")}
    assert {name: carried[name] for name in data} == data
    wrong = await lost.post("/signin", data={**carried, "handle": "ana", "password": "not the password"})
    assert wrong.status_code == 422
    carried = {name: field(wrong.text, name) for name in (*data, "next")}
    answer = await lost.post("/signin", data={**carried, "handle": "ana", "password": PASSWORD})
    assert answer.status_code == 200
    assert typed(answer.text) == words
    again = {name: field(answer.text, name) or data[name] for name in ("key", "reply_to", "cover")}
    assert again == {name: data[name] for name in again}
    sent = await lost.post("/posts", data={**again, "text": typed(answer.text), "visibility": "followers"})
    assert sent.headers["location"].startswith(f"/@ben/{root}#p-")
    assert await site.network.count("post", f"author = {ana.id} AND cover = 'Long'") == 1
    assert (await lost.post("/posts", data=data, headers=HTMX)).status_code == 201
    lost.cookies.clear()
    assert (await lost.post("/posts", data=data, headers=HTMX)).status_code == 401
    assert await site.network.count("post") == 2


async def test_editing(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    post = await ana.post("First words", cover="Cover")
    browser = site.browser(ana)
    form = (await browser.get(f"/posts/{post}/edit")).text
    assert (typed(form), field(form, "version"), field(form, "cover")) == ("First words", "1", "Cover")
    path = f"/posts/{post}?_method=PUT"
    saved = await browser.post(path, data={"text": "Other words", "version": "1"})
    assert saved.headers["location"] == f"/@ana/{post}"
    late = await browser.post(path, data={"text": "Lost words", "version": "1"})
    assert late.status_code == 409
    assert typed(late.text) == "Lost words"
    history = (await site.browser().get(f"/@ana/{post}/edits")).text
    assert "First words" in history
    assert "Other words" in history
    assert (await site.browser(ben).get(f"/posts/{post}/edit")).status_code == 404
    assert (await site.browser(ben).post(path, data={"text": "Mine"})).status_code == 404
    assert (await site.browser().post(path, data={"text": "Mine"})).status_code == 401
    assert (await ana.view(post)).text == "Other words"


async def test_a_long_history_of_edits_comes_in_pages(site: LiveSite) -> None:
    ana = await site.member("ana")
    post = await ana.post("Words 1.")
    for number in range(2, 23):
        await ana.edit(post, f"Words {number}.")
    guest = site.browser()
    first = (await guest.get(f"/@ana/{post}/edits")).text
    assert [f"Words {number}." in first for number in (22, 3, 2)] == [True, True, False]
    address = f"/@ana/{post}/edits?before=3"
    assert f'href="{address}" rel="next" hx-get="{address}"' in first
    rest = (await guest.get(address)).text
    part = (await guest.get(address, headers=HTMX)).text
    for text in (rest, part):
        assert [f"Words {number}." in text for number in (3, 2, 1)] == [False, True, True]
        assert 'rel="next"' not in text
    assert "<html" in rest
    assert part.startswith('<ol class="edits">')
    assert (await guest.get(f"/@ana/{post}/edits?before=9223372036854775807")).status_code == 200


async def test_deleting_and_undoing(open_site: OpenSite) -> None:
    site = await open_site(undo_seconds=30)
    ana, ben = await site.members("ana", "ben")
    post = await ana.post("Oops")
    browser = site.browser(ana)
    assert (await site.browser(ben).delete(f"/posts/{post}")).status_code == 404
    page = await browser.post(f"/posts/{post}?_method=DELETE")
    undo = re.search(r'formaction="(/posts/\d+/deletion\?_method=DELETE)"', page.text)
    assert undo
    assert (await site.browser(ben).get(f"/@ana/{post}")).status_code == 404
    assert (await browser.get(f"/@ana/{post}")).status_code == 404
    assert (await site.browser(ben).post(undo[1])).status_code == 404
    assert (await browser.post(undo[1])).headers["location"] == f"/@ana/{post}"
    assert await ben.sees(post)
    quick = (await browser.delete(f"/posts/{post}", headers=ACT)).json()
    assert quick["undo"] == undo[1]
    assert quick["seconds"] == 30


async def test_optimistic_buttons_get_figures(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    reply = await ana.post("Reply", parent=await ana.post("Root"))
    browser = site.browser(ben)
    answer: httpx.Response = await browser.post(f"/posts/{reply}/vote?value=down&_method=PUT", headers=ACT)
    assert answer.json() | {"down": True, "up": False, "downs": "1", "votes": ""} == answer.json()
    answer = await browser.post(f"/posts/{reply}/vote?value=up&_method=PUT", headers=ACT)
    assert answer.json() | {"down": False, "up": True, "downs": "", "votes": "1"} == answer.json()
    answer = await browser.delete(f"/posts/{reply}/vote", headers=ACT)
    assert answer.json() | {"down": False, "up": False, "votes": ""} == answer.json()
    answer = await browser.put(f"/posts/{reply}/repost", headers=ACT)
    assert answer.json() | {"repost": True, "reposts": "1"} == answer.json()
    refused = await browser.put(f"/posts/{reply}/vote?value=sideways", headers=ACT)
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "invalid"
    gone = await browser.put("/posts/1/repost", headers=ACT)
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "not-found")


async def test_a_button_without_scripts_leads_back(site: LiveSite) -> None:
    ana = await site.member("ana")
    post = await ana.post("Hello")
    browser = site.browser(ana)
    referer = {"referer": "http://parvis.test/public?before=9"}
    answer = await browser.post(f"/posts/{post}/vote?_method=PUT", headers=referer)
    assert answer.headers["location"] == f"/public?before=9#p-{post}"
    answer = await browser.post(f"/posts/{post}/vote?_method=PUT", headers={"referer": "http://evil.example/x"})
    assert answer.headers["location"].startswith("/#") or answer.headers["location"] == f"/#p-{post}"


async def test_posts_of_one_member_are_limited(open_site: OpenSite) -> None:
    site = await open_site(posts_per_hour=2, acts_per_hour=3)
    ana, ben = await site.members("ana", "ben")
    browser = site.browser(ana)
    answers = [await browser.post("/posts", data={"text": f"n{n}", "key": f"key-number-{n}"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert typed(answers[2].text) == "n2"
    assert (await site.browser(ben).post("/posts", data={"text": "x", "key": "k" * 9})).status_code == 303
    post = (await ana.home())[0]
    actions = [(await browser.post(f"/posts/{post}/vote?_method=PUT", headers=ACT)) for _ in range(4)]
    assert [answer.status_code for answer in actions] == [200, 200, 200, 429]
    assert int(actions[3].headers["retry-after"]) > 0


async def test_a_stranger_finds_nothing(site: LiveSite) -> None:
    """Whatever address a stranger tries, what is hidden looks like what never was."""
    ana, eve = await site.members("ana", "eve")
    post = await ana.post("Between us", followers=True)
    await ana.edit(post, "Between us two")
    await ana.block(eve)
    open_post = await ana.post("Not for Eve")
    for browser in (site.browser(eve), site.browser()):
        # A short number could be a part of another one on the page.
        nothing = (await browser.get(f"/@ana/{post + 1}")).text.replace(str(post + 1), "")
        for path in (
            f"/@ana/{post}", f"/@eve/{post}", f"/posts/{post}", f"/@ana/{post}/edits", f"/@ana/{post}/menu",
            f"/posts/{post}/edit", f"/compose?reply_to={post}",
        ):  # fmt: skip
            answer = await browser.get(path)
            assert answer.status_code in (303, 404), path
            assert "Between" not in answer.text
            if path == f"/@ana/{post}":
                assert answer.text.replace(str(post), "") == nothing
        quote = await browser.get(f"/compose?quote={post}")
        assert "Between" not in quote.text
    eves = site.browser(eve)
    for path in (
        f"/@ana/{open_post}",
        "/@ana",
        "/@ana/replies",
        "/@ana/followers",
        "/@ana/menu",
        f"/posts/{open_post}",
    ):
        assert (await eves.get(path)).status_code == 404, path
    for path in ("/public", "/", "/people?q=ana", "/complete?q=@ana", "/people/suggested"):
        answer = await eves.get(path)
        assert answer.status_code == 200, path
        assert "Not for Eve" not in answer.text
        assert "/@ana" not in answer.text, path
    for method, path in (
        ("PUT", f"/accounts/{ana.id}/follow"), ("PUT", f"/posts/{open_post}/vote"),
        ("PUT", f"/posts/{open_post}/repost"),
        ("PUT", f"/accounts/{ana.id}/mute"), ("GET", f"/accounts/{ana.id}/block"), ("PUT", f"/requests/{ana.id}"),
    ):  # fmt: skip
        assert (await eves.request(method, path)).status_code == 404, path
    assert await hidden(open_post, eve)


async def test_other_peoples_settings(site: LiveSite) -> None:
    ana, eve = await site.members("ana", "eve")
    session = (await ana.viewer()).session
    browser = site.browser(eve)
    assert (await browser.delete(f"/sessions/{session}")).status_code == 404
    assert (await browser.get("/settings/network")).status_code == 403
    assert (
        await browser.post("/settings/network", data={"name": "Eve's", "terms": "x", "hue": "1"})
    ).status_code == 403
    assert (await browser.get("/@ana/votes")).status_code == 404
    assert (await ana.viewer()).signed_in
    guest = site.browser()
    for path in (
        "/settings",
        "/settings/devices",
        "/settings/privacy",
        "/settings/leave",
        "/requests",
        "/compose",
        "/settings/network",
    ):
        answer = await guest.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/signin?next={path}"), path
    for method, path in (
        ("DELETE", "/sessions"),
        ("POST", "/settings/profile"),
        ("POST", "/settings/home"),
        ("POST", "/settings/privacy"),
        ("POST", "/settings/reading"),
        ("POST", "/settings/account/password"),
        ("POST", "/settings/leave"),
    ):
        assert (await guest.request(method, path)).status_code == 401, path
