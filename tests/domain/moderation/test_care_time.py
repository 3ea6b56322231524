"""How long a moderator has cases that are hard to look at: from taking one until they have it no longer."""

import pytest

from domain.core.access import Role
from domain.core.errors import Conflict
from domain.moderation import care, cases, proposals, staff, work
from domain.moderation.care import HardLimits
from domain.moderation.kinds import StatementKind
from tests.conftest import Watch
from tests.helpers import duty
from tests.helpers.duty import MOST, of, with_cases
from tests.helpers.people import LiveNetwork, Member

MINUTE, DAY = 60, 24 * 3600
URGENT, HARASSMENT = 1, 6


async def spent(member: Member) -> int:
    return (await of(member)).hard_minutes


async def test_it_runs_from_taking_a_hard_case_until_it_is_decided(network: LiveNetwork, watch: Watch) -> None:
    mona, (hard, easy) = await with_cases(network, URGENT, HARASSMENT)
    for case, minutes in ((hard, 7), (easy, 7)):
        await cases.claim(await mona.viewer(), case)
        watch.forward(7 * MINUTE)
        assert await spent(mona) == minutes
        await mona.decide(case, StatementKind.WARNING)
        watch.forward(5 * MINUTE)
        assert await spent(mona) == minutes
    assert ((await of(mona)).cases, (await of(mona)).hard) == (2, 1)


async def test_it_ends_when_it_is_given_back_and_goes_on_when_it_is_taken_again(
    network: LiveNetwork, watch: Watch
) -> None:
    mona, (case,) = await with_cases(network, URGENT)
    for minutes in (3, 6, 9):
        await cases.claim(await mona.viewer(), case)
        watch.forward(3 * MINUTE)
        await cases.release(await mona.viewer(), case)
        await cases.release(await mona.viewer(), case)
        watch.forward(10 * MINUTE)
        assert await spent(mona) == minutes
    assert (await of(mona)).hard == 1


async def test_who_forgets_one_has_had_it_for_as_long_as_it_was_theirs(network: LiveNetwork, watch: Watch) -> None:
    mona, (case,) = await with_cases(network, URGENT)
    await cases.claim(await mona.viewer(), case)
    watch.forward(15 * MINUTE)
    await cases.claim(await mona.viewer(), case)
    watch.forward(19 * MINUTE)
    assert await spent(mona) == 34
    watch.forward(3600)
    assert await spent(mona) == 35
    # Others have it meanwhile, and giving it back then says nothing.
    max_ = await network.moderator("max")
    await cases.claim(await max_.viewer(), case)
    await cases.release(await mona.viewer(), case)
    watch.forward(4 * MINUTE)
    assert (await spent(mona), await spent(max_)) == (35, 4)


async def test_a_break_ends_it(network: LiveNetwork, watch: Watch) -> None:
    mona, found = await with_cases(network, URGENT, URGENT)
    for case in found:
        await cases.claim(await mona.viewer(), case)
    watch.forward(4 * MINUTE)
    await care.take_break(await mona.viewer())
    watch.forward(9 * MINUTE)
    assert await spent(mona) == 8


async def test_who_agrees_to_a_proposal_has_looked_at_the_case(network: LiveNetwork, watch: Watch) -> None:
    mona, (case,) = await with_cases(network, URGENT)
    max_ = await network.moderator("max")
    await mona.decide(case, StatementKind.WARNING, sanction=StatementKind.PERMANENT_SUSPENSION)
    watch.forward(MINUTE)
    assert await spent(mona) == 0
    await cases.claim(await max_.viewer(), case)
    watch.forward(6 * MINUTE)
    viewer = await max_.viewer()
    await proposals.agree(viewer, case, (await cases.read(viewer, case)).version)
    watch.forward(MINUTE)
    assert ((await of(max_)).hard, await spent(max_)) == (1, 6)


async def test_beyond_it_no_hard_case_is_offered(network: LiveNetwork, watch: Watch) -> None:
    mona, (first, second, easy) = await with_cases(network, URGENT, URGENT, HARASSMENT)
    viewer = await mona.viewer()
    await duty.choose(mona, minutes=10)
    assert await cases.claim_next(viewer, MOST) == first
    watch.forward(9 * MINUTE)
    assert not await care.has_enough(viewer, MOST)
    watch.forward(MINUTE)
    assert await care.has_enough(viewer, MOST)
    # Whoever has one may go on with it; once it is given back it is one that takes time, too.
    await cases.claim(viewer, first, MOST)
    await cases.release(viewer, first)
    for case in (first, second):
        with pytest.raises(Conflict, match="hard to look at"):
            await cases.claim(viewer, case, MOST)
    found = await work.claim_next(viewer, MOST)
    assert found is not None
    assert found.id == easy
    await cases.claim(viewer, second, MOST, beyond=True)
    watch.forward(DAY + 20 * MINUTE)
    assert (await spent(mona), await care.has_enough(viewer, MOST)) == (0, False)


async def test_the_network_s_limit_holds_for_all(network: LiveNetwork, watch: Watch) -> None:
    mona, (first, _) = await with_cases(network, URGENT, URGENT)
    viewer, most = await mona.viewer(), HardLimits(30, 5)
    assert await cases.claim_next(viewer, most) == first
    watch.forward(5 * MINUTE)
    await mona.decide(first, StatementKind.WARNING)
    assert await cases.claim_next(viewer, most) is None
    max_ = await network.moderator("max")
    assert await cases.claim_next(await max_.viewer(), most) is not None


async def test_it_is_forgotten_with_the_rest(network: LiveNetwork, watch: Watch) -> None:
    mona, found = await with_cases(network, URGENT, URGENT)
    await cases.claim(await mona.viewer(), found[0])
    watch.forward(2 * DAY + MINUTE)
    await care.forget_old()
    assert await network.count("case_look") == 0
    await cases.claim(await mona.viewer(), found[1])
    await staff.set_role("mona", Role.MEMBER)
    assert await network.count("case_look") == 0
