"""Jurors who come to have something to do with a party between the draw and their vote."""

from collections.abc import Awaitable, Callable

import pytest

from app.wiring import reactions_by_event
from app.worker import Worker
from db.queries import juries as queries
from domain.core.errors import Conflict
from domain.moderation import appeal_queue, jury_briefs
from domain.moderation.jury_briefs import Summons
from domain.moderation.jury_kinds import JuryState, JuryVote, SeatState
from domain.notifications.kinds import NotificationKind
from tests.conftest import Watch
from tests.helpers.juries import HANDLES, give, heard, seats, vote
from tests.helpers.people import LiveNetwork, Member

VOTED, STANDS, REVERSE = SeatState.VOTED, JuryVote.STANDS, JuryVote.REVERSE
Act = Callable[[Member, Member, Member], Awaitable[None]]
# What happens between a juror, the reporter and the author.
ACTS: dict[str, Act] = {
    "follows the author": lambda juror, _, eve: juror.follow(eve),
    "blocks the author": lambda juror, _, eve: juror.block(eve),
    "blocks the reporter": lambda juror, ana, _: juror.block(ana),
    "is followed": lambda juror, _, eve: eve.follow(juror),
    "is blocked": lambda juror, _, eve: eve.block(juror),
    "is muted by the reporter": lambda juror, ana, _: ana.mute(juror),
}


def juror_of(members: list[Member], account: int | None) -> Member:
    (found,) = [one for one in members if one.id == account]
    return found


async def said(member: Member, seat: int) -> Summons:
    return await jury_briefs.read(await member.viewer(), seat, "Person")


@pytest.mark.parametrize("name", ACTS)
async def test_the_vote_of_the_involved_does_not_count(network: LiveNetwork, watch: Watch, name: str) -> None:
    members, ana, eve, _, _, appeal = await heard(network, watch)
    first, *_ = await seats(appeal)
    juror = juror_of(members, first.account)
    await ACTS[name](juror, ana, eve)
    await give(members, first, VOTED, REVERSE)
    # Somebody else has the seat already.
    waiting = await seats(appeal)
    assert len(waiting) == 5
    assert first.account not in {one.account for one in waiting}
    with pytest.raises(Conflict):
        await give(members, first, VOTED, STANDS)
    # With the one that does not count, four would have been for it.
    await vote(members, appeal, 3)
    jury = await queries.one(appeal)
    assert jury is not None
    assert jury.state == JuryState.UPHELD


async def test_the_juror_can_not_tell_by_anything(network: LiveNetwork, watch: Watch) -> None:
    """Else whoever was drawn could try out who reported it."""
    members, ana, _, moderator, _, appeal = await heard(network, watch)
    first, second, *_ = await seats(appeal)
    involved, other = juror_of(members, first.account), juror_of(members, second.account)
    await involved.block(ana)
    for seat in (first, second):
        await give(members, seat, VOTED, REVERSE)
    for ended in (False, True):
        if ended:
            await vote(members, appeal, 4)
            await network.settle()
        found = [await said(juror, seat.id) for juror, seat in ((involved, first), (other, second))]
        assert found[0].seat.state is found[1].seat.state is VOTED
        assert found[0].seat.jury is found[1].seat.jury is (JuryState.REVERSED if ended else None)
        assert found[0].version == found[1].version
        assert found[0].brief is found[1].brief is None
        listed = [(await jury_briefs.history(await juror.viewer())).items[0] for juror in (involved, other)]
        assert listed[0].state is listed[1].state is VOTED
    for juror in (involved, other):
        kind = NotificationKind.VERDICT.value
        assert await network.count("notice", f"account = {juror.id} AND kind = {kind}") == 1
    view = await appeal_queue.read(await moderator.viewer(), appeal)
    assert view.reasons == []


async def test_what_the_involved_said_is_no_reason(network: LiveNetwork, watch: Watch) -> None:
    members, _, eve, _, _, appeal = await heard(network, watch)
    first, *_ = await seats(appeal)
    await eve.follow(juror_of(members, first.account))
    await give(members, first, VOTED, REVERSE, "She is a friend.")
    (second, *_) = await seats(appeal)
    await give(members, second, VOTED, REVERSE, "It was a song.")
    await vote(members, appeal, 4)
    assert [one.reason for one in await queries.reasons(appeal)] == ["It was a song."]


async def test_whoever_was_involved_and_is_no_more_votes(network: LiveNetwork, watch: Watch) -> None:
    members, _, eve, _, _, appeal = await heard(network, watch)
    first, *_ = await seats(appeal)
    juror = juror_of(members, first.account)
    await juror.follow(eve)
    await juror.unfollow(eve)
    await give(members, first, VOTED, REVERSE)
    assert len(await seats(appeal)) == 4
    assert [one.id for one in await seats(appeal, VOTED)] == [first.id]


async def test_they_may_pass_and_abstain_as_all_others(network: LiveNetwork, watch: Watch) -> None:
    members, _, eve, _, _, appeal = await heard(network, watch)
    for answer in (SeatState.PASSED, SeatState.ABSTAINED):
        first, *_ = await seats(appeal)
        await juror_of(members, first.account).follow(eve)
        await give(members, first, answer)
        assert [one.id for one in await seats(appeal, answer)] == [first.id]
        assert len(await seats(appeal)) == 5


async def test_where_nobody_else_can_be_drawn_a_moderator_decides(network: LiveNetwork, watch: Watch) -> None:
    members, _, eve, _, _, appeal = await heard(network, watch, *HANDLES[:5])
    first, *_ = await seats(appeal)
    await juror_of(members, first.account).follow(eve)
    await give(members, first, VOTED, REVERSE)
    jury = await queries.one(appeal)
    assert jury is not None
    assert jury.state == JuryState.REFERRED
    worker = Worker(reactions_by_event(network.settings))
    await worker.drain()
    assert await seats(appeal) == []
