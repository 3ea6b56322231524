"""The hits of a filter, set against all posts by groups, and what goes live only after a simulation."""

import pytest

from domain.core.access import GUEST
from domain.core.errors import Conflict, NotFound, SignedOut
from domain.moderation import filter_changes, filter_hit_groups, filter_simulations, filter_tally, filters
from domain.moderation.filter_hit_groups import HitGroup, HitGroups
from domain.moderation.filter_kinds import FilterOutcome, FilterState
from domain.moderation.filter_tally import GroupKind
from tests.helpers import written_filters
from tests.helpers.people import LiveNetwork


def named(found: HitGroups, kind: GroupKind) -> dict[str, HitGroup]:
    return {one.name: one for one in found.groups if one.kind is kind}


async def test_hits_are_set_against_all_posts(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_tally, "SMALLEST", 2)
    mona = await network.moderator()
    viewer = await mona.viewer()
    left, right, ana, ben = await network.members("left", "right", "ana", "ben")
    for number in range(4):
        await network.member(f"more{number}")
    await ana.follow(left)
    await ben.follow(right)
    made = await written_filters.shadowed(mona, FilterOutcome.CASE)
    for _ in range(2):
        await ana.post("buy pills #shop")
    for _ in range(6):
        await ben.post("good tea #tea")
    # Its hit counts, but whom its author follows is not looked at: not everybody sees it.
    await ben.post("buy pills", followers=True)
    alone = await filter_hit_groups.read(viewer, made)
    assert (alone.total, alone.compared) == (3, False)
    assert {one.times for one in alone.groups} == {None}
    assert not named(alone, GroupKind.TAG)
    await written_filters.simulated(mona, made)
    found = await filter_hit_groups.read(viewer, made)
    assert (found.total, found.compared) == (3, True)
    tags, clusters = named(found, GroupKind.TAG), named(found, GroupKind.CLUSTER)
    assert tags.keys() == {"shop"}
    assert (tags["shop"].hits, tags["shop"].share) == (2, 1.0)
    assert tags["shop"].times == pytest.approx(4.0)
    assert clusters.keys() == {"left"}
    assert clusters["left"].is_struck
    assert named(found, GroupKind.AGE)["day"].times == pytest.approx(1.0)
    assert [one.hits for one in named(found, GroupKind.TRUST).values()] == [3]
    assert not any(one.is_struck for one in named(found, GroupKind.LANGUAGE).values())


async def test_what_too_few_have_written_is_not_compared(network: LiveNetwork) -> None:
    mona = await network.moderator()
    made = await written_filters.shadowed(mona, FilterOutcome.CASE)
    await (await network.member("ana")).post("buy pills #shop")
    await written_filters.simulated(mona, made)
    found = await filter_hit_groups.read(await mona.viewer(), made)
    assert {one.times for one in found.groups} == {None}
    assert not any(one.is_struck for one in found.groups)


async def test_nobody_else_reads_them(network: LiveNetwork) -> None:
    made = await written_filters.shadowed(await network.moderator())
    with pytest.raises(NotFound):
        await filter_hit_groups.read(await (await network.member("eve")).viewer(), made)
    with pytest.raises(SignedOut):
        await filter_hit_groups.read(GUEST, made)


async def test_it_goes_live_once_it_was_simulated_as_it_is(network: LiveNetwork) -> None:
    mona, max_ = await written_filters.staff(network)
    made = await written_filters.written(mona)
    await written_filters.simulated(mona, made)
    await filter_changes.rewrite(await mona.viewer(), made, written_filters.draft(condition="is_reply"), 1)
    await filter_changes.try_out(await mona.viewer(), made, 2)
    await written_filters.wait(made)
    with pytest.raises(Conflict, match="simulated as it is now"):
        await filter_changes.go_live(await max_.viewer(), made, 3)
    # One that has only begun shows nothing yet.
    await filter_simulations.start(await max_.viewer(), made)
    with pytest.raises(Conflict, match="simulated as it is now"):
        await filter_changes.go_live(await max_.viewer(), made, 3)
    await network.settle()
    await filter_changes.go_live(await max_.viewer(), made, 3)
    assert (await filters.read(await mona.viewer(), made)).state is FilterState.LIVE
