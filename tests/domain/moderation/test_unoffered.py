"""Urgent cases that nobody is offered, since all who work have seen enough: the queue and the operators are told."""

import pytest

from db.engine import DB
from domain.core import events
from domain.core.access import GUEST, Role
from domain.core.errors import NotFound, SignedOut
from domain.core.moderation_events import StaffNoticeDue
from domain.moderation import cases, staff, unoffered
from domain.moderation.kinds import StatementKind
from domain.moderation.unoffered import Unoffered
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind
from tests.conftest import Watch
from tests.helpers import duty
from tests.helpers.duty import MOST
from tests.helpers.people import LiveNetwork, Member

MINUTE, HOUR = 60, 3600
URGENT, INCITEMENT, HARASSMENT = 1, 2, 6


async def reported(network: LiveNetwork, *rules: int) -> list[int]:
    """Cases under these rules, by their numbers."""
    ana, eve = await network.members("ana", "eve")
    found = []
    for rule in rules:
        await ana.report(await eve.post("You will be sorry."), rule=rule)
        found.append(await network.open_case())
    return found


async def enough(member: Member) -> None:
    """Has somebody on duty be offered nothing that is hard to look at."""
    await duty.choose(member, cases=0)


async def found(member: Member) -> Unoffered:
    return await unoffered.find(await member.viewer(), MOST)


async def told(network: LiveNetwork) -> list[bool]:
    """What the operator is told of it, the newest first, and whether it is unread."""
    operator = await network.operator()
    items = (await notices.page(await operator.viewer())).items
    return [one.unread for one in items if one.kind is NotificationKind.UNOFFERED]


async def test_urgent_cases_are_named_once_all_who_work_have_seen_enough(network: LiveNetwork) -> None:
    first, _, _, _ = await reported(network, URGENT, URGENT, INCITEMENT, HARASSMENT)
    mona, max_, away = [await network.moderator(one) for one in ("mona", "max", "away")]
    assert await found(mona) == Unoffered()
    await enough(mona)
    assert await found(mona) == Unoffered(2, first)
    await duty.choose(max_)
    assert await found(mona) == Unoffered()
    await enough(max_)
    # Whoever is away for long could be offered it, and is not there.
    assert await found(away) == Unoffered(2, first)
    await duty.choose(max_, on_duty=False)
    assert await found(mona) == Unoffered(2, first)


async def test_who_works_without_being_on_duty_counts(network: LiveNetwork, watch: Watch) -> None:
    first, easy = await reported(network, URGENT, HARASSMENT)
    mona, max_ = await network.moderator(), await network.moderator("max")
    await enough(mona)
    await cases.claim(await max_.viewer(), easy)
    assert await found(mona) == Unoffered()
    watch.forward(24 * HOUR + MINUTE)
    assert await found(mona) == Unoffered(1, first)


async def test_what_somebody_has_is_not_among_them(network: LiveNetwork, watch: Watch) -> None:
    (first,) = await reported(network, URGENT)
    mona = await network.moderator()
    await enough(mona)
    await cases.claim(await mona.viewer(), first, MOST, beyond=True)
    assert await found(mona) == Unoffered()
    watch.forward(20 * MINUTE + 1)
    assert await found(mona) == Unoffered(1, first)
    await mona.decide(first, StatementKind.WARNING)
    assert await found(mona) == Unoffered()


async def test_who_may_not_decide_it_is_no_help(network: LiveNetwork) -> None:
    mona, max_, eve = await network.moderator(), await network.moderator("max"), await network.member("eve")
    await max_.report(await eve.post("You will be sorry."), rule=URGENT)
    case = await network.open_case()
    await duty.choose(max_)
    assert await found(mona) == Unoffered()
    await enough(mona)
    assert await found(mona) == Unoffered(1, case)


async def test_operators_are_notified_at_most_once_an_hour(network: LiveNetwork, watch: Watch) -> None:
    (case,) = await reported(network, URGENT)
    mona = await network.moderator()
    await network.settle()
    assert await told(network) == []
    await enough(mona)
    for _ in range(11):
        watch.forward(5 * MINUTE)
        await network.settle()
    assert await told(network) == [True]
    assert await network.count("notice", "kind = 20") == await network.count("notice_part", "topic = 17") == 1
    # An hour later the one that is unread comes up again; one that was read is followed by another.
    watch.forward(10 * MINUTE)
    await network.settle()
    assert await network.count("notice_part", "topic = 17") == 2
    assert await told(network) == [True]
    operator = await (await network.operator()).viewer()
    await notices.read(operator, (await notices.page(operator)).items[0].entry)
    for _ in range(13):
        watch.forward(5 * MINUTE)
        await network.settle()
    assert await told(network) == [True, False]
    await (await network.moderator("rita")).decide(case, StatementKind.WARNING)
    watch.forward(2 * HOUR)
    await network.settle()
    assert await told(network) == [True, False]
    assert (await notices.page(await mona.viewer())).items == []


async def test_who_has_lost_their_role_meanwhile_is_not_notified(network: LiveNetwork) -> None:
    await reported(network, URGENT)
    mona, former = await network.moderator(), await network.member("former", role=Role.OPERATOR)
    await enough(mona)
    await network.settle()
    await staff.set_role("former", Role.MEMBER)
    async with DB.writing():
        for account in (former.id, (await network.operator()).id):
            await events.record(StaffNoticeDue(account, NotificationKind.UNOFFERED))
    await network.settle()
    assert await told(network) == [True]
    assert (await notices.page(await former.viewer())).items == []


async def test_only_moderators_are_told_how_many(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    for viewer, refused in ((GUEST, SignedOut), (await ana.viewer(), NotFound)):
        with pytest.raises(refused):
            await unoffered.find(viewer, MOST)
