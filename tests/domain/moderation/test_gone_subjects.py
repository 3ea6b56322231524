"""Juries whose subject is deleted: no vote counts any more, and the appeal goes to a moderator."""

import pytest

from db.queries import juries as queries
from domain.core.errors import Conflict
from domain.moderation import appeal_decisions, appeal_queue, appeals, juries, jury_briefs, statements
from domain.moderation.jury_kinds import Hearing, JuryState, JuryVote, SeatState
from domain.moderation.kinds import AppealState, StatementKind, SubjectKind
from domain.moderation.subjects import Subject
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind
from domain.posts import deletion
from tests.conftest import Watch
from tests.helpers import media_files
from tests.helpers.juries import give, heard, own, pool, seats, vote
from tests.helpers.moderation import WORDS, free
from tests.helpers.people import LiveNetwork

VOTED, REVERSE = SeatState.VOTED, JuryVote.REVERSE


async def state(appeal: int) -> int | None:
    jury = await queries.one(appeal)
    return jury.state if jury else None


@pytest.mark.parametrize("kind", [StatementKind.POST_REMOVAL, StatementKind.WARNING])
async def test_a_jury_is_void_when_the_post_goes(network: LiveNetwork, watch: Watch, kind: StatementKind) -> None:
    members, _, eve, _, post, appeal = await heard(network, watch, kind=kind)
    second, (first, other, *_) = await network.moderator("max"), await seats(appeal)
    await give(members, first, VOTED, REVERSE)
    await eve.delete(post)
    await network.settle()
    assert await state(appeal) == JuryState.VOID
    with pytest.raises(Conflict, match="ended"):
        await give(members, other, VOTED, REVERSE)
    (juror,) = [one for one in members if one.id == other.account]
    assert (await notices.page(await juror.viewer())).items[0].kind is NotificationKind.VERDICT
    (listed,) = (await jury_briefs.history(await juror.viewer())).items
    assert listed.jury is JuryState.VOID
    # The points stand, so the appeal goes on: before a moderator, by what is kept.
    found = await own(eve)
    assert (found.state, found.hearing) == (AppealState.OPEN, Hearing.GONE)
    assert await statements.points(eve.id) == 6
    assert await free(second) == appeal
    view = await appeal_queue.read(await second.viewer(), appeal)
    assert view.refusal is None
    assert view.case.evidence[0].content.text == "You will be sorry."
    await appeal_decisions.grant(await second.viewer(), appeal, "It was a song.")
    assert (await own(eve)).state is AppealState.GRANTED
    assert await statements.points(eve.id) == 0


async def test_a_deletion_that_is_taken_back_leaves_the_jury(network: LiveNetwork, watch: Watch) -> None:
    members, _, eve, _, post, appeal = await heard(network, watch, kind=StatementKind.WARNING)
    await eve.delete(post, undo_seconds=30)
    await network.settle()
    assert await juries.end_due() == 0
    await deletion.restore(await eve.viewer(), post)
    watch.forward(60)
    await network.settle()
    assert await state(appeal) == JuryState.SITTING
    await vote(members, appeal, reverse=4)
    assert await state(appeal) == JuryState.REVERSED


async def test_another_post_that_goes_changes_nothing(network: LiveNetwork, watch: Watch) -> None:
    _, ana, eve, _, _, appeal = await heard(network, watch)
    for author in (ana, eve):
        await author.delete(await author.post("Something else."))
    await network.settle()
    assert await juries.end_due() == 0
    assert await state(appeal) == JuryState.SITTING


async def test_the_sweep_finds_a_picture_that_went_by_an_edit(network: LiveNetwork, watch: Watch) -> None:
    members = await pool(network, watch)
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    post = await eve.show("Look.", media_files.encoded(), media_files.encoded(media_files.photo(80, 60)))
    first, second = (await eve.view(post)).media
    await ana.report_subject(Subject(SubjectKind.MEDIA, first.id))
    statement = await moderator.decide(await network.open_case(), StatementKind.WARNING)
    appeal = await appeals.lodge(await eve.viewer(), statement, WORDS)
    assert len(await seats(appeal)) == 5
    assert await juries.end_due() == 0
    await eve.keep_only(post, second.id)
    with pytest.raises(Conflict, match="ended"):
        await vote(members, appeal, reverse=1)
    assert await state(appeal) == JuryState.VOID
    assert await juries.end_due() == 0
    assert (await own(eve)).hearing is Hearing.GONE
