"""Simulations of filters over posts that are published."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.engine import DB
from db.queries import simulations as queries
from db.sql import SQL
from domain.core import clock, ids
from domain.core.access import GUEST
from domain.core.errors import Conflict, NotFound, SignedOut
from domain.core.moderation_events import SimulationDue
from domain.moderation import (
    filter_changes,
    filter_costs,
    filter_expressions,
    filter_simulation,
    filter_simulations,
    filter_tally,
    filters,
)
from domain.moderation.filter_changes import FilterDraft
from domain.moderation.filter_engine import FilterSet
from domain.moderation.filter_kinds import FilterOutcome, SimulationState
from domain.moderation.filter_simulations import Simulation
from domain.moderation.filter_tally import Group, GroupKind
from domain.moderation.kinds import StatementKind
from tests.helpers import written_filters
from tests.helpers.people import LiveNetwork, Member

BACK = SQL("UPDATE simulation SET touched_at = 0")


async def written(mona: Member, condition: str, name: str = "Offers") -> int:
    draft = FilterDraft(name, condition, FilterOutcome.CASE, "spam", "It looks like spam.")
    return await filter_changes.add(await mona.viewer(), draft)


async def read(mona: Member, filter_: int) -> Simulation:
    found = await filter_simulations.read(await mona.viewer(), filter_)
    assert found is not None
    return found


async def simulated(network: LiveNetwork, mona: Member, condition: str) -> Simulation:
    made = await written(mona, condition)
    await filter_simulations.start(await mona.viewer(), made)
    await network.settle()
    return await read(mona, made)


def named(found: Simulation, kind: GroupKind) -> dict[str, Group]:
    return {group.name: group for group in found.groups if group.kind is kind}


async def test_public_posts_are_counted(network: LiveNetwork) -> None:
    mona = await network.moderator()
    ana, ben = await network.members("ana", "ben")
    hit = await ana.post("Buy an 0ffer")
    await ana.post("Good morning")
    await ana.post("An offer for few", followers=True)
    await ben.delete(await ben.post("A deleted offer"))
    await ben.post("A reply about an offer", parent=hit)
    found = await simulated(network, mona, 'skeleton.contains("offer")')
    assert (found.state, found.progress) == (SimulationState.DONE, 1.0)
    assert (found.tally.posts, found.tally.hits) == (3, 2)
    assert found.tally.share == pytest.approx(2 / 3)
    assert [row.handle for row in found.sample] == ["ben", "ana"]


async def test_what_moderators_have_removed_is_counted(network: LiveNetwork) -> None:
    """What was never public is not, and what its author deletes is shown no longer."""
    mona, max_ = await written_filters.staff(network)
    ana, eve, ben, dan = await network.members("ana", "eve", "ben", "dan")
    removed = await eve.post("A removed offer")
    await ana.report(removed)
    await mona.decide(await network.open_case(), StatementKind.POST_REMOVAL)
    suspended = await ben.post("An offer by somebody who is suspended")
    await ana.report(suspended)
    await mona.decide(await network.open_case(), StatementKind.WARNING, sanction=StatementKind.SUSPENSION, days=7)
    await written_filters.live(mona, max_, FilterOutcome.HOLD, 'text.contains("held")')
    await dan.post("A held offer")
    still = await ana.post("An offer")
    made = await written(mona, 'text.contains("offer")')
    await filter_simulations.start(await mona.viewer(), made)
    await network.settle()
    found = await read(mona, made)
    assert (found.tally.posts, found.tally.hits) == (3, 3)
    assert {row.post: bool(row.gone) for row in found.sample} == {removed: True, suspended: True, still: False}
    await eve.delete(removed)
    assert {row.post for row in (await read(mona, made)).sample} == {suspended, still}


async def test_groups_show_whom_it_strikes(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_tally, "SMALLEST", 2)
    mona = await network.moderator()
    left, right, ana, ben = await network.members("left", "right", "ana", "ben")
    for _ in range(4):
        await network.member(f"more{_}")
    await ana.follow(left)
    await ben.follow(right)
    for member, word in ((ana, "offer"), (ana, "offer"), (ben, "tea"), (ben, "tea"), (ben, "tea")):
        await member.post(f"My {word} today #{word}")
    await ben.post("Only once #rare")
    found = await simulated(network, mona, 'text.contains("offer")')
    clusters, tags = named(found, GroupKind.CLUSTER), named(found, GroupKind.TAG)
    assert {name: (one.posts, one.hits, one.is_struck) for name, one in clusters.items()} == {
        "left": (2, 2, True),
        "right": (4, 0, False),
    }
    assert clusters["left"].times == pytest.approx(3.0)
    assert tags.keys() == {"offer", "tea"}
    assert named(found, GroupKind.AGE).keys() == {"day"}


async def test_what_fails_is_no_hit(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_costs, "MAX_TURNS", 20_000)
    mona = await network.moderator()
    await mona.post("No link")
    await mona.post(written_filters.HUNDRED_LINKS)
    found = await simulated(network, mona, f"{written_filters.FAILS}&&!has_picture")
    assert (found.tally.hits, found.tally.failures) == (1, 1)
    assert found.tally.reason == filter_expressions.TOO_MANY_STEPS


async def test_one_that_was_killed_goes_on(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_simulation, "BATCH", 2)
    mona = await network.moderator()
    for number in range(7):
        await mona.post(f"Offer {number}")
    made = await written(mona, 'text.contains("Offer")')
    await filter_simulations.start(await mona.viewer(), made)
    row = await queries.of_filter(made)
    assert row is not None
    event = SimulationDue(made, row.run)
    go_on = filter_simulation.go_on

    async def killed(*args: Any) -> AsyncIterator[int]:
        async for next_post in go_on(*args):
            yield next_post
            raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(filter_simulation, "go_on", killed)
        for _ in range(2):
            with pytest.raises(asyncio.CancelledError):
                await filter_simulations.run(event)
    halfway = await filter_simulations.read(await mona.viewer(), made)
    assert halfway is not None
    assert (halfway.state, halfway.tally.posts, halfway.sample) == (SimulationState.RUNNING, 4, [])
    await network.settle()
    await filter_simulations.run(event)
    found = await filter_simulations.read(await mona.viewer(), made)
    assert found is not None
    assert (found.state, found.tally.posts, found.tally.hits, len(found.sample)) == (SimulationState.DONE, 7, 7, 7)


async def test_posts_are_looked_at_beside_the_loop(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = set()
    check = FilterSet.check

    def noted(self: FilterSet, *args: Any) -> Any:
        threads.add(threading.current_thread())
        return check(self, *args)

    monkeypatch.setattr(FilterSet, "check", noted)
    mona = await network.moderator()
    await mona.post("Offer")
    await simulated(network, mona, 'text.contains("Offer")')
    assert threads
    assert threading.main_thread() not in threads


async def test_one_at_a_time(network: LiveNetwork) -> None:
    mona = await network.moderator()
    first, second = await written(mona, "trust == 0"), await written(mona, "trust == 1", "Another")
    await filter_simulations.start(await mona.viewer(), first)
    await filter_simulations.start(await mona.viewer(), first)
    assert await network.count("outbox", "kind = 'SimulationDue'") == 1
    with pytest.raises(Conflict):
        await filter_simulations.start(await mona.viewer(), second)
    await DB.fetch(BACK)
    await filter_simulations.start(await mona.viewer(), second)
    assert await filter_simulations.read(await mona.viewer(), first) is None
    await filter_simulations.stop(await mona.viewer(), second)
    await network.settle()
    assert await network.count("simulation") == 0


async def test_wrong_hits_are_marked(network: LiveNetwork) -> None:
    mona = await network.moderator()
    posts = [await mona.post(f"Offer {number}") for number in range(3)]
    found = await simulated(network, mona, 'text.contains("Offer")')
    (made,) = await filters.everything(await mona.viewer())
    await filter_simulations.mark(await mona.viewer(), made.id, found.run, {posts[0], posts[2], 7})
    await filter_simulations.mark(await mona.viewer(), made.id, found.run, {posts[0]})
    await mona.delete(posts[1])
    await network.settle()
    marked = await filter_simulations.read(await mona.viewer(), made.id)
    assert marked is not None
    assert [(row.post, row.wrong) for row in marked.sample] == [(posts[2], 0), (posts[0], 1)]
    assert marked.wrong == 1
    with pytest.raises(Conflict):
        await filter_simulations.mark(await mona.viewer(), made.id, found.run + 1, {posts[0]})


async def test_a_condition_that_no_longer_compiles(network: LiveNetwork) -> None:
    mona = await network.moderator()
    made = await written(mona, "trust == 0")
    await filter_simulations.start(await mona.viewer(), made)
    await DB.fetch(SQL("UPDATE simulation SET condition = 'nothing == 0'"))
    await network.settle()
    found = await filter_simulations.read(await mona.viewer(), made)
    assert found is not None
    assert (found.state, found.tally.posts) == (SimulationState.FAILED, 0)
    assert "“nothing”" in found.tally.reason


async def test_they_are_forgotten(network: LiveNetwork) -> None:
    mona = await network.moderator()
    await mona.post("Offer")
    await simulated(network, mona, 'text.contains("Offer")')
    await filter_simulations.forget_old()
    assert await network.count("simulation_hit") == 1
    with clock.fixed_at(clock.now() + filter_simulations.KEPT_MS + 1000):
        await filter_simulations.forget_old()
    assert await network.count("simulation_hit") == await network.count("simulation") == 0


async def test_for_moderators_alone(network: LiveNetwork) -> None:
    mona, ana = await network.moderator(), await network.member("ana")
    made = await written(mona, "trust == 0")
    for viewer, error in ((await ana.viewer(), NotFound), (GUEST, SignedOut)):
        for work in (filter_simulations.start, filter_simulations.stop, filter_simulations.read):
            with pytest.raises(error):
                await work(viewer, made)
        with pytest.raises(error):
            await filter_simulations.mark(viewer, made, ids.new(), set())
    assert await network.count("simulation") == 0
