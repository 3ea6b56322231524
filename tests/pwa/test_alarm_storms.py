"""Storms of urgent reports by people of whom nothing is known: they neither wake moderators nor hide other reports."""

import pytest

from domain.core.trust import TrustLevel
from domain.moderation import case_alerts, cases, guest_reports
from domain.moderation.kinds import StatementKind
from domain.moderation.reports import NamedRule
from tests.conftest import Watch
from tests.helpers import duty
from tests.helpers.duty import reachable
from tests.helpers.moderation import guest_form
from tests.helpers.people import LiveNetwork, Member
from tests.helpers.push_service import Service, told

MINUTE = 60


@pytest.fixture
async def moderators(network: LiveNetwork, pushes: Service) -> tuple[Member, Member]:
    """The first of them was there last."""
    mona, max_ = await network.moderator("mona"), await network.moderator("max")
    for minutes, member in ((1, mona), (5, max_)):
        await reachable(pushes, member, minutes)
    return mona, max_


async def report_as_stranger(post: int) -> int:
    form = guest_form(post, rule=NamedRule(1, 1), name="", email="")
    return (await guest_reports.file(form, can_mail=True)).report


async def storm(network: LiveNetwork, author: Member) -> None:
    """As many urgent reports by strangers as are pushed."""
    for number in range(case_alerts.BY_STRANGERS):
        await report_as_stranger(await author.post(f"Good morning, {number}."))
    await told(network)


async def told_of(network: LiveNetwork, pushes: Service, watch: Watch, case: int) -> bool:
    """Within the next five minutes."""
    await told(network)
    watch.forward(5 * MINUTE)
    await told(network)
    return f"case-{case}" in {push.note["tag"] for push in pushes.pushed}


async def test_a_member_who_reports_it_too_is_heard(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member]
) -> None:
    eve, ana = await network.members("eve", "ana")
    await storm(network, eve)
    threat = await eve.post("You will be sorry.")
    await report_as_stranger(threat)
    case = await network.open_case()
    assert not await told_of(network, pushes, watch, case)
    # Under a rule that is not urgent: it is by strangers alone no more.
    await ana.report(threat)
    assert await told_of(network, pushes, watch, case)
    assert {push.name for push in pushes.pushed if push.note["tag"] == f"case-{case}"} == {"mona"}


async def test_what_is_decided_frees_a_place(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member]
) -> None:
    eve = await network.member("eve")
    await storm(network, eve)
    await report_as_stranger(await eve.post("You will be sorry."))
    case = await network.open_case()
    assert not await told_of(network, pushes, watch, case)
    first = await cases.claim_next(await moderators[0].viewer())
    assert first is not None
    await moderators[0].decide(first, StatementKind.NO_BREACH, rule=1)
    assert await told_of(network, pushes, watch, case)


async def test_new_accounts_are_strangers_too(
    network: LiveNetwork, pushes: Service, moderators: tuple[Member, Member]
) -> None:
    eve = await network.member("eve")
    for handle in ("new", "newer"):
        member = await network.member(handle, trust=TrustLevel.NEW)
        for number in range(case_alerts.BY_STRANGERS):
            await member.report(await eve.post(f"Good morning, {handle} {number}."), rule=1)
    await told(network)
    assert len(pushes.pushed) == case_alerts.BY_STRANGERS


async def test_a_storm_of_small_weight_keeps_nobody_from_hearing_of_others(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member]
) -> None:
    """The one who was there last sleeps; the next one has been told of as many as may be at once."""
    eve, ana = await network.member("eve"), await network.member("ana", trust=TrustLevel.REGULAR)
    ben = await network.member("ben", trust=TrustLevel.BASIC)
    for number in range(case_alerts.AT_ONCE + 5):
        await ben.report(await eve.post(f"Good morning, {number}."), rule=1)
    for _ in range(6):
        await told(network)
        watch.forward(MINUTE)
    await ana.report(await eve.post("You will be sorry."), rule=1)
    case = await network.open_case()
    for _ in range(6):
        await told(network)
        watch.forward(MINUTE)
    heard = {push.name for push in pushes.pushed if push.note["tag"] == f"case-{case}"}
    assert heard == {"mona", "max"}


@pytest.mark.parametrize("since", ["off duty", "party"])
async def test_a_push_that_was_planned_is_not_sent_to_who_is_not_there_any_more(
    network: LiveNetwork, pushes: Service, moderators: tuple[Member, Member], since: str
) -> None:
    eve, ana = await network.members("eve", "ana")
    threat = await eve.post("You will be sorry.")
    await ana.report(threat, rule=1)
    await network.settle()
    assert await network.count("push_delivery") == 1
    if since == "party":
        await moderators[0].report(threat, rule=1)
    else:
        await duty.choose(moderators[0], on_duty=False)
    await told(network)
    assert pushes.pushed == []


async def test_confirmations_start_no_chain_each(network: LiveNetwork) -> None:
    """Nobody is on duty: what waits comes back every five minutes, once for the case."""
    eve = await network.member("eve")
    threat = await eve.post("You will be sorry.")
    for number in range(4):
        form = guest_form(threat, rule=NamedRule(1, 1), email=f"guest{number}@tilly.example")
        filed = (await guest_reports.file(form, can_mail=True)).report
        await guest_reports.confirm(await guest_reports.token(filed))
    await (await network.member("ana")).report(threat, rule=1)
    assert await network.count("outbox", "kind = 'UrgentCaseWaits'") == 1
