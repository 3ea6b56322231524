"""Filters that can't be evaluated for a post, or not be compiled any more."""

import pytest

from db.engine import DB
from db.sql import SQL
from domain.core.errors import NotFound
from domain.moderation import filter_changes, filter_costs, filter_hits, filters
from domain.moderation.filter_kinds import FilterOutcome, FilterState, HitMode
from domain.posts.screening import Nudged
from tests.conftest import Watch
from tests.helpers import written_filters
from tests.helpers.people import LiveNetwork, LiveSite, hidden

HOLD, NUDGE = FilterOutcome.HOLD, FilterOutcome.NUDGE


@pytest.mark.parametrize("kind", [HOLD, NUDGE])
async def test_an_error_is_never_a_match_and_ends_no_filter(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch, kind: FilterOutcome
) -> None:
    """Or an author could switch a filter off for everybody, by a post for which it fails."""
    monkeypatch.setattr(filter_costs, "MAX_TURNS", 20_000)
    mona, max_ = await written_filters.staff(network)
    ana, eve = await network.members("ana", "eve")
    made = await written_filters.live(
        mona, max_, kind, f'(text.contains("b1.be")||text=="pills")&&{written_filters.FAILS}'
    )
    # Moderators may send as many links as they like.
    post = await mona.post(written_filters.HUNDRED_LINKS)
    assert await ana.sees(post)
    found = await filters.read(await mona.viewer(), made)
    assert (found.state, found.runs, found.failed) == (FilterState.LIVE, True, "")
    failures = await filter_hits.failures(await mona.viewer())
    assert (failures[made].posts, list(failures)) == (1, [made])
    (failure,) = (await filter_hits.last(await mona.viewer(), made)).items
    assert (failure.mode, failure.post) == (HitMode.FAILED, post)
    assert (await filter_hits.of_last_day(await mona.viewer()), await network.count("mod_case")) == ({}, 0)
    # It goes on for everybody else.
    if kind is NUDGE:
        with pytest.raises(Nudged):
            await eve.post("pills")
    else:
        assert await hidden(await eve.post("pills"), ana)
    # Written anew, it has not failed yet.
    await filter_changes.rewrite(
        await max_.viewer(), made, written_filters.draft(kind), await written_filters.version(max_, made)
    )
    assert await filter_hits.failures(await mona.viewer()) == {}
    with pytest.raises(NotFound):
        await filter_hits.failures(await eve.viewer())


async def test_a_filter_that_is_not_understood_any_more_does_nothing(network: LiveNetwork, watch: Watch) -> None:
    """Another version of Parvis has taken its condition."""
    mona, max_ = await written_filters.staff(network)
    ana, eve = await network.members("ana", "eve")
    made = await written_filters.live(mona, max_)
    other = await written_filters.live(mona, max_, condition='text.contains("potions")')
    await DB.fetch(SQL("UPDATE filter_rule SET condition = 'links[0] == text' WHERE id = ?1"), made)
    watch.forward(120)
    assert await ana.sees(await eve.post("buy pills"))
    found = await filters.read(await mona.viewer(), made)
    assert (found.state, found.runs, found.failed_at is not None) == (FilterState.LIVE, False, True)
    assert "column 6" in found.failed
    assert await hidden(await eve.post("buy potions"), ana)
    assert (await filters.read(await mona.viewer(), other)).runs


async def test_moderators_read_for_how_many_posts_it_has_failed(
    site: LiveSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filter_costs, "MAX_TURNS", 20_000)
    mona, max_ = await written_filters.staff(site.network)
    made = await written_filters.live(mona, max_, condition=written_filters.FAILS + "&&is_reply")
    for number in range(2):
        await mona.post(f"{number} {written_filters.HUNDRED_LINKS}")
    browser = site.browser(mona)
    listed = (await browser.get("/moderation/filters")).text
    page = (await browser.get(f"/moderation/filters/{made}")).text
    for text in (listed, page):
        assert "It could not be evaluated for 2 posts" in text
        assert '<span class="tag hot">Live</span>' in text
    assert "could not be evaluated, " in page
