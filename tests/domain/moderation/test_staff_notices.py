"""Moderators are notified of appeals and of what needs a second moderator: that there is something, once an hour."""

import pytest

from db.engine import DB
from domain.core import events
from domain.core.access import Role
from domain.core.moderation_events import StaffNoticeDue
from domain.moderation import appeal_decisions, appeals, bulk_decisions, crisis, juries, staff, word_changes
from domain.moderation.filter_kinds import FilterOutcome
from domain.moderation.kinds import StatementKind
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind
from tests.conftest import Watch
from tests.helpers import bulk, written_filters
from tests.helpers.juries import heard
from tests.helpers.moderation import WORDS, appealed, reported
from tests.helpers.people import LiveNetwork, Member

MINUTE, HOUR = 60, 3600


async def told(member: Member) -> list[bool]:
    """What somebody is told as a moderator, the newest first, and whether it is unread."""
    items = (await notices.page(await member.viewer())).items
    return [one.unread for one in items if one.kind is NotificationKind.WORK]


async def read(member: Member) -> None:
    viewer = await member.viewer()
    await notices.read(viewer, (await notices.page(viewer)).items[0].entry)


async def test_moderators_are_told_of_an_appeal_that_they_may_decide(network: LiveNetwork) -> None:
    ana, eve, decider, second, _, _ = await appealed(network)
    operator = await network.operator()
    await network.settle()
    assert [await told(one) for one in (second, operator)] == [[True], [True]]
    assert [await told(one) for one in (ana, eve, decider)] == [[], [], []]
    (notice,) = (await notices.page(await second.viewer())).items
    assert (notice.actor, notice.post, notice.count) == (None, None, 0)


async def test_who_reported_it_is_not_told(network: LiveNetwork) -> None:
    _, eve, mona, post, case = await reported(network)
    max_, mia = await network.moderator("max"), await network.moderator("mia")
    await max_.report(post)
    statement = await mona.decide(case, StatementKind.POST_REMOVAL)
    await network.settle()
    await appeals.lodge(await eve.viewer(), statement, WORDS)
    await network.settle()
    assert [await told(one) for one in (mona, max_, mia)] == [[], [], [True]]


async def test_a_jury_s_appeal_is_theirs_once_it_is_left_to_moderators(network: LiveNetwork, watch: Watch) -> None:
    members, *_ = await heard(network, watch)
    second = await network.moderator("max")
    await network.settle()
    assert await told(second) == []
    # Nobody has voted when its time is over.
    watch.forward(8 * 24 * HOUR)
    await network.settle()
    await juries.end_due()
    await network.settle()
    assert await told(second) == [True]
    assert await told(members[0]) == []


async def test_a_proposal_is_told_to_those_who_can_agree(network: LiveNetwork) -> None:
    ana, eve, mona, _, case = await reported(network)
    max_ = await network.moderator("max")
    await mona.decide(case, StatementKind.WARNING, sanction=StatementKind.PERMANENT_SUSPENSION)
    await network.settle()
    assert [await told(one) for one in (ana, eve, mona, max_)] == [[], [], [], [True]]


async def test_so_are_a_crisis_and_a_bulk_decision(network: LiveNetwork, watch: Watch) -> None:
    mona, max_ = await network.moderator(), await network.moderator("max")
    await crisis.propose(await mona.viewer(), "There are threats after the vote.", 24)
    await network.settle()
    assert [await told(one) for one in (mona, max_)] == [[], [True]]
    await read(max_)
    watch.forward(HOUR)
    await bulk.wave(network, 3)
    await bulk.decide(max_, await bulk.preview(max_))
    await network.settle()
    assert [await told(one) for one in (mona, max_)] == [[], [False]]


async def test_a_bulk_decision_that_takes_two_is_told_to_the_other(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_decisions, "ALONE", 2)
    mona, max_ = await network.moderator(), await network.moderator("max")
    await bulk.wave(network, 3)
    assert not await bulk.decide(mona, await bulk.preview(mona))
    await network.settle()
    assert [await told(one) for one in (mona, max_)] == [[], [True]]


async def test_words_that_wait_are_told_to_the_other(network: LiveNetwork) -> None:
    mona, max_ = await written_filters.staff(network)
    goods = await word_changes.add(await mona.viewer(), "goods", "pills")
    await written_filters.live(mona, max_, FilterOutcome.HOLD, 'words("goods")')
    await network.settle()
    assert [await told(one) for one in (mona, max_)] == [[], []]
    await word_changes.rewrite(await mona.viewer(), goods, "potions", 1)
    await network.settle()
    assert [await told(one) for one in (mona, max_)] == [[], [True]]


async def test_there_is_one_an_hour_and_it_tells_of_all_that_came(network: LiveNetwork, watch: Watch) -> None:
    _, eve, mona, max_, _, _ = await appealed(network)
    ana = await network.member("anna")
    await network.settle()
    await read(max_)
    for minutes in (10, 20):
        watch.forward(minutes * MINUTE)
        await ana.report(await eve.post(f"You will be sorry, {minutes} times."))
        statement = await mona.decide(await network.open_case(), StatementKind.POST_REMOVAL)
        await appeals.lodge(await eve.viewer(), statement, WORDS)
        await network.settle()
    assert await told(max_) == [False]
    watch.forward(31 * MINUTE)
    await network.settle()
    assert await told(max_) == [True, False]
    # The one has told of both.
    watch.forward(2 * HOUR)
    await network.settle()
    assert await told(max_) == [True, False]
    assert await network.count("outbox", "kind = 'StaffNoticeDue'") == 0


async def test_what_is_answered_within_the_hour_is_not_told(network: LiveNetwork, watch: Watch) -> None:
    _, eve, mona, max_, _, _ = await appealed(network)
    ana = await network.member("anna")
    await network.settle()
    await read(max_)
    await ana.report(await eve.post("You will be sorry again."))
    statement = await mona.decide(await network.open_case(), StatementKind.POST_REMOVAL)
    appeal = await appeals.lodge(await eve.viewer(), statement, WORDS)
    await network.settle()
    await appeal_decisions.uphold(await max_.viewer(), appeal, "No.")
    watch.forward(2 * HOUR)
    await network.settle()
    assert await told(max_) == [False]


async def test_who_no_longer_moderates_has_none(network: LiveNetwork) -> None:
    *_, second, _, _ = await appealed(network)
    await network.settle()
    assert await told(second) == [True]
    await staff.set_role("max", Role.MEMBER)
    assert (await told(second), (await second.viewer()).counts.unread) == ([], 0)
    async with DB.writing():
        await events.record(StaffNoticeDue(second.id, NotificationKind.WORK))
    await network.settle()
    assert await told(second) == []
