"""Urgent cases are pushed to moderators on duty, one after the other, and say nothing of themselves."""

import json
from collections import Counter

import pytest

from db.engine import DB
from db.sql import SQL
from domain.core import events
from domain.core.access import Role
from domain.core.moderation_events import UrgentCaseWaits
from domain.moderation import care, case_alerts, cases, staff
from domain.moderation.kinds import StatementKind
from domain.notifications import notices
from tests.conftest import Watch
from tests.helpers import duty
from tests.helpers.duty import MOST, names, reachable
from tests.helpers.people import LiveNetwork, Member
from tests.helpers.push_service import Service, hush, told

MINUTE = 60


async def urgent(network: LiveNetwork, rule: int = 1) -> int:
    ana, eve = await network.members("ana", "eve")
    await ana.report(await eve.post("You will be sorry."), rule=rule)
    return await network.open_case()


@pytest.fixture
async def moderators(network: LiveNetwork, pushes: Service) -> tuple[Member, Member, Member]:
    """The last of them was there last."""
    mona, max_, mia = [await network.moderator(handle) for handle in ("mona", "max", "mia")]
    for minutes, member in ((9, mona), (6, max_), (3, mia)):
        await reachable(pushes, member, minutes)
    return mona, max_, mia


async def pass_by(network: LiveNetwork, watch: Watch, minutes: int) -> None:
    """Time passes, and what is due is done."""
    await told(network)
    for _ in range(minutes):
        watch.forward(MINUTE)
        await told(network)


async def test_it_says_nothing_of_the_case(
    network: LiveNetwork, pushes: Service, moderators: tuple[Member, Member, Member]
) -> None:
    await hush(moderators[2])
    case = await urgent(network)
    assert await told(network) == 1
    (push,) = pushes.pushed
    assert (push.name, push.note["title"], push.note["body"]) == ("mia", "Tilly", "An urgent case is waiting.")
    assert push.note["tag"] == f"case-{case}"
    assert push.note["navigate"].endswith(f"/moderation/cases/{case}?for={moderators[2].id}")
    assert (push.headers["ttl"], push.headers["urgency"]) == ("3600", "high")
    assert not push.note["silent"]
    # What the push service reads.
    assert str(case) not in json.dumps(push.headers)
    assert len(push.headers["topic"]) <= 32
    said = json.dumps(push.said)
    assert "sorry" not in said
    assert "eve" not in said
    for member in moderators:
        assert (await notices.page(await member.viewer())).items == []


async def test_the_next_one_is_told_after_five_minutes(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member, Member]
) -> None:
    await urgent(network)
    await told(network)
    watch.forward(4 * MINUTE)
    await told(network)
    assert names(pushes) == ["mia"]
    watch.forward(MINUTE)
    await told(network)
    watch.forward(5 * MINUTE)
    await told(network)
    assert names(pushes) == ["mia", "max", "mona"]


async def test_it_begins_anew_a_quarter_of_an_hour_after_the_last_was_told(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member, Member]
) -> None:
    case = await urgent(network)
    await pass_by(network, watch, 20)
    assert names(pushes) == ["mia", "max", "mona"]
    await pass_by(network, watch, 5)
    assert names(pushes) == ["mia", "max", "mona", "mia"]
    await pass_by(network, watch, 10)
    assert names(pushes) == ["mia", "max", "mona"] * 2
    # For as long as it waits, and no longer.
    await moderators[0].decide(case, StatementKind.WARNING)
    await pass_by(network, watch, 60)
    assert len(pushes.pushed) == 6
    assert await network.count("outbox", "kind = 'UrgentCaseWaits'") == 0


async def test_who_comes_on_duty_later_is_told(network: LiveNetwork, pushes: Service, watch: Watch) -> None:
    first, late, later = [await network.moderator(one) for one in ("first", "late", "later")]
    await urgent(network)
    await pass_by(network, watch, 30)
    assert pushes.pushed == []
    await reachable(pushes, first, 1)
    await pass_by(network, watch, 5)
    assert names(pushes) == ["first"]
    await reachable(pushes, late, 1)
    await pass_by(network, watch, 5)
    assert names(pushes) == ["first", "late"]
    await pass_by(network, watch, 10)
    await reachable(pushes, later, 1)
    await pass_by(network, watch, 5)
    assert names(pushes) == ["first", "late", "later"]


async def test_one_that_is_given_back_goes_on_within_five_minutes(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member, Member]
) -> None:
    case = await urgent(network)
    await told(network)
    await cases.claim(await moderators[2].viewer(), case)
    await pass_by(network, watch, 5)
    await cases.release(await moderators[2].viewer(), case)
    await pass_by(network, watch, 5)
    assert names(pushes) == ["mia", "max"]


async def test_who_has_seen_enough_is_told_last_of_what_is_hard_to_look_at(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member, Member]
) -> None:
    await duty.choose(moderators[2], cases=0)
    await urgent(network)
    await pass_by(network, watch, 10)
    assert names(pushes) == ["max", "mona", "mia"]


async def test_whoever_announces_it_again_tells_nobody_twice(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member, Member]
) -> None:
    """Two events of one case soon are one again."""
    case = await urgent(network)
    async with DB.writing():
        await events.record(UrgentCaseWaits(case))
    await pass_by(network, watch, 40)
    assert names(pushes) == ["mia", "max", "mona"] * 2
    assert await network.count("outbox", "kind = 'UrgentCaseWaits'") == 1


async def test_it_stops_when_somebody_has_taken_it_and_goes_on_when_they_give_up(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member, Member]
) -> None:
    case = await urgent(network)
    await told(network)
    await cases.claim(await moderators[0].viewer(), case)
    watch.forward(5 * MINUTE)
    await told(network)
    assert names(pushes) == ["mia"]
    watch.forward(20 * MINUTE)
    await told(network)
    assert names(pushes) == ["mia", "max"]
    await moderators[1].decide(case, StatementKind.WARNING)
    watch.forward(20 * MINUTE)
    await told(network)
    assert names(pushes) == ["mia", "max"]
    await case_alerts.forget_closed()
    assert await network.count("case_alert") == 0


async def test_a_push_that_waits_is_not_sent_once_the_case_is_taken(
    network: LiveNetwork, pushes: Service, moderators: tuple[Member, Member, Member]
) -> None:
    case = await urgent(network)
    await network.settle()
    await cases.claim(await moderators[0].viewer(), case)
    await told(network)
    assert pushes.pushed == []
    assert await network.count("push_delivery") == 0


async def test_repeated_events_and_reports_tell_nobody_twice(
    network: LiveNetwork, pushes: Service, moderators: tuple[Member, Member, Member]
) -> None:
    case = await urgent(network)
    await told(network)
    ben = await network.member("ben")
    await ben.report(int(await DB.value(SQL("SELECT post FROM mod_case WHERE id = ?1"), case)), rule=1)
    for _ in range(2):
        async with DB.writing():
            await case_alerts.tell_next(UrgentCaseWaits(case), MOST)
    await told(network)
    assert names(pushes) == ["mia"]


async def test_a_report_that_makes_it_urgent_is_told(
    network: LiveNetwork, pushes: Service, moderators: tuple[Member, Member, Member]
) -> None:
    case = await urgent(network, rule=6)
    await told(network)
    assert pushes.pushed == []
    ben = await network.member("ben")
    await ben.report(int(await DB.value(SQL("SELECT post FROM mod_case WHERE id = ?1"), case)), rule=1)
    await told(network)
    assert names(pushes) == ["mia"]


async def test_who_is_not_told(network: LiveNetwork, pushes: Service, watch: Watch) -> None:
    resting, off, party, gone, deviceless, left = [
        await network.moderator(one) for one in ("rest", "off", "party", "gone", "bare", "last")
    ]
    for member in (resting, party, gone, left):
        await reachable(pushes, member, 1)
    await duty.choose(deviceless)
    await pushes.of(off)
    await care.take_break(await resting.viewer())
    await staff.set_role("gone", Role.MEMBER)
    await party.report(await (await network.member("eve")).post("You will be sorry."), rule=1)
    await pass_by(network, watch, 5)
    assert names(pushes) == ["last"]


async def test_a_storm_is_told_in_few_pushes(network: LiveNetwork, pushes: Service, watch: Watch) -> None:
    """One moderator is told of each case once, and then of no more than a few within a quarter of an hour."""
    mona = await network.moderator("mona")
    await reachable(pushes, mona, 1)
    ana, eve = await network.members("ana", "eve")
    texts = [f"You will be sorry, {number}." for number in range(case_alerts.AT_ONCE + 3)]
    for text in texts:
        await ana.report(await eve.post(text), rule=1)
    await told(network)
    tags = Counter(push.note["tag"] for push in pushes.pushed)
    assert len(tags) == len(texts), "of each case somebody is told"
    assert set(tags.values()) == {1}
    pushes.pushed.clear()
    await pass_by(network, watch, 14)
    assert pushes.pushed == []
    for _ in range(4):
        pushes.pushed.clear()
        await pass_by(network, watch, 15)
        assert 0 < len(pushes.pushed) <= case_alerts.AT_ONCE


async def test_what_is_taken_frees_a_place(network: LiveNetwork, pushes: Service, watch: Watch) -> None:
    mona, max_ = [await network.moderator(handle) for handle in ("mona", "max")]
    await reachable(pushes, mona, 1)
    ana, eve = await network.members("ana", "eve")
    found = []
    for number in range(case_alerts.AT_ONCE):
        await ana.report(await eve.post(f"You will be sorry, {number}."), rule=1)
        found.append(await network.open_case())
    await told(network)
    await reachable(pushes, max_, 1)
    pushes.pushed.clear()
    await cases.claim(await mona.viewer(), found[0])
    await ana.report(await eve.post("One more."), rule=1)
    await pass_by(network, watch, 5)
    assert Counter(names(pushes))["max"] >= 1
