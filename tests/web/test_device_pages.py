"""The page of devices: what it offers to end together with the other devices."""

import re

import pytest

from domain.notifications import feeds, subscriptions
from tests.helpers.people import LiveSite, Member
from tests.helpers.push_service import PushReceiver

HERE = "/settings/devices"
AWAY = "/sessions?_method=DELETE"


async def member(site: LiveSite) -> Member:
    ana = await site.member("ana")
    await feeds.renew(await ana.viewer())
    await subscriptions.enter(await ana.viewer(), PushReceiver("https://push.tilly.example/secret").offer())
    return ana


async def left(site: LiveSite, ana: Member) -> tuple[bool, int, int]:
    """Whether there is a feed, how many push addresses and sessions there are."""
    feed = bool(await feeds.address_of(await ana.viewer()))
    return feed, await site.network.count("push_subscription"), await site.network.count("session")


async def test_only_what_there_is_is_offered(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    text = (await browser.get(HERE)).text
    assert AWAY not in text
    await site.network.device(ana.id, "ana")
    text = (await browser.get(HERE)).text
    assert AWAY in text
    assert "checkbox" not in text
    await feeds.renew(await ana.viewer())
    await subscriptions.subscribe(await ana.viewer(), PushReceiver("https://browser.tilly.example/x").offer())
    text = (await browser.get(HERE)).text
    assert re.findall(r'type="checkbox"[^>]*name="(\w+)" value="1" checked', text) == ["feed"]
    assert "browser.tilly.example" not in text
    await subscriptions.enter(await ana.viewer(), PushReceiver("https://push.tilly.example/secret").offer())
    text = (await browser.get(HERE)).text
    assert re.findall(r'type="checkbox"[^>]*name="(\w+)" value="1" checked', text) == ["feed", "push_addresses"]
    assert "push.tilly.example" in text
    assert "/secret" not in text, "the address itself is a secret"


@pytest.mark.parametrize(
    ("form", "feed", "push"),
    [
        ({"offered": "1", "feed": "1", "push_addresses": "1"}, False, 0),
        ({"offered": "1", "feed": "1"}, False, 1),
        ({"offered": "1", "push_addresses": "1"}, True, 0),
        ({"offered": "1"}, True, 1),
        ({}, False, 0),
    ],
)
async def test_what_is_ticked_ends(site: LiveSite, form: dict[str, str], feed: bool, push: int) -> None:
    ana = await member(site)
    other = await site.network.device(ana.id, "ana")
    answer = await site.browser(ana).post(AWAY, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, HERE)
    assert await left(site, ana) == (feed, push, 1)
    assert not (await other.viewer()).signed_in


async def test_it_is_offered_without_other_devices(site: LiveSite) -> None:
    ana = await member(site)
    assert AWAY in (await site.browser(ana).get(HERE)).text


async def test_others_keep_theirs(site: LiveSite) -> None:
    ana, ben = await member(site), await site.member("ben")
    await site.browser(ben).post(AWAY)
    assert (await left(site, ana))[:2] == (True, 1)
    assert (await site.browser().post(AWAY)).status_code == 401
    assert (await left(site, ana))[:2] == (True, 1)
