"""The queue, claims and decisions: who may decide what, what a decision does, and who is told of it."""

import asyncio

import msgspec
import pytest

from db.engine import DB
from db.sql import SQL
from domain.core.access import GUEST
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused, SignedOut
from domain.moderation import cases, decisions, reports, reversals, statements
from domain.moderation.decisions import Decision
from domain.moderation.kinds import Outcome, StatementKind, SubjectKind
from domain.moderation.reports import NamedRule
from domain.moderation.subjects import Subject
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind
from tests.helpers.moderation import REMOVAL, reported
from tests.helpers.people import LiveNetwork, Member, hidden


async def kinds(member: Member) -> list[NotificationKind]:
    return [one.kind for one in (await notices.page(await member.viewer())).items]


async def test_a_removed_post_is_nobodys_to_see(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    await ana.follow(eve)
    reply = await ana.post("Why?", parent=post)
    answer = await eve.post("Because.", parent=reply)
    await ana.report(answer, 6)
    await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL)
    assert await hidden(answer, ana, eve, moderator)
    assert (await ana.view(reply)).replies == 0
    await moderator.decide(case, StatementKind.POST_REMOVAL)
    await network.settle()
    assert await hidden(post, ana, eve, moderator)
    assert post not in await ana.home()
    assert post not in await eve.home()
    assert post not in await ana.public()
    assert await network.count("account", f"id = {eve.id} AND posts = 0") == 1
    for member in (ana, eve):
        with pytest.raises(NotFound):
            await member.vote(post, 1)
        with pytest.raises(NotFound):
            await member.edit(post, "Better.")


async def test_the_author_deletes_a_removed_post_and_counts_stay_right(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    reply = await eve.post("And you too.", parent=await ana.post("Hello."))
    await ana.report(reply)
    await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL)
    await moderator.decide(case, StatementKind.POST_REMOVAL)
    await eve.delete(reply)
    await eve.delete(post)
    await network.settle()
    assert await network.count("account", "posts < 0") == 0
    assert await network.count("post", "replies < 0") == 0
    assert await network.count("post", f"id IN ({reply}, {post})") == 0


async def test_everyone_is_told_once_and_nobody_is_named(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    ben, cleo = await network.members("ben", "cleo")
    await ben.report(post)
    await moderator.decide(case, StatementKind.POST_REMOVAL)
    await network.settle()
    for reporter in (ana, ben):
        assert await kinds(reporter) == [NotificationKind.OUTCOME]
        assert [one.outcome for one in (await reports.mine(await reporter.viewer())).items] == [Outcome.ACTION]
    assert await kinds(eve) == [NotificationKind.STATEMENT]
    assert await kinds(cleo) == await kinds(moderator) == []
    for member in (ana, ben, eve):
        for notice in (await notices.page(await member.viewer())).items:
            assert notice.actor is None
            assert notice.others == ()


async def test_no_breach_is_no_news_to_the_author(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    statement = await moderator.decide(case, StatementKind.NO_BREACH)
    await network.settle()
    assert await ana.sees(post)
    assert await kinds(eve) == []
    assert await kinds(ana) == [NotificationKind.OUTCOME]
    assert (await statements.mine(await eve.viewer())).items == []
    with pytest.raises(NotFound):
        await statements.read(await eve.viewer(), statement)


async def test_many_reporters_are_told_in_batches(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    from domain.moderation import outcomes

    monkeypatch.setattr(outcomes, "BATCH", 2)
    ana, _, moderator, post, case = await reported(network)
    others = await network.members("r1", "r2", "r3", "r4")
    for other in others:
        await other.report(post)
    await moderator.decide(case, StatementKind.WARNING)
    await network.settle()
    for reporter in (ana, *others):
        assert await kinds(reporter) == [NotificationKind.OUTCOME]


async def test_a_post_can_not_be_removed_from_a_case_about_an_account(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    await ana.report_subject(Subject(SubjectKind.ACCOUNT, eve.id))
    with pytest.raises(Invalid):
        await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL)


async def test_only_moderators_see_cases(network: LiveNetwork) -> None:
    ana, eve, _, _, case = await reported(network)
    operator = await network.operator()
    for member in (ana, eve):
        viewer = await member.viewer()
        for attempt in (
            cases.queue(viewer), cases.read(viewer, case), cases.claim(viewer, case), cases.claim_next(viewer),
            cases.release(viewer, case), decisions.decide(viewer, case, REMOVAL), reversals.reverse(viewer, case, "x"),
        ):  # fmt: skip
            with pytest.raises(NotFound):
                await attempt
    with pytest.raises(SignedOut):
        await cases.queue(GUEST)
    assert [one.id for one in (await cases.queue(await operator.viewer())).cases] == [case]


async def test_nobody_decides_their_own_case(network: LiveNetwork) -> None:
    first, second, third = [await network.moderator(handle) for handle in ("m1", "m2", "m3")]
    post = await first.post("You will be sorry.")
    await second.report(post)
    case = await network.open_case()
    for involved in (first, second):
        with pytest.raises(Forbidden):
            await cases.claim(await involved.viewer(), case)
        assert await cases.claim_next(await involved.viewer()) is None
        with pytest.raises(Forbidden):
            await decisions.decide(await involved.viewer(), case, REMOVAL)
    statement = await third.decide(case, StatementKind.POST_REMOVAL)
    with pytest.raises(Forbidden):
        await reversals.reverse(await first.viewer(), statement, "I think so.")


async def test_a_case_that_has_changed_is_not_decided_unseen(network: LiveNetwork) -> None:
    _, eve, moderator, post, case = await reported(network)
    ben = await network.member("ben")
    viewer = await moderator.viewer()
    await cases.claim(viewer, case)
    seen = (await cases.read(viewer, case)).version
    await eve.edit(post, "You will be happy.")
    await ben.report(post)
    decision = Decision(StatementKind.POST_REMOVAL, seen, NamedRule(1, 6), "It insults.", "Insults hurt.")
    with pytest.raises(Conflict, match="has changed"):
        await decisions.decide(viewer, case, decision)
    assert await ben.sees(post)


async def test_of_two_who_decide_at_once_one_does(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    viewer = await moderator.viewer()
    await cases.claim(viewer, case)
    version = (await cases.read(viewer, case)).version
    decision = Decision(StatementKind.NO_BREACH, version)
    tries = await asyncio.gather(*(decisions.decide(viewer, case, decision) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(one, int) for one in tries) == 1
    assert sum(isinstance(one, Refused) for one in tries) == 3
    assert await network.count("statement") == 1


async def test_a_moderator_who_leaves_takes_nothing_along(network: LiveNetwork) -> None:
    from domain.accounts import closing

    _, eve, moderator, _, case = await reported(network)
    statement = await moderator.decide(case, StatementKind.WARNING)
    async with DB.writing():
        await closing.disappear(moderator.id)
    await network.settle()
    assert await DB.fetch(SQL("SELECT author FROM statement")) == [(None,)]
    assert (await statements.read(await eve.viewer(), statement)).id == statement


async def test_the_reported_and_reporters_are_shown_no_reports(network: LiveNetwork) -> None:
    first, second = [await network.moderator(handle) for handle in ("m1", "m2")]
    await second.report(await first.post("You will be sorry."), words="He told me at the reunion.")
    case = await network.open_case()
    for involved in (first, second):
        view = await cases.read(await involved.viewer(), case)
        assert view.refusal is not None
        assert view.reports.items == []
    other = await network.moderator("m3")
    assert [one.words for one in (await cases.read(await other.viewer(), case)).reports.items] == [
        "He told me at the reunion."
    ]


async def test_a_post_that_was_edited_is_looked_at_again(network: LiveNetwork) -> None:
    _, eve, moderator, post, case = await reported(network)
    viewer = await moderator.viewer()
    await eve.edit(post, "You will be happy.")
    view = await cases.read(viewer, case)
    assert view.now is not None
    assert (view.now.text, view.now.there, view.now.removed) == ("You will be happy.", True, False)
    assert view.now.version != view.evidence[0].revision
    decision = Decision(StatementKind.POST_REMOVAL, view.version, NamedRule(1, 6), "It insults.", post_version=1)
    with pytest.raises(Conflict, match="has been edited"):
        await decisions.decide(viewer, case, decision)
    await decisions.decide(viewer, case, msgspec.structs.replace(decision, post_version=view.now.version))
    again = await cases.read(viewer, case)
    assert again.now is not None
    assert again.now.removed


async def test_who_moderates_alone_decides_what_they_report(network: LiveNetwork) -> None:
    operator, eve = await network.operator(), await network.member("eve")
    await operator.report(await eve.post("You will be sorry."))
    case = await network.open_case()
    assert await cases.claim_next(await operator.viewer()) == case
    await operator.decide(case, StatementKind.WARNING)
    await eve.report(await operator.post("You too."))
    with pytest.raises(Forbidden):
        await cases.claim(await operator.viewer(), await network.open_case())
