"""Requests that a stranger makes to cost us time or memory, or to mislead the next reader."""

import gc
import re
from typing import Any

import pytest
from litestar import _parsers

from tests.conftest import OpenSite
from tests.helpers.people import ORIGIN, LiveSite
from web.forms import Form

FORMS = ("/posts", "/signin", "/signup", "/reset", "/preferences", "/settings/profile", "/compose", "/share")


@pytest.fixture
def engine() -> str:
    """Nothing here depends on the database."""
    return "sqlite"


def form(charset: str, body: bytes) -> dict[str, Any]:
    """A multipart form with one text field that names its encoding."""
    part = b'--xx\r\ncontent-disposition: form-data; name="handle"\r\ncontent-type: text/plain; charset='
    return {
        "content": part + charset.encode() + b"\r\n\r\n" + body + b"\r\n--xx--\r\n",
        "headers": {"content-type": "multipart/form-data; boundary=xx"},
    }


# --- forms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", ["punycode", "zzz", "base64", "rot13", "utf-16", "idna", "utf-7", "unicode_escape"])
async def test_a_part_is_in_utf_8_or_refused(site: LiveSite, charset: str) -> None:
    browser = site.browser(await site.member("ana"))
    for path in FORMS:
        answer = await browser.post(path, **form(charset, b"ana"))
        assert answer.status_code == 400, path
        assert "can&#39;t be read" in answer.text


async def test_a_part_may_say_that_it_is_in_utf_8(site: LiveSite) -> None:
    browser = site.browser()
    for charset in ("utf-8", "UTF-8", "us-ascii"):
        answer = await browser.post("/signin", **form(charset, b"somebody"))
        assert answer.status_code == 422
        assert 'value="somebody"' in answer.text
    other = {"content-type": "application/x-www-form-urlencoded; charset=utf-16"}
    assert (await browser.post("/signin", content=b"handle=ana", headers=other)).status_code == 400


async def test_more_text_than_any_form_has(site: LiveSite) -> None:
    browser = site.browser(await site.member("ana"))
    answer = await browser.post("/posts", files={"text": (None, "long words " * 30_000), "key": (None, "the-form-key")})
    assert (answer.status_code, "may have 256 KB" in answer.text) == (400, True)


async def test_long_text_in_a_form_with_files_comes_back(site: LiveSite) -> None:
    """As it does from a form without files."""
    browser = site.browser(await site.member("ana"))
    text = "long words " * 15_000
    answer = await browser.post("/posts", files={"text": (None, text), "key": (None, "the-form-key")})
    assert answer.status_code == 422
    assert text[:1000] in answer.text


def kept_forms() -> int:
    return sum(isinstance(one, Form) for one in gc.get_objects())


REFUSED = [
    ("/signin", {"handle": "nobody", "password": "wrong"}, "not right"),
    ("/signin/code", {"code": "ABCD"}, "code"),
    ("/signup", {"handle": "zoe", "name": "a" * 2000}, "Name"),
    ("/reset", {"email": "nobody@example.org"}, "password"),
    ("/posts", {"text": "x", "alt.1": "a" * 2000, "media": "1", "key": "the-form-key"}, "description is too long"),
    ("/posts", {"text": "a" * 2000, "key": "the-form-key"}, "there are 2000"),
]


@pytest.mark.parametrize(("path", "fields", "words"), REFUSED)
async def test_a_refused_form_is_gone_with_its_answer(
    site: LiveSite, path: str, fields: dict[str, str], words: str
) -> None:
    """What a cycle holds stays until the next collection, which is rare: 400 forms of 240 KB took 90 MB."""
    browser = site.browser(await site.member("ana") if path == "/posts" else None)
    assert words in (await browser.post(path, data=fields)).text
    gc.collect()
    gc.disable()
    try:
        before = kept_forms()
        await browser.post(path, data=fields)
        assert kept_forms() == before
    finally:
        gc.enable()


# --- addresses -------------------------------------------------------------------------------------------------------


async def test_long_addresses_are_refused(site: LiveSite) -> None:
    for member in (None, await site.member("ana")):
        browser = site.browser(member)
        for path in ("/people?q=" + "a" * 4096, "/" + "a" * 4096, "/tags/" + "%C3%A9" * 700, "/static/" + "a" * 4096):
            assert (await browser.get(path)).status_code == 414, path[:20]
        assert (await browser.post("/posts?" + "a" * 4096, data={"text": "x"})).status_code == 414
        assert (await browser.get("/people?" + "&".join(f"f{n}=1" for n in range(41)))).status_code == 400
        assert (await browser.get("/people?q=" + "a" * 4000)).status_code == 200


async def test_nothing_is_kept_of_queries_and_cookies(site: LiveSite) -> None:
    """The framework's parsers keep the last thousand of each, however long they are."""
    caches = (_parsers.parse_query_string, _parsers.parse_cookie_string, _parsers.parse_url_encoded_form_data)
    before = [cache.cache_info().currsize for cache in caches]
    browser = site.browser(await site.member("ana"))
    for path in ("/people?q=lamp", "/?before=1&x=1", "/install?device=iphone", "/signin?next=/public"):
        await browser.get(path)
        await browser.get(path, headers={"cookie": "parvis=nothing; other=1"})
    await browser.post("/posts?_method=PUT", data={"text": "x", "key": "the-form-key"})
    assert [cache.cache_info().currsize for cache in caches] == before


@pytest.mark.parametrize("path", ["//tags/lamp", "/tags//lamp", "//", "/%2Ftags/lamp", "/tags/%2F%2Flamp", "///public"])
async def test_two_slashes_are_no_address(open_site: OpenSite, path: str) -> None:
    """As a link, //tags/lamp leads to the host "tags"."""
    site = await open_site(guest_cache_ms=60_000)
    ana = await site.member("ana")
    for number in range(25):
        await ana.post(f"#lamp {number}")
    for member in (None, ana):
        assert (await site.browser(member).get(ORIGIN + path)).status_code == 404
    page = (await site.browser().get("/tags/lamp")).text
    assert re.findall(r'class="older" href="([^"?]+)', page) == ["/tags/lamp"]


async def test_a_guests_page_is_kept_for_its_own_address(open_site: OpenSite) -> None:
    site = await open_site(guest_cache_ms=60_000)
    ana = await site.member("ana")
    for number in range(25):
        await ana.post(f"#lamp {number}")
    for path in ("/tags/lamp", "/tags/lamp/", "/tags/%6Camp", "/tags/LAMP"):
        page = (await site.browser().get(path)).text
        assert re.findall(r'class="older" href="([^"?]+)', page) == [path]


async def test_strangers_do_not_fill_the_cache_of_guests_pages(open_site: OpenSite) -> None:
    site = await open_site(guest_cache_ms=60_000)
    ana = await site.member("ana")
    await ana.post("First")
    guest = site.browser()
    for query in (
        "x=1",
        "before=" + "1" * 50,
        "before=1&before=1&before=1&before=1",
        "sort=a%20b",
        "before=1&",
        "before",
    ):
        await guest.get(f"/public?{query}")
    kept = await guest.get("/public?before=9000000000000000000")
    await ana.post("Second")
    for query in ("x=1", "before=" + "1" * 50, "sort=a%20b"):
        assert "Second" in (await guest.get(f"/public?{query}")).text
    assert (await guest.get("/public?before=9000000000000000000")).text == kept.text


# --- limits ----------------------------------------------------------------------------------------------------------


async def test_a_page_for_another_account_counts_too(open_site: OpenSite) -> None:
    site = await open_site(reads_burst=5, reads_per_minute=1, address_reads_burst=5, address_reads_per_minute=1)
    for member in (None, await site.member("ana")):
        browser = site.browser(member)
        statuses = [(await browser.get("/public?for=12")).status_code for _ in range(8)]
        assert statuses == [409] * 5 + [429] * 3


# --- headers and bodies ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("referer", ["http://[::1", "http://[", "//[", "http://parvis.test:x/", "http://a]b/"])
async def test_a_malformed_referer_changes_nothing(site: LiveSite, referer: str) -> None:
    ana, ben = await site.members("ana", "ben")
    browser = site.browser(ana, headers={"referer": referer})
    answer = await browser.post(f"/accounts/{ben.id}/follow?_method=PUT")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await site.network.count("follow") == 1


async def test_long_headers_are_not_parsed(site: LiveSite) -> None:
    """What parses them keeps them."""
    ana, ben = await site.members("ana", "ben")
    long = "http://parvis.test/" + "a" * 30_000
    answer = await site.browser(ana, headers={"referer": long}).post(f"/accounts/{ben.id}/follow?_method=PUT")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await site.browser().get("/install", headers={"host": "a" * 30_000})).status_code == 400


@pytest.mark.parametrize("path", [*FORMS, "/media", "/push/receipts", "/move/device"])
async def test_a_body_that_is_cut_short_is_no_fault_of_ours(
    site: LiveSite, path: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    ana = await site.member("ana")
    messages = iter([{"type": "http.request", "body": b"text=h", "more_body": True}, {"type": "http.disconnect"}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    kind = b"multipart/form-data; boundary=xx" if path in ("/posts", "/share") else b"application/x-www-form-urlencoded"
    headers = [(b"host", b"parvis.test"), (b"cookie", f"parvis={ana.token}".encode()), (b"content-type", kind)]
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": path, "raw_path": path.encode(),
        "query_string": b"key=the-form-key", "root_path": "", "scheme": "http", "headers": headers,
        "client": ("192.0.2.1", 4444), "server": ("parvis.test", 80),
    }  # fmt: skip
    await site.app(scope, receive, send)
    assert all(message.get("status", 400) < 500 for message in sent)
    said = capsys.readouterr()
    assert "request.broken" not in said.out + said.err + caplog.text
