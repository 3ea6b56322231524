"""Juries for those who reported something: four of five have a moderator decide again, and sanction nobody."""

import pytest

from db.queries import juries as queries
from domain.core.errors import Conflict, Forbidden, NotFound
from domain.media.profile_images import ProfileImage
from domain.moderation import (
    appeal_decisions,
    appeals,
    juries,
    jury_audits,
    jury_briefs,
    reports,
    reversals,
    statements,
)
from domain.moderation.decisions import Decision
from domain.moderation.juries import VERDICTS
from domain.moderation.jury_kinds import Hearing, JuryState
from domain.moderation.kinds import AppealState, Outcome, StatementKind, SubjectKind
from domain.moderation.reports import NamedRule
from domain.moderation.subjects import Subject
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind
from tests.conftest import Watch
from tests.domain.test_profile_images import put
from tests.helpers import media_files
from tests.helpers.juries import own, pool, seats, vote
from tests.helpers.moderation import free, reported, version_seen
from tests.helpers.people import LiveNetwork, Member, hidden

WORDS = "I am ana, and this insults me, as @ben knows."


async def lodge(member: Member) -> int:
    viewer = await member.viewer()
    return await appeals.lodge_for_report(viewer, (await reports.mine(viewer)).items[0].id, WORDS)


async def heard(network: LiveNetwork, watch: Watch) -> tuple[list[Member], Member, Member, Member, int, int]:
    """Those who may be drawn, a reporter, an author, the moderator who found no breach, the case and the appeal."""
    members = await pool(network, watch)
    ana, eve, moderator, _, case = await reported(network)
    await moderator.decide(case, StatementKind.NO_BREACH)
    await network.settle()
    return members, ana, eve, moderator, case, await lodge(ana)


async def test_four_of_five_have_it_decided_again_by_another_moderator(network: LiveNetwork, watch: Watch) -> None:
    members, ana, eve, moderator, _, appeal = await heard(network, watch)
    assert (await own(ana)).hearing is Hearing.JURY
    assert {one.account for one in await seats(appeal)}.isdisjoint({ana.id, eve.id, moderator.id})
    second = await network.moderator("max")
    assert await free(second) == 0, "a jury hears it"
    await vote(members, appeal, reverse=4)
    await network.settle()
    # A jury sanctions nobody, and nobody is told of a decision that was not made.
    assert await statements.points(eve.id) == 0
    assert (await notices.page(await eve.viewer())).items == []
    assert [one.outcome for one in (await reports.mine(await ana.viewer())).items] == [Outcome.NO_BREACH]
    found = await own(ana)
    assert (found.state, found.hearing, found.answer) == (AppealState.OPEN, Hearing.AGAIN, "")
    assert (await free(moderator), await free(second)) == (0, appeal)
    with pytest.raises(Forbidden):
        await appeal_decisions.uphold(await moderator.viewer(), appeal, "No.")
    decision = Decision(StatementKind.POST_REMOVAL, await version_seen(second, appeal), NamedRule(1, 6), "Insults.")
    await appeal_decisions.decide_again(await second.viewer(), appeal, decision, "You and the jury are right.")
    await network.settle()
    assert await statements.points(eve.id) == 6
    assert (await own(ana)).state is AppealState.GRANTED
    assert [one.outcome for one in (await reports.mine(await ana.viewer())).items] == [Outcome.ACTION]
    assert not await jury_audits.may_promote(await second.viewer(), appeal)


async def test_the_other_moderator_may_find_no_breach_either_and_that_is_the_end(
    network: LiveNetwork, watch: Watch
) -> None:
    members, ana, _, _, _, appeal = await heard(network, watch)
    second = await network.moderator("max")
    await vote(members, appeal, reverse=5)
    await appeal_decisions.uphold(await second.viewer(), appeal, "It is a line of a song that all of us know.")
    await network.settle()
    found = await own(ana)
    assert (found.state, found.answer) == (AppealState.UPHELD, "It is a line of a song that all of us know.")
    with pytest.raises(Conflict, match="appealed this already"):
        await lodge(ana)


async def test_three_of_five_leave_it(network: LiveNetwork, watch: Watch) -> None:
    members, ana, _, _, _, appeal = await heard(network, watch)
    await vote(members, appeal, reverse=3)
    await network.settle()
    found = await own(ana)
    assert (found.state, found.hearing) == (AppealState.UPHELD, Hearing.JURY)
    assert found.answer == VERDICTS[JuryState.UPHELD]
    assert (await notices.page(await ana.viewer())).items[0].kind is NotificationKind.APPEAL
    assert await free(await network.moderator("max")) == 0


async def test_jurors_read_the_rule_that_was_named_and_no_name(network: LiveNetwork, watch: Watch) -> None:
    members, *_, appeal = await heard(network, watch)
    seat = (await seats(appeal))[0]
    (member,) = [one for one in members if one.id == seat.account]
    brief = (await jury_briefs.read(await member.viewer(), seat.id, "Person %(letter)s")).brief
    assert brief is not None
    assert (brief.missed, brief.decided, brief.rule.name, brief.rule_version) == (True, [], "harassment", 1)
    assert brief.text == "You will be sorry."
    assert brief.appeal == "I am Person B, and this insults me, as Person C knows."


@pytest.mark.parametrize("rule", [1, 4])
async def test_what_is_urgent_or_illegal_goes_to_a_moderator(network: LiveNetwork, watch: Watch, rule: int) -> None:
    """Whoever has named that rule: so it does for somebody who has named another one."""
    await pool(network, watch)
    ana, _, moderator, post, case = await reported(network)
    await (ben := await network.member("ben")).report(post, rule)
    await moderator.decide(case, StatementKind.NO_BREACH)
    await network.settle()
    for member in (ana, ben):
        assert await queries.one(await lodge(member)) is None
        assert (await own(member)).hearing is Hearing.MODERATOR


async def test_one_jury_hears_it_and_others_go_to_a_moderator(network: LiveNetwork, watch: Watch) -> None:
    members = await pool(network, watch)
    ana, _, moderator, post, case = await reported(network)
    await (ben := await network.member("ben")).report(post)
    await moderator.decide(case, StatementKind.NO_BREACH)
    await network.settle()
    first, other = await lodge(ana), await lodge(ben)
    assert (await own(ben)).hearing is Hearing.MODERATOR
    second = await network.moderator("max")
    decision = Decision(StatementKind.WARNING, await version_seen(second, other), NamedRule(1, 6), "Insults.")
    await appeal_decisions.decide_again(await second.viewer(), other, decision, "You are right.")
    await network.settle()
    # The moderator's decision answers both, so nobody waits for the jury.
    assert (await own(ana)).state is AppealState.GRANTED
    with pytest.raises(Conflict, match="ended"):
        await vote(members, first, reverse=1)
    jury = await queries.one(first)
    assert jury is not None
    assert jury.state == JuryState.VOID
    assert await juries.end_due() == 0


async def test_no_jury_judges_the_pictures_of_an_account(network: LiveNetwork, watch: Watch) -> None:
    await pool(network, watch)
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    await put(eve, ProfileImage.PICTURE, media_files.encoded())
    await ana.report_subject(Subject(SubjectKind.ACCOUNT, eve.id))
    await moderator.decide(await network.open_case(), StatementKind.NO_BREACH)
    await network.settle()
    assert await queries.one(await lodge(ana)) is None
    assert (await own(ana)).hearing is Hearing.MODERATOR


async def test_who_reported_it_may_appeal_what_a_moderator_took_back(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    second, third = await network.moderator("max"), await network.moderator("mia")
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL)
    await network.settle()
    with pytest.raises(NotFound):
        await lodge(ana)
    await reversals.reverse(await second.viewer(), statement, "It was a quotation.")
    await network.settle()
    assert [one.outcome for one in (await reports.mine(await ana.viewer())).items] == [Outcome.REVERSED]
    assert (await appeals.of_cases(await ana.viewer(), [case]))[case].offered
    appeal = await lodge(ana)
    assert [await free(one) for one in (moderator, second, third)] == [0, 0, appeal]
    decision = Decision(StatementKind.POST_REMOVAL, await version_seen(third, appeal), NamedRule(1, 6), "No quotation.")
    again = await appeal_decisions.decide_again(await third.viewer(), appeal, decision, "You are right.")
    await network.settle()
    assert await hidden(post)
    assert [one.outcome for one in (await reports.mine(await ana.viewer())).items] == [Outcome.ACTION]
    # What is taken back on appeal was looked at twice: there is no third time.
    granted = await appeals.lodge(await eve.viewer(), again, WORDS)
    await appeal_decisions.grant(await (await network.moderator("moe")).viewer(), granted, "It was one.")
    await network.settle()
    assert [one.outcome for one in (await reports.mine(await ana.viewer())).items] == [Outcome.REVERSED]
    assert not any(one.offered for one in (await appeals.of_cases(await ana.viewer(), [case])).values())
    with pytest.raises(Conflict):
        await lodge(ana)


async def test_what_is_taken_back_in_part_still_stands(network: LiveNetwork) -> None:
    ana, eve, moderator, _, case = await reported(network)
    await moderator.decide(case, StatementKind.POST_REMOVAL, sanction=StatementKind.FREEZE, days=1)
    freeze, removal = [one.id for one in (await statements.mine(await eve.viewer())).items]
    await reversals.reverse(await moderator.viewer(), freeze, "It was too much.")
    await network.settle()
    assert await appeals.of_cases(await ana.viewer(), [case]) == {}
    await reversals.reverse(await moderator.viewer(), removal, "It was a quotation.")
    await network.settle()
    assert (await appeals.of_cases(await ana.viewer(), [case]))[case].offered
    # Others who have reported nothing are offered nothing.
    with pytest.raises(NotFound):
        await appeals.lodge_for_report(await eve.viewer(), (await reports.mine(await ana.viewer())).items[0].id, WORDS)
