"""Seats on a jury: one answer each, in time, and whoever gives one up is replaced."""

import asyncio

import pytest

from app.wiring import reactions_by_event
from app.worker import Worker
from db.engine import DB
from db.queries import juries as queries
from domain.accounts import closing
from domain.core import clock, events
from domain.core.access import GUEST, Role
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, SignedOut
from domain.core.moderation_events import SummonsEnds
from domain.moderation import (
    juries,
    jury_briefs,
    jury_service,
    staff,
)
from domain.moderation.juries import Answer
from domain.moderation.jury_kinds import JuryState, JuryVote, SeatState
from domain.moderation.kinds import AppealState
from tests.conftest import Watch
from tests.helpers.juries import HANDLES, give, heard, own, seats
from tests.helpers.people import PASSWORD, LiveNetwork

HOUR, DAY = 3600, 86_400
VOTED, STANDS, REVERSE = SeatState.VOTED, JuryVote.STANDS, JuryVote.REVERSE


async def test_who_passes_abstains_or_lapses_is_replaced_at_once(network: LiveNetwork, watch: Watch) -> None:
    members, _, _, _, _, appeal = await heard(network, watch, *HANDLES, "joan")
    for answer in (SeatState.PASSED, SeatState.ABSTAINED):
        await give(members, (await seats(appeal))[0], answer)
        assert len(await seats(appeal)) == 5
    watch.forward(DAY)
    await network.settle()
    # One more was left to be drawn.
    assert len(await seats(appeal, SeatState.LAPSED)) == 2
    assert len(await seats(appeal, SeatState.CLOSED)) == 4
    jury = await queries.one(appeal)
    assert jury is not None
    assert jury.state == JuryState.REFERRED
    everybody = [one.account for one in await queries.seats(appeal)]
    assert len(everybody) == len(set(everybody)) == len(members)


async def test_a_lapsed_seat_is_filled_once_with_two_workers(network: LiveNetwork, watch: Watch) -> None:
    members, _, _, _, _, appeal = await heard(network, watch)
    *prompt, late = await seats(appeal)
    for seat in prompt:
        await give(members, seat, VOTED, REVERSE)
    await network.settle()
    watch.ahead += late.ends_at - clock.now() - 500
    workers = [Worker(reactions_by_event(network.settings)) for _ in range(2)]
    await asyncio.gather(*(worker.drain() for worker in workers))
    assert [one.id for one in await seats(appeal)] == [late.id]
    watch.forward(0.5)
    await asyncio.gather(*(worker.drain() for worker in workers))
    (new,) = await seats(appeal)
    assert new.account != late.account
    assert [one.id for one in await seats(appeal, SeatState.LAPSED)] == [late.id]
    with pytest.raises(Conflict):
        await give(members, late, VOTED, STANDS)
    await network.settle()
    await give(members, new, VOTED, STANDS)
    jury = await queries.one(appeal)
    assert jury is not None
    assert jury.state == JuryState.REVERSED


async def test_a_lost_event_keeps_no_seat(network: LiveNetwork, watch: Watch) -> None:
    _, _, _, _, _, appeal = await heard(network, watch)
    before = await seats(appeal)
    async with DB.writing():
        for seat in before:
            await events.withdraw(SummonsEnds(seat.id))
    assert await juries.end_due() == 0
    watch.forward(DAY)
    await network.settle()
    assert await seats(appeal) == before
    assert await juries.end_due() == 5
    # Two others could be drawn, and were.
    assert len(await seats(appeal, SeatState.LAPSED)) == 3
    assert len(await seats(appeal, SeatState.CLOSED)) == 4


async def test_each_vote_counts_once(network: LiveNetwork, watch: Watch) -> None:
    members, _, eve, _, _, appeal = await heard(network, watch)
    for seat in await seats(appeal):
        both = [give(members, seat, VOTED, vote) for vote in (REVERSE, STANDS)]
        answers = await asyncio.gather(*both, return_exceptions=True)
        assert [type(one) for one in answers if one is not None] == [Conflict]
    await network.settle()
    votes = await seats(appeal, VOTED)
    assert len(votes) == 5
    assert (await own(eve)).state in (AppealState.GRANTED, AppealState.UPHELD)


async def test_five_votes_at_once_end_a_jury_once(network: LiveNetwork, watch: Watch) -> None:
    members, ana, eve, _, post, appeal = await heard(network, watch)
    await asyncio.gather(*(give(members, seat, VOTED, REVERSE) for seat in await seats(appeal)))
    await network.settle()
    assert await ana.sees(post)
    assert (await own(eve)).state is AppealState.GRANTED
    assert await network.count("jury_reversal") == 1


async def test_a_vote_is_about_what_was_seen_and_by_whoever_was_drawn(network: LiveNetwork, watch: Watch) -> None:
    members, ana, eve, moderator, _, appeal = await heard(network, watch)
    seat, other = (await seats(appeal))[:2]
    (member,) = [one for one in members if one.id == seat.account]
    viewer = await member.viewer()
    good = Answer(VOTED, seat.version, REVERSE)
    with pytest.raises(Invalid) as missing:
        await juries.answer(viewer, seat.id, Answer(VOTED, seat.version))
    assert set(missing.value.fields) == {"vote"}
    with pytest.raises(Invalid) as long:
        await juries.answer(viewer, seat.id, Answer(VOTED, seat.version, REVERSE, "x" * (juries.MAX_REASON + 1)))
    assert set(long.value.fields) == {"reason"}
    with pytest.raises(Conflict, match="changed"):
        await juries.answer(viewer, seat.id, Answer(VOTED, seat.version + 1, REVERSE))
    for outsider in (ana, eve, moderator):
        with pytest.raises(NotFound):
            await juries.answer(await outsider.viewer(), seat.id, good)
        with pytest.raises(NotFound):
            await jury_briefs.read(await outsider.viewer(), seat.id, "%(letter)s")
    with pytest.raises(NotFound):
        await juries.answer(viewer, other.id, good)
    with pytest.raises(SignedOut):
        await juries.answer(GUEST, seat.id, good)
    await staff.set_role(member.handle, Role.MODERATOR)
    with pytest.raises(Forbidden):
        await juries.answer(await member.viewer(), seat.id, good)


async def test_a_juror_who_leaves_is_replaced(network: LiveNetwork, watch: Watch) -> None:
    members, _, _, _, _, appeal = await heard(network, watch)
    first = (await seats(appeal))[0]
    (member,) = [one for one in members if one.id == first.account]
    await closing.leave(await member.viewer(), member.handle, PASSWORD)
    await network.settle()
    assert await juries.end_due() == 1
    assert len(await seats(appeal)) == 5
    assert await network.count("juror_standing", f"account = {member.id}") == 0
    (gone,) = await seats(appeal, SeatState.LAPSED)
    assert gone.account is None


async def test_opting_out_gives_seats_up(network: LiveNetwork, watch: Watch) -> None:
    members, _, _, _, _, appeal = await heard(network, watch)
    first = (await seats(appeal))[0]
    (member,) = [one for one in members if one.id == first.account]
    await jury_service.opt_out(await member.viewer())
    assert not (await jury_service.mine(await member.viewer())).opted_in
    assert len(await seats(appeal)) == 5
    assert [one.account for one in await seats(appeal, SeatState.PASSED)] == [member.id]
