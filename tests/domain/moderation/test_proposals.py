"""Suspensions for good: two moderators, and nothing is done or told before the second has agreed."""

import pytest

from domain.core import clock
from domain.core.access import Role
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from domain.moderation import cases, proposals, reversals, staff, statements
from domain.moderation.kinds import StatementKind
from domain.notifications import notices
from tests.helpers.moderation import reported
from tests.helpers.people import LiveNetwork, Member, hidden

FOR_GOOD = StatementKind.PERMANENT_SUSPENSION


async def propose(moderator: Member, case: int, kind: StatementKind = StatementKind.WARNING) -> None:
    assert await moderator.decide(case, kind, sanction=FOR_GOOD) == 0


async def agree(member: Member, case: int) -> int:
    viewer = await member.viewer()
    return await proposals.agree(viewer, case, (await cases.read(viewer, case)).version)


async def test_another_moderator_agrees(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    second = await network.moderator("max")
    await propose(moderator, case, StatementKind.POST_REMOVAL)
    await network.settle()
    assert await ana.sees(post)
    assert await statements.of_case(case) == []
    assert (await notices.page(await eve.viewer())).items == []
    assert (await eve.viewer()).suspended_until == 0
    proposal = (await cases.read(await second.viewer(), case)).proposal
    assert proposal is not None
    assert (proposal.facts, proposal.removes_post, proposal.mine) == ("It says so.", True, False)
    await agree(second, case)
    await network.settle()
    assert await hidden(post, ana)
    assert (await eve.viewer()).suspended_until == clock.LAST
    made = await statements.of_case(case)
    assert [one.kind for one in made] == [FOR_GOOD, StatementKind.POST_REMOVAL]
    row = await statements.row(made[0].id)
    assert (row.author, row.second, row.ends_at) == (moderator.id, second.id, None)
    assert await network.count("proposal") == 0
    assert await network.count("mod_case", "state = 1") == 0


async def test_nobody_agrees_to_what_they_proposed_nor_without_the_role(network: LiveNetwork) -> None:
    ana, eve, moderator, _, case = await reported(network)
    reporter = await network.moderator("max")
    await reporter.report((await cases.read(await reporter.viewer(), case)).post or 0)
    await propose(moderator, case)
    version = (await cases.read(await moderator.viewer(), case)).version
    for member, error in ((moderator, Conflict), (reporter, Forbidden), (ana, NotFound), (eve, NotFound)):
        with pytest.raises(error):
            await proposals.agree(await member.viewer(), case, version)
    assert (await eve.viewer()).suspended_until == 0
    for member in (reporter, ana, eve):
        with pytest.raises(NotFound):
            await proposals.withdraw(await member.viewer(), case)


async def test_a_moderator_alone_can_not_propose(network: LiveNetwork) -> None:
    _, eve, moderator, _, case = await reported(network)
    await staff.set_role("ottilie", Role.OPERATOR)
    await staff.set_role("mona", Role.OPERATOR)
    await staff.set_role("ottilie", Role.MEMBER)
    with pytest.raises(Invalid, match="two moderators") as refused:
        await propose(moderator, case)
    assert list(refused.value.fields) == ["sanction"]
    assert (await eve.viewer()).suspended_until == 0


async def test_a_proposal_is_withdrawn_or_decided_otherwise(network: LiveNetwork) -> None:
    ana, eve, moderator, _, case = await reported(network)
    second = await network.moderator("max")
    await propose(moderator, case)
    assert await cases.claim_next(await moderator.viewer()) is None
    await proposals.withdraw(await moderator.viewer(), case)
    assert await cases.claim_next(await moderator.viewer()) == case
    await propose(moderator, case)
    assert await cases.claim_next(await second.viewer()) == case
    await second.decide(case, StatementKind.WARNING)
    with pytest.raises(Refused):
        await agree(second, case)
    assert [one.kind for one in await statements.of_case(case)] == [StatementKind.WARNING]
    assert (await eve.viewer()).suspended_until == 0
    assert (await ana.viewer()).suspended_until == 0


async def test_what_a_dismissed_moderator_proposed_is_gone(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    second = await network.moderator("max")
    await propose(moderator, case)
    await staff.set_role("mona", Role.MEMBER)
    with pytest.raises(Conflict, match="nothing here"):
        await agree(second, case)


async def test_a_suspension_for_good_is_taken_back(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    second = await network.moderator("max")
    await propose(moderator, case)
    statement = await agree(second, case)
    await reversals.reverse(await second.viewer(), statement, "It was a quotation.")
    assert (await eve.viewer()).suspended_until == 0
    assert await ana.sees(post)


async def test_a_post_that_is_deleted_meanwhile_keeps_nobody_from_agreeing(network: LiveNetwork) -> None:
    _, eve, moderator, post, case = await reported(network)
    second = await network.moderator("max")
    await propose(moderator, case, StatementKind.POST_REMOVAL)
    await eve.delete(post)
    await agree(second, case)
    assert [one.kind for one in await statements.of_case(case)] == [FOR_GOOD]


async def test_what_was_edited_meanwhile_is_not_agreed_to_unseen(network: LiveNetwork) -> None:
    _, eve, moderator, post, case = await reported(network)
    second = await network.moderator("max")
    await propose(moderator, case, StatementKind.POST_REMOVAL)
    viewer = await second.viewer()
    seen = await cases.read(viewer, case)
    assert seen.now is not None
    await eve.edit(post, "You will be happy.")
    with pytest.raises(Conflict, match="edited"):
        await proposals.agree(viewer, case, seen.version, seen.now.version)
