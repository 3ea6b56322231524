"""The pages of filters and word lists: who may open them, a filter from its draft to live, a nudge and a held post."""

import re

import httpx
import pytest

from domain.core.access import Role
from domain.moderation.filter_kinds import FilterOutcome
from domain.moderation.kinds import StatementKind
from tests.helpers import written_filters
from tests.helpers.people import LiveSite, Member

FORM = {
    "name": "Pills", "condition": 'text.contains("pills")', "outcome": "hold", "rule": "spam",
    "facts": "It offers <goods>.",
}  # fmt: skip


async def test_to_everybody_else_there_is_no_such_page(site: LiveSite) -> None:
    eve = await site.member("eve")
    made = await written_filters.written(await site.network.moderator())
    browser, guest = site.browser(eve), site.browser()
    pages = ("filters", "filters/new", f"filters/{made}", f"filters/{made}/edit", "words", "words/new", "words/1")
    for path in pages:
        assert (await browser.get(f"/moderation/{path}")).status_code == 404
        assert (await guest.get(f"/moderation/{path}")).headers["location"].startswith("/signin")
    for path in ("filters", "words"):
        assert (await browser.post(f"/moderation/{path}", data=FORM)).status_code == 404
    for path in (f"filters/{made}", f"filters/{made}/state", "words/1"):
        assert (await browser.put(f"/moderation/{path}", data=FORM | {"state": "off"})).status_code == 404
    assert (await browser.delete("/moderation/words/1")).status_code == 404


async def test_a_filter_from_its_draft_to_live(site: LiveSite) -> None:
    mona = await site.network.moderator()
    browser = site.browser(mona)
    assert "There are no filters." in (await browser.get("/moderation/filters")).text
    assert 'href="/moderation/filters"' in (await browser.get("/moderation")).text
    wrong = await browser.post("/moderation/filters", data=FORM | {"condition": "text ==", "rule": "", "facts": "@eve"})
    assert wrong.status_code == 422
    for said in ("Line 1", "Choose the rule that it enforces.", "Name nobody here", 'value="Pills"'):
        assert said in wrong.text
    for text, said in (("buy pills", "The condition holds"), ("buy it", "The condition does not hold")):
        tried = await browser.post("/moderation/filters", data=FORM | {"try": "1", "sample": text})
        assert tried.status_code == 200
        assert said in tried.text
    address = (await browser.post("/moderation/filters", data=FORM)).headers["location"]
    assert "It offers &lt;goods&gt;." in (await browser.get(address)).text
    assert (await _step(browser, address, "shadow")).headers["location"] == address
    early = await _step(browser, address, "live")
    assert early.status_code == 403
    assert "another moderator has to put it live" in early.text
    assert (await _step(browser, address, "nonsense")).status_code == 404
    edited = await browser.put(address, data=FORM | {"version": "1"})
    assert edited.status_code == 409
    assert "Somebody has changed this filter meanwhile." in edited.text
    assert "Written" in (await browser.get(address)).text


async def _step(browser: httpx.AsyncClient, address: str, state: str) -> httpx.Response:
    page = (await browser.get(address)).text
    (version,) = re.findall(r'name="version" value="(\d+)"', page)
    return await browser.put(f"{address}/state", data={"state": state, "version": version})


async def test_word_lists(site: LiveSite) -> None:
    browser = site.browser(await site.network.moderator())
    assert "There are no word lists." in (await browser.get("/moderation/words")).text
    wrong = await browser.post("/moderation/words", data={"name": "In sults", "words": ""})
    assert wrong.status_code == 422
    assert (
        await browser.post("/moderation/words", data={"name": "insults", "words": "# these\nlout\n"})
    ).status_code == 303
    page = (await browser.get("/moderation/words")).text
    (address,) = re.findall(r'href="(/moderation/words/\d+)"', page)
    made = await browser.post("/moderation/filters", data=FORM | {"condition": 'words("insults")'})
    assert made.status_code == 303
    assert "Pills" in (await browser.get("/moderation/words")).text
    kept = await browser.delete(address)
    assert kept.status_code in (409, 422)
    late = await browser.put(address, data={"words": "knave", "version": "7"})
    assert late.status_code == 409
    assert "knave" in late.text
    assert (await browser.put(address, data={"words": "knave", "version": "1"})).status_code == 303
    assert "knave" in (await browser.get(address)).text


async def _live(site: LiveSite, outcome: FilterOutcome) -> Member:
    mona, second = await written_filters.staff(site.network)
    await written_filters.live(mona, second, outcome)
    return await site.member("eve")


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
async def test_a_nudge_keeps_everything_and_takes_one_more_press(site: LiveSite, headers: dict[str, str]) -> None:
    eve = await _live(site, FilterOutcome.NUDGE)
    browser = site.browser(eve, headers=headers)
    post = {"text": "buy pills", "key": "nudged once", "visibility": "followers"}
    asked = await browser.post("/posts", data=post)
    assert asked.status_code == 422
    for said in (written_filters.FACTS, "People have been sanctioned here", "Send anyway", "buy pills", "nudged once"):
        assert said in asked.text
    (token,) = re.findall(r'name="sent_anyway" value="([\d.]+)"', asked.text)
    sent = await browser.post("/posts", data=post | {"sent_anyway": token})
    assert sent.status_code in (201, 303)
    # What waited on a device for a connection comes back as a refusal that says why.
    act = await browser.post("/posts", data=post | {"key": "nudged twice"}, headers={"X-Act": "1"})
    assert act.status_code == 422
    assert act.json()["error"]["code"] == "nudged"
    assert written_filters.FACTS in act.json()["error"]["message"]


async def test_the_author_of_a_held_post_reads_so(site: LiveSite) -> None:
    eve = await _live(site, FilterOutcome.HOLD)
    browser, other = site.browser(eve), site.browser(await site.member("ana"))
    sent = await browser.post("/posts", data={"text": "buy pills", "key": "to be held"})
    address = sent.headers["location"]
    for page in (address, "/", "/@eve"):
        shown = (await browser.get(page)).text
        assert "Awaiting review" in shown
        assert written_filters.FACTS in shown
    for page in (address, f"{address}/edits"):
        assert (await other.get(page)).status_code == 404
    for page in ("/@eve", "/", "/@eve/feed.atom"):
        assert "buy pills" not in (await other.get(page)).text
    mona = site.browser(await site.network.member("otto", role=Role.MODERATOR))
    queue = (await mona.get("/moderation")).text
    assert "Found by the filter “hold text.contains(&#34;pills&#34;)”" in queue
    (case,) = re.findall(r'href="(/moderation/cases/\d+)"', queue)
    page = (await mona.get(case)).text
    assert "Its author alone sees it." in page
    assert "It is published, and its author is told" in page
    assert "its author is not" not in page
    assert "0 reports" not in page
    assert "Awaiting" not in (await browser.get("/standing")).text


async def test_the_form_of_a_decision_names_the_rule_of_the_filter(site: LiveSite) -> None:
    mona, max_ = await written_filters.staff(site.network)
    eve, bo = await site.network.members("eve", "bo")
    await written_filters.live(mona, max_, FilterOutcome.HOLD)
    await bo.report(await eve.post("A warning came of this"), rule=10)
    await mona.decide(await site.network.open_case(), StatementKind.WARNING, rule=10, facts="It advertises.")
    await bo.post("buy pills")
    text = (await site.browser(mona).get(f"/moderation/cases/{await site.network.open_case()}")).text
    assert '<option value="1.10" selected>' in text
    assert "It advertises." in text, "what was decided about others under that rule"


async def test_whoever_puts_it_live_sees_its_simulation(site: LiveSite) -> None:
    mona, max_ = await written_filters.staff(site.network)
    await (await site.member("ana")).post("buy pills")
    made = await written_filters.shadowed(mona)
    await written_filters.wait(made)
    browser, address = site.browser(max_), f"/moderation/filters/{made}"
    page = (await browser.get(address)).text
    assert "It has not been simulated as it is now." in page
    assert "Put it live" not in page
    await written_filters.simulated(max_, made)
    page = (await browser.get(address)).text
    assert 'Hits</dt><dd><data value="1"' in page
    assert page.index("It hits no group more than twice") < page.index("Put it live")
    assert "Once it is live, the public log gets an entry" in page
    await _step(browser, address, "live")
    page = (await browser.get(address)).text
    assert "If you switch it off or change it, the public log gets an entry." in page
    assert "Hits</dt>" not in page
