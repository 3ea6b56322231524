"""The pages of bulk decisions: for moderators alone, with what was typed, and without scripts."""

import re

import pytest

from domain.moderation import bulk_decisions, bulk_previews
from tests.helpers import bulk, media_files
from tests.helpers.bulk import LINK
from tests.helpers.people import LiveSite, Member
from tests.web.html_forms import fields

HERE = "/moderation/bulk"
SEARCH = {"about": "post", "link": LINK, "days": "7"}
REASONS = {"kind": "post_removal", "rule": "1.10", "facts": "Advertising again.", "explanation": "", "page": "1"}


async def begun(site: LiveSite, moderator: Member) -> str:
    answer = await site.browser(moderator).post(HERE, data=SEARCH)
    assert answer.status_code == 303
    return str(answer.headers["location"])


async def test_a_wave_is_decided_about_and_taken_back(site: LiveSite) -> None:
    mona = await site.network.moderator()
    people, posts = await bulk.wave(site.network)
    browser, address = site.browser(mona), await begun(site, mona)
    shown = await browser.get(address)
    assert shown.text.count("@wave") == 3
    kinds = re.findall(r'name="kind".*?<small>(.*?)</small>', shown.text, re.DOTALL)
    assert len(kinds) == 3
    assert all(
        "reads your reasons" in one and "Whoever has reported one is told that you acted." in one for one in kinds
    )
    ticks = {f"s.{place}": "1" for place in (0, 2)}
    kept = await browser.post(f"{address}/choice", data={**REASONS, **ticks})
    assert kept.status_code == 200
    assert "2 are chosen" in kept.text
    assert "Advertising again." in kept.text
    refused = await browser.post(f"{address}/decision", data={**REASONS, **ticks, "facts": "See @wave0"})
    assert refused.status_code == 422
    assert "See @wave0" in refused.text
    assert (await browser.post(f"{address}/decision", data={**REASONS, **ticks})).headers["location"] == address
    assert "In progress" in (await browser.get(address)).text
    await site.settle()
    done = (await browser.get(address)).text
    assert "Decided about 2." in done
    assert "Whoever has reported one is told as well" in done
    statement = re.findall(r'href="(/statements/\d+)"', (await site.browser(people[0]).get("/standing")).text)[0]
    assert "decided about 2 posts or accounts at once" in (await site.browser(people[0]).get(statement)).text
    log = (await site.browser().get("/log?kind=bulk_decision")).text
    assert "2 decisions" in log
    assert "Post removed" in log
    again = await browser.post(f"{address}/decision", data={**REASONS, **ticks})
    assert again.status_code == 409
    assert (await browser.post(f"{address}/reversal", data={"reversal": ""})).status_code == 422
    assert (await browser.post(f"{address}/reversal", data={"reversal": "A mistake."})).status_code == 303
    await site.settle()
    assert "2 were taken back" in (await browser.get(address)).text
    assert await people[1].sees(posts[0])


async def test_a_search_comes_back_with_what_was_typed(site: LiveSite) -> None:
    mona = await site.network.moderator()
    browser = site.browser(mona)
    for typed, words in (
        ({**SEARCH, "link": "watches"}, "This is no address"),
        (SEARCH, "Nothing like this"),
        ({**SEARCH, "days": "8"}, "Choose how far back"),
        ({**SEARCH, "signed_up_from": "2026-01-01T10:00"}, "Give both times"),
        *(
            ({**SEARCH, "signed_up_from": begin, "signed_up_to": end}, "Give both times")
            for begin, end in (
                ("soon", "later"),
                ("soon", "2026-01-01T10:00"),
                ("1969-01-01T10:00", "2026-01-01T10:00"),
                ("2026-01-01T10:00", "9999-01-01T10:00"),
            )
        ),
        ({"about": "account", "days": "7"}, "Say what to look for"),
    ):
        answer = await browser.post(HERE, data=typed)
        assert (answer.status_code, words in answer.text) == (422, True), typed
        assert fields(answer.text, HERE)["link"] == typed.get("link", "")


async def test_a_case_leads_to_what_is_like_it(site: LiveSite) -> None:
    mona, (ana, eve) = await site.network.moderator(), await site.members("ana", "eve")
    await ana.report(await eve.show(bulk.TEXT, media_files.encoded()), rule=10)
    browser = site.browser(mona)
    page = (await browser.get(f"/moderation/cases/{await site.network.open_case()}")).text
    found = re.findall(r'href="(/moderation/bulk\?[^"]+)"', page)
    assert len(found) == 4
    for address in found:
        form = fields((await browser.get(address.replace("&amp;", "&"))).text, HERE)
        answer = await browser.post(HERE, data=form)
        assert answer.status_code == 303, form


async def test_another_moderator_agrees(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_decisions, "ALONE", 1)
    mona, max_ = await site.network.moderator(), await site.network.moderator("max")
    await bulk.wave(site.network)
    address = await begun(site, mona)
    ticks = {f"s.{place}": "1" for place in range(3)}
    assert (await site.browser(max_).get(address)).status_code == 404
    await site.browser(mona).post(f"{address}/decision", data={**REASONS, **ticks})
    assert "until another one agrees" in (await site.browser(mona).get(address)).text
    assert '<b class="badge">1</b>' in (await site.browser(max_).get("/moderation")).text
    assert (await site.browser(mona).post(f"{address}/agreement")).status_code == 409
    assert (await site.browser(max_).post(f"{address}/agreement")).status_code == 303
    assert (await site.browser(max_).delete(address)).status_code == 409
    await site.settle()
    assert "Decided about 3." in (await site.browser(max_).get(address)).text


async def test_who_is_no_moderator_finds_nothing(site: LiveSite) -> None:
    mona = await site.network.moderator()
    (stranger,), _ = await bulk.wave(site.network, 1)
    address = await begun(site, mona)
    for path in (HERE, address):
        assert (await site.browser(stranger).get(path)).status_code == 404
        assert (await site.browser().get(path)).status_code in (303, 401)
    for path in (HERE, *(f"{address}/{verb}" for verb in ("choice", "decision", "agreement", "reversal"))):
        assert (await site.browser(stranger).post(path, data={**SEARCH, **REASONS})).status_code == 404, path
    assert (await site.browser(stranger).delete(address)).status_code == 404
    assert (await site.browser(mona).get(f"{HERE}/12")).status_code == 404
    gone = await site.browser(mona).delete(address)
    assert gone.headers["location"] == HERE
    assert (await bulk_previews.listed(await mona.viewer())).items == []
