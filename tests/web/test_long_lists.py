"""Long lists of moderation on pages, without JavaScript, and the one key that leads on."""

import re

import pytest

from domain.moderation import appeal_queue, case_history, cases, reports, upstream_desk
from domain.moderation.kinds import StatementKind
from domain.moderation.upstream_kinds import Sender
from tests.helpers import complaints
from tests.helpers.complaints import filed, opened
from tests.helpers.moderation import appealed
from tests.helpers.people import LiveSite

NEXT = 'formaction="/moderation/next" data-key="x'


def linked(text: str, words: str) -> str:
    """Where the link with these words leads."""
    found = re.search(rf'href="([^"]+)"[^>]*>{words}<', text)
    assert found, words
    return found[1].replace("&amp;", "&")


async def test_the_queue_goes_on(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "QUEUED", 2)
    monkeypatch.setattr(appeal_queue, "QUEUED", 1)
    ana, eve = await site.member("ana"), await site.member("eve")
    for number in range(3):
        await ana.report(await eve.post(f"Post {number}"))
    browser = site.browser(await site.network.moderator())
    first = (await browser.get("/moderation")).text
    assert ("Post 1" in first, "Post 2" in first, NEXT in first) == (True, False, True)
    second = (await browser.get(linked(first, "More cases"))).text
    assert ("Post 1" in second, "Post 2" in second, "More cases" in second) == (False, True, False)
    assert 'href="/moderation"' in second
    assert "Duty and breaks" not in second
    end = (await browser.get("/moderation?after=1.9999999999999.0.0.1")).text
    assert ("There are no more." in end, "Nothing is open." in end) == (True, False)
    assert (await browser.get("/moderation?after=%00&appeals_after=x")).status_code == 200


async def test_appeals_go_on(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appeal_queue, "QUEUED", 1)
    _, eve, _, second, _, _ = await appealed(site.network)
    await (await site.member("ben")).report(await eve.post("Another one."))
    browser = site.browser(second)
    text = (await browser.get("/moderation")).text
    assert ("More appeals" in text, "Another one." in text) == (False, True)
    text = (await browser.get("/moderation?appeals_after=0.1.0.1")).text
    assert ("By the member" in text, "Another one." in text) == (True, False)


async def test_the_desk_goes_on(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream_desk, "QUEUED", 1)
    monkeypatch.setattr(upstream_desk, "CLOSED", 1)
    mona = await site.network.moderator()
    for number in range(4):
        await opened(
            complaints.mail(f"Number {number}.", Message_ID=f"<{number}@n.example>", From=f"a@n{number}.example")
        )
    browser = site.browser(mona)
    for one in (await upstream_desk.open_ones())[2:]:
        sent = {"version": "1", "answers": "0"}
        assert (await browser.post(f"/moderation/upstream/{one.id}/closure", data=sent)).headers["location"] == (
            "/moderation?closed=1"
        )
    assert "Closed." in (await browser.get("/moderation?closed=1")).text
    first = (await browser.get("/moderation/upstream")).text
    shown = [number for number in range(4) if f"Number {number}." in first]
    more = (await browser.get(linked(first, "More"))).text
    older = (await browser.get(linked(first, "Older"))).text
    assert (shown, "Number 1." in more, "Number 2." in older) == ([0, 3], True, True)
    assert "Closed" not in more.partition("<main")[2]


async def test_reports_and_earlier_cases_go_on(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "LISTED", 1)
    monkeypatch.setattr(case_history, "EARLIER", 1)
    eve, mona = await site.member("eve"), await site.network.moderator()
    post = await eve.post("You will be sorry.")
    for number in range(3):
        await (await site.member(f"r{number}")).report(post, words=f"Words {number}")
    case = await site.network.open_case()
    ana = await site.member("ana")
    for number in range(3):
        await ana.report(await eve.post(f"Post {number}"))
    browser = site.browser(mona)
    text = (await browser.get(f"/moderation/cases/{case}")).text
    assert ("Words 0" in text, "Words 1" in text) == (True, False)
    second = (await browser.get(linked(text, "More reports"))).text
    assert ("Words 1" in second, "Words 2" in second) == (True, False)
    assert "Words 2" in (await browser.get(linked(second, "More reports"))).text
    earlier = (await browser.get(linked(text, "Older cases"))).text
    assert "Other cases of this account" in earlier
    assert linked(earlier, "Older cases").startswith(f"/moderation/cases/{case}/earlier?after=")
    refused = site.browser(eve)
    for name in ("reports", "earlier"):
        assert (await refused.get(f"/moderation/cases/{case}/{name}")).status_code == 404


async def test_one_key_leads_through_complaints(site: LiveSite) -> None:
    eve, mona = await site.member("eve"), await site.network.moderator()
    post = await eve.post("You will be sorry.")
    order = await filed(sender=Sender.AUTHORITY, addresses=f"https://parvis.test/@eve/{post}")
    browser = site.browser(mona)
    queue = (await browser.get("/moderation")).text
    assert NEXT in queue, "although no case is open"
    here = f"/moderation/upstream/{order}"
    assert (await browser.post("/moderation/next")).headers["location"] == here
    assert NEXT not in (await browser.get(here)).text, "the key would lead back here"
    assert (await browser.delete(f"{here}/claim")).headers["location"] == "/moderation"
    assert 'data-key="x"' in (await browser.get(here)).text
    assert (await browser.post("/moderation/next")).headers["location"] == here
    await browser.post(f"{here}/cases", data={"place.0": "1", "rule": "1.6"})
    assert NEXT in (await browser.get(here)).text
    case = await site.network.open_case()
    assert (await browser.post("/moderation/next")).headers["location"] == f"/moderation/cases/{case}"
    await mona.decide(case, StatementKind.POST_REMOVAL)
    assert (await browser.post("/moderation/next")).headers["location"] == here
    version = re.findall(r'name="version" value="(\d+)"', (await browser.get(here)).text)[0]
    sent = {"version": version, "answers": "1", "subject": "Answer", "words": "It is removed."}
    # There is no mail server: the letter has to be taken from the page.
    assert (await browser.post(f"{here}/closure", data=sent)).headers["location"] == here
    assert NEXT in (await browser.get(here)).text
    assert (await browser.post("/moderation/next")).headers["location"] == "/moderation?empty=1"
