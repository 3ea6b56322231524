"""Reading: pages that follow each other, copies that do not outlive what they show, and a budget for it."""

import re
from collections.abc import Callable

import pytest

from asgi import client_address, limits
from asgi.limits import Limit
from domain.core import ids
from domain.core.errors import TooMany
from tests.conftest import OpenSite
from tests.helpers.people import LiveSite


class Tick:
    """A clock for limits, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def tick(monkeypatch: pytest.MonkeyPatch) -> Tick:
    made = Tick()
    monkeypatch.setattr(limits, "monotonic", made)
    return made


def test_a_bucket_empties_and_fills(tick: Tick) -> None:
    limit = Limit(burst=3, per_second=0.5)
    for _ in range(3):
        limit.take("ana")
    with pytest.raises(TooMany) as refusal:
        limit.take("ana")
    assert refusal.value.retry_after == 3
    limit.take("ben")
    tick.now += 2
    limit.take("ana")
    with pytest.raises(TooMany):
        limit.take("ana")
    tick.now += 1000
    for _ in range(3):
        limit.take("ana")
    with pytest.raises(TooMany):
        limit.take("ana")


def test_what_is_given_back_did_not_count(tick: Tick) -> None:
    limit = Limit.hourly(2)
    for _ in range(10):
        limit.take("ana")
        limit.give("ana")
    limit.take("ana")
    limit.take("ana")
    with pytest.raises(TooMany):
        limit.take("ana")


@pytest.mark.parametrize("use", [Limit.take, lambda limit, key: limit.charge(key, 1), Limit.give])
def test_memory_is_bounded(use: Callable[[Limit, str], None], tick: Tick, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT", 10)
    limit = Limit(1, 1)
    for n in range(100):
        use(limit, str(n))
    assert len(limit._buckets) <= 10


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        (("192.0.2.1", 1), "192.0.2.1"),
        (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
        (("2001:db8:1:2::9", 1), "2001:db8:1:2::/64"),
        (("::ffff:192.0.2.1", 1), "192.0.2.1"),
        (None, ""),
    ],
)
def test_addresses(client: tuple[str, int] | None, counted: str) -> None:
    assert client_address.client_address({"client": client}) == counted


async def test_a_person_reads_all_day_and_a_crawler_does_not(open_site: OpenSite, tick: Tick) -> None:
    site = await open_site(reads_burst=20, reads_per_minute=12, address_reads_burst=20, address_reads_per_minute=12)
    ana, eve = await site.members("ana", "eve")
    person, crawler = site.browser(ana), site.browser(eve)
    for _ in range(60):
        assert (await person.get("/public")).status_code == 200
        tick.now += 6
    statuses = [(await crawler.get("/public")).status_code for _ in range(40)]
    assert statuses == [200] * 20 + [429] * 20
    refused = await crawler.get("/public")
    assert int(refused.headers["retry-after"]) <= 6
    assert "Slow down" in refused.text
    assert (await person.get("/public")).status_code == 200, "behind the same address, with a budget of their own"
    guests = [(await site.browser().get("/public")).status_code for _ in range(25)]
    assert guests.count(200) == 20, "guests of one address share one"
    assert (await site.browser(address="198.51.100.7").get("/public")).status_code == 200


async def links(site: LiveSite, path: str, browser: object = None) -> list[list[str]]:
    """The posts of every page that follows, by "Older"."""
    found = []
    reader = site.browser(browser)  # type: ignore[arg-type]
    while path:
        page = (await reader.get(path)).text
        found.append(re.findall(r'id="p-(\d+)"', page))
        older = re.search(r'class="older" href="([^"]+)"', page)
        path = older[1].replace("&amp;", "&") if older else ""
    return found


async def test_every_list_can_be_read_to_its_end(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    await ben.follow(ana)
    root = await ana.post("Root #square")
    firsts = [root, *[await ana.post(f"{n} #square") for n in range(44)]]
    replies = [await ben.post(f"Reply {n}", parent=root) for n in range(43)]
    await site.settle()
    expected = {
        "/public": firsts, "/": firsts, "/@ana": firsts, "/tags/square": firsts, "/@ben/replies": replies,
    }  # fmt: skip
    for path, posts in expected.items():
        pages = await links(site, path)
        assert [len(page) for page in pages] == ([20, 20, 5] if posts is firsts else [20, 20, 3]), path
        assert [int(post) for page in pages for post in page] == posts[::-1], path
    for sort in ("oldest", "newest"):
        pages = await links(site, f"/@ana/{root}?sort={sort}")
        read = [int(post) for page in pages for post in page if int(post) != root]
        assert read == (replies if sort == "oldest" else replies[::-1])
    home = await links(site, "/", ben)
    assert [int(post) for page in home for post in page] == [*replies[::-1], *firsts[::-1]]


async def test_a_strange_cursor_is_the_first_page(site: LiveSite) -> None:
    ana = await site.member("ana")
    post = await ana.post("Hello #a")
    await ana.post("Welcome", parent=post)
    lists = {"before": ("/", "/public", "/@ana", "/tags/a", "/@ana/followers"), "after": ("/people", f"/@ana/{post}")}
    # Other in each page: a form's key, and from when on replies are new.
    own = re.compile(r' name="key" value="[^"]*"|new=\d+|data-since="\d+"')

    def shown(text: str) -> str:
        return own.sub("", text.partition("<main")[2].partition("</main>")[0])

    for browser in (site.browser(), site.browser(ana)):
        for name, paths in lists.items():
            for path in paths:
                first = shown((await browser.get(path)).text)
                assert len(first) > 100
                for cursor in ("x", "-1", "0", "9" * 40, "1e9", "%00", "٣", "1;DROP TABLE post", "1.x"):
                    answer = await browser.get(path, params={name: cursor})
                    assert (answer.status_code, shown(answer.text)) == (200, first), (path, cursor)
                    assert str(ids.LAST - 1) not in answer.text, "it is told what is new"


async def test_guests_share_a_page_for_a_moment_and_revalidate_it(open_site: OpenSite) -> None:
    site = await open_site(guest_cache_ms=60_000)
    ana = await site.member("ana")
    await ana.post("First")
    guest = site.browser()
    first = await guest.get("/public")
    await ana.post("Second")
    again = await guest.get("/public")
    assert "Second" not in again.text
    assert (await guest.get("/public", headers={"if-none-match": first.headers["etag"]})).status_code == 304
    assert "Second" in (await site.browser(ana).get("/public")).text
    french = await guest.get("/public", headers={"accept-language": "fr"})
    assert 'lang="fr"' in french.text
    assert "cookie" in first.headers["vary"]


async def test_what_is_shared_says_nothing_of_a_member(open_site: OpenSite) -> None:
    site = await open_site(guest_cache_ms=60_000)
    ana, ben = await site.members("ana", "ben")
    await ana.post("Public words")
    await ben.post("For friends", followers=True)
    post = await ben.post("Voted")
    await ana.vote(post, 1)
    for member in (ana, ben):
        await site.browser(member).get("/public")
        await site.browser(member).get(f"/@ben/{post}")
    for path in ("/", "/public", f"/@ben/{post}", "/@ana", "/@ben"):
        text = (await site.browser().get(path)).text
        assert 'aria-pressed="true">English' in text
        assert text.count('aria-pressed="true"') == 1
        assert "For friends" not in text
        assert "/settings" not in text
        assert 'name="key"' not in text


async def test_a_purge_empties_what_guests_share(open_site: OpenSite) -> None:
    site = await open_site(guest_cache_ms=60_000)
    ana = await site.member("ana")
    post = await ana.post("Regret")
    guest = site.browser()
    for path in ("/public", f"/@ana/{post}"):
        assert "Regret" in (await guest.get(path)).text
    await ana.delete(post)
    await site.settle()
    assert "Regret" not in (await guest.get("/public")).text
    assert (await guest.get(f"/@ana/{post}")).status_code == 404


async def test_compression(site: LiveSite) -> None:
    ana = await site.member("ana")
    await ana.post("Long enough " * 50)
    for browser in (site.browser(), site.browser(ana)):
        for coding in ("br", "gzip"):
            answer = await browser.get("/public", headers={"accept-encoding": coding})
            assert answer.headers["content-encoding"] == coding
        plain = await browser.get("/public", headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert "Long enough" in plain.text


async def test_a_cover_hides_the_words_until_they_are_asked_for(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    post = await ana.post("The goat did it", cover="How it ends")
    await ben.post("So", quote=post)
    quoting = (await site.browser().get("/@ben")).text
    assert "How it ends" in quoting
    assert "The goat did it" not in quoting
    page = (await site.browser().get(f"/@ana/{post}")).text
    hidden = re.search(r"<details[^>]*>(.*?)</details>", page, re.DOTALL)
    assert hidden
    assert "The goat did it" in hidden[1]
    assert "The goat did it" not in page.replace(hidden[0], "")


async def test_switches_of_a_guest_are_cookies_and_of_a_member_settings(site: LiveSite) -> None:
    guest = site.browser()
    answer = await guest.post("/preferences", data={"theme": "dark", "locale": "fr", "next": "/public"})
    assert answer.headers["location"] == "/public"
    page = (await guest.get("/public", headers={"accept-language": "en"})).text
    assert '<html lang="fr"' in page
    assert 'data-theme="dark"' in page
    await guest.post("/preferences", data={"theme": "</script>", "locale": "../../etc/passwd", "next": "/public"})
    assert 'data-theme="dark"' in (await guest.get("/public")).text
    ana = await site.member("ana")
    await site.browser(ana).post("/preferences", data={"theme": "light", "locale": "fr", "next": "/"})
    elsewhere = (await site.browser(ana, headers={"accept-language": "en"}).get("/")).text
    assert '<html lang="fr"' in elsewhere
    assert 'data-theme="light"' in elsewhere
