"""Levels of trust: earned once, by whoever looks first; lost by points at once, and given back with them."""

import asyncio

import pytest

from app.wiring import reactions_by_event
from app.worker import Worker
from db.engine import DB
from db.migrations import m0026_trust
from db.queries import trust as queries
from db.queries.trust import TrustRow
from domain.core import clock
from domain.core.access import GUEST
from domain.core.events import CaseDecided
from domain.core.trust import DEFAULTS, TrustLevel, TrustNeeds, TrustPolicy, TrustProgress
from domain.moderation import reversals, trust_levels
from domain.moderation.kinds import StatementKind
from domain.posts import reads
from tests.conftest import Watch
from tests.helpers.moderation import reported
from tests.helpers.people import TRUST, LiveNetwork, Member

DAY = 86_400
NEW, BASIC, MEMBER, REGULAR = TrustLevel
# What takes a post, and nothing else.
BY_POSTS = TrustPolicy(for_basic=TrustNeeds(1, 1, 1), for_member=TrustNeeds(1, 1, 2), for_regular=TrustNeeds(9, 9, 9))


async def level(member: Member) -> TrustLevel:
    return (await member.viewer()).trust


def test_each_level_takes_all_of_what_it_says() -> None:
    for progress, earned in (
        (TrustProgress(2, 29, 9), NEW),
        (TrustProgress(1, 30, 9), NEW),
        (TrustProgress(2, 30, 0), BASIC),
        (TrustProgress(10, 100, 2), BASIC),
        (TrustProgress(10, 100, 3), MEMBER),
        (TrustProgress(50, 500, 20), REGULAR),
    ):
        assert DEFAULTS.earned(progress) is earned
    no_gap = TrustPolicy(for_basic=TrustNeeds(9, 0, 0), for_member=TrustNeeds(0, 0, 0))
    assert no_gap.earned(TrustProgress(8)) is NEW


async def test_a_level_is_earned_once_by_two_workers(network: LiveNetwork, watch: Watch) -> None:
    people = [await network.member(f"ana{number}", trust=NEW) for number in range(4)]
    for _ in range(2):
        for number, member in enumerate(people):
            await reads.count(await member.viewer(), 15 if number else 14)
        watch.forward(DAY)
    policy = TrustPolicy(for_member=TrustNeeds(9, 999, 9))
    found = await asyncio.gather(*(trust_levels.refresh_due(policy) for _ in range(2)))
    assert sum(found) == 3
    assert [await level(member) for member in people] == [NEW, BASIC, BASIC, BASIC]
    assert await trust_levels.refresh_due(policy) == 0


async def test_posts_count_once_they_have_stood(network: LiveNetwork, watch: Watch) -> None:
    _, eve, moderator, _, case = await reported(network)
    await DB.fetch(TRUST, eve.id, NEW)
    posts = [await eve.post(f"Number {number}") for number in range(2)]
    await reads.count(await eve.viewer(), 1)
    await moderator.decide(case, StatementKind.POST_REMOVAL, rule=10)
    await eve.delete(posts[0])
    await network.settle()
    assert not await trust_levels.refresh_due(BY_POSTS)
    # The points of the removal count for 90 days, and no level is earned meanwhile.
    watch.forward(89 * DAY)
    await reads.count(await eve.viewer(), 1)
    assert await trust_levels.refresh_due(BY_POSTS) == 0
    watch.forward(2 * DAY)
    assert await trust_levels.refresh_due(BY_POSTS) == 1
    assert await level(eve) is BASIC


async def test_points_cost_levels_until_they_are_taken_back(network: LiveNetwork, watch: Watch) -> None:
    _, eve, moderator, _, case = await reported(network)
    worker = Worker(reactions_by_event(network.settings))
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL)
    await network.settle()
    # Six points, of which five cost one level, and the sixth another.
    assert await level(eve) is NEW
    assert await queries.one(eve.id) == TrustRow(MEMBER, 2, 0, 0)
    for _ in range(2):
        await trust_levels.decided(CaseDecided(case, statement), DEFAULTS)
    assert await level(eve) is NEW
    await reversals.reverse(await moderator.viewer(), statement, "It was a song.")
    await asyncio.gather(worker.drain(), network.worker.drain())
    await network.settle()
    assert await level(eve) is MEMBER


async def test_points_cost_levels_until_they_no_longer_count(network: LiveNetwork, watch: Watch) -> None:
    _, eve, moderator, _, case = await reported(network)
    await moderator.decide(case, StatementKind.WARNING, rule=10)
    await network.settle()
    assert await level(eve) is BASIC
    watch.forward(90 * DAY - 60)
    assert await trust_levels.refresh_due(DEFAULTS) == 0
    watch.forward(120)
    assert sum(await asyncio.gather(*(trust_levels.refresh_due(DEFAULTS) for _ in range(2)))) == 1
    assert await level(eve) is MEMBER
    assert await queries.one(eve.id) == TrustRow(MEMBER, 0, 0, 0)


async def test_ones_own_page(network: LiveNetwork) -> None:
    eve = await network.member("eve", trust=NEW)
    await reads.count(await eve.viewer(), 12)
    assert await trust_levels.mine(GUEST, DEFAULTS) is None
    found = await trust_levels.mine(await eve.viewer(), DEFAULTS)
    assert found is not None
    assert (found.level, found.lost, found.progress) == (NEW, 0, TrustProgress(1, 12, 0))
    assert (found.needs, found.limits) == (DEFAULTS.for_basic, DEFAULTS.new)
    await DB.fetch(TRUST, eve.id, REGULAR)
    await queries.put(eve.id, REGULAR, REGULAR, 0)
    found = await trust_levels.mine(await eve.viewer(), DEFAULTS)
    assert found is not None
    assert (found.needs, found.limits) == (None, None)


async def test_who_was_there_before_there_were_levels(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    _, eve, moderator, _, case = await reported(network)
    ana = await network.member("ben")
    for member in (ana, eve):
        await DB.fetch(TRUST, member.id, NEW)
    await moderator.decide(case, StatementKind.WARNING)
    monkeypatch.setattr(m0026_trust, "BATCH", 2)
    for month, expected in ((0, NEW), (2**62, MEMBER)):
        await m0026_trust.start(month, 0)
        assert await level(ana) is expected
    assert await level(eve) is NEW, "points of theirs count"


async def test_a_lower_level_may_take_more_posts_than_a_higher_one(network: LiveNetwork, watch: Watch) -> None:
    eve = await network.member("eve", trust=NEW)
    for number in range(2):
        await eve.post(f"Number {number}")
    await reads.count(await eve.viewer(), 1)
    watch.forward(DAY + 1)
    policy = TrustPolicy(for_basic=TrustNeeds(1, 1, 2), for_member=TrustNeeds(9, 9, 0), for_regular=TrustNeeds(9, 9, 0))
    assert await trust_levels.refresh_due(policy) == 1
    assert await level(eve) is BASIC


async def test_nobody_loses_a_level_that_they_never_had(network: LiveNetwork) -> None:
    """Points keep a new account where it is."""
    ana, eve = await network.member("ana"), await network.member("eve", trust=NEW)
    moderator = await network.moderator()
    await ana.report(await eve.post("You will be sorry."), rule=1)
    await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL, rule=1)
    await network.settle()
    found = await trust_levels.mine(await eve.viewer(), DEFAULTS)
    assert found is not None
    assert (found.level, found.lost, found.held_back) == (NEW, 0, True)


async def test_some_minutes_around_midnight_are_no_two_days(network: LiveNetwork, watch: Watch) -> None:
    watch.forward(DAY - clock.now() / 1000 % DAY - 300)
    ana = await network.member("ana", trust=NEW)
    for _ in range(2):
        await reads.count(await ana.viewer(), 15)
        watch.forward(600)
    await trust_levels.refresh(ana.id, DEFAULTS)
    assert await level(ana) is NEW
    watch.forward(DAY)
    await trust_levels.refresh(ana.id, DEFAULTS)
    assert await level(ana) is BASIC
