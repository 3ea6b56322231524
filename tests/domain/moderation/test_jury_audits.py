"""Audits of jurors: who is given one, what becomes of those who fail, and disputes."""

import pytest

from db.engine import DB
from db.queries import juries as queries
from db.queries.jury_audits import offered
from db.sql import SQL
from domain.core import clock, cursors, ids
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound
from domain.moderation import appeals, juries, jury_audits, jury_briefs, jury_lot, jury_seating, jury_service
from domain.moderation.juries import Answer
from domain.moderation.jury_kinds import DisputeState, JuryVote, SeatState
from domain.moderation.kinds import StatementKind
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind
from tests.conftest import Watch
from tests.helpers.juries import HANDLES, heard, seats, vote
from tests.helpers.moderation import WORDS
from tests.helpers.people import LiveNetwork, Member

DAY = 86_400
WHY = "It quotes a song, and everybody could see that."
WRONG, RIGHT = JuryVote.STANDS, JuryVote.REVERSE

COPY_APPEAL = SQL("""
    INSERT INTO appeal (id, statement, party, words, state, due_at)
    SELECT CAST(?1 AS bigint), statement, party, words, state, due_at FROM appeal WHERE id = ?2
""")
COPY_JURY = SQL("""
    INSERT INTO jury (appeal, state, opened_at, ends_at)
    SELECT CAST(?1 AS bigint), state, opened_at, ends_at FROM jury WHERE appeal = ?2
""")
COPY_AUDIT = SQL("""
    INSERT INTO jury_audit (jury, why, promoted_at)
    SELECT CAST(?1 AS bigint), why, promoted_at FROM jury_audit WHERE jury = ?2
""")
FAIL = SQL("""
    INSERT INTO juror (id, jury, account, state, ends_at, vote, answered_at, audit) VALUES (?1, ?2, ?3, 1, 1, 0, ?4, 1)
""")


async def promoted(network: LiveNetwork, watch: Watch) -> tuple[Member, Member, Member, Member, int]:
    """Who has sat on no jury, a reporter, an author, a moderator, and a jury that took a decision back: an audit."""
    members, ana, eve, moderator, _, appeal = await heard(network, watch, *HANDLES[:5])
    await vote(members, appeal, reverse=5)
    await network.settle()
    await jury_audits.promote(await moderator.viewer(), appeal, WHY)
    for member in members:
        await jury_service.opt_out(await member.viewer())
    june = await network.member("nora")
    watch.forward(31 * DAY)
    await jury_service.opt_in(await june.viewer())
    return june, ana, eve, moderator, appeal


async def given(juror: Member, jury: int) -> int:
    """Gives a juror an audit, as the lot does. Returns the seat."""
    seat = ids.new()
    async with DB.writing():
        await queries.seat(seat, jury, juror.id, clock.now() + DAY * 1000, audit=True)
    return seat


async def answer(juror: Member, seat: int, said: JuryVote) -> None:
    await juries.answer(await juror.viewer(), seat, Answer(SeatState.VOTED, 1, said))


async def result(juror: Member, seat: int) -> jury_briefs.AuditResult:
    found = (await jury_briefs.read(await juror.viewer(), seat, "%(letter)s")).audit
    assert found is not None
    return found


async def test_an_audit_looks_like_any_summons(
    network: LiveNetwork, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    nora, ana, eve, moderator, audit = await promoted(network, watch)
    monkeypatch.setattr(jury_seating, "AUDIT_SHARE", 1)
    others = await network.members("olga", "otto", "omar", "oona")
    watch.forward(31 * DAY)
    for member in others:
        await jury_service.opt_in(await member.viewer())
    await ana.report(await eve.post("You will be sorry again."))
    statement = await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL)
    appeal = await appeals.lodge(await eve.viewer(), statement, WORDS)
    await network.settle()
    assert len(await seats(appeal)) == 5
    (row,) = await DB.fetch(SQL("SELECT id, account FROM juror WHERE audit = 1"))
    (juror,) = [one for one in (nora, *others) if one.id == row[1]]
    viewer = await juror.viewer()
    both = [await jury_briefs.read(viewer, one.id, "%(letter)s") for one in await jury_briefs.open_summonses(viewer)]
    assert len(both) == 2
    assert [(one.audit, one.seat.audit, one.seat.jury, one.version) for one in both] == [(None, None, None, 1)] * 2
    assert [[made.reversed for made in one.brief.decided] for one in both if one.brief] == [[False]] * 2
    told = [one.kind for one in (await notices.page(viewer)).items]
    assert told == [NotificationKind.SUMMONS] * 2
    assert (await queries.one(audit) or ())[1:2] == (2,)


async def test_a_failed_audit_says_why_and_changes_nothing(network: LiveNetwork, watch: Watch) -> None:
    nora, _, eve, _, audit = await promoted(network, watch)
    before = (await appeals.mine(await eve.viewer())).items
    seat = await given(nora, audit)
    await answer(nora, seat, WRONG)
    found = await result(nora, seat)
    assert (found.passed, found.reversed, found.why) == (False, True, WHY)
    assert (await jury_briefs.history(await nora.viewer())).items[0].audit is False
    await network.settle()
    assert (await appeals.mine(await eve.viewer())).items == before
    assert len(await seats(audit, SeatState.VOTED)) == 5


async def test_who_finds_the_same_has_passed_and_nothing_to_dispute(network: LiveNetwork, watch: Watch) -> None:
    nora, _, _, _, audit = await promoted(network, watch)
    seat = await given(nora, audit)
    await answer(nora, seat, RIGHT)
    assert (await result(nora, seat)).passed
    with pytest.raises(NotFound):
        await jury_audits.dispute(await nora.viewer(), seat, "It is wrong.")


async def test_a_lapsed_audit_is_over(network: LiveNetwork, watch: Watch) -> None:
    nora, _, _, _, audit = await promoted(network, watch)
    seat = await given(nora, audit)
    watch.forward(DAY)
    assert await juries.end_due() == 1
    row = await queries.juror(seat)
    assert row is not None
    assert row.state == SeatState.LAPSED
    assert len(await seats(audit, SeatState.VOTED)) == 5


async def failures(network: LiveNetwork, nora: Member, audit: int, number: int) -> list[int]:
    """Earlier audits that a juror has failed; the last one by an answer of theirs."""
    made = []
    for place in range(1, number):
        appeal, seat = 1000 + place, 2000 + place
        await DB.fetch(COPY_APPEAL, appeal, audit)
        await DB.fetch(COPY_JURY, appeal, audit)
        await DB.fetch(COPY_AUDIT, appeal, audit)
        await DB.fetch(FAIL, seat, appeal, nora.id, clock.now())
        made.append(seat)
    seat = await given(nora, audit)
    await answer(nora, seat, WRONG)
    return [*made, seat]


async def test_three_failures_of_the_last_five_pause_a_juror(network: LiveNetwork, watch: Watch) -> None:
    nora, _, _, _, audit = await promoted(network, watch)
    await failures(network, nora, audit, 3)
    viewer = await nora.viewer()
    until = (await jury_service.mine(viewer)).paused_until
    assert abs(until - clock.now() - 30 * DAY * 1000) < 60_000
    async with DB.writing():
        assert await jury_lot.draw(0, 0, 1) == []
    # Going and coming back does not end it.
    await jury_service.opt_out(viewer)
    await jury_service.opt_in(viewer)
    assert (await jury_service.mine(viewer)).paused_until >= until
    watch.forward(31 * DAY)
    assert (await jury_service.mine(viewer)).paused_until == 0
    async with DB.writing():
        assert await jury_lot.draw(0, 0, 1) == [nora.id]


async def test_two_failures_pause_nobody(network: LiveNetwork, watch: Watch) -> None:
    nora, _, _, _, audit = await promoted(network, watch)
    await failures(network, nora, audit, 2)
    assert (await jury_service.mine(await nora.viewer())).paused_until == 0


async def test_a_disputed_audit_is_upheld_or_withdrawn(network: LiveNetwork, watch: Watch) -> None:
    nora, _, _, _, audit = await promoted(network, watch)
    *_, seat = await failures(network, nora, audit, 3)
    viewer, decides = await nora.viewer(), await (await network.moderator("max")).viewer()
    with pytest.raises(Invalid):
        await jury_audits.dispute(viewer, seat, " ")
    await jury_audits.dispute(viewer, seat, "It is no song that I know.")
    with pytest.raises(Conflict):
        await jury_audits.dispute(viewer, seat, "Once more.")
    assert (await jury_service.mine(viewer)).paused_until == 0
    (listed,) = (await jury_audits.disputes(decides)).items
    assert (listed.id, listed.appeal, listed.words) == (seat, audit, "It is no song that I know.")
    assert str(nora.id) not in str(listed)
    assert (await result(nora, seat)).dispute_state is DisputeState.OPEN
    await jury_audits.uphold(decides, seat)
    assert (await result(nora, seat)).dispute_state is DisputeState.UPHELD
    with pytest.raises(Conflict):
        await jury_audits.uphold(decides, seat)
    await network.settle()
    assert (await notices.page(viewer)).items[0].kind is NotificationKind.VERDICT
    assert (await jury_service.mine(viewer)).paused_until > 0
    await jury_audits.withdraw(decides, seat)
    assert (await result(nora, seat)).withdrawn
    assert (await jury_service.mine(viewer)).paused_until == 0
    assert (await jury_audits.disputes(decides)).items == []
    assert audit not in {one.jury for one in await offered(10)}


async def test_whoever_made_an_audit_does_not_say_that_it_is_right(network: LiveNetwork, watch: Watch) -> None:
    nora, _, _, moderator, audit = await promoted(network, watch)
    seat = await given(nora, audit)
    await answer(nora, seat, WRONG)
    await jury_audits.dispute(await nora.viewer(), seat, "It is no song that I know.")
    makes, second = await moderator.viewer(), await network.moderator("max")
    assert [one.can_uphold for one in (await jury_audits.disputes(makes)).items] == [False]
    assert [one.can_uphold for one in (await jury_audits.disputes(await second.viewer())).items] == [True]
    with pytest.raises(Forbidden):
        await jury_audits.uphold(makes, seat)
    assert (await result(nora, seat)).dispute_state is DisputeState.OPEN
    # But where nobody else can.
    await DB.fetch(SQL("UPDATE account SET role = 'member' WHERE id <> ?1"), makes.id)
    assert [one.can_uphold for one in (await jury_audits.disputes(makes)).items] == [True]
    await jury_audits.uphold(makes, seat)
    await jury_audits.withdraw(makes, seat)
    assert (await result(nora, seat)).withdrawn


async def test_a_party_has_no_say_in_an_audit(network: LiveNetwork, watch: Watch) -> None:
    nora, _, _, _, audit = await promoted(network, watch)
    seat = await given(nora, audit)
    await answer(nora, seat, WRONG)
    await jury_audits.dispute(await nora.viewer(), seat, "It is no song that I know.")
    party = await network.moderator("rita")
    await DB.fetch(SQL("UPDATE report SET reporter = ?1"), party.id)
    viewer = await party.viewer()
    assert (await jury_audits.disputes(viewer)).items == []
    assert await jury_audits.count_disputes(viewer) == 0
    for settle in (jury_audits.uphold, jury_audits.withdraw):
        with pytest.raises(Forbidden):
            await settle(viewer, seat)
    assert (await result(nora, seat)).dispute_state is DisputeState.OPEN


async def test_what_is_disputed_does_not_count_yet(network: LiveNetwork, watch: Watch) -> None:
    nora, _, _, moderator, audit = await promoted(network, watch)
    first, second = await failures(network, nora, audit, 2)
    await jury_audits.dispute(await nora.viewer(), second, "It is no song that I know.")
    await DB.fetch(SQL("UPDATE juror SET dispute_state = 0 WHERE id = ?1"), first)
    async with DB.writing():
        await jury_audits.pause_if_failed(nora.id)
    assert (await jury_service.mine(await nora.viewer())).paused_until == 0
    viewer = await moderator.viewer()
    page = await jury_audits.disputes(viewer)
    assert [one.id for one in page.items] == sorted([first, second])
    assert await jury_audits.count_disputes(viewer) == 2
    after = await jury_audits.disputes(viewer, cursors.after(page.items[0].id))
    assert [one.id for one in after.items] == [page.items[1].id]


async def test_only_moderators_make_audits_and_of_what_is_decided(network: LiveNetwork, watch: Watch) -> None:
    members, ana, eve, moderator, _, appeal = await heard(network, watch)
    decides = await moderator.viewer()
    with pytest.raises(Conflict):
        await jury_audits.promote(decides, appeal, WHY)
    await vote(members, appeal, reverse=0)
    await network.settle()
    for member in (ana, eve, members[0]):
        viewer = await member.viewer()
        for attempt in (
            lambda viewer=viewer: jury_audits.promote(viewer, appeal, WHY),
            lambda viewer=viewer: jury_audits.disputes(viewer),
            lambda viewer=viewer: jury_audits.uphold(viewer, 1),
            lambda viewer=viewer: jury_audits.withdraw(viewer, 1),
        ):
            with pytest.raises(NotFound):
                await attempt()
    with pytest.raises(Invalid) as problem:
        await jury_audits.promote(decides, appeal, "@eve did it.")
    assert "why" in problem.value.fields
    party = await network.moderator("rita")
    await DB.fetch(SQL("UPDATE report SET reporter = ?1"), party.id)
    with pytest.raises(Forbidden):
        await jury_audits.promote(await party.viewer(), appeal, WHY)
    await jury_audits.promote(decides, appeal, WHY)
    with pytest.raises(Conflict):
        await jury_audits.promote(decides, appeal, WHY)
