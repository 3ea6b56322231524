"""The most frequent requests have the same answers with the framework's routing and without it."""

import itertools
import re
from typing import Any

import httpx
import pytest
from litestar import Litestar

from app.asgi import create_app
from domain.timelines import public
from tests.conftest import OpenSite
from tests.helpers.people import LiveSite
from web.routes import direct

# What differs each time a page is drawn: the key of an empty form, and the time from which a page is kept up to date.
OFTEN_NEW = re.compile(r'name="key" value="\w+"|data-since="\d+"')
# Ids of posts, whose names differ, and of the forms that were sent.
NAMES = re.compile(r"\d{15,}|the-key-of-(quick|slow)-\d+")


@pytest.fixture
def engine() -> str:
    """Of HTTP alone."""
    return "sqlite"


@pytest.mark.parametrize(
    ("method", "path"), [*(("GET", path) for path in ("/", "/public", "/@/ana", "/@/ana/123")), ("POST", "/posts")]
)
def test_direct(method: str, path: str) -> None:
    assert direct.find(method, path) is not None


LEFT = ("", "/people", "/@/", "/@//1", "/@/ana/", "/@/ana/feed", "/@/ana/1/x", "/@/ana/١", "/posts")


@pytest.mark.parametrize(
    ("method", "path"), [*(("GET", path) for path in LEFT), ("POST", "/"), ("PUT", "/posts"), ("POST", "/@/ana")]
)
def test_left_to_the_framework(method: str, path: str) -> None:
    assert direct.find(method, path) is None


async def test_the_framework_is_not_asked(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await site.member("ana")
    framework, asked = Litestar.__call__, []

    async def noting(self: Litestar, scope: Any, receive: Any, send: Any) -> None:
        asked.append((scope["method"], scope["path"]))
        await framework(self, scope, receive, send)

    monkeypatch.setattr(Litestar, "__call__", noting)
    browser = site.browser(ana)
    assert (await browser.get("/")).status_code == 200
    assert (await browser.post("/posts", data={"text": "Said", "key": "the-first-key"})).status_code == 303
    assert asked == []
    assert (await browser.get("/people")).status_code == 200
    assert asked == [("GET", "/people")]


def content(response: httpx.Response) -> tuple[int, dict[str, str], str]:
    """What must be the same each time."""
    headers = {name: value for name, value in response.headers.items() if name not in ("content-length", "etag")}
    return response.status_code, headers, OFTEN_NEW.sub("", response.text)


async def test_the_same_pages(open_site: OpenSite, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = await open_site()
    ana = await quick.member("ana")
    post = await ana.post("Said once")
    monkeypatch.setattr(direct, "find", lambda *_: None)
    slow = LiveSite(quick.network, create_app(quick.network.settings))
    paths = ("/", "/public?before=1", "/@ana", "/@ANA", "/@nobody", f"/@ana/{post}", f"/@ben/{post}", "/@ana/99")
    kinds: tuple[dict[str, str], ...] = ({}, {"hx-request": "true"}, {"x-act": "1"}, {"host": "no host"})
    for member, path, headers in itertools.product((ana, None), paths, kinds):
        pages = [content(await site.browser(member).get(path, headers=headers)) for site in (quick, slow)]
        assert pages[0] == pages[1], (path, headers)
    await slow.close()


async def test_the_same_answers_to_posts(open_site: OpenSite, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = await open_site()
    ana = await quick.member("ana")
    monkeypatch.setattr(direct, "find", lambda *_: None)
    slow = LiveSite(quick.network, create_app(quick.network.settings))
    forms: tuple[dict[str, str], ...] = (
        {"text": "Said"}, {}, {"text": "a" * 5000}, {"text": "Said", "visibility": "nobody"}, {"quote": "1"},
    )  # fmt: skip
    kinds: tuple[dict[str, str], ...] = (
        {}, {"hx-request": "true"}, {"x-act": "1"}, {"x-account": "1"}, {"host": "no host"},
        {"content-type": "application/json"}, {"content-length": "999999999"}, {"origin": "https://elsewhere.test"},
    )  # fmt: skip
    statuses = set()
    for number, (member, form, headers) in enumerate(itertools.product((ana, None), forms, kinds)):
        answers = []
        for name, site in (("quick", quick), ("slow", slow)):
            sent = {**form, "key": f"the-key-of-{name}-{number}"}
            answer = await site.browser(member).post("/posts", data=sent, headers=headers)
            answers.append([NAMES.sub("", str(part)) for part in content(answer)])
            statuses.add(answer.status_code)
        assert answers[0] == answers[1], (form, headers)
    assert statuses == {201, 303, 400, 401, 403, 409, 413, 422}
    await slow.close()


async def test_an_error_is_a_page(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(public, "read", broken)
    answer = await site.browser().get("/public")
    assert answer.status_code == 500
    assert "<h1>" in answer.text
    assert "our fault" in answer.text
