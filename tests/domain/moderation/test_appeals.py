"""Appeals: who may lodge one and until when, who may decide it, and what becomes of the decision."""

import asyncio
from datetime import UTC, datetime

import pytest

from db.engine import DB
from db.sql import SQL
from domain.core.access import GUEST, Role
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused, SignedOut
from domain.moderation import (
    appeal_decisions,
    appeal_eligibility,
    appeal_queue,
    appeals,
    bulk_decisions,
    evidence,
    reports,
    reversals,
    staff,
    statements,
)
from domain.moderation.appeal_eligibility import Eligibility
from domain.moderation.decisions import Decision
from domain.moderation.kinds import AppealState, Outcome, Party, StatementKind
from domain.moderation.reports import NamedRule
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind
from tests.conftest import Watch
from tests.helpers import bulk
from tests.helpers.moderation import WORDS, appealed, free, reported
from tests.helpers.people import LiveNetwork, Member, hidden

DAY = 86_400


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("decided", "until"),
    [
        ("2026-01-15T10:00:00", "2026-07-15T10:00:00"),
        ("2026-08-31T23:59:59", "2027-02-28T23:59:59"),
        ("2027-08-31T00:00:00", "2028-02-29T00:00:00"),
        ("2026-12-31T12:00:00", "2027-06-30T12:00:00"),
    ],
)
def test_six_calendar_months(decided: str, until: str) -> None:
    assert appeal_eligibility.until(ms(decided)) == ms(until)
    facts = Eligibility(Party.SANCTIONED, ms(decided), True, None)
    assert appeal_eligibility.refusal(facts, ms(until) - 1) is None
    assert isinstance(appeal_eligibility.refusal(facts, ms(until)), Conflict)


async def status(member: Member) -> appeals.AppealStatus:
    viewer = await member.viewer()
    newest = (await statements.mine(viewer)).items[-1].id
    return (await appeals.of_statements(viewer, [newest]))[newest]


async def test_a_granted_appeal_restores_everything(network: LiveNetwork) -> None:
    ana, eve, _, second, post, appeal = await appealed(network)
    await network.settle()
    await appeal_decisions.grant(await second.viewer(), appeal, "It is a line from a song indeed.")
    await network.settle()
    assert await ana.sees(post)
    assert await statements.points(eve.id) == 0
    own = (await status(eve)).own
    assert own is not None
    assert (own.state, own.words, own.answer) == (AppealState.GRANTED, WORDS, "It is a line from a song indeed.")
    assert [one.outcome for one in (await reports.mine(await ana.viewer())).items] == [Outcome.REVERSED]
    kinds = [one.kind for one in (await notices.page(await eve.viewer())).items]
    assert kinds == [NotificationKind.REVERSAL, NotificationKind.STATEMENT]
    with pytest.raises(Conflict):
        await appeal_decisions.uphold(await second.viewer(), appeal, "No.")


async def test_an_appeal_that_is_turned_down_is_answered_in_words(network: LiveNetwork) -> None:
    ana, eve, _, second, post, appeal = await appealed(network)
    await network.settle()
    before = (await notices.page(await ana.viewer())).items
    await appeal_decisions.uphold(await second.viewer(), appeal, "No song says this.")
    await network.settle()
    assert await hidden(post, ana, eve)
    found = await status(eve)
    assert found.own is not None
    assert (found.own.state, found.own.answer) == (AppealState.UPHELD, "No song says this.")
    assert not found.offered
    assert (await notices.page(await eve.viewer())).items[0].kind is NotificationKind.APPEAL
    assert (await notices.page(await ana.viewer())).items == before
    with pytest.raises(Conflict, match="already"):
        await appeals.lodge(await eve.viewer(), (await statements.mine(await eve.viewer())).items[0].id, WORDS)


async def test_whoever_decided_never_decides_the_appeal_by_any_door(network: LiveNetwork) -> None:
    ana, eve, moderator, _, post, appeal = await appealed(network)
    reporter = await network.moderator("rita")
    statement = (await statements.mine(await eve.viewer())).items[0].id
    viewer = await moderator.viewer()
    decision = Decision(StatementKind.WARNING, 1, NamedRule(1, 6), "It insults.")
    for attempt in (
        lambda: appeal_queue.claim(viewer, appeal),
        lambda: appeal_decisions.uphold(viewer, appeal, "No."),
        lambda: appeal_decisions.grant(viewer, appeal, "Yes."),
        lambda: appeal_decisions.decide_again(viewer, appeal, decision, "Yes."),
        lambda: reversals.reverse(viewer, statement, "Taken back."),
    ):
        with pytest.raises(Refused) as refused:
            await attempt()
        assert isinstance(refused.value, Forbidden | Conflict)
    assert await appeal_queue.first_free(viewer) is None
    for member in (ana, eve):
        with pytest.raises(NotFound):
            await appeal_decisions.uphold(await member.viewer(), appeal, "No.")
        with pytest.raises(NotFound):
            await appeal_queue.read(await member.viewer(), appeal)
    # Alone or not, and even as an operator.
    await staff.set_role("mona", Role.OPERATOR)
    for handle in ("ottilie", "max", "rita"):
        await staff.set_role(handle, Role.MEMBER)
    with pytest.raises(Forbidden):
        await appeal_decisions.grant(await moderator.viewer(), appeal, "Yes.")
    await staff.set_role("rita", Role.MODERATOR)
    assert await hidden(post, ana)
    assert await free(reporter) == appeal


async def test_nor_with_a_whole_wave_that_is_taken_back(network: LiveNetwork) -> None:
    """Who decided about many takes all back but what is under appeal: that is another moderator's."""
    moderator, second, ana = await network.moderator(), await network.moderator("max"), await network.member("ana")
    people, posts = await bulk.wave(network, 2)
    number = await bulk.preview(moderator)
    await bulk.decide(moderator, number)
    await network.settle()
    made = (await statements.mine(await people[0].viewer())).items[0].id
    appeal = await appeals.lodge(await people[0].viewer(), made, WORDS)
    await bulk_decisions.undo(await moderator.viewer(), number, "It was a campaign of the town.")
    await network.settle()
    assert [await ana.sees(post) for post in posts] == [False, True]
    assert await statements.is_reversible(await statements.row(made))
    own = (await status(people[0])).own
    assert own is not None
    assert (own.state, own.answer) == (AppealState.OPEN, "")
    assert (await free(moderator), await free(second)) == (0, appeal)


async def test_the_second_of_two_and_whoever_reported_it_decide_no_appeal(network: LiveNetwork) -> None:
    _, eve, moderator, _post, case = await reported(network)
    second, third = await network.moderator("max"), await network.moderator("rita")
    await third.report(await statements_post(case))
    statement = await moderator.decide(case, StatementKind.WARNING)
    await DB.fetch(SQL("UPDATE statement SET second = ?2 WHERE id = ?1"), statement, second.id)
    appeal = await appeals.lodge(await eve.viewer(), statement, WORDS)
    for member in (second, third):
        assert await appeal_queue.first_free(await member.viewer()) is None
        with pytest.raises(Forbidden):
            await appeal_decisions.grant(await member.viewer(), appeal, "Yes.")


async def statements_post(case: int) -> int:
    return int(await DB.value(SQL("SELECT post FROM mod_case WHERE id = ?1"), case))


async def test_only_whom_it_concerns_may_appeal_and_once(network: LiveNetwork) -> None:
    ana, eve, moderator, _, case = await reported(network)
    statement = await moderator.decide(case, StatementKind.WARNING)
    await network.settle()
    for viewer in (await ana.viewer(), await moderator.viewer()):
        with pytest.raises(NotFound):
            await appeals.lodge(viewer, statement, WORDS)
    with pytest.raises(SignedOut):
        await appeals.lodge(GUEST, statement, WORDS)
    with pytest.raises(NotFound):
        await appeals.lodge(await eve.viewer(), case, WORDS)
    for words in ("", "  ", "x" * (appeals.MAX_WORDS + 1), "x" * 1_000_000):
        with pytest.raises(Invalid):
            await appeals.lodge(await eve.viewer(), statement, words)
    viewer = await eve.viewer()
    results = await asyncio.gather(*(appeals.lodge(viewer, statement, WORDS) for _ in range(4)), return_exceptions=True)
    assert sorted(isinstance(one, int) for one in results) == [False, False, False, True]
    assert all(isinstance(one, int | Conflict) for one in results)


async def test_after_six_months_it_is_neither_offered_nor_taken(network: LiveNetwork, watch: Watch) -> None:
    _, eve, moderator, _, case = await reported(network)
    statement = await moderator.decide(case, StatementKind.WARNING)
    assert (await status(eve)).offered
    watch.forward(185 * DAY)
    again = await network.device(eve.id, "eve")
    assert not (await status(again)).offered
    with pytest.raises(Conflict, match="six months"):
        await appeals.lodge(await again.viewer(), statement, WORDS)


async def test_a_reporter_appeals_that_nothing_was_found(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    ben, max_ = await network.member("ben"), await network.moderator("max")
    await ben.report(post)
    await moderator.decide(case, StatementKind.NO_BREACH)
    await network.settle()
    mine = (await reports.mine(await ana.viewer())).items[0].id
    theirs = (await reports.mine(await ben.viewer())).items[0].id
    with pytest.raises(NotFound):
        await appeals.lodge_for_report(await ana.viewer(), theirs, WORDS)
    appeal = await appeals.lodge_for_report(await ana.viewer(), mine, WORDS)
    await appeals.lodge_for_report(await ben.viewer(), theirs, WORDS)
    view = await appeal_queue.read(await max_.viewer(), appeal)
    assert view.offered == (
        StatementKind.WARNING, StatementKind.HIDE_UNTIL_EDITED, StatementKind.POST_REMOVAL,
    )  # fmt: skip
    with pytest.raises(Conflict):
        await appeal_decisions.grant(await max_.viewer(), appeal, "Yes.")
    seen = view.case.version
    for kind in (StatementKind.NO_BREACH, StatementKind.FREEZE, None):
        with pytest.raises(Invalid):
            await appeal_decisions.decide_again(
                await max_.viewer(), appeal, Decision(kind, seen, NamedRule(1, 6), "So."), "Yes."
            )
    decision = Decision(StatementKind.POST_REMOVAL, seen - 1, NamedRule(1, 6), "It insults somebody.")
    with pytest.raises(Conflict, match="has changed since"):
        await appeal_decisions.decide_again(await max_.viewer(), appeal, decision, "You are right.")
    decision = Decision(StatementKind.POST_REMOVAL, seen, NamedRule(1, 6), "It insults somebody.")
    await appeal_decisions.decide_again(await max_.viewer(), appeal, decision, "You are right.")
    await network.settle()
    assert await hidden(post, ana, eve)
    for reporter in (ana, ben):
        assert [one.outcome for one in (await reports.mine(await reporter.viewer())).items] == [Outcome.ACTION]
        own = next(iter((await appeals.of_cases(await reporter.viewer(), [case])).values())).own
        assert own is not None
        assert own.state is AppealState.GRANTED
    # The author may appeal that, and neither of the two who decided answers it.
    statement = (await statements.mine(await eve.viewer())).items[0].id
    again = await appeals.lodge(await eve.viewer(), statement, WORDS)
    with pytest.raises(Forbidden):
        await appeal_decisions.grant(await max_.viewer(), again, "Yes.")
    with pytest.raises(Forbidden):
        await appeal_decisions.grant(await moderator.viewer(), again, "I said so.")
    with pytest.raises(Conflict):
        await reversals.reverse(await moderator.viewer(), statement, "I said so.")
    rita = await network.moderator("rita")
    await appeal_decisions.grant(await rita.viewer(), again, "It insults nobody.")
    assert await ana.sees(post)


async def test_the_suspended_may_appeal(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    second = await network.moderator("max")
    statement = await moderator.decide(case, StatementKind.WARNING, sanction=StatementKind.SUSPENSION, days=30)
    appeal = await appeals.lodge(await eve.viewer(), statement, WORDS)
    await appeal_decisions.grant(await second.viewer(), appeal, "It is a line from a song.")
    assert (await eve.viewer()).suspended_until == 0
    assert await ana.sees(post)


async def test_an_answer_names_nobody(network: LiveNetwork) -> None:
    _, _, _, second, _, appeal = await appealed(network)
    viewer = await second.viewer()
    for words in ("Eve is right.", "@eve is right.", "", "x" * 2001):
        with pytest.raises(Invalid):
            await appeal_decisions.uphold(viewer, appeal, words)
    await appeal_decisions.uphold(viewer, appeal, "On the eve of the fair.", names_nobody=True)


async def test_evidence_stays_while_an_appeal_waits(network: LiveNetwork, watch: Watch) -> None:
    _, eve, moderator, _, case = await reported(network)
    statement = await moderator.decide(case, StatementKind.WARNING)
    watch.forward(179 * DAY)
    appeal = await appeals.lodge(await eve.viewer(), statement, WORDS)
    watch.forward(300 * DAY)
    assert await evidence.purge_due() == 0
    assert len(await evidence.of_case(case)) == 1
    second = await network.moderator("max")
    await appeal_decisions.uphold(await second.viewer(), appeal, "It stands.")
    watch.forward(201 * DAY)
    assert await evidence.purge_due() == 1
    assert await network.count("appeal", "words <> ''") == 0
