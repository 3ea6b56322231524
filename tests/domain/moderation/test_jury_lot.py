"""Who is drawn for a jury: members who have opted in, are fit for it, and have nothing to do with the parties."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from db.engine import DB
from db.queries import jury_pool
from db.sql import SQL
from domain.core import clock, ids
from domain.core.access import Role
from domain.core.trust import TrustLevel
from domain.moderation import appeals, jury_lot, jury_service, staff
from domain.moderation.jury_kinds import SeatState
from domain.moderation.kinds import StatementKind, SubjectKind
from domain.moderation.subjects import Subject
from tests.conftest import Watch
from tests.helpers.juries import HANDLES, MONTH, give, heard, pool, seats
from tests.helpers.moderation import WORDS, reported
from tests.helpers.people import LiveNetwork, Member

Tie = Callable[[Member, Member], Awaitable[object]]
DRAWS = 10_000


async def _reply(one: Member, other: Member) -> None:
    await one.post("I see.", parent=await other.post("Look."))


async def _quote(one: Member, other: Member) -> None:
    await one.post("Look at this.", quote=await other.post("Look."))


async def _mention(one: Member, other: Member) -> None:
    await one.post(f"Good morning @{other.handle}")


async def _vote(one: Member, other: Member) -> None:
    await one.vote(await other.post("Look."), 1)


async def _repost(one: Member, other: Member) -> None:
    await one.repost(await other.post("Look."))


async def _report(one: Member, other: Member) -> None:
    await one.report_subject(Subject(SubjectKind.ACCOUNT, other.id))


async def _ask(one: Member, other: Member) -> None:
    await DB.fetch(SQL("UPDATE account SET private = 1 WHERE id = ?1"), other.id)
    await one.follow(other)


TIES: dict[str, Tie] = {
    "follow": lambda one, other: one.follow(other),
    "request": _ask,
    "block": lambda one, other: one.block(other),
    "mute": lambda one, other: one.mute(other),
    "reply": _reply,
    "quote": _quote,
    "mention": _mention,
    "vote": _vote,
    "repost": _repost,
    "report": _report,
}


async def eligible(candidates: list[Member], case: int) -> set[int]:
    now = clock.now()
    bounds = jury_pool.Bounds(0, case, ids.first(now - MONTH * 1000), ids.first(0), 2, now)
    parties = await jury_pool.parties(case)
    fit = await jury_pool.fit([one.id for one in candidates], bounds) - parties
    return fit - await jury_pool.involved(fit, parties)


@pytest.mark.parametrize("tie", TIES)
async def test_nobody_is_drawn_who_has_to_do_with_a_party(network: LiveNetwork, watch: Watch, tie: str) -> None:
    june, jack, jill, jens, jana = members = await pool(network, watch, *HANDLES[:5])
    ana, eve, _, _, case = await reported(network)
    assert await eligible(members, case) == {one.id for one in members}
    await TIES[tie](june, eve)
    await TIES[tie](eve, jack)
    await TIES[tie](jill, ana)
    await TIES[tie](ana, jens)
    await network.settle()
    assert await eligible(members, case) == {jana.id}


async def test_an_involved_follower_is_never_drawn(network: LiveNetwork, watch: Watch) -> None:
    follower, *others = await pool(network, watch)
    _, eve, _, _, case = await reported(network)
    await follower.follow(eve)
    drawn: Counter[int] = Counter()
    async with DB.writing():
        for _ in range(DRAWS):
            drawn.update(await jury_lot.draw(0, case, 5))
    assert follower.id not in drawn
    assert set(drawn) == {one.id for one in others}
    # Each of six has five chances in six: ten standard deviations are 373.
    assert all(abs(count - DRAWS * 5 / 6) < 373 for count in drawn.values())


async def test_a_party_does_not_choose_its_jury(network: LiveNetwork, watch: Watch) -> None:
    friends = await pool(network, watch, *HANDLES[:5])
    others = await network.members(*(f"other{number}" for number in range(6)))
    watch.forward(MONTH)
    for member in others:
        await jury_service.opt_in(await member.viewer())
    _, eve, _, _, case = await reported(network)
    for member in others[:5]:
        await eve.mute(member)
    async with DB.writing():
        drawn = await jury_lot.draw(0, case, 5)
    # Five of eleven: they are left out, as everybody with a tie is.
    assert len(drawn) == 5
    assert set(drawn) <= {one.id for one in (*friends, others[5])}
    await eve.block(others[5])
    async with DB.writing():
        assert await jury_lot.draw(0, case, 5) == [], "a moderator hears it"


async def test_who_only_waits_is_not_drawn(network: LiveNetwork, watch: Watch) -> None:
    waiting = await network.member("wanda", trust=TrustLevel.NEW)
    (june,) = await pool(network, watch, "june")
    await jury_service.opt_in(await waiting.viewer())
    _, _, _, _, case = await reported(network)
    assert await eligible([waiting, june], case) == {june.id}


async def test_the_parties_themselves_are_not_drawn(network: LiveNetwork, watch: Watch) -> None:
    ana, eve, moderator, _post, case = await reported(network)
    others = await network.members(*HANDLES[:5])
    watch.forward(MONTH)
    for member in (ana, eve, moderator, *others):
        await jury_service.opt_in(await member.viewer())
    assert await eligible([ana, eve, moderator, *others], case) == {one.id for one in others}
    # Nor whoever decided, once they have lost their role.
    await moderator.decide(case, StatementKind.WARNING)
    await staff.set_role("mona", Role.MEMBER)
    assert await eligible([ana, eve, moderator, *others], case) == {one.id for one in others}


async def test_new_sanctioned_and_absent_members_are_not_drawn(network: LiveNetwork, watch: Watch) -> None:
    june, jack, jill, jens, jana = members = await pool(network, watch, *HANDLES[:5])
    _, _, moderator, _, case = await reported(network)
    new = await network.member("newt")
    await jury_service.opt_in(await new.viewer())
    for one, kind in ((june, StatementKind.FREEZE), (jack, StatementKind.SUSPENSION), (jill, None)):
        await new.report_subject(Subject(SubjectKind.ACCOUNT, one.id))
        about = await network.open_case()
        await moderator.decide(about, StatementKind.WARNING, sanction=kind, days=1 if kind else None)
    await jury_service.opt_out(await jens.viewer())
    assert await eligible([*members, new], case) == {jana.id}


async def test_nobody_has_more_summonses_than_they_can_answer(network: LiveNetwork, watch: Watch) -> None:
    members, ana, eve, moderator, _, _ = await heard(network, watch, *HANDLES[:5])
    for place in range(2):
        await ana.report(await eve.post(f"You will be sorry, {place}."))
        statement = await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL)
        last = await appeals.lodge(await eve.viewer(), statement, WORDS)
        assert len(await seats(last)) == (0 if place else 5)
    assert await network.count("juror", "state = 0") == 2 * len(members)


async def test_a_juror_is_drawn_for_a_jury_once(network: LiveNetwork, watch: Watch) -> None:
    members, *_, appeal = await heard(network, watch)
    for _ in range(2):
        await give(members, (await seats(appeal))[0], SeatState.PASSED)
    assert len({one.account for one in await seats(appeal)}) == 5


async def test_three_juries_at_once_leave_nobody_with_too_many(network: LiveNetwork, watch: Watch) -> None:
    members = await pool(network, watch)
    ana, moderator = await network.member("ana"), await network.moderator()
    lodging = []
    for handle in ("eve", "eva", "evi"):
        author = await network.member(handle)
        await ana.report(await author.post(f"You will be sorry, says {handle}."))
        statement = await moderator.decide(await network.open_case(), StatementKind.WARNING)
        lodging.append(appeals.lodge(await author.viewer(), statement, WORDS))
    lodged = await asyncio.gather(*lodging)
    held: Counter[int | None] = Counter()
    for appeal in lodged:
        held.update(one.account for one in await seats(appeal))
    assert max(held.values()) <= jury_lot.MAX_SUMMONS
    # Seven members have fourteen places: for two juries of five, and not for a third.
    assert sum(held.values()) == 10
    assert set(held) <= {one.id for one in members}
