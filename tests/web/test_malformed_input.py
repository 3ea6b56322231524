"""What strangers send to see what happens: every one of these broke something once."""

import asyncio
import base64
import re
from typing import Any

import pytest

import pwa.routes
import web.routes
from tests.conftest import OpenSite
from tests.helpers.people import PASSWORD, LiveSite, Member
from web import forms


@pytest.mark.parametrize("path", ["/tags/a%00b", "/@a%00b", "/@a%00b/1", "/tags/%EE%80%80feed%EE%80%81"])
async def test_addresses_that_are_none(site: LiveSite, path: str) -> None:
    ana = await site.member("ana")
    assert (await site.browser(ana).get(path)).status_code == 404


async def test_no_part_of_an_address_holds_a_null(site: LiveSite) -> None:
    """PostgreSQL refuses a statement with one."""
    browser = site.browser(await site.member("ana"))
    for handler in [*web.routes.HANDLERS, *pwa.routes.HANDLERS]:
        for path in handler.paths:
            address = re.sub(r"\{\w+:str\}", "a%00b", path).replace("/@/", "/@")
            for method in handler.http_methods if "%00" in address else ():
                assert (await browser.request(method, address)).status_code == 404, (method, address)


@pytest.mark.parametrize(
    ("typed", "version"),
    [("0", 0), ("1000", 1000), ("999999999", 999_999_999)]
    + [(typed, None) for typed in ("", "1000000000", "-1", " 1", "1.0", "²", "٣")],
)
def test_the_number_of_a_version(typed: str, version: int | None) -> None:
    assert forms.version(typed) == version


async def test_a_cursor_of_any_size(site: LiveSite) -> None:
    ana = await site.member("ana")
    post = await ana.post("Root")
    await ana.post("Under it", parent=post)
    for after in ("9999999999.1", "-9999999999.1", "1.99999999999999999999", "x", "."):
        assert (await site.browser(ana).get(f"/@ana/{post}?after={after}")).status_code == 200


async def test_the_setup_is_over_once_it_is_done(site: LiveSite) -> None:
    answer = await site.browser().post("/setup", data={"hue": "1" * 5000, "password": "x" * 100})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_a_hundred_passwords_at_once_count_as_a_hundred(open_site: OpenSite) -> None:
    site = await open_site(signins_per_hour=5)
    await site.member("ana")
    tries = [{"handle": "ana", "password": f"wrong password {n}"} for n in range(20)]
    answers = await asyncio.gather(*(site.browser().post("/signin", data=data) for data in tries))
    assert sum(answer.status_code == 422 for answer in answers) == 5
    assert sum(answer.status_code == 429 for answer in answers) == 15
    right = await site.browser().post("/signin", data={"handle": "@Ana", "password": PASSWORD})
    assert right.status_code == 429, "however the handle is written"


async def test_a_form_that_was_sent_and_then_changed(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    await browser.post("/posts", data={"text": "First words", "key": "one-and-the-same"})
    answer = await browser.post("/posts", data={"text": "Other words", "key": "one-and-the-same"})
    assert answer.status_code == 409
    assert "Other words" in answer.text
    assert "one-and-the-same" not in answer.text, "sent again, it goes out"


@pytest.mark.parametrize(
    ("path", "signed_in"),
    [("/push/receipts", False), ("/move/device", False), ("/arrive", False), ("/push/subscriptions", True)],
)
async def test_nesting_without_end(site: LiveSite, path: str, signed_in: bool) -> None:
    browser = site.browser(await site.member("ana") if signed_in else None)
    if path == "/arrive":
        code = base64.urlsafe_b64encode(b'{"a":' + b"[" * 1200).decode().rstrip("=")
        answer = await browser.post(path, data={"code": f"{code}.eA"})
    else:
        answer = await browser.post(path, content='{"x":' + "[" * 100_000)
    assert answer.status_code == 422


async def test_what_is_sent_to_posts_and_is_none_counts_as_a_change(open_site: OpenSite) -> None:
    site = await open_site(posts_per_hour=1, acts_per_hour=2)
    ana, ben, cleo, dan, eve = await site.members("ana", "ben", "cleo", "dan", "eve")
    form = {"text": "x", "key": "k" * 9, "account": "5"}
    tries: list[tuple[Member, str, dict[str, Any], int]] = [
        (ana, "/posts", {"data": form}, 409),
        (ben, "/posts?_method=DELETE", {"data": form}, 404),
        (cleo, "/posts", {"json": form}, 400),
        (dan, "/posts", {"data": {f"field{number}": "x" for number in range(1000)}}, 400),
        (eve, "/posts", {"data": form, "headers": {"x-account": "5"}}, 409),
    ]
    for member, address, sent, status in tries:
        browser = site.browser(member)
        answers = [(await browser.post(address, **sent)).status_code for _ in range(4)]
        assert answers == [status, status, 429, 429]
