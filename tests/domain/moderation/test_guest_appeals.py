"""Appeals by people without an account: when they count, who decides them, and what else the link does not do."""

import asyncio

import pytest

from domain.core import clock
from domain.core.errors import Forbidden, Invalid, NotFound
from domain.moderation import (
    appeal_decisions,
    appeal_queue,
    appeals,
    evidence,
    guest_appeals,
    guest_reports,
    reports,
)
from domain.moderation.appeals import MAX_WORDS
from domain.moderation.decisions import Decision
from domain.moderation.kinds import AppealState, Outcome, StatementKind
from domain.moderation.reports import NamedRule
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind
from tests.conftest import Watch
from tests.helpers.moderation import guest_form, version_seen
from tests.helpers.people import LiveNetwork, Member

WORDS = "It is my telephone number."
ANSWER = "The number is in the public directory."
DAY = 86_400


async def _reported(network: LiveNetwork) -> tuple[Member, Member, int, int, str]:
    """An author, a moderator who finds no breach, the post, the guest's report and the token of their link."""
    eve, mona = await network.member("eve"), await network.moderator()
    post = await eve.post("Call 555 1234.")
    report = (await guest_reports.file(guest_form(post), can_mail=True)).report
    await guest_reports.confirm(await guest_reports.token(report))
    await mona.decide(await network.open_case(), StatementKind.NO_BREACH)
    await network.settle()
    return eve, mona, post, report, await _token(report)


async def _token(report: int) -> str:
    offered = await guest_appeals.offer(report)
    assert offered is not None
    return offered.token


async def _told(moderator: Member) -> list[NotificationKind]:
    return [one.kind for one in (await notices.page(await moderator.viewer())).items]


async def test_a_guest_appeals_once_and_another_moderator_decides(network: LiveNetwork) -> None:
    _eve, mona, _post, report, token = await _reported(network)
    max_ = await network.moderator("max")
    await asyncio.gather(*(guest_appeals.lodge(token, WORDS) for _ in range(4)))
    assert await network.count("appeal", f"report = {report} AND appellant IS NULL") == 1
    assert not await network.count("jury")
    (queued,) = (await appeal_queue.queue(await max_.viewer())).items
    assert queued.words == WORDS
    await network.settle()
    assert [await _told(one) for one in (mona, max_)] == [[], [NotificationKind.WORK]]
    for refused in (
        appeal_queue.claim(await mona.viewer(), queued.id),
        appeal_decisions.uphold(await mona.viewer(), queued.id, ANSWER),
    ):
        with pytest.raises(Forbidden):
            await refused
    view = await appeal_queue.read(await max_.viewer(), queued.id)
    assert StatementKind.POST_REMOVAL in view.offered
    await appeal_decisions.uphold(await max_.viewer(), queued.id, ANSWER)
    await network.settle()
    assert await network.count("appeal", f"state = {AppealState.UPHELD.value}") == 1
    assert (await guest_appeals.answered(queued.id)).answer == ANSWER
    # Answered or not, once is all.
    await guest_appeals.lodge(token, "And another thing.")
    assert await network.count("appeal") == 1


async def _find_breach(moderator: Member, kind: StatementKind) -> None:
    """Has the first appeal granted that the moderator is free to decide."""
    free = await appeal_queue.first_free(await moderator.viewer())
    assert free is not None
    version = await version_seen(moderator, free.id)
    found = Decision(kind, version, NamedRule(1, 7), "It tells a number.", "It is private.")
    await appeal_decisions.decide_again(await moderator.viewer(), free.id, found, "You were right.")


async def test_a_breach_that_is_found_after_all_is_told_as_an_outcome(network: LiveNetwork) -> None:
    _eve, _mona, post, report, token = await _reported(network)
    max_ = await network.moderator("max")
    await guest_appeals.lodge(token, WORDS)
    await _find_breach(max_, StatementKind.POST_REMOVAL)
    await network.settle()
    row = await guest_reports.of_report(report)
    assert row is not None
    assert guest_reports.outcome(row) is Outcome.ACTION
    assert not await network.count("outbox", "kind = 'GuestAppealAnswerDue'")
    assert await network.count("post", f"id = {post} AND state = 1") == 1
    await guest_appeals.lodge(token, "Thank you.")
    assert await network.count("appeal") == 1


@pytest.mark.parametrize(("seconds", "lodged"), [(-5, 1), (0, 0)])
async def test_six_months_and_not_a_moment_more(network: LiveNetwork, watch: Watch, seconds: int, lodged: int) -> None:
    *_, report, token = await _reported(network)
    offered = await guest_appeals.offer(report)
    assert offered is not None
    watch.ahead += offered.until - clock.now() + seconds * 1000
    # The address is there still, for the answer.
    await guest_reports.forget_old()
    await evidence.purge_due()
    await guest_appeals.lodge(token, WORDS)
    assert await network.count("appeal") == lodged


async def test_the_address_is_kept_until_the_answer_and_then_forgotten(network: LiveNetwork, watch: Watch) -> None:
    *_, token = await _reported(network)
    max_ = await network.moderator("max")
    await guest_appeals.lodge(token, WORDS)
    watch.forward(250 * DAY)
    await guest_reports.forget_old()
    await evidence.purge_due()
    assert await appeals.close_left() == 0, "a guest who waits has not left"
    assert await network.count("guest_report") == await network.count("evidence") == 1
    # Half a year ends a session.
    max_ = await network.device(max_.id, "max")
    free = await appeal_queue.first_free(await max_.viewer())
    assert free is not None
    await appeal_decisions.uphold(await max_.viewer(), free.id, ANSWER)
    watch.forward(201 * DAY)
    await evidence.purge_due()
    await guest_reports.forget_old()
    assert not await network.count("guest_report")
    assert not await network.count("appeal", "words <> ''")
    with pytest.raises(NotFound):
        await guest_appeals.answered(free.id)
    with pytest.raises(Forbidden):
        await guest_appeals.lodge(token, WORDS)


async def test_what_no_longer_stands_or_was_no_finding_is_not_appealed(network: LiveNetwork) -> None:
    """The link of another outcome does nothing, and says nothing of it."""
    ana = await network.member("ana")
    eve, _mona, post, _report, token = await _reported(network)
    # A member was heard first: there is a breach after all, of which the guest is not told yet.
    await ana.report(post, rule=7)
    await network.settle()
    max_ = await network.moderator("max")
    (own,) = (await reports.mine(await ana.viewer())).items
    await appeals.lodge_for_report(await ana.viewer(), own.id, WORDS)
    await _find_breach(max_, StatementKind.WARNING)
    await guest_appeals.lodge(token, WORDS)
    assert await network.count("appeal") == 1
    # A report that is not decided has no link.
    other = (await guest_reports.file(guest_form(await eve.post("Call me.")), can_mail=True)).report
    assert await guest_appeals.offer(other) is None
    await guest_appeals.lodge(await guest_reports.signed(guest_appeals.PURPOSE, other), WORDS)
    assert await network.count("appeal") == 1


async def test_the_link_is_for_appeals_alone(network: LiveNetwork) -> None:
    *_, report, token = await _reported(network)
    confirming = await guest_reports.token(report)
    assert confirming != token
    for forged in (confirming, f"{report}.AAAA", f"{report + 1}.{token.partition('.')[2]}", "x", "", "1" * 300):
        with pytest.raises(Forbidden):
            await guest_appeals.lodge(forged, WORDS)
    with pytest.raises(Forbidden):
        await guest_reports.confirm(token)
    for words in ("", "  ", "x" * (MAX_WORDS + 1)):
        with pytest.raises(Invalid):
            await guest_appeals.lodge(token, words)
    assert not await network.count("appeal")


async def test_one_answer_is_for_all_who_report_it_later_too(network: LiveNetwork) -> None:
    _, _, post, _, token = await _reported(network)
    other = await network.moderator("max")
    await guest_appeals.lodge(token, WORDS)
    appeal = await appeal_queue.first_free(await other.viewer())
    assert appeal is not None
    await appeal_decisions.uphold(await other.viewer(), appeal.id, ANSWER)
    later = (await guest_reports.file(guest_form(post, email="bea@tilly.example"), can_mail=True)).report
    await guest_reports.confirm(await guest_reports.token(later))
    await network.settle()
    offer = await guest_appeals.offer(later)
    assert offer is not None
    assert offer.answer == ANSWER
    await guest_appeals.lodge(offer.token, "Look again.")
    assert await network.count("appeal") == 1
