"""Freezes and suspensions: what they keep an account from, who sees it meanwhile, and that they end to the second."""

import asyncio
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from app.wiring import reactions_by_event
from app.worker import Worker
from db.engine import DB
from domain.accounts import closing, credentials, profiles, sessions
from domain.core import clock, events
from domain.core.access import Role
from domain.core.errors import Conflict, Frozen, Invalid, NotFound, Suspended
from domain.graph import people
from domain.moderation import cases, decisions, reversals, sanctions, staff, statements
from domain.moderation.decisions import Decision
from domain.moderation.kinds import StatementKind, SubjectKind
from domain.moderation.subjects import Subject
from domain.notifications import bells, notices, subscriptions
from tests.conftest import Watch
from tests.helpers.moderation import reported
from tests.helpers.people import PASSWORD, LiveNetwork, Member, hidden
from tests.helpers.push_service import PushReceiver

DAY = 86_400
FREEZE, SUSPENSION = StatementKind.FREEZE, StatementKind.SUSPENSION


async def sanction(
    network: LiveNetwork, moderator: Member, kind: StatementKind, days: int, case: int | None = None
) -> int:
    return await moderator.decide(case or await network.open_case(), StatementKind.WARNING, sanction=kind, days=days)


async def test_a_freeze_keeps_from_posting_and_from_nothing_else(network: LiveNetwork, watch: Watch) -> None:
    ana, eve, moderator, post, _ = await reported(network)
    other = await ana.post("Hello.")
    await sanction(network, moderator, FREEZE, 7)
    for refused in (
        lambda: eve.post("Still here."),
        lambda: eve.post("Still here.", parent=other),
        lambda: eve.post("Still here.", quote=other),
        lambda: eve.edit(post, "Still here."),
        lambda: eve.repost(other),
    ):
        with pytest.raises(Frozen):
            await refused()
    await eve.vote(other, 1)
    await eve.follow(ana)
    assert await ana.sees(post)
    await eve.delete(post)
    watch.forward(7 * DAY + 1)
    await eve.post("Back.")


async def test_the_suspended_can_do_nothing_but_go(network: LiveNetwork) -> None:
    ana, eve, moderator, post, _ = await reported(network)
    other = await ana.post("Hello.")
    await sanction(network, moderator, SUSPENSION, 30)
    viewer = await eve.viewer()
    assert viewer.signed_in
    assert viewer.roles == frozenset()
    for refused in (
        lambda: eve.post("Still here."),
        lambda: eve.vote(other, 1),
        lambda: eve.repost(other),
        lambda: eve.follow(ana),
        lambda: eve.block(ana),
        lambda: eve.report(other),
        lambda: eve.edit(post, "Better."),
        lambda: eve.delete(post),
        lambda: profiles.set_private(viewer, True),
        lambda: notices.page(viewer),
    ):
        with pytest.raises(Suspended):
            await refused()
    assert [one.kind for one in (await statements.mine(viewer)).items] == [SUSPENSION]
    assert len(await sessions.devices(viewer)) == 1
    await credentials.check(viewer, PASSWORD)


async def test_nobody_sees_the_suspended_nor_what_they_wrote(network: LiveNetwork, watch: Watch) -> None:
    ana, eve, moderator, post, case = await reported(network)
    ben = await network.member("ben")
    await ana.follow(eve, ben)
    await eve.follow(ana)
    thread = await ana.post("Who has seen the cat?")
    reply = await eve.post("Nobody, @ana. #cats", parent=thread)
    quote = await ana.post("Look.", quote=reply)
    theirs = await ben.post("Good morning.")
    await eve.repost(theirs)
    await network.settle()
    assert await notified_posts(ana) != []
    await sanction(network, moderator, SUSPENSION, 7, case)
    await network.settle()
    for member in (ana, ben, moderator):
        assert await hidden(post, member)
        assert await hidden(reply, member)
        with pytest.raises(NotFound):
            await profiles.by_handle(await member.viewer(), "eve")
    assert await hidden(post)
    assert post not in await ana.home()
    assert post not in await ana.public()
    assert reply not in await replies(ana, thread)
    assert not await ana.sees((await ana.view(quote)).quote or 0)
    assert await notified_posts(ana) == []
    assert await followers(ben, "ana") == []
    assert theirs in await ana.home()
    watch.forward(7 * DAY)
    await network.settle()
    assert post in await ana.home()
    assert reply in await replies(ana, thread)
    assert await notified_posts(ana) != []


async def notified_posts(member: Member) -> list[int]:
    found = (await notices.page(await member.viewer())).items
    return [one.post.id for one in found if one.post is not None]


async def replies(member: Member, post: int) -> set[int]:
    return {node.post.id for node in (await member.thread(post)).replies}


async def followers(member: Member, handle: str) -> list[str]:
    return [one.handle for one in (await people.followers(await member.viewer(), handle))[1].items]


async def test_what_the_suspended_have_reposted_comes_to_nobody(network: LiveNetwork, watch: Watch) -> None:
    ana, eve, moderator, _, _ = await reported(network)
    ben = await network.member("ben")
    await ana.follow(eve)
    post = await ben.post("Good morning.")
    await eve.repost(post)
    await network.settle()
    assert post in await ana.home()
    await sanction(network, moderator, SUSPENSION, 1)
    assert post not in await ana.home()
    assert await ana.sees(post)
    watch.forward(DAY)
    await network.settle()
    assert post in await ana.home()


@pytest.mark.parametrize(("kind", "column"), [(FREEZE, "frozen_until"), (SUSPENSION, "suspended_until")])
async def test_sanctions_end_to_the_second_and_once_with_two_workers(
    network: LiveNetwork, watch: Watch, kind: StatementKind, column: str
) -> None:
    """In one process; tests/app/test_sanction_ends.py has two."""
    ana, eve, moderator, post, _ = await reported(network)
    # The end of a month that has a day 31, into one that has not.
    start = int(datetime(2027, 1, 31, 23, 59, tzinfo=UTC).timestamp() * 1000)
    watch.ahead += start - clock.now()
    await sanction(network, moderator, kind, 30)
    row = await statements.row((await statements.mine(await eve.viewer())).items[0].id)
    assert row.ends_at is not None
    assert datetime.fromtimestamp(row.ends_at / 1000, UTC).isoformat(timespec="minutes") == "2027-03-02T23:59+00:00"
    await network.settle()
    watch.ahead += row.ends_at - clock.now() - clock.MINUTE_MS
    workers = [Worker(reactions_by_event(network.settings)) for _ in range(2)]
    await asyncio.gather(*(worker.drain() for worker in workers))
    assert await hidden(post, ana) == (kind is SUSPENSION)
    assert getattr(await eve.viewer(), column) == row.ends_at
    watch.ahead += row.ends_at - clock.now()
    assert getattr(await eve.viewer(), column) == 0
    assert sum(await asyncio.gather(*(worker.drain() for worker in workers))) == 1
    assert await ana.sees(post)
    assert await network.count("account", f"{column} > 0") == 0
    assert await network.count("outbox", "kind = 'SanctionEnds'") == 0


async def test_a_lost_event_ends_nothing_late(network: LiveNetwork, watch: Watch) -> None:
    ana, eve, moderator, post, _ = await reported(network)
    await sanction(network, moderator, SUSPENSION, 3)
    async with DB.writing():
        await events.withdraw(events.SanctionEnds(eve.id))
    assert await sanctions.end_due() == 0
    assert await hidden(post, ana)
    watch.forward(3 * DAY)
    await network.settle()
    assert await hidden(post, ana)
    assert await sanctions.end_due() == 1
    assert await ana.sees(post)
    assert await sanctions.end_due() == 0


async def test_the_longest_of_several_sanctions_counts(network: LiveNetwork, watch: Watch) -> None:
    ana, eve, moderator, _, case = await reported(network)
    await ana.report_subject(Subject(SubjectKind.ACCOUNT, eve.id))
    about_account = await network.open_case()
    first = await sanction(network, moderator, SUSPENSION, 30, case)
    await sanction(network, moderator, SUSPENSION, 7, about_account)
    until = (await eve.viewer()).suspended_until
    assert until == (await statements.row(first)).ends_at
    await reversals.reverse(await moderator.viewer(), first, "It was a quotation.")
    assert 0 < (await eve.viewer()).suspended_until < until
    watch.forward(7 * DAY)
    await network.settle()
    assert (await eve.viewer()).suspended_until == 0


async def test_a_post_is_removed_and_its_author_frozen_by_one_decision(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    freeze = await moderator.decide(case, StatementKind.POST_REMOVAL, sanction=FREEZE, days=3)
    await network.settle()
    made = (await statements.mine(await eve.viewer())).items
    assert [one.kind for one in made] == [FREEZE, StatementKind.POST_REMOVAL]
    # One breach: it counts once, and is one piece of news.
    assert [one.points for one in made] == [6, 0]
    assert await statements.points(eve.id) == 6
    assert len((await notices.page(await eve.viewer())).items) == 1
    await reversals.reverse(await moderator.viewer(), freeze, "Too much for once.")
    await eve.post("Sorry.")
    assert await hidden(post, ana)
    assert [one.points for one in (await statements.mine(await eve.viewer())).items] == [0, 0, 6]
    assert await statements.points(eve.id) == 6


async def test_whoever_has_a_role_is_not_sanctioned_and_the_sanctioned_get_none(network: LiveNetwork) -> None:
    ana, eve, moderator, _, case = await reported(network)
    await staff.set_role("eve", Role.MODERATOR)
    with pytest.raises(Conflict, match="ask an operator"):
        await sanction(network, moderator, FREEZE, 7, case)
    assert await network.count("statement") == 0
    await staff.set_role("eve", Role.MEMBER)
    await sanction(network, moderator, FREEZE, 7, case)
    with pytest.raises(Conflict, match="frozen or suspended"):
        await staff.set_role("eve", Role.OPERATOR)
    assert (await eve.viewer()).roles == frozenset({Role.MEMBER})
    assert (await ana.viewer()).frozen_until == 0


async def test_what_can_not_be_decided_names_its_field(network: LiveNetwork) -> None:
    _, eve, moderator, _, case = await reported(network)
    viewer = await moderator.viewer()
    version = (await cases.read(viewer, case)).version
    warning = Decision(StatementKind.WARNING, version, None, "It says so.")
    for kind, chosen, days, field in (
        (StatementKind.NO_BREACH, FREEZE, 7, "sanction"),
        (StatementKind.WARNING, StatementKind.POST_REMOVAL, 7, "sanction"),
        (StatementKind.WARNING, FREEZE, None, "days"),
        (StatementKind.WARNING, SUSPENSION, 10_000, "days"),
        (FREEZE, None, None, "kind"),
    ):
        with pytest.raises(Invalid) as refused:
            await decisions.decide(viewer, case, replace(warning, kind=kind, sanction=chosen, days=days))
        assert list(refused.value.fields) == [field]
    assert (await eve.viewer()).frozen_until == 0


async def test_the_suspended_may_leave(network: LiveNetwork) -> None:
    _, eve, moderator, _, _ = await reported(network)
    await sanction(network, moderator, SUSPENSION, 30)
    await closing.leave(await eve.viewer(), "eve", PASSWORD)
    await network.settle()
    assert await network.count("account", "handle = 'eve'") == 0
    assert await network.count("statement") == 1


async def test_the_suspended_are_sent_nothing_of_others(network: LiveNetwork) -> None:
    ana, eve, moderator, _, _ = await reported(network)
    await eve.follow(ana)
    await bells.add(await eve.viewer(), ana.id)
    await subscriptions.subscribe(await eve.viewer(), PushReceiver("https://push.example/eve").offer())
    await sanction(network, moderator, SUSPENSION, 30)
    await network.settle()
    # Of the decision they are told.
    assert await network.count("push_delivery") == 1
    await ana.post("For my followers, @eve.", followers=True)
    await network.settle()
    assert await network.count("push_delivery") == 1
