"""The page of a filter's simulation."""

import pytest

from domain.moderation import filter_changes, filter_tally
from domain.moderation.filter_changes import FilterDraft
from domain.moderation.filter_kinds import FilterOutcome
from tests.helpers.people import LiveSite, Member


async def written(mona: Member, name: str = "Offers") -> str:
    """The address of the simulation of a new filter."""
    draft = FilterDraft(name, 'text.contains("offer")', FilterOutcome.CASE, "spam")
    return f"/moderation/filters/{await filter_changes.add(await mona.viewer(), draft)}/simulation"


async def test_from_the_start_to_the_marks(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_tally, "SMALLEST", 1)
    mona, ana = await site.network.moderator(), await site.member("ana")
    here = await written(mona)
    browser = site.browser(mona)
    hit = await ana.post("An offer <b>now</b> #sale")
    await mona.post("Good morning")
    await mona.post("Good evening")
    shown = await browser.get(here)
    assert shown.status_code == 200
    assert shown.headers["cache-control"] == "no-store"
    assert ">Simulate<" in shown.text
    assert "every 2s" not in shown.text
    begun = await browser.post(here)
    assert (begun.status_code, begun.headers["location"]) == (303, here)
    running = await browser.get(here)
    assert 'hx-trigger="every 2s"' in running.text
    assert ">Stop<" in running.text
    await site.settle()
    done = (await browser.get(here)).text
    assert "every 2s" not in done
    for words in ("33.3%", "An offer &lt;b&gt;now", f'name="wrong-{hit}"', "#sale: hit 3.0 times as often", "× 3.0"):
        assert words in done, words
    french = (await browser.get(here, headers={"accept-language": "fr"})).text
    assert "33,3\u00a0%" in french
    run = done.partition('name="run" value="')[2].partition('"')[0]
    marked = await browser.post(f"{here}/marks", data={"run": run, f"wrong-{hit}": "1", "wrong-x": "1"})
    assert (marked.status_code, marked.headers["location"]) == (303, f"{here}?saved=1")
    saved = (await browser.get(f"{here}?saved=1")).text
    assert "1 of these 1 is wrong." in saved
    assert "Saved." in saved
    late = await browser.post(f"{here}/marks", data={"run": str(int(run) + 1)})
    assert late.status_code == 409
    assert "simulated again meanwhile" in late.text


async def test_another_one_has_to_wait_or_is_stopped(site: LiveSite) -> None:
    mona = await site.network.moderator()
    first, second = await written(mona), await written(mona, "Another")
    browser = site.browser(mona)
    await browser.post(first)
    refused = await browser.post(second)
    assert refused.status_code == 409
    assert "Another filter is being simulated." in refused.text
    stopped = await browser.post(f"{first}?_method=DELETE")
    assert (stopped.status_code, stopped.headers["location"]) == (303, first)
    assert (await browser.post(f"{first}?_method=DELETE")).status_code == 404
    assert (await browser.post(second)).status_code == 303


async def test_nobody_else_sees_it(site: LiveSite) -> None:
    mona, ana = await site.network.moderator(), await site.member("ana")
    here = await written(mona)
    for browser, read, sent in ((site.browser(ana), 404, 404), (site.browser(), 303, 401)):
        assert (await browser.get(here)).status_code == read
        for address in (here, f"{here}?_method=DELETE", f"{here}/marks"):
            assert (await browser.post(address, data={"run": "1"})).status_code == sent, address
    assert await site.network.count("simulation") == 0
    assert (await site.browser(mona).get("/moderation/filters/7/simulation")).status_code == 404
