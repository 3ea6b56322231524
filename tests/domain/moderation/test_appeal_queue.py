"""The queue of appeals: who is shown which, claims, and that each is answered once."""

import asyncio

import pytest

from domain.accounts import closing
from domain.core.errors import Conflict, Forbidden, NotFound
from domain.moderation import appeal_decisions, appeal_queue, appeals, cases, evidence, reports, reversals, statements
from domain.moderation.kinds import Outcome, StatementKind
from tests.conftest import Watch
from tests.helpers.moderation import WORDS, appealed, free, reported, version_seen
from tests.helpers.people import PASSWORD, LiveNetwork


async def test_an_appeal_of_somebody_who_has_left_waits_for_nobody(network: LiveNetwork) -> None:
    _, eve, _, second, _, appeal = await appealed(network)
    assert await free(second) == appeal
    await closing.leave(await eve.viewer(), "eve", PASSWORD)
    await network.settle()
    assert await appeal_queue.first_free(await second.viewer()) is None
    assert (await appeal_queue.queue(await second.viewer())).items == []
    with pytest.raises(NotFound):
        await appeal_decisions.grant(await second.viewer(), appeal, "Yes.")


async def test_two_moderators_answer_an_appeal_once(network: LiveNetwork) -> None:
    ana, _, _, second, post, appeal = await appealed(network)
    third = await network.moderator("rita")
    results = await asyncio.gather(
        appeal_decisions.grant(await second.viewer(), appeal, "Yes."),
        appeal_decisions.uphold(await third.viewer(), appeal, "No."),
        return_exceptions=True,
    )
    assert [isinstance(one, Conflict) for one in results].count(True) == 1
    assert await ana.sees(post) is not isinstance(results[0], Conflict)
    await network.settle()


async def test_a_claim_keeps_others_away_until_it_ends(network: LiveNetwork, watch: Watch) -> None:
    _, _, _, second, _, appeal = await appealed(network)
    third = await network.moderator("rita")
    await appeal_queue.claim(await second.viewer(), appeal)
    assert await appeal_queue.first_free(await third.viewer()) is None
    with pytest.raises(Conflict):
        await appeal_queue.claim(await third.viewer(), appeal)
    with pytest.raises(Conflict):
        await appeal_decisions.grant(await third.viewer(), appeal, "Yes.")
    await appeal_queue.release(await second.viewer(), appeal)
    await appeal_queue.claim(await third.viewer(), appeal)
    watch.forward(21 * 60)
    await appeal_queue.claim(await second.viewer(), appeal)


async def test_a_moderator_reads_no_appeal_about_themselves(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    moderator, second = await network.moderator(), await network.moderator("max")
    await ana.report(await moderator.post("You will be sorry."))
    await second.decide(await network.open_case(), StatementKind.NO_BREACH)
    await network.settle()
    mine = (await reports.mine(await ana.viewer())).items[0].id
    appeal = await appeals.lodge_for_report(await ana.viewer(), mine, WORDS)
    assert (await appeal_queue.queue(await moderator.viewer())).items == []
    with pytest.raises(Forbidden, match="about you"):
        await appeal_queue.read(await moderator.viewer(), appeal)
    assert [one.id for one in (await appeal_queue.queue(await second.viewer())).items] == [appeal]


async def test_who_reports_late_has_six_months_as_well(network: LiveNetwork, watch: Watch) -> None:
    _, _, moderator, post, case = await reported(network)
    await moderator.decide(case, StatementKind.NO_BREACH)
    watch.forward(190 * 86_400)
    ben = await network.member("ben")
    receipt = await ben.report(post)
    assert receipt.outcome is Outcome.NO_BREACH
    assert (await appeals.of_report(await ben.viewer(), receipt.id)).offered


async def test_one_appeal_is_against_all_of_a_decision(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    second = await network.moderator("max")
    await moderator.decide(case, StatementKind.POST_REMOVAL, sanction=StatementKind.SUSPENSION, days=30)
    viewer = await eve.viewer()
    suspension, removal = (await statements.mine(viewer)).items
    appeal = await appeals.lodge(viewer, suspension.id, WORDS)
    with pytest.raises(Conflict, match="already"):
        await appeals.lodge(viewer, removal.id, WORDS)
    view = await appeal_queue.read(await second.viewer(), appeal)
    assert [one.kind for one in view.decision] == [suspension.kind, removal.kind]
    await appeal_decisions.grant(await second.viewer(), appeal, "It is a line from a song.")
    await network.settle()
    assert await ana.sees(post)
    assert await statements.points(eve.id) == 0
    assert [one.outcome for one in (await reports.mine(await ana.viewer())).items] == [Outcome.REVERSED]


async def test_evidence_is_not_kept_for_who_has_left(network: LiveNetwork, watch: Watch) -> None:
    _, eve, _, _, _, _ = await appealed(network)
    assert await appeals.close_left() == 0
    await closing.leave(await eve.viewer(), "eve", PASSWORD)
    await network.settle()
    assert await appeals.close_left() == 1
    watch.forward(201 * 86_400)
    assert await evidence.purge_due() == 1


async def test_a_case_that_another_moderator_has_keeps_the_appeal_from_being_answered(network: LiveNetwork) -> None:
    """It was opened again: what they have seen of it holds until they decide."""
    _, eve, _, second, post, appeal = await appealed(network, StatementKind.HIDE_UNTIL_EDITED)
    await eve.edit(post, "You will be happy.")
    await network.settle()
    case = await network.open_case()
    third = await network.moderator("rita")
    await cases.claim(await third.viewer(), case)
    with pytest.raises(Conflict, match="Another moderator has this case"):
        await appeal_decisions.grant(await second.viewer(), appeal, "Yes.")
    await cases.release(await third.viewer(), case)
    await appeal_decisions.grant(await second.viewer(), appeal, "Yes.")


async def test_what_was_upheld_is_not_taken_back_unseen(network: LiveNetwork) -> None:
    _, _, mona, second, _, appeal = await appealed(network)
    seen = await version_seen(second, appeal)
    row = (await appeal_queue.read(await second.viewer(), appeal)).decision[0]
    await appeal_decisions.uphold(await second.viewer(), appeal, "No.")
    with pytest.raises(Conflict, match="has changed"):
        await reversals.reverse(await mona.viewer(), row.id, "It was a question.", version=seen)
