"""The outer wall: where a request may come from, how large it may be, and what every page is forbidden to do."""

import re
from collections.abc import AsyncIterator

import pytest

from app import demo
from tests.conftest import OpenSite
from tests.helpers.people import ORIGIN, LiveSite
from tests.web.paging import walk

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def engine() -> str:
    """Nothing here depends on the database."""
    return "sqlite"


# --- where from ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": ORIGIN}, 201),
        ({"origin": ORIGIN, "sec-fetch-site": "same-origin"}, 201),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://parvis.test.evil.example"}, 403),
        ({"origin": "http://parvis.test:81"}, 403),
        ({"origin": ORIGIN, "sec-fetch-site": "cross-site"}, 403),
        ({"origin": ORIGIN, "sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://evil.example", "sec-fetch-site": "none"}, 201),
    ],
)
async def test_other_sites_send_nothing(site: LiveSite, headers: dict[str, str], status: int) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    data = {"text": "Hello", "key": "one-key-for-all"}
    answer = await browser.post("/posts", data=data, headers={**headers, "hx-request": "true"})
    assert answer.status_code == status
    assert await site.network.count("post") == (status == 201)


async def test_every_way_of_changing_something_is_guarded(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    post = await ben.post("Hello")
    browser = site.browser(ana)
    evil = {"origin": "http://evil.example"}
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        for path in ("/posts", f"/posts/{post}/vote", f"/accounts/{ben.id}/follow", "/settings/leave", "/signout"):
            assert (await browser.request(method, path, headers=evil)).status_code == 403
    assert (await ben.view(post)).ups == 0
    assert (await ana.viewer()).signed_in


async def test_only_a_post_can_say_that_it_is_something_else(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    post = await ben.post("Hello")
    mine = await ana.post("Mine")
    browser = site.browser(ana)
    for path in (f"/posts/{post}/vote?_method=PUT", f"/posts/{mine}?_method=DELETE", "/sessions?_method=DELETE"):
        assert (await browser.get(path)).status_code in (303, 404)
        assert (await browser.head(path)).status_code in (303, 404)
    assert (await ben.view(post)).ups == 0
    assert await ana.sees(mine)
    assert (await browser.post(f"/posts/{post}/vote?_method=put")).status_code == 303
    assert (await ben.view(post)).ups == 1
    assert (await browser.post(f"/posts/{post}/vote?_method=TRACE")).status_code == 404


# --- how large, and in which letters ---------------------------------------------------------------------------------


async def test_a_body_of_ten_megabytes(open_site: OpenSite) -> None:
    site = await open_site(image_mb=1, video_mb=1, audio_mb=1)
    ana = await site.member("ana")
    browser = site.browser(ana)
    body = b"text=" + b"a" * 10_000_000
    assert (await browser.post("/posts", content=body, headers=FORM)).status_code == 413

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"a" * 100_000

    assert (await browser.post("/posts", content=pieces(), headers=FORM)).status_code == 413
    for path in ("/posts", "/settings/reading"):
        multipart = await browser.post(path, files={"text": b"a" * 10_000_000})
        assert multipart.status_code == 413, path
    lying = await browser.post("/posts", content=b"text=a", headers={**FORM, "content-length": "-1"})
    assert lying.status_code == 413
    assert await site.network.count("post") == 0


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"text=%ff%fe&key=12345678", FORM),
        (b"text=\xff\xfe&key=12345678", FORM),
        (b"text=%ed%a0%80&key=12345678", FORM),
        ("&".join(f"f{n}=1" for n in range(1000)).encode(), FORM),
        (b'{"text": "hi"}', {"content-type": "application/json"}),
        (b"--x\r\nbroken", {"content-type": "multipart/form-data; boundary=x"}),
        (b"--x\r\nbroken", {"content-type": "multipart/form-data"}),
        (
            b'--x\r\ncontent-disposition: form-data; name="text"\r\n\r\n\xff\xfe\r\n--x--\r\n',
            {"content-type": "multipart/form-data; boundary=x"},
        ),
        (b"text=hi", {}),
    ],
)
async def test_a_form_that_cannot_be_read_is_the_senders_fault(
    site: LiveSite, body: bytes, headers: dict[str, str]
) -> None:
    ana = await site.member("ana")
    for path in ("/posts", "/settings/profile", "/signin", "/preferences", "/settings/reading"):
        answer = await site.browser(ana).post(path, content=body, headers=headers)
        assert 400 <= answer.status_code < 500, path
        assert answer.text
    assert await site.network.count("post") == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "", "multipart/mixed"])
async def test_only_a_form_with_files_may_be_large(site: LiveSite, kind: str) -> None:
    """It is streamed to disk; anything else would be held in memory."""
    for path in ("/posts", "/share", "/compose"):
        answer = await site.browser().post(path, content=b"a" * 300_000, headers={"content-type": kind})
        assert answer.status_code == 413, path


async def test_characters_that_nobody_types(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    data = {"text": "a\x00b\u202ec\ue000d\ue001", "key": "null\x00null", "cover": "\x00x"}
    assert (await browser.post("/posts", data=data)).status_code == 303
    (view,) = [await ana.view(post) for post in await ana.home()]
    assert (view.text, view.cover) == ("abcd", "x")
    for path in (
        "/@a%00na",
        "/tags/%00",
        "/people?q=%00",
        "/posts/%00",
        "/@ana/%ff",
        "/tags/%ff",
        "/people?q=%ff",
        "/%2e%2e/",
        "/@",
        "/@/",
        "/@ana/1/2/3",
        "/%c0%ae",
    ):
        assert (await browser.get(path)).status_code in (200, 303, 404), path


# --- what pages may do -----------------------------------------------------------------------------------------------


async def test_no_page_needs_what_the_policy_forbids(open_site: OpenSite) -> None:
    """Walks through all of the cast's network, as a guest, as a member, as the operator."""
    site = await open_site(kind="migrated", reads_burst=10_000, address_reads_burst=10_000)
    played = await demo.play(site.network.settings, pictures=False)
    await site.settle()
    pages: set[str] = set()
    for handle in ("", "lena", "ottilie"):
        member = await site.network.device(played.people[handle].id, handle) if handle else None
        pages |= set(await walk(site.browser(member)))
    for path in (
        "/settings/network",
        "/settings/leave",
        "/requests",
        "/compose",
        "/about",
        "/people",
        "/@ana/followers",
    ):
        assert path in pages or path == "/requests", path
    assert len(pages) > 100


async def test_static_files(site: LiveSite) -> None:
    browser = site.browser()
    page = (await browser.get("/")).text
    found = re.findall(r'(?:href|src)="(/static/[^"#]+)', page)
    assert len(found) > 4
    for path in found:
        answer = await browser.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert (await browser.get(path, headers={"if-none-match": answer.headers["etag"]})).status_code == 304
    for path in ("/static/../settings.py", "/static/%2e%2e/page.py", "/static/css/order.txt", "/static/"):
        assert (await browser.get(path)).status_code == 404


async def test_what_members_see_is_not_kept_by_browsers(site: LiveSite) -> None:
    ana = await site.member("ana")
    for path in ("/", "/public", "/settings", "/@ana"):
        assert (await site.browser(ana).get(path)).headers["cache-control"] == "no-store"
    assert (await site.browser().get("/public")).headers["cache-control"] == "no-cache"


async def test_posts_of_guests_are_counted(open_site: OpenSite) -> None:
    site = await open_site(acts_per_hour=3)
    form = {"text": "Words of a guest", "key": "the-key-of-a-form"}
    answers = [await site.browser().post("/posts", data=form) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert "Words of a guest" in answers[-1].text
