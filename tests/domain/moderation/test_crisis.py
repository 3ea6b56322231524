"""A crisis: two who say so, an end to the second, and each switch once in the log."""

import asyncio

import pytest

from app.wiring import reactions_by_event
from app.worker import Worker
from domain.core import clock
from domain.core.access import GUEST, Role
from domain.core.errors import Conflict, Invalid, NotFound, SignedOut
from domain.moderation import brake, crisis, staff
from domain.moderation.crisis import CrisisView
from tests.conftest import Watch
from tests.helpers.brake import is_on, logged, two_moderators
from tests.helpers.people import LiveNetwork, Member

WORDS = "There are threats after the vote. Nobody joins until Sunday."


async def proposed(member: Member, hours: int = 24) -> CrisisView:
    await crisis.propose(await member.viewer(), WORDS, hours)
    found = await crisis.read(await member.viewer())
    assert found is not None
    return found


async def test_it_takes_two(network: LiveNetwork) -> None:
    mona, max_ = await two_moderators(network)
    one = await proposed(mona)
    assert one.mine
    assert not await is_on()
    with pytest.raises(Conflict):
        await crisis.agree(await mona.viewer(), one.id)
    with pytest.raises(Conflict):
        await crisis.propose(await max_.viewer(), WORDS, 24)
    with pytest.raises(Conflict):
        await crisis.agree(await max_.viewer(), one.id + 1)
    agreed = [crisis.agree(await max_.viewer(), one.id) for _ in range(3)]
    assert [type(one) for one in await asyncio.gather(*agreed, return_exceptions=True)].count(Conflict) == 2
    found = (await brake.state()).crisis
    assert found is not None
    assert found.words == WORDS
    assert await logged(network) == [("crisis_on", "")]


async def test_a_proposal_goes_with_the_role_and_with_its_day(network: LiveNetwork, watch: Watch) -> None:
    mona, max_ = await two_moderators(network)
    one = await proposed(mona)
    await staff.set_role("mona", Role.MEMBER)
    with pytest.raises(Conflict):
        await crisis.agree(await max_.viewer(), one.id)
    two = await proposed(max_)
    watch.ahead += two.lapses_at - clock.now()
    assert await crisis.read(await max_.viewer()) is None
    with pytest.raises(Conflict):
        await crisis.agree(await (await network.operator()).viewer(), two.id)
    # Another one takes the place of what has lapsed.
    three = await proposed(await network.operator())
    await crisis.end(await max_.viewer(), three.id)
    assert await network.count("crisis") == 0
    assert await logged(network) == []


async def test_it_ends_to_the_second_and_once(network: LiveNetwork, watch: Watch) -> None:
    mona, max_ = await two_moderators(network)
    one = await proposed(mona, 6)
    await crisis.agree(await max_.viewer(), one.id)
    found = (await brake.state()).crisis
    assert found is not None
    watch.ahead += found.ends_at - clock.now() - 100
    assert await is_on()
    watch.ahead += 100
    assert not (await brake.state()).on
    workers = [Worker(reactions_by_event(network.settings)) for _ in range(2)]
    await asyncio.gather(*(worker.drain() for worker in workers), crisis.end_due(), crisis.end_due())
    assert await logged(network) == [("crisis_on", ""), ("crisis_off", "end")]
    await crisis.end(await mona.viewer(), one.id)
    assert len(await logged(network)) == 2


async def test_one_person_ends_it_early(network: LiveNetwork, watch: Watch) -> None:
    mona, max_ = await two_moderators(network)
    one = await proposed(mona)
    await crisis.agree(await max_.viewer(), one.id)
    # Entries of one millisecond have no order.
    watch.forward(1)
    await crisis.end(await max_.viewer(), one.id)
    assert not (await brake.state()).on
    watch.forward(1)
    two = await proposed(max_)
    await crisis.agree(await mona.viewer(), two.id)
    # The end of the first is none of the second.
    watch.forward(86_000)
    await network.settle()
    assert await is_on()
    assert await logged(network) == [("crisis_on", ""), ("crisis_off", "hand"), ("crisis_on", "")]


async def test_what_is_refused(network: LiveNetwork) -> None:
    ana, operator = await network.member("ana"), await network.operator()
    with pytest.raises(Conflict, match="two moderators"):
        await crisis.propose(await operator.viewer(), WORDS, 24)
    mona = await network.moderator()
    for viewer, refused in ((GUEST, SignedOut), (await ana.viewer(), NotFound)):
        for act in (
            crisis.propose(viewer, WORDS, 24),
            crisis.read(viewer),
            crisis.agree(viewer, 1),
            crisis.end(viewer, 1),
        ):
            with pytest.raises(refused):
                await act
    for words, hours, field in (("", 24, "words"), ("See https://a.example", 24, "words"), (WORDS, 337, "hours")):
        with pytest.raises(Invalid) as refusal:
            await crisis.propose(await mona.viewer(), words, hours)
        assert set(refusal.value.fields) == {field}
