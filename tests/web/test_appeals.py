"""Appeals in a browser: by the sanctioned, by who reported, and the moderator who answers."""

import re

from domain.moderation.kinds import StatementKind
from tests.helpers.people import LiveSite, Member

WORDS = "It was <b>a line</b> from a song."


async def reported(site: LiveSite) -> tuple[Member, Member, Member, Member, int, int]:
    ana, eve = await site.members("ana", "eve")
    moderator, second = await site.network.moderator(), await site.network.moderator("max")
    post = await eve.post("You will be sorry.")
    await ana.report(post)
    return ana, eve, moderator, second, post, await site.network.open_case()


def main_of(page: str) -> str:
    return re.sub(r"(?s).*<main(.*)</main>.*", r"\1", page)


async def test_the_sanctioned_appeals_and_is_answered(site: LiveSite) -> None:
    ana, eve, moderator, second, post, case = await reported(site)
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL)
    await site.settle()
    browser = site.browser(eve)
    address = f"/statements/{statement}"
    assert "You can appeal until" in (await browser.get(address)).text
    empty = await browser.post(f"{address}/appeal", data={"words": " "})
    assert empty.status_code == 422
    assert "Say what is wrong with the decision." in empty.text
    long = await browser.post(f"{address}/appeal", data={"words": "x" * 2001})
    assert long.status_code == 422
    assert "x" * 2001 in long.text
    sent = await browser.post(f"{address}/appeal", data={"words": WORDS})
    assert sent.headers["location"] == address
    shown = (await browser.get(address)).text
    assert "It was &lt;b&gt;a line&lt;/b&gt; from a song." in shown
    assert "will look at it and answer here" in shown
    again = await browser.post(f"{address}/appeal", data={"words": "Once more."})
    assert again.status_code == 409
    assert "already" in again.text
    assert "Once more." in again.text
    queue = (await site.browser(second).get("/moderation")).text
    (appeal,) = re.findall(r'href="(/moderation/appeals/\d+)"', queue)
    led = (await site.browser(second).post("/moderation/next")).headers["location"]
    assert led == appeal
    page = (await site.browser(second).get(appeal)).text
    for words in (
        "You have this appeal until",
        "Appealed: Post removed",
        "You will be sorry.",
        "Take the decision back",
    ):
        assert words in page
    own = await site.browser(moderator).get(appeal)
    assert "You made this decision" in own.text
    assert 'id="decision"' not in own.text
    for member, status in ((ana, 404), (eve, 404)):
        assert (await site.browser(member).get(appeal)).status_code == status
        assert (
            await site.browser(member).post(f"{appeal}/decision", data={"outcome": "granted"})
        ).status_code == status
    unseen = {"outcome": "granted", "answer": "It is a song.", "version": "9999"}
    stale = await site.browser(second).post(f"{appeal}/decision", data=unseen)
    assert stale.status_code == 409
    assert "has changed since you opened it" in stale.text
    assert "It is a song." in stale.text
    refused = await site.browser(moderator).post(f"{appeal}/decision", data={"outcome": "granted", "answer": "Yes."})
    assert refused.status_code == 403
    for data, words in (
        ({"outcome": "", "answer": "Right."}, "Choose one of the decisions."),
        ({"outcome": "granted", "answer": ""}, "Say why"),
        ({"outcome": "upheld", "answer": "Eve is right."}, "is also the name of somebody"),
    ):
        answer = await site.browser(second).post(f"{appeal}/decision", data=data)
        assert answer.status_code == 422
        assert words in answer.text
        assert data["answer"] in answer.text
    done = await site.browser(second).post(f"{appeal}/decision", data={"outcome": "granted", "answer": "It is a song."})
    assert done.headers["location"] == "/moderation?decided=1"
    late = await site.browser(second).post(f"{appeal}/decision", data={"outcome": "upheld", "answer": "No song."})
    assert late.status_code == 409
    assert "No song." in late.text
    await site.settle()
    assert await ana.sees(post)
    mine = main_of((await browser.get("/appeals")).text)
    assert "You were right: the decision was changed." in mine
    assert "It is a song." in mine
    assert not re.search(r"(?i)\b(max|mona|ana)\b", mine)
    assert "You appealed, and the decision was taken back." in (await browser.get("/standing")).text


async def test_a_reporter_appeals_in_the_browser(site: LiveSite) -> None:
    ana, eve, moderator, second, post, case = await reported(site)
    await moderator.decide(case, StatementKind.NO_BREACH)
    await site.settle()
    browser = site.browser(ana)
    (address,) = re.findall(r'href="(/reports/\d+/appeal)"', (await browser.get("/reports/mine")).text)
    assert (await site.browser(eve).get(address)).status_code == 404
    assert (await site.browser(eve).post(address, data={"words": "x"})).status_code == 404
    assert (await site.browser().get(address)).headers["location"].startswith("/signin")
    assert "What is wrong with the decision" in (await browser.get(address)).text
    assert (await browser.post(address, data={"words": ""})).status_code == 422
    assert (await browser.post(address, data={"words": WORDS})).headers["location"] == "/appeals"
    assert "What you reported: no breach" in (await browser.get("/appeals")).text
    assert "You have appealed." in (await browser.get("/reports/mine")).text
    assert (await browser.get(address)).status_code == 200
    other = site.browser(second)
    appeal = (await other.post("/moderation/next")).headers["location"]
    shown = (await other.get(appeal)).text
    assert "By somebody who reported it" in shown
    assert not re.search(r"(?i)\bana\b", main_of(shown))
    data = {"outcome": "breach", "kind": "warning", "rule": "1.6", "facts": "It insults.", "sanction": "freeze"}
    data["answer"] = "You are right, it does."
    (data["version"],) = re.findall(r'name="version" value="(\d+)"', shown)
    missing = await other.post(f"{appeal}/decision", data=data)
    assert missing.status_code == 422
    assert "Choose for how long." in missing.text
    done = await other.post(f"{appeal}/decision", data=data | {"days": "3"})
    assert done.headers["location"] == "/moderation?decided=1"
    await site.settle()
    assert (await eve.viewer()).frozen_until
    assert "moderators have acted on it" in (await browser.get("/reports/mine")).text
    assert await ana.sees(post)
    told = (await browser.get("/appeals")).text
    assert "You were right" in told
    assert "You are right, it does." in told
    # The answer is to who appealed, the reasons to who is sanctioned.
    assert "It insults." not in told
    assert "You are right" not in (await site.browser(eve).get("/standing")).text


async def test_what_is_turned_down_is_told_in_words(site: LiveSite) -> None:
    _, eve, moderator, second, _, case = await reported(site)
    statement = await moderator.decide(case, StatementKind.WARNING)
    browser = site.browser(eve)
    await browser.post(f"/statements/{statement}/appeal", data={"words": WORDS})
    other = site.browser(second)
    appeal = (await other.post("/moderation/next")).headers["location"]
    await other.post(f"{appeal}/decision", data={"outcome": "upheld", "answer": "No song says this."})
    await site.settle()
    notices = (await browser.get("/notifications")).text
    assert "Your appeal has been answered" in notices
    assert 'href="/appeals"' in notices
    for address in ("/appeals", f"/statements/{statement}"):
        page = (await browser.get(address)).text
        assert "The decision stands." in page
        assert "No song says this." in page
    assert "under appeal" not in (await other.get(f"/moderation/cases/{case}")).text


async def test_a_claim_on_an_appeal_is_given_back(site: LiveSite) -> None:
    _, eve, moderator, second, _, case = await reported(site)
    statement = await moderator.decide(case, StatementKind.WARNING)
    await site.browser(eve).post(f"/statements/{statement}/appeal", data={"words": WORDS})
    browser = site.browser(second)
    appeal = (await browser.post("/moderation/next")).headers["location"]
    typed = {"outcome": "upheld", "answer": "It stands."}
    assert "It stands." in (await browser.put(f"{appeal}/claim", data=typed)).text
    third = site.browser(await site.network.moderator("rita"))
    assert "Another moderator has this appeal." in (await third.get(appeal)).text
    taken = await third.post(f"{appeal}/decision", data=typed)
    assert taken.status_code == 409
    assert "It stands." in taken.text
    assert (await browser.delete(f"{appeal}/claim")).status_code == 303
    assert (await third.put(f"{appeal}/claim")).status_code == 303
    assert (await third.post("/moderation/next")).headers["location"] == appeal
