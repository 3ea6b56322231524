"""Appeals of those who reported the same: one piece of work, one answer."""

import msgspec
import pytest

from db.engine import DB
from db.sql import SQL
from domain.core.errors import Conflict
from domain.moderation import appeal_decisions, appeal_queue, appeals
from domain.moderation.decisions import Decision
from domain.moderation.kinds import AppealState, StatementKind
from domain.notifications import notices
from tests.helpers.moderation import REMOVAL, free, version_seen
from tests.helpers.people import LiveNetwork, Member


async def harmless(network: LiveNetwork, *handles: str) -> tuple[list[Member], Member, Member, Member]:
    """Those who reported what was found harmless, its author, the moderator who found that, and another one."""
    eve, mona, max_ = await network.member("eve"), await network.moderator(), await network.moderator("max")
    post, people = await eve.post("Good morning."), await network.members(*handles)
    for one in people:
        await one.report(post)
    await mona.decide(await network.open_case(), StatementKind.NO_BREACH)
    await network.settle()
    return people, eve, mona, max_


async def report_of(member: Member) -> int:
    return int(await DB.value(SQL("SELECT id FROM report WHERE reporter = ?1"), member.id))


async def appeal(member: Member, words: str = "Look again.") -> int:
    return await appeals.lodge_for_report(await member.viewer(), await report_of(member), words)


async def status(member: Member) -> appeals.AppealStatus:
    return await appeals.of_report(await member.viewer(), await report_of(member))


async def test_one_answer_goes_to_all(network: LiveNetwork) -> None:
    people, _, mona, max_ = await harmless(network, "ana", "ben", "cleo", "dan")
    first, second, third = [await appeal(one, f"Words of {one.handle}") for one in people[:3]]
    viewer = await max_.viewer()
    assert [one.id for one in (await appeal_queue.queue(viewer)).items] == [first]
    assert await appeal_queue.figures(viewer) == appeal_queue.AppealFigures(1, 0)
    assert (await free(max_), await free(mona)) == (first, 0)
    assert (await appeal_queue.read(viewer, first)).others == ["Words of ben", "Words of cleo"]
    await appeal_queue.claim(viewer, first)
    with pytest.raises(Conflict):
        await appeal_queue.claim(viewer, second)
    before = [len((await notices.page(await one.viewer())).items) for one in people]
    await appeal_decisions.uphold(viewer, first, "Nobody is insulted.")
    await network.settle()
    for one in people[:3]:
        own = (await status(one)).own
        assert own is not None
        assert (own.state, own.answer) == (AppealState.UPHELD, "Nobody is insulted.")
    after = [len((await notices.page(await one.viewer())).items) for one in people]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1, 0]
    assert (await appeal_queue.queue(viewer)).items == []
    for done in (second, third):
        with pytest.raises(Conflict, match="decided meanwhile"):
            await appeal_decisions.uphold(viewer, done, "Once more.")


async def test_whoever_comes_after_the_answer_is_told_it(network: LiveNetwork) -> None:
    people, _, _, max_ = await harmless(network, "ana", "ben")
    assert (await status(people[1])).offered
    await appeal_decisions.uphold(await max_.viewer(), await appeal(people[0]), "Nobody is insulted.")
    late = await status(people[1])
    assert (late.offered, late.own, late.answer) == (False, None, "Nobody is insulted.")
    with pytest.raises(Conflict, match=r"The answer was: Nobody is insulted\."):
        await appeal(people[1])
    assert await network.count("appeal") == 1


async def test_another_moderators_claim_holds_for_all(network: LiveNetwork) -> None:
    people, _, _, max_ = await harmless(network, "ana", "ben")
    third = await network.moderator("mia")
    first, second = [await appeal(one) for one in people]
    await appeal_queue.claim(await max_.viewer(), first)
    with pytest.raises(Conflict, match="Another moderator has this appeal"):
        await appeal_decisions.uphold(await third.viewer(), second, "No.")


async def test_who_has_left_stands_for_nobody(network: LiveNetwork) -> None:
    people, _, _, max_ = await harmless(network, "ana", "ben")
    first, second = [await appeal(one) for one in people]
    await DB.fetch(SQL("UPDATE appeal SET appellant = NULL WHERE id = ?1"), first)
    assert await free(max_) == second
    await appeal_decisions.decide_again(await max_.viewer(), second, await _seen(max_, second), "It is one.")
    assert await network.count("appeal", "state = 2") == 2


async def _seen(moderator: Member, appeal: int) -> Decision:
    return msgspec.structs.replace(REMOVAL, version=await version_seen(moderator, appeal))
