"""Bulk decisions: who decides them, that each subject is decided about once, and what is passed by."""

import asyncio

import pytest

from app.wiring import reactions_by_event
from app.worker import Worker
from domain.core import clock, ids
from domain.core.access import GUEST, Role
from domain.core.errors import Conflict, Invalid, NotFound, SignedOut
from domain.core.moderation_events import BulkDue
from domain.moderation import (
    appeals,
    bulk_decisions,
    bulk_kinds,
    bulk_previews,
    bulk_work,
    cases,
    dsa_checks,
    dsa_export,
    figures,
    reports,
    reversals,
    staff,
    statements,
)
from domain.moderation.bulk_kinds import BulkState, BulkSubjectState
from domain.moderation.kinds import Outcome, Source, StatementKind, SubjectKind
from domain.notifications import notices
from tests.conftest import Watch
from tests.helpers import bulk
from tests.helpers.people import LiveNetwork, Member, hidden

DONE, SKIPPED = BulkSubjectState.DECIDED, BulkSubjectState.SKIPPED


async def own(member: Member) -> list[statements.Statement]:
    return (await statements.mine(await member.viewer())).items


async def told(member: Member) -> int:
    return len((await notices.page(await member.viewer())).items)


async def test_each_subject_has_its_own_statement_notice_and_case(network: LiveNetwork) -> None:
    mona, ana = await network.moderator(), await network.member("ana")
    people, posts = await bulk.wave(network)
    await ana.report(posts[0], rule=10)
    number = await bulk.preview(mona)
    assert await bulk.decide(mona, number)
    await network.settle()
    assert await hidden(posts[0], ana)
    assert await network.count("post", "state = 1") == await network.count("mod_case", "state = 2") == 3
    assert await network.count("evidence") == 3
    for at, person in enumerate(people):
        (made,) = await own(person)
        assert (made.kind, made.facts, made.together) == (
            StatementKind.POST_REMOVAL,
            "The same advertisement, again and again.",
            3,
        )
        assert made.source is (Source.VOLUNTARY if at else Source.OTHER_NOTICE)
        assert (await told(person), await statements.points(person.id)) == (1, 2)
        assert (await appeals.of_statements(await person.viewer(), [made.id]))[made.id].offered
    (report,) = (await reports.mine(await ana.viewer())).items
    assert report.outcome is Outcome.ACTION
    done = await bulk.view(mona, number)
    assert (done.state, done.counts) == (BulkState.DONE, {DONE: 3})


async def test_it_ends_in_the_transparency_database_and_in_figures(network: LiveNetwork, watch: Watch) -> None:
    mona, _ = await network.moderator(), await bulk.wave(network, 2)
    await bulk.decide(mona, await bulk.preview(mona))
    await network.settle()
    (page,) = [page async for page in dsa_export.pages(ids.EPOCH, clock.now() + 1, "https://parvis.example")]
    assert (page.refused, len(page.statements)) == ({}, 2)
    assert {one["source_type"] for one in page.statements} == {"SOURCE_VOLUNTARY"}
    assert {one["automated_detection"] for one in page.statements} == {"No"}, "moderators have searched for them"
    assert [dsa_checks.problems(one) for one in page.statements] == [[], []]
    watch.forward(86_400)
    await figures.count_due()
    cells = figures.together(month.cells for month in figures.decoded(await figures.stored()))
    # Nobody has waited for these cases.
    assert (cells.opened, cells.decided) == ([], [])
    assert [one[-1] for one in cells.decisions] == [2]


async def test_accounts_are_suspended_and_staff_never_is(network: LiveNetwork) -> None:
    mona, ottilie = await network.moderator(), await network.operator()
    people, posts = await bulk.wave(network)
    await ottilie.post(bulk.TEXT)
    number = await bulk.preview(mona, SubjectKind.ACCOUNT)
    assert (await bulk.view(mona, number)).left_out == 1
    with pytest.raises(Invalid) as refused:
        await bulk.decide(mona, number, StatementKind.SUSPENSION, days=2)
    assert list(refused.value.fields) == ["days"]
    for kind in (StatementKind.PERMANENT_SUSPENSION, StatementKind.POST_REMOVAL, StatementKind.NO_BREACH):
        with pytest.raises(Invalid) as refused:
            await bulk.decide(mona, number, kind, days=7)
        assert "kind" in refused.value.fields
    await bulk.decide(mona, number, StatementKind.SUSPENSION, days=7)
    await staff.set_role(people[0].handle, Role.MODERATOR)
    await network.settle()
    assert await network.count("account", "suspended_until > 0") == 2
    assert not (await ottilie.viewer()).suspended_until
    assert (await bulk.view(mona, number)).counts == {DONE: 2, SKIPPED: 1}
    assert await hidden(posts[1])


async def test_texts_name_nobody_and_rules_are_those_in_force(network: LiveNetwork) -> None:
    mona, _ = await network.moderator(), await bulk.wave(network, 1)
    number, viewer = await bulk.preview(mona), await mona.viewer()
    decided = bulk_decisions.ManyDecided(StatementKind.COVER, bulk.SPAM, "Wave0 sells watches.")
    for changed, field in ((decided, "names_nobody"), (bulk_decisions.ManyDecided(StatementKind.COVER), "rule")):
        with pytest.raises(Invalid) as refused:
            await bulk_decisions.decide(viewer, number, changed)
        assert field in refused.value.fields
    await bulk_previews.choose(viewer, number, 1, [])
    with pytest.raises(Invalid, match="Nothing is chosen"):
        await bulk.decide(mona, number)


async def test_many_take_a_second_moderator(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bulk_kinds.ALONE == 100
    monkeypatch.setattr(bulk_decisions, "ALONE", 2)
    mona, (ana, *_) = await network.moderator(), (await bulk.wave(network))[0]
    max_, number = await network.moderator("max"), await bulk.preview(mona)
    assert not await bulk.decide(mona, number)
    await network.settle()
    assert (await bulk.view(max_, number)).state is BulkState.WAITING
    assert await network.count("statement") == 0
    assert [await bulk_previews.count_waiting(await one.viewer()) for one in (mona, max_)] == [0, 1]
    for viewer, error in ((await mona.viewer(), Conflict), (await ana.viewer(), NotFound), (GUEST, SignedOut)):
        with pytest.raises(error):
            await bulk_decisions.agree(viewer, number)
    await bulk_decisions.agree(await max_.viewer(), number)
    with pytest.raises(Conflict):
        await bulk_decisions.agree(await max_.viewer(), number)
    await network.settle()
    assert await network.count("statement", f"author = {mona.id} AND second = {max_.id}") == 3


async def test_what_waits_can_be_given_up_and_lapses(
    network: LiveNetwork, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_decisions, "ALONE", 0)
    mona, _ = await network.moderator(), await bulk.wave(network, 1)
    max_ = await network.moderator("max")
    given_up, lapsed = await bulk.preview(mona), await bulk.preview(mona)
    for number in (given_up, lapsed):
        await bulk.decide(mona, number)
    await bulk_decisions.drop(await max_.viewer(), given_up)
    watch.forward(86_401)
    for number, error in ((given_up, NotFound), (lapsed, Conflict)):
        with pytest.raises(error):
            await bulk_decisions.agree(await max_.viewer(), number)
    assert await bulk_previews.count_waiting(await max_.viewer()) == 0


async def test_what_a_dismissed_moderator_has_decided_waits_for_nobody(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_decisions, "ALONE", 0)
    mona, _ = await network.moderator(), await bulk.wave(network, 1)
    max_, number = await network.moderator("max"), await bulk.preview(mona)
    await bulk.decide(mona, number)
    await staff.set_role("mona", Role.MEMBER)
    assert await bulk_previews.count_waiting(await max_.viewer()) == 0
    with pytest.raises(Conflict):
        await bulk_decisions.agree(await max_.viewer(), number)


async def test_what_has_changed_since_is_passed_by(network: LiveNetwork) -> None:
    mona, max_, ana = await network.moderator(), await network.moderator("max"), await network.member("ana")
    people, posts = await bulk.wave(network, 6)
    number = await bulk.preview(mona)
    await people[0].delete(posts[0])
    await people[1].edit(posts[1], "Good morning.")
    for post in posts[2:5]:
        await ana.report(post)
        if post == posts[2]:
            await max_.decide(await network.open_case(), StatementKind.POST_REMOVAL)
        elif post == posts[3]:
            await cases.claim(await max_.viewer(), await network.open_case())
    await mona.report(posts[4])
    await bulk.decide(mona, number)
    await network.settle()
    assert (await bulk.view(mona, number)).counts == {DONE: 1, SKIPPED: 5}
    assert await network.count("statement", f"author = {mona.id}") == 1
    assert await ana.sees(posts[1])
    assert await ana.sees(posts[3])
    assert await network.count("mod_case", "state = 1") == 2


async def test_two_workers_and_one_that_is_killed_decide_each_subject_once(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    mona, (people, _) = await network.moderator(), await bulk.wave(network, 5)
    number = await bulk.preview(mona)
    await bulk.decide(mona, number)
    decide, killed = bulk_work._decide, False

    async def kill_after_two(bulk: int, place: int) -> None:
        nonlocal killed
        if place == 2 and not killed:
            killed = True
            raise asyncio.CancelledError
        await decide(bulk, place)

    monkeypatch.setattr(bulk_work, "_decide", kill_after_two)
    with pytest.raises(asyncio.CancelledError):
        await bulk_work.due(BulkDue(number))
    assert await network.count("statement") == 2
    other = Worker(reactions_by_event(network.settings))
    await asyncio.gather(bulk_work.due(BulkDue(number)), bulk_work.due(BulkDue(number)), other.drain())
    await other.settle()
    await network.settle()
    await bulk_work.due(BulkDue(number))
    assert await network.count("statement") == await network.count("bulk_statement") == 5
    assert [await told(person) for person in people] == [1] * 5
    assert await network.count("log_entry", "kind = 'bulk_decision'") == 1
    assert (await bulk.view(mona, number)).counts == {DONE: 5}


async def test_all_that_stands_is_taken_back_at_once(network: LiveNetwork, watch: Watch) -> None:
    mona, max_, ana = await network.moderator(), await network.moderator("max"), await network.member("ana")
    people, posts = await bulk.wave(network, 5)
    await ana.report(posts[0])
    await max_.report(posts[4])
    number = await bulk.preview(mona)
    with pytest.raises(Conflict):
        await bulk_decisions.undo(await mona.viewer(), number, "Too early.")
    await bulk.decide(mona, number)
    await network.settle()
    alone, appealed = [(await own(people[at]))[0].id for at in (1, 2)]
    await reversals.reverse(await max_.viewer(), alone, "It was a question.")
    await appeals.lodge(await people[2].viewer(), appealed, "I sell no watches.")
    for words, field in (("", "explanation"), ("Wave3 asked.", "names_nobody")):
        with pytest.raises(Invalid) as refused:
            await bulk_decisions.undo(await max_.viewer(), number, words)
        assert field in refused.value.fields
    await bulk_decisions.undo(await max_.viewer(), number, "It was a campaign of the town.")
    await network.settle()
    view = await bulk.view(mona, number)
    assert (view.state, view.counts) == (BulkState.UNDONE, {BulkSubjectState.RESTORED: 2, BulkSubjectState.KEPT: 3})
    # Who takes it back has reported the last one.
    assert [await ana.sees(post) for post in posts] == [True, True, False, True, False]
    assert [await told(person) for person in people] == [2, 2, 1, 2, 1]
    assert [one.together for one in await own(people[0])] == [2, 5]
    (report,) = (await reports.mine(await ana.viewer())).items
    assert report.outcome is Outcome.REVERSED
    with pytest.raises(Conflict):
        await bulk_decisions.undo(await max_.viewer(), number, "Again.")


async def test_it_can_be_taken_back_for_six_months_by_moderators(network: LiveNetwork, watch: Watch) -> None:
    mona, (people, _) = await network.moderator(), await bulk.wave(network, 1)
    number = await bulk.preview(mona)
    await bulk.decide(mona, number)
    await network.settle()
    moderator = await mona.viewer()
    for viewer, error in ((await people[0].viewer(), NotFound), (GUEST, SignedOut)):
        with pytest.raises(error):
            await bulk_decisions.undo(viewer, number, "It was a mistake.")
    watch.forward(190 * 86_400)
    with pytest.raises(Conflict, match="six months"):
        await bulk_decisions.undo(moderator, number, "It was a mistake.")
