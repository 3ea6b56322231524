"""Atom feeds: one's notices at a secret address, and what a public profile posts."""

import re
from xml.etree import ElementTree as ET

import httpx
import pytest

from domain.notifications import feeds
from domain.notifications.preferences import ASIDE, Preferences, save
from tests.conftest import OpenSite
from tests.helpers.people import PASSWORD, LiveSite, Member
from web import atom

HERE = "/settings/notifications/feed"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
HOSTILE = '</content>]]><![CDATA[ & <b onclick="x()">\'" &amp; <script>alert(1)</script> \ufffe\uffff é 🜚'


async def turn_on(site: LiveSite, member: Member) -> str:
    """The path of a member's feed."""
    answer = await site.browser(member).post(HERE, data={"feed": "new"})
    page = await site.browser(member).get(answer.headers["location"])
    found = re.search(r'value="http://[^/]+(/feeds/[\w-]+\.xml)"', page.text)
    assert found
    return found[1]


async def read(site: LiveSite, path: str, **headers: str) -> tuple[httpx.Response, ET.Element]:
    answer = await site.browser(headers=headers).get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    return answer, ET.fromstring(answer.content)


def titles(feed: ET.Element) -> list[str | None]:
    return [title.text for title in feed.findall("a:entry/a:title", ATOM)]


# --- one's own -------------------------------------------------------------------------------------------------------


async def test_notices_as_a_feed(site: LiveSite) -> None:
    ana, ben, cem = await site.members("ana", "ben", "cem")
    path = await turn_on(site, ana)
    post = await ana.post("The lamp is mended")
    for voter in (ben, cem):
        await voter.vote(post, 1)
        await site.settle()
    reply = await ben.post("At last, @ana", parent=post)
    await cem.follow(ana)
    await site.settle()
    _, feed = await read(site, path)
    assert feed.findtext("a:title", namespaces=ATOM) == "Notifications of @ana"
    assert sorted(map(str, titles(feed))) == [
        "Ben replied to you", "Cem and Ben voted for your post", "Cem follows you"
    ]  # fmt: skip
    entries = {entry.findtext("a:title", namespaces=ATOM): entry for entry in feed.findall("a:entry", ATOM)}
    replied = entries["Ben replied to you"]
    link = replied.find("a:link", ATOM)
    assert link is not None
    assert link.get("href", "").endswith(f"/@ben/{reply}")
    words = replied.findtext("a:content", namespaces=ATOM) or ""
    assert re.search(r'^At last, <a href="http://[^/]+/@ana">@ana</a>$', words)
    assert replied.findtext("a:author/a:name", namespaces=ATOM) == "Ben"
    assert len({entry.findtext("a:id", namespaces=ATOM) for entry in entries.values()}) == 3
    assert feed.findtext("a:updated", namespaces=ATOM) == max(
        entry.findtext("a:updated", namespaces=ATOM) or "" for entry in entries.values()
    )


async def test_an_empty_feed_is_whole(site: LiveSite) -> None:
    ana = await site.member("ana")
    _, feed = await read(site, await turn_on(site, ana))
    assert titles(feed) == []
    assert feed.findtext("a:updated", namespaces=ATOM)


async def test_the_address_is_the_key_and_can_be_changed(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    browser = site.browser(ana)
    assert "/feeds/" not in (await browser.get("/settings/notifications")).text
    first, second = await turn_on(site, ana), await turn_on(site, ana)
    assert first != second
    assert (await site.browser().get(first)).status_code == 404
    assert (await site.browser(ben).get(second)).status_code == 200
    assert "Whoever has this address" in (await browser.get("/settings/notifications")).text
    assert second not in (await site.browser(ben).get("/settings/notifications")).text
    await browser.post(HERE, data={"feed": "off"})
    assert (await site.browser().get(second)).status_code == 404
    assert await feeds.address_of(await ana.viewer()) == ""


async def test_a_new_password_ends_the_address(site: LiveSite) -> None:
    """Whoever held the account may have taken the address along."""
    (ana,) = await site.members("ana")
    path = await turn_on(site, ana)
    form = {"current": PASSWORD, "new": "another long password"}
    assert (await site.browser(ana).post("/settings/account/password", data=form)).status_code == 303
    assert (await site.browser().get(path)).status_code == 404


@pytest.mark.parametrize(
    "name", ["x.xml", ".xml", "None.xml", "a" * 32 + ".xml", "é" * 30 + ".xml", "%00" * 32 + ".xml", "a" * 4000]
)
async def test_addresses_that_are_none(site: LiveSite, name: str) -> None:
    await site.member("ana")
    assert (await site.browser().get(f"/feeds/{name}")).status_code == 404


async def test_an_address_without_its_end(site: LiveSite) -> None:
    path = await turn_on(site, await site.member("ana"))
    assert (await site.browser().get(path.removesuffix(".xml"))).status_code == 404


async def test_what_is_hidden_blocked_or_set_aside_is_not_in_it(site: LiveSite) -> None:
    ana, ben, cem, dora = await site.members("ana", "ben", "cem", "dora")
    path = await turn_on(site, ana)
    await ben.post("Blocked words, @ana")
    gone = await cem.post("Deleted words, @ana")
    await site.settle()
    assert len(titles((await read(site, path))[1])) == 2
    await ana.block(ben)
    await cem.delete(gone)
    await save(await ana.viewer(), Preferences(strangers=ASIDE))
    await dora.post("Words set aside, @ana")
    assert "words" not in (await read(site, path))[0].text
    await site.settle()
    answer, feed = await read(site, path)
    assert (titles(feed), "words" in answer.text) == ([], False)


async def test_it_ends_with_the_account(site: LiveSite) -> None:
    ana = await site.member("ana")
    path = await turn_on(site, ana)
    await site.browser(ana).post("/settings/leave", data={"handle": "ana", "password": PASSWORD})
    assert (await site.browser().get(path)).status_code == 404


async def test_it_speaks_its_owners_language(site: LiveSite) -> None:
    ana = await site.member("ana", locale="fr")
    _, feed = await read(site, await turn_on(site, ana), **{"accept-language": "en"})
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"


async def test_readers_ask_whether_it_has_changed(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    path = await turn_on(site, ana)
    await ben.post("Hello @ana")
    await site.settle()
    answer, _ = await read(site, path)
    assert answer.headers["cache-control"] == "private, no-cache"
    etag = answer.headers["etag"]
    browser = site.browser()
    for ask in ({"if-none-match": etag}, {"if-none-match": f'"x", W/{etag}'}):
        again = await browser.get(path, headers=ask)
        assert (again.status_code, again.content) == (304, b"")
    public, _ = await read(site, "/@ben/feed")
    tag, modified = public.headers["etag"], public.headers["last-modified"]
    for ask in ({"if-none-match": tag}, {"if-modified-since": modified}):
        assert (await browser.get("/@ben/feed", headers=ask)).status_code == 304
    for ask in ({"if-none-match": '"x"', "if-modified-since": modified}, {"if-modified-since": "yesterday"}):
        assert (await browser.get("/@ben/feed", headers=ask)).status_code == 200
    await ben.post("Again @ana")
    await site.settle()
    assert (await browser.get(path, headers={"if-none-match": etag})).status_code == 200


async def test_readers_have_limits(open_site: OpenSite) -> None:
    site = await open_site(address_reads_burst=3)
    path = await turn_on(site, await site.member("ana"))
    reader = site.browser(address="198.51.100.9")
    assert [(await reader.get(path)).status_code for _ in range(5)] == [200, 200, 200, 429, 429]


# --- a profile's -----------------------------------------------------------------------------------------------------


async def test_a_profile_as_a_feed(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    first = await ana.post("The lamp is mended #lamps https://lamps.example")
    await ana.post("For friends", followers=True)
    await ana.post("A reply", parent=await ben.post("Words of Ben"))
    await ana.post("The butler did it", cover="How the video ends")
    await ana.repost(await ben.post("More words of Ben"))
    answer, feed = await read(site, "/@ana/feed")
    assert titles(feed) == ["How the video ends", "The lamp is mended #lamps https://lamps.example"]
    assert "butler" not in answer.text
    last = feed.findall("a:entry", ATOM)[-1]
    assert (last.findtext("a:id", namespaces=ATOM) or "").endswith(f"/posts/{first}")
    words = last.findtext("a:content", namespaces=ATOM) or ""
    assert re.search(r'<a href="http://[^/"]+/tags/lamps">#lamps</a>', words)
    assert '<a href="https://lamps.example"' in words
    assert answer.headers["cache-control"] == "no-cache"


async def test_a_profile_says_where_its_feed_is(site: LiveSite) -> None:
    ana = await site.member("ana")
    link = '<link rel="alternate" type="application/atom+xml" href="/@ana/feed"'
    for browser in (site.browser(), site.browser(ana)):
        assert link in (await browser.get("/@ana")).text.partition("</head>")[0]
    await site.browser(ana).post("/settings/privacy", data={"private": "1"})
    assert link not in (await site.browser(ana).get("/@ana")).text


async def test_whose_posts_are_not_for_everybody_has_no_feed(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    await ben.follow(ana)
    await ana.post("For friends")
    await site.browser(ana).post("/settings/privacy", data={"private": "1"})
    for browser in (site.browser(), site.browser(ana), site.browser(ben)):
        assert (await browser.get("/@ana/feed")).status_code == 404
    assert (await site.browser().get("/@nobody/feed")).status_code == 404


async def test_it_is_the_same_for_everybody(open_site: OpenSite) -> None:
    site = await open_site(guest_cache_ms=60_000)
    ana, ben = await site.members("ana", "ben")
    await ana.post("For friends", followers=True)
    await ana.post("For all")
    await ben.follow(ana)
    etags = {(await site.browser(who).get("/@ana/feed")).headers["etag"] for who in (ben, ana, None, None)}
    assert len(etags) == 1
    assert "For friends" not in (await site.browser(ana).get("/@ana/feed")).text


async def test_a_deleted_post_leaves_what_guests_share(open_site: OpenSite) -> None:
    site = await open_site(guest_cache_ms=60_000)
    ana = await site.member("ana")
    post = await ana.post("Regret")
    guest = site.browser()
    first = await guest.get("/@ana/feed")
    assert "Regret" in first.text
    await ana.delete(post)
    await site.settle()
    again = await guest.get("/@ana/feed", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, "Regret" in again.text) == (200, False)


async def test_hostile_words_stay_words(site: LiveSite) -> None:
    ana = await site.member("ana", name='<Ana> ]]> & "co"')
    await ana.post(HOSTILE)
    await ana.post("x", cover=HOSTILE)
    _, feed = await read(site, "/@ana/feed")
    assert feed.findtext("a:title", namespaces=ATOM) == '<Ana> ]]> & "co" (@ana)'
    assert len(feed.findall("a:entry", ATOM)) == 2
    for entry in feed.findall("a:entry", ATOM):
        words = entry.findtext("a:content", namespaces=ATOM) or ""
        assert "&lt;script&gt;" in words
        assert not re.search(r"<(script|b)\b", words)
        assert "<script>alert(1)</script>" in (entry.findtext("a:title", namespaces=ATOM) or "")


def test_characters_that_xml_can_not_hold_are_dropped() -> None:
    head = atom.Head("i", "h", "o", "a\x00b\x0bc\ud800d\ufffe", "en", 0)
    title = ET.fromstring(atom.write(head, [])).findtext("a:title", namespaces=ATOM)
    assert title == "abcd"


async def test_long_feeds_are_compressed(site: LiveSite) -> None:
    ana = await site.member("ana")
    for n in range(25):
        await ana.post(f"Words and more words, number {n}, and still more of them")
    answer = await site.browser().get("/@ana/feed", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert len(ET.fromstring(answer.content).findall("a:entry", ATOM)) == 20
