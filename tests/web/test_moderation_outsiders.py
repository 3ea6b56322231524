"""To whoever does not moderate there is nothing under /moderation: every address, with every method."""

import re
from collections.abc import Iterator

import web.routes
from tests.helpers.people import LiveSite, Member

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
NUMBER = "915485813938828499"
# What a form says that would do something, for those who may.
FILLED = {
    "pattern": "nordhost.example", "name": "Nordhost", "sender": "host", "words": "A wave of spam.", "hours": "6",
    "picture": "a" * 64, "about": "post", "link": "https://spam.example", "condition": "true", "email": "a@b.example",
    "case": NUMBER, "run": NUMBER, "state": "off",
}  # fmt: skip


def addresses() -> Iterator[tuple[str, set[str]]]:
    """Every address of moderation, and the methods that it has."""
    found: dict[str, set[str]] = {}
    for handler in web.routes.HANDLERS:
        for path in handler.paths:
            if path.startswith("/moderation"):
                found.setdefault(re.sub(r"\{\w+:str\}", NUMBER, path), set()).update(handler.http_methods)
    yield from found.items()


async def others(site: LiveSite, who: Member | None, expected: dict[str, str]) -> list[tuple[str, str, str]]:
    """What answers otherwise than expected of its method; what has no such method is nowhere for anybody."""
    browser, found = site.browser(who), []
    for address, methods in addresses():
        for method in METHODS:
            answer = await browser.request(method, address, data={} if method == "GET" else FILLED)
            said = f"{answer.status_code} {answer.headers.get('location', '').partition('?')[0]}".strip()
            if said != (expected.get(method, expected["*"]) if method in methods else "404"):
                found.append((method, address, said))
    return found


async def test_members_find_nothing(site: LiveSite) -> None:
    assert len(list(addresses())) > 40
    assert await others(site, await site.member("eve"), {"*": "404"}) == []


async def test_guests_are_asked_to_sign_in(site: LiveSite) -> None:
    assert await others(site, None, {"GET": "303 /signin", "*": "401"}) == []


async def test_moderators_are_refused_what_operators_do(site: LiveSite) -> None:
    mona = site.browser(await site.network.moderator())
    for method, address in (
        ("GET", "/moderation/upstream/senders"),
        ("POST", "/moderation/upstream/senders"),
        ("DELETE", "/moderation/upstream/senders"),
        ("POST", "/moderation/brake"),
        ("DELETE", "/moderation/brake"),
    ):
        data = {} if method == "GET" else FILLED
        assert (await mona.request(method, address, data=data)).status_code == 403, (method, address)
