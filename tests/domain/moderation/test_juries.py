"""Juries: which appeals they hear, what they decide, and what becomes of the decision."""

import pytest

from db.engine import DB
from db.queries import juries as queries
from db.sql import SQL
from domain.accounts import closing
from domain.core.access import Role
from domain.core.errors import Conflict, Forbidden
from domain.moderation import (
    appeal_decisions,
    appeal_queue,
    appeals,
    evidence,
    juries,
    jury_briefs,
    public_log_page,
    reports,
    reversals,
    staff,
    statements,
)
from domain.moderation.juries import VERDICTS, Answer
from domain.moderation.jury_kinds import Hearing, JuryState, JuryVote, SeatState
from domain.moderation.kinds import AppealState, Outcome, StatementKind
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind
from tests.conftest import Watch
from tests.helpers.juries import HANDLES, give, heard, own, pool, seats, vote
from tests.helpers.moderation import WORDS, reported
from tests.helpers.people import PASSWORD, LiveNetwork, Member, hidden

HOUR, DAY = 3600, 86_400
VOTED, STANDS, REVERSE = SeatState.VOTED, JuryVote.STANDS, JuryVote.REVERSE


async def told(member: Member) -> list[NotificationKind]:
    return [one.kind for one in (await notices.page(await member.viewer())).items]


@pytest.mark.parametrize(
    ("votes", "decided"),
    [
        ("rrrr", JuryState.REVERSED),
        ("rrrrs", JuryState.REVERSED),
        ("rrrrr", JuryState.REVERSED),
        ("rrrss", JuryState.UPHELD),
        ("ss", JuryState.UPHELD),
        ("rrrs", None),
        ("s", None),
        ("", None),
    ],
)
def test_four_of_five_take_a_decision_back(votes: str, decided: JuryState | None) -> None:
    assert juries.verdict([REVERSE if one == "r" else STANDS for one in votes]) is decided


async def test_four_of_five_restore_everything(network: LiveNetwork, watch: Watch) -> None:
    members, ana, eve, _, post, appeal = await heard(network, watch)
    await network.settle()
    assert len(await seats(appeal)) == 5
    assert (await own(eve)).hearing is Hearing.JURY
    await vote(members, appeal, reverse=4)
    await network.settle()
    assert await ana.sees(post)
    assert await statements.points(eve.id) == 0
    found = await own(eve)
    assert (found.state, found.answer) == (AppealState.GRANTED, VERDICTS[JuryState.REVERSED])
    assert [one.outcome for one in (await reports.mine(await ana.viewer())).items] == [Outcome.REVERSED]
    reversal = (await statements.mine(await eve.viewer())).items[0]
    assert (reversal.kind, reversal.by_jury) == (StatementKind.REVERSAL, True)
    assert sorted(await told(eve)) == [NotificationKind.STATEMENT, NotificationKind.REVERSAL]
    (entry,) = [one.content for one in (await public_log_page.read(kind="reversal")).items]
    assert entry is not None
    assert (entry.by, entry.explanation) == ("jury", VERDICTS[JuryState.REVERSED])
    for member in members:
        sat = {one.account for one in await seats(appeal, VOTED)}
        expected = [NotificationKind.VERDICT, NotificationKind.SUMMONS] if member.id in sat else []
        assert await told(member) == expected


async def test_three_of_five_are_not_enough(network: LiveNetwork, watch: Watch) -> None:
    members, ana, eve, _, post, appeal = await heard(network, watch)
    await vote(members, appeal, reverse=3)
    await network.settle()
    assert await hidden(post, ana, eve)
    found = await own(eve)
    assert (found.state, found.answer) == (AppealState.UPHELD, VERDICTS[JuryState.UPHELD])
    assert NotificationKind.APPEAL in await told(eve)
    assert not (await statements.mine(await eve.viewer())).items[0].by_jury


async def test_nobody_learns_of_a_vote_before_the_end(network: LiveNetwork, watch: Watch) -> None:
    members, _, eve, moderator, _, appeal = await heard(network, watch)
    await network.settle()
    second = await network.moderator("max")
    first, *others = await seats(appeal)
    before = [await own(eve), await appeal_queue.read(await second.viewer(), appeal)]
    await give(members, first, VOTED, REVERSE)
    await network.settle()
    assert [await own(eve), await appeal_queue.read(await second.viewer(), appeal)] == before
    for seat in others:
        (member,) = [one for one in members if one.id == seat.account]
        summons = await jury_briefs.read(await member.viewer(), seat.id, "%(letter)s")
        assert summons.seat.jury is None
        assert (summons.vote, summons.reason) == (None, ""), "a juror's own alone"
    assert await told(eve) == [NotificationKind.STATEMENT]
    assert await told(moderator) == []


async def test_moderators_keep_off_what_a_jury_hears(network: LiveNetwork, watch: Watch) -> None:
    _, _, eve, moderator, _, appeal = await heard(network, watch)
    second = await network.moderator("max")
    statement = (await statements.mine(await eve.viewer())).items[0].id
    for viewer in (await second.viewer(), await moderator.viewer()):
        assert (await appeal_queue.queue(viewer)).items == []
        assert (await appeal_queue.figures(viewer)).open == 0
        assert await appeal_queue.first_free(viewer) is None
        for attempt in (
            lambda viewer=viewer: appeal_decisions.uphold(viewer, appeal, "No."),
            lambda viewer=viewer: appeal_decisions.grant(viewer, appeal, "Yes."),
            lambda viewer=viewer: appeal_queue.claim(viewer, appeal),
            lambda viewer=viewer: reversals.reverse(viewer, statement, "Taken back."),
        ):
            with pytest.raises((Conflict, Forbidden)):
                await attempt()
    assert (await appeal_queue.read(await second.viewer(), appeal)).refusal is not None


@pytest.mark.parametrize("rule", [1, 4])
async def test_urgent_and_illegal_matters_are_for_moderators(network: LiveNetwork, watch: Watch, rule: int) -> None:
    await DB.fetch(SQL("UPDATE rule SET jury = 1"))
    await pool(network, watch)
    _, eve, moderator, _, case = await reported(network)
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL, rule=rule)
    appeal = await appeals.lodge(await eve.viewer(), statement, WORDS)
    assert await queries.one(appeal) is None
    assert (await own(eve)).hearing is Hearing.MODERATOR


async def test_too_few_members_leave_it_to_a_moderator(network: LiveNetwork, watch: Watch) -> None:
    _, _, eve, _, _, appeal = await heard(network, watch, *HANDLES[:4])
    assert await seats(appeal) == []
    assert (await own(eve)).hearing is Hearing.REFERRED
    second = await network.moderator("max")
    await appeal_decisions.uphold(await second.viewer(), appeal, "No song says this.")
    assert (await own(eve)).answer == "No song says this."


async def test_a_jury_that_nobody_can_complete_is_left_to_a_moderator(network: LiveNetwork, watch: Watch) -> None:
    members, _, eve, _, _, appeal = await heard(network, watch, *HANDLES[:5])
    first, *others = await seats(appeal)
    reason = Answer(VOTED, first.version, REVERSE, "It is a song.")
    (member,) = [one for one in members if one.id == first.account]
    await juries.answer(await member.viewer(), first.id, reason)
    await give(members, others[0], SeatState.PASSED)
    await network.settle()
    assert (await own(eve)).hearing is Hearing.REFERRED
    assert len(await seats(appeal, SeatState.CLOSED)) == 3
    second = await network.moderator("max")
    view = await appeal_queue.read(await second.viewer(), appeal)
    assert (view.refusal, [one.reason for one in view.reasons]) == (None, ["It is a song."])
    assert NotificationKind.VERDICT in await told(member)
    await appeal_decisions.grant(await second.viewer(), appeal, "It is a song.")


async def test_whoever_sat_on_the_jury_does_not_decide_as_a_moderator(network: LiveNetwork, watch: Watch) -> None:
    members, _, _, _, _, appeal = await heard(network, watch, *HANDLES[:5])
    first, second, *_ = await seats(appeal)
    await give(members, first, VOTED, REVERSE)
    await give(members, second, SeatState.PASSED)
    (member,) = [one for one in members if one.id == first.account]
    await staff.set_role(member.handle, Role.MODERATOR)
    viewer = await member.viewer()
    assert (await appeal_queue.queue(viewer)).items == []
    assert await appeal_queue.first_free(viewer) is None
    for attempt in (
        lambda: appeal_queue.read(viewer, appeal),
        lambda: appeal_queue.claim(viewer, appeal),
        lambda: appeal_decisions.grant(viewer, appeal, "It is a song."),
        lambda: appeal_decisions.uphold(viewer, appeal, "No song says this."),
    ):
        with pytest.raises(Forbidden):
            await attempt()
    other = await (await network.moderator("max")).viewer()
    assert [one.id for one in (await appeal_queue.queue(other)).items] == [appeal]
    await appeal_decisions.uphold(other, appeal, "No song says this.")


async def test_what_is_certain_needs_nobody_else(network: LiveNetwork, watch: Watch) -> None:
    members, ana, _, _, post, appeal = await heard(network, watch, *HANDLES[:5])
    *prompt, late = await seats(appeal)
    for seat in prompt:
        await give(members, seat, VOTED, REVERSE)
    assert await hidden(post, ana)
    await give(members, late, SeatState.ABSTAINED)
    await network.settle()
    assert await ana.sees(post)


async def test_a_jury_is_void_when_the_author_leaves(network: LiveNetwork, watch: Watch) -> None:
    members, _, eve, _, _, appeal = await heard(network, watch)
    first, second, *_ = await seats(appeal)
    await give(members, first, VOTED, REVERSE)
    await closing.leave(await eve.viewer(), "eve", PASSWORD)
    with pytest.raises(Conflict, match="ended"):
        await give(members, second, VOTED, REVERSE)
    await network.settle()
    assert await juries.end_due() == 0
    jury = await queries.one(appeal)
    assert jury is not None
    assert jury.state == JuryState.VOID
    for seat in (first, second):
        (member,) = [one for one in members if one.id == seat.account]
        assert (await told(member))[0] is NotificationKind.VERDICT
        (listed,) = (await jury_briefs.history(await member.viewer())).items
        assert listed.jury is JuryState.VOID


async def test_several_statements_taken_back_are_told_once(network: LiveNetwork, watch: Watch) -> None:
    members = await pool(network, watch)
    ana, eve, moderator, post, case = await reported(network)
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL, sanction=StatementKind.FREEZE, days=3)
    await network.settle()
    assert await told(eve) == [NotificationKind.STATEMENT]
    appeal = await appeals.lodge(await eve.viewer(), statement, WORDS)
    await vote(members, appeal, reverse=5)
    await network.settle()
    assert await ana.sees(post)
    assert await network.count("jury_reversal") == 2
    assert sorted(await told(eve)) == [NotificationKind.STATEMENT, NotificationKind.REVERSAL]


async def test_the_sweep_ends_a_jury_whose_appeal_is_answered(network: LiveNetwork, watch: Watch) -> None:
    _, _, _, _, _, appeal = await heard(network, watch)
    await DB.fetch(SQL("UPDATE appeal SET state = 1, answer = 'No.' WHERE id = ?1"), appeal)
    assert await juries.end_due() == 1
    assert await juries.end_due() == 0
    assert len(await seats(appeal, SeatState.CLOSED)) == 5


async def test_the_sweep_voids_what_nobody_waits_for(network: LiveNetwork, watch: Watch) -> None:
    _, _, eve, _, _, appeal = await heard(network, watch)
    await closing.leave(await eve.viewer(), "eve", PASSWORD)
    assert await juries.end_due() == 1
    assert len(await seats(appeal, SeatState.CLOSED)) == 5


async def test_reasons_go_with_the_evidence(network: LiveNetwork, watch: Watch) -> None:
    members, _, _, _, _, appeal = await heard(network, watch)
    for place, seat in enumerate(await seats(appeal)):
        (member,) = [one for one in members if one.id == seat.account]
        given = Answer(VOTED, seat.version, STANDS, f"Reason {place}")
        await juries.answer(await member.viewer(), seat.id, given)
    await network.settle()
    second = await network.moderator("max")
    assert len((await appeal_queue.read(await second.viewer(), appeal)).reasons) == 5
    watch.forward(201 * DAY)
    assert await evidence.purge_due() == 1
    assert await network.count("juror", "reason <> ''") == 0
