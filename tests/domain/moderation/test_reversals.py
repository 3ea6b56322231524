"""Removals that are taken back, and what counts while they are in force."""

import asyncio

import pytest

from db.engine import DB
from db.sql import SQL
from domain.core.access import Role
from domain.core.errors import Conflict, Invalid, NotFound
from domain.moderation import cases, reports, reversals, staff, statements
from domain.moderation.kinds import Outcome, StatementKind, SubjectKind
from domain.moderation.subjects import Subject
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind
from domain.posts import editing
from tests.conftest import Watch
from tests.helpers.moderation import reported
from tests.helpers.people import LiveNetwork, Member, hidden


async def kinds(member: Member) -> list[NotificationKind]:
    return [one.kind for one in (await notices.page(await member.viewer())).items]


async def test_a_removal_is_taken_back_whole(network: LiveNetwork) -> None:
    ana, eve, moderator, post, _ = await reported(network)
    await ana.follow(eve)
    reply = await eve.post("And you too.", parent=await ana.post("Hello."))
    await ana.report(reply)
    statement = await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL)
    await reversals.reverse(await moderator.viewer(), statement, "The words were a quotation.")
    await network.settle()
    assert await ana.sees(reply)
    assert (await ana.view((await ana.view(reply)).parent or 0)).replies == 1
    assert await network.count("account", f"id = {eve.id} AND posts = 2") == 1
    assert sorted(await kinds(eve)) == [NotificationKind.FOLLOW, NotificationKind.STATEMENT, NotificationKind.REVERSAL]
    own = (await statements.mine(await eve.viewer())).items
    assert [(one.kind, one.reversed) for one in own] == [
        (StatementKind.REVERSAL, False), (StatementKind.POST_REMOVAL, True),
    ]  # fmt: skip
    with pytest.raises(Conflict, match="not in force"):
        await reversals.reverse(await moderator.viewer(), statement, "Once more.")
    assert await ana.sees(post)


async def test_nothing_is_taken_back_in_a_case_that_is_anothers_or_has_changed(network: LiveNetwork) -> None:
    _, eve, mona, post, case = await reported(network)
    max_, rita = [await network.moderator(handle) for handle in ("max", "rita")]
    statement = await mona.decide(case, StatementKind.HIDE_UNTIL_EDITED)
    await network.settle()
    seen = (await cases.read(await rita.viewer(), case)).version
    # The edit opens the case again.
    await eve.edit(post, "You will be very sorry.")
    await network.settle()
    with pytest.raises(Conflict, match="has changed since"):
        await reversals.reverse(await rita.viewer(), statement, "It was a quotation.", version=seen)
    assert await cases.claim_next(await max_.viewer()) == case
    version = (await cases.read(await rita.viewer(), case)).version
    with pytest.raises(Conflict, match="Another moderator"):
        await reversals.reverse(await rita.viewer(), statement, "It was a quotation.", version=version)
    await cases.release(await max_.viewer(), case)
    viewer = await rita.viewer()
    await staff.set_role("rita", Role.MEMBER)
    with pytest.raises(NotFound):
        await reversals.reverse(viewer, statement, "It was a quotation.", version=version)
    assert await statements.points(eve.id) > 0
    await reversals.reverse(await max_.viewer(), statement, "It was a quotation.", version=version)
    assert await statements.points(eve.id) == 0


async def test_points_count_for_three_months_unless_they_are_taken_back(network: LiveNetwork, watch: Watch) -> None:
    ana, eve, moderator, _, case = await reported(network)
    await moderator.decide(case, StatementKind.WARNING)
    await ana.report(await eve.post("And you."))
    removal = await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL, rule=10)
    await ana.report(await eve.post("Good morning."))
    await moderator.decide(await network.open_case(), StatementKind.NO_BREACH)
    assert await statements.points(eve.id) == 6 + 2
    assert [one.points for one in (await statements.mine(await eve.viewer())).items] == [2, 6]
    await reversals.reverse(await moderator.viewer(), removal, "It was a quotation.")
    assert await statements.points(eve.id) == 6
    assert [one.points for one in (await statements.mine(await eve.viewer())).items] == [0, 0, 6]
    watch.forward(statements.POINTS_DAYS * 86_400 - 60)
    assert await statements.points(eve.id) == 6
    watch.forward(120)
    assert await statements.points(eve.id) == 0
    assert [one.points for one in (await statements.mine(await eve.viewer())).items] == [0, 0, 0]
    assert await statements.points(ana.id) == 0


async def test_what_is_no_longer_there_is_not_said_to_be_removed(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    post = await eve.show("Look.")
    picture = (await eve.view(post)).media[0].id
    await ana.report_subject(Subject(SubjectKind.MEDIA, picture))
    pictured = await network.open_case()
    await ana.report(other := await eve.post("And this."))
    written = await network.open_case()
    await editing.edit(await eve.viewer(), post, "Look.", None, media=[])
    await eve.delete(other)
    for case in (pictured, written):
        with pytest.raises(Invalid, match="no longer there"):
            await moderator.decide(case, StatementKind.POST_REMOVAL)
        await moderator.decide(case, StatementKind.WARNING)
    assert await ana.sees(post)


@pytest.mark.parametrize("first", [0, 1])
async def test_a_post_stays_removed_while_one_of_two_removals_is_in_force(network: LiveNetwork, first: int) -> None:
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    post = await eve.show("Look.")
    statements_made = []
    await ana.report(post)
    await ana.report_subject(Subject(SubjectKind.MEDIA, (await eve.view(post)).media[0].id))
    for case in await DB.fetch(SQL("SELECT id FROM mod_case ORDER BY id")):
        statements_made.append(await moderator.decide(case[0], StatementKind.POST_REMOVAL))
    viewer = await moderator.viewer()
    await reversals.reverse(viewer, statements_made[first], "It was a quotation.")
    assert await hidden(post, ana, eve)
    await reversals.reverse(viewer, statements_made[1 - first], "It was a quotation.")
    assert await ana.sees(post)
    assert await network.count("account", f"id = {eve.id} AND posts = 1") == 1


async def test_two_removals_that_are_taken_back_at_once_restore_the_post(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    post = await eve.show("Look.")
    await ana.report(post)
    await ana.report_subject(Subject(SubjectKind.MEDIA, (await eve.view(post)).media[0].id))
    made = [
        await moderator.decide(case[0], StatementKind.POST_REMOVAL)
        for case in await DB.fetch(SQL("SELECT id FROM mod_case"))
    ]
    viewer = await moderator.viewer()
    await asyncio.gather(*(reversals.reverse(viewer, one, "It was a quotation.") for one in made))
    assert await ana.sees(post)


async def test_reporters_learn_of_a_reversal(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    ben = await network.member("ben")
    await ben.report(post)
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL)
    await network.settle()
    await reversals.reverse(await moderator.viewer(), statement, "It was a quotation.")
    await network.settle()
    await network.settle()
    for reporter in (ana, ben):
        assert [one.outcome for one in (await reports.mine(await reporter.viewer())).items] == [Outcome.REVERSED]
        assert await kinds(reporter) == [NotificationKind.OUTCOME] * 2
    assert await ana.sees(post)
    assert sorted(await kinds(eve)) == [NotificationKind.STATEMENT, NotificationKind.REVERSAL]


async def test_whoever_was_not_told_before_a_reversal_is_told_of_it_alone(network: LiveNetwork) -> None:
    ana, _, moderator, _, case = await reported(network)
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL)
    await reversals.reverse(await moderator.viewer(), statement, "It was a quotation.")
    await network.settle()
    assert [one.outcome for one in (await reports.mine(await ana.viewer())).items] == [Outcome.REVERSED]
    assert await kinds(ana) == [NotificationKind.OUTCOME]
