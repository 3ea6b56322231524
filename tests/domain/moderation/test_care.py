"""Care for moderators: a limit on cases that are hard to look at, and breaks. Nobody else learns of any of it."""

import pytest

from db.queries.care import HARD_CATEGORIES
from domain.core.access import GUEST, Role
from domain.core.errors import Conflict, Invalid, NotFound, SignedOut
from domain.moderation import appeal_queue, care, cases, staff, upstream_desk, work
from domain.moderation.care import Choice, HardLimits
from domain.moderation.kinds import StatementKind
from domain.moderation.rules import Category
from domain.moderation.work import Work, WorkKind
from tests.conftest import Watch
from tests.helpers import duty
from tests.helpers.complaints import about_a_post
from tests.helpers.duty import MOST, of, with_cases
from tests.helpers.moderation import appealed
from tests.helpers.people import LiveNetwork

MINUTE = 60
URGENT, HARASSMENT = 1, 6


def test_hard_categories_are_some_of_the_rules() -> None:
    assert set(HARD_CATEGORIES) <= set(Category)


async def test_beyond_the_limit_next_offers_what_is_easier(network: LiveNetwork, watch: Watch) -> None:
    moderator, (first, second, third) = await with_cases(network, URGENT, URGENT, HARASSMENT)
    viewer = await moderator.viewer()
    await duty.choose(moderator, on_duty=False, cases=1)
    assert await work.claim_next(viewer, MOST) == Work(WorkKind.CASE, first)
    assert await care.has_enough(viewer, MOST)
    # A claim that is made longer is no other case.
    await cases.claim(viewer, first, MOST)
    await moderator.decide(first, StatementKind.WARNING)
    assert await work.claim_next(viewer, MOST) == Work(WorkKind.CASE, third)
    with pytest.raises(Conflict, match="hard to look at"):
        await cases.claim(viewer, second, MOST)
    await cases.claim(viewer, second, MOST, beyond=True)
    assert ((await of(moderator)).cases, (await of(moderator)).hard) == (3, 2)
    watch.forward(24 * 60 * MINUTE + 1)
    assert (await of(moderator)).cases == 0
    assert await work.claim_next(viewer, MOST) == Work(WorkKind.CASE, second)


async def test_the_network_s_limits_are_the_most(network: LiveNetwork) -> None:
    moderator, (first, _) = await with_cases(network, URGENT, URGENT)
    viewer = await moderator.viewer()
    await duty.choose(moderator, cases=20, minutes=60)
    assert (await of(moderator)).limits == HardLimits(20, 60)
    assert (await care.read(viewer, HardLimits(5, 90))).limits == HardLimits(5, 60)
    one = HardLimits(1, 120)
    assert await cases.claim_next(viewer, one) == first
    await moderator.decide(first, StatementKind.WARNING)
    assert await cases.claim_next(viewer, one) is None
    assert await cases.claim_next(viewer, HardLimits(2, 120)) is not None
    for wrong, field in (
        (Choice(True, -1, 60), "cases"),
        (Choice(True, MOST.cases + 1, 60), "cases"),
        (Choice(True, None, 60), "cases"),
        (Choice(True, 20, -1), "minutes"),
        (Choice(True, 20, MOST.minutes + 1), "minutes"),
        (Choice(True, 20, None), "minutes"),
    ):
        with pytest.raises(Invalid) as refusal:
            await care.choose(viewer, wrong, MOST)
        assert list(refusal.value.fields) == [field]


async def test_a_break_is_suggested_after_fifty_minutes_of_work(network: LiveNetwork, watch: Watch) -> None:
    moderator, found = await with_cases(network, *[HARASSMENT] * 5)
    await moderator.decide(found[0], StatementKind.WARNING)
    for case in found[1:4]:
        watch.forward(16 * MINUTE)
        assert not (await of(moderator)).suggests_break
        await moderator.decide(case, StatementKind.WARNING)
    watch.forward(2 * MINUTE)
    assert (await of(moderator)).suggests_break
    await cases.claim(await moderator.viewer(), found[4])
    await care.take_break(await moderator.viewer())
    resting = await of(moderator)
    assert (resting.minutes, resting.break_until > 0) == (0, True)
    other = await network.moderator("max")
    await cases.claim(await other.viewer(), found[4])
    watch.forward(10 * MINUTE)
    assert (await of(moderator)).break_until == 0


async def test_whoever_was_away_or_works_again_begins_anew(network: LiveNetwork, watch: Watch) -> None:
    moderator, found = await with_cases(network, *[HARASSMENT] * 3)
    await moderator.decide(found[0], StatementKind.WARNING)
    watch.forward(21 * MINUTE)
    assert (await of(moderator)).minutes == 0
    await moderator.decide(found[1], StatementKind.WARNING)
    watch.forward(5 * MINUTE)
    assert (await of(moderator)).minutes == 5
    await care.take_break(await moderator.viewer())
    await cases.claim(await moderator.viewer(), found[2])
    assert ((await of(moderator)).break_until, (await of(moderator)).minutes) == (0, 0)
    await care.take_break(await moderator.viewer())
    await care.end_break(await moderator.viewer())
    assert (await of(moderator)).break_until == 0


async def test_a_break_gives_appeals_back_too(network: LiveNetwork) -> None:
    _, _, _, second, _, appeal = await appealed(network)
    await appeal_queue.claim(await second.viewer(), appeal)
    third = await network.moderator("mia")
    with pytest.raises(Conflict):
        await appeal_queue.claim(await third.viewer(), appeal)
    await care.take_break(await second.viewer())
    await appeal_queue.claim(await third.viewer(), appeal)


async def test_a_complaint_is_work_and_a_break_gives_it_back(network: LiveNetwork, watch: Watch) -> None:
    _, moderator, _, complaint = await about_a_post(network)
    other = await network.moderator("max")
    await care.take_break(await moderator.viewer())
    await upstream_desk.claim(await moderator.viewer(), complaint)
    watch.forward(5 * MINUTE)
    assert ((await of(moderator)).break_until, (await of(moderator)).minutes) == (0, 5)
    with pytest.raises(Conflict):
        await upstream_desk.claim(await other.viewer(), complaint)
    await care.take_break(await moderator.viewer())
    await upstream_desk.claim(await other.viewer(), complaint)


async def test_it_is_forgotten_after_two_days_and_with_the_role(network: LiveNetwork, watch: Watch) -> None:
    moderator, (first, _) = await with_cases(network, URGENT, URGENT)
    await moderator.decide(first, StatementKind.WARNING)
    watch.forward(48 * 60 * MINUTE)
    await care.forget_old()
    assert await network.count("case_look") == 0
    await cases.claim_next(await moderator.viewer())
    await staff.set_role("mona", Role.MEMBER)
    assert await network.count("case_look") == await network.count("moderator_care") == 0


async def test_only_moderators_have_it(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    for viewer, refused in ((GUEST, SignedOut), (await ana.viewer(), NotFound)):
        for act in (
            care.read(viewer, MOST),
            care.choose(viewer, Choice(True, 1, 1), MOST),
            care.keeps_grey(viewer),
            care.take_break(viewer),
            care.end_break(viewer),
        ):
            with pytest.raises(refused):
                await act
