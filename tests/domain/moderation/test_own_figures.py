"""Figures that moderators see count what is for them: what they are a party to is in none of them."""

from db.engine import DB
from db.sql import SQL
from domain.core import clock
from domain.moderation import appeal_queue, appeals, brake_switch, cases, upstream_desk, upstream_forms, work
from domain.moderation.kinds import StatementKind
from domain.moderation.upstream_kinds import Sender
from tests.helpers.complaints import FORM, filed
from tests.helpers.moderation import WORDS, reported
from tests.helpers.people import LiveNetwork, Member


async def seen(moderator: Member) -> tuple[int, int, int, int, int]:
    """Open cases as the queue and the page of the brake count them, open appeals and complaints, and their sum."""
    viewer = await moderator.viewer()
    queue, brake = await cases.queue(viewer), await brake_switch.figures(viewer)
    assert len(queue.cases) == queue.figures.open == await cases.count_open(viewer)
    assert len((await appeal_queue.queue(viewer)).items) == (await appeal_queue.figures(viewer)).open
    assert len((await upstream_desk.desk(viewer)).open.items) == (await upstream_desk.figures(viewer)).open
    found = queue.figures.open, (await appeal_queue.figures(viewer)).open, (await upstream_desk.figures(viewer)).open
    return found[0], brake.open, found[1], found[2], await work.count_open(viewer)


async def test_cases_about_oneself_or_reported_by_oneself(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    mona, max_ = await network.moderator(), await network.moderator("max")
    about_mona, about_eve = await mona.post("Nonsense!"), await eve.post("You will be sorry.")
    await ana.report(about_mona, rule=1)
    await mona.report(about_eve)
    assert await seen(mona) == (0, 0, 0, 0, 0)
    assert await seen(max_) == (2, 2, 0, 0, 2)
    # Nothing tells her either that what is about her is urgent, or overdue.
    await DB.fetch(SQL("UPDATE mod_case SET due_at = ?1"), clock.now() - 1)
    assert (await cases.queue(await mona.viewer())).figures == (0, 0, 0, 0, None)
    assert (await brake_switch.figures(await mona.viewer())).oldest_at is None
    assert (await cases.queue(await max_.viewer())).figures[:4] == (2, 2, 1, 1)
    assert (await brake_switch.status()).open == 2
    assert await work.count_open(await ana.viewer()) == 0


async def test_whoever_moderates_alone_sees_that_there_is_something(network: LiveNetwork) -> None:
    """Else nobody would, and they can appoint somebody who decides it."""
    operator, ana = await network.operator(), await network.member("ana")
    await ana.report(await operator.post("Nonsense!"))
    await operator.report(await ana.post("Nonsense yourself!"))
    assert await seen(operator) == (2, 2, 0, 0, 2)
    await network.moderator()
    assert await seen(operator) == (0, 0, 0, 0, 0)


async def test_appeals_against_decisions_about_oneself(network: LiveNetwork) -> None:
    ana, eve, max_, _, case = await reported(network)
    mona = await network.moderator("moira")
    statement = await max_.decide(case, StatementKind.WARNING)
    await appeals.lodge(await eve.viewer(), statement, WORDS)
    assert await seen(mona) == (0, 0, 1, 0, 1)
    await DB.fetch(SQL("UPDATE account SET role = 'moderator' WHERE id IN {ids:1}"), DB.ids([ana.id, eve.id]))
    # The author and whoever reported it moderate now.
    for party in (ana, eve):
        assert await seen(party) == (0, 0, 0, 0, 0)
    assert await seen(mona) == (0, 0, 1, 0, 1)


async def test_complaints_about_oneself(network: LiveNetwork) -> None:
    mona, max_ = await network.moderator(), await network.moderator("max")
    post = await mona.post("Nonsense!")
    await filed(sender=Sender.AUTHORITY, addresses=f"https://parvis.test/@mona/{post}")
    await upstream_forms.enter(await max_.viewer(), FORM, can_mail=True)
    assert await seen(mona) == (0, 0, 0, 1, 1)
    assert await seen(max_) == (0, 0, 0, 2, 2)
