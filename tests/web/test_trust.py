"""Levels of trust on pages: everybody reads what they are, one's own is one's own, and a refusal says what to do."""

import re

import httpx
import msgspec

import settings
from asgi import policy
from db.engine import DB
from domain.core.trust import DEFAULTS, TrustLevel
from domain.moderation.kinds import StatementKind
from settings_trust import TrustSettings
from tests.domain.moderation.test_weights import find
from tests.helpers.moderation import reported
from tests.helpers.people import TRUST, LiveSite, Member
from tests.web.html_forms import fields

NEW, REGULAR = TrustLevel.NEW, TrustLevel.REGULAR
FOUR_LINKS = "Look: " + " ".join(f"https://example.org/{number}" for number in range(4))


async def test_the_page_for_guests_and_for_each_level(site: LiveSite) -> None:
    guest = await site.browser().get("/trust")
    assert guest.status_code == 200
    levels = "Level 0: New account", "Level 3: Regular", "no limit", "<dt>Links within an hour</dt><dd>3</dd>"
    reports = "<dt>Weight of a report</dt><dd>40</dd>", "an account weighs 5.", "weigh nothing for 30 days."
    for words in (*levels, *reports):
        assert words in guest.text, words
    assert "Your level" not in guest.text
    assert "</dt><dd>0</dd>" not in guest.text
    new = site.browser(await site.member("ana", trust=NEW))
    page = (await new.get("/trust")).text
    assert "Your level is 0: New account" in page
    assert "<b>0 of 2</b>" in page
    regular = (await site.browser(await site.member("ben", trust=REGULAR)).get("/trust")).text
    assert "What you post is not limited by your level." in regular
    assert "On your way" not in regular
    french = (await new.get("/trust", headers={"accept-language": "fr"})).text
    assert "Votre niveau est 0\u00a0: Nouveau compte" in french
    for page_with_link in ("/settings", "/standing", "/about"):
        assert 'href="/trust"' in (await new.get(page_with_link)).text, page_with_link


def test_settings_say_what_levels_take_and_allow() -> None:
    assert policy.trust_policy(settings.Settings()) == DEFAULTS
    names = [name for name in TrustSettings.__struct_fields__ if name != "points_per_level"]
    given = {f"PARVIS_{name.upper()}": str(50 + place) for place, name in enumerate(names)}
    found = policy.trust_policy(settings.read({**given, "PARVIS_POINTS_PER_LEVEL": "9"}))
    parts = (found.new, found.basic, found.for_basic, found.for_member, found.for_regular, found.reports)
    assert [value for part in parts for value in msgspec.structs.astuple(part)] == list(range(50, 73))
    assert found.points == 9


async def test_points_are_said_on_the_page(site: LiveSite) -> None:
    _, eve, moderator, _, case = await reported(site.network)
    await moderator.decide(case, StatementKind.WARNING, rule=10)
    await site.settle()
    assert "Points cost you 1 level at the moment." in (await site.browser(eve).get("/trust")).text


async def test_nobody_sees_anybody_elses_level(site: LiveSite) -> None:
    """Every page that shows somebody is the same whatever their level, but for what is random on it."""
    ana, eve = await site.members("ana", "eve")
    post = await eve.post("Good evening.")
    await ana.follow(eve)
    await site.settle()
    browser = site.browser(ana)
    for address in (f"/@eve/{post}", "/@eve", "/", "/public", "/people", "/@ana/following"):
        pages = []
        for level in TrustLevel:
            await DB.fetch(TRUST, eve.id, level)
            pages.append(_constant(await browser.get(address)))
        assert len(set(pages)) == 1, address
        assert "trust" not in pages[0].lower().replace("/trust", ""), address


def _constant(response: httpx.Response) -> str:
    assert response.status_code == 200
    return re.sub(r'nonce="[^"]*"|data-since="\d+"|value="[0-9a-f]{24}"', "", response.text)


async def test_a_refusal_keeps_the_text_and_leads_to_the_page(site: LiveSite) -> None:
    eve = await site.member("eve", trust=NEW)
    browser = site.browser(eve)
    form = {"text": FOUR_LINKS, "key": "a-key-of-mine"}
    for headers in ({}, {"hx-request": "true"}):
        refused = await browser.post("/posts", data=form, headers=headers)
        assert refused.status_code == 422
        assert fields(refused.text, "/posts")["text"].strip() == FOUR_LINKS
        assert "links are limited to keep spam out: 3 within an hour. Take some out" in refused.text
        assert 'href="/trust"' in refused.text
    # One that waited on the device for a connection is refused for good, and can be changed there.
    queued = await browser.post("/posts", data=form, headers={"x-act": "1"})
    assert queued.status_code == 422
    assert queued.json()["error"]["code"] == "trust"
    assert await site.network.count("post") == 0
    post = await eve.post("Without one.")
    edited = await browser.post(f"/posts/{post}?_method=PUT", data={"text": FOUR_LINKS, "version": "1"})
    assert edited.status_code == 422
    assert fields(edited.text, f"/posts/{post}?_method=PUT")["text"].strip() == FOUR_LINKS
    assert 'href="/trust"' in edited.text


async def test_who_reports_in_vain_is_told(site: LiveSite) -> None:
    ana, eve, moderator = *await site.members("ana", "eve"), await site.network.moderator()
    await find(site.network, moderator, ana, eve, *[False] * 5)
    page = (await site.browser(ana).get("/reports/mine")).text
    assert "any of your last 5 reports. Please look at the rules" in page
    await find(site.network, moderator, ana, eve, *[False] * 3)
    page = (await site.browser(ana).get("/reports/mine")).text
    assert "your reports carry no weight" in page
    assert "carry no weight" not in (await site.browser(eve).get("/reports/mine")).text


async def test_moderators_read_weights_in_words(site: LiveSite) -> None:
    eve, moderator = await site.member("eve"), await site.network.moderator()
    new: Member = await site.member("ana", trust=NEW)
    await new.report(await eve.post("You will be sorry."))
    case = await site.network.open_case()
    for address in ("/moderation", f"/moderation/cases/{case}"):
        page = (await site.browser(moderator).get(address)).text
        assert "1 report, by somebody without a record here, or with a poor one" in page
        assert not re.search(r"\bana\b", page.partition("<main")[2], re.IGNORECASE)
