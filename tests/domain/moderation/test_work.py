"""What a moderator does next: cases, complaints and appeals in one order, each for one moderator."""

import asyncio

import pytest

from db.engine import DB
from db.sql import SQL
from domain.core import clock
from domain.core.access import GUEST, Role
from domain.core.errors import Conflict, NotFound, SignedOut
from domain.moderation import (
    appeal_decisions,
    appeal_queue,
    appeals,
    cases,
    filter_changes,
    staff,
    upstream,
    upstream_desk,
    upstream_work,
    word_changes,
    work,
)
from domain.moderation.care import HardLimits
from domain.moderation.kinds import StatementKind
from domain.moderation.reports import NamedRule
from domain.moderation.upstream_kinds import Sender
from domain.moderation.upstream_work import Closing
from domain.moderation.work import Work, WorkKind
from tests.conftest import Watch
from tests.helpers import duty, written_filters
from tests.helpers.complaints import filed, mail, opened, read
from tests.helpers.duty import with_cases
from tests.helpers.moderation import appealed
from tests.helpers.people import LiveNetwork, Member

HOUR = 3600


async def close(moderator: Member, complaint: int) -> None:
    how = Closing((await read(moderator, complaint)).version, answers=False)
    await upstream_work.close(await moderator.viewer(), complaint, how, can_mail=False)


async def following(moderator: Member) -> Work | None:
    return await work.claim_next(await moderator.viewer())


async def test_everything_comes_in_one_order(network: LiveNetwork, watch: Watch) -> None:
    ana, eve, _, moderator, _, appeal = await appealed(network)
    await ana.report(await eve.post("An ordinary one."))
    ordinary = await network.open_case()
    watch.forward(10 * HOUR)
    host = await opened(mail())
    watch.forward(HOUR)
    order = await filed(sender=Sender.AUTHORITY)
    await upstream.confirm(await upstream.token(order))
    watch.forward(60)
    await ana.report(await eve.post("A threat."), 1)
    urgent = (await cases.queue(await moderator.viewer())).cases[0].id
    done = []
    while (found := await following(moderator)) is not None:
        assert await following(moderator) == found, "what one has is first, until it is done"
        done.append(found)
        match found.kind:
            case WorkKind.CASE:
                await moderator.decide(found.id, StatementKind.NO_BREACH)
            case WorkKind.COMPLAINT:
                await close(moderator, found.id)
            case WorkKind.APPEAL:
                await DB.fetch(SQL("UPDATE appeal SET state = 1 WHERE id = ?1"), found.id)
    expected = [(order, WorkKind.COMPLAINT), (urgent, WorkKind.CASE), (host, WorkKind.COMPLAINT)]
    assert [(one.id, one.kind) for one in done][:3] == expected
    assert {one.id for one in done[3:]} == {ordinary, appeal}


async def test_a_complaint_is_one_moderators_and_given_back(network: LiveNetwork, watch: Watch) -> None:
    mona, max_ = await network.moderator(), await network.moderator("max")
    complaint = await opened(mail())
    assert await following(mona) == Work(WorkKind.COMPLAINT, complaint)
    assert (await read(mona, complaint)).listed.mine
    assert await following(max_) is None
    await upstream_desk.release(await mona.viewer(), complaint)
    assert await following(max_) == Work(WorkKind.COMPLAINT, complaint)
    watch.forward(cases.CLAIM_MINUTES * 60 + 1)
    assert await following(mona) == Work(WorkKind.COMPLAINT, complaint)
    await close(mona, complaint)
    assert await following(mona) is None


async def test_one_whose_case_is_open_comes_back_when_that_is_decided(network: LiveNetwork) -> None:
    eve, mona = await network.member("eve"), await network.moderator()
    complaint = await opened(mail(f"https://parvis.test/@eve/{await eve.post('You will be sorry.')}"))
    assert await following(mona) == Work(WorkKind.COMPLAINT, complaint)
    await upstream_work.open_cases(await mona.viewer(), complaint, [0], NamedRule(1, 6))
    case = await network.open_case()
    assert await following(mona) == Work(WorkKind.CASE, case)
    await mona.decide(case, StatementKind.POST_REMOVAL)
    assert await following(mona) == Work(WorkKind.COMPLAINT, complaint)


async def test_a_party_is_not_given_it_and_what_is_unconfirmed_nobody(network: LiveNetwork) -> None:
    mona = await network.moderator()
    await opened(mail("https://parvis.test/@mona"))
    await filed(email="b@nordhost.example")
    assert await following(mona) is None
    assert await following(await network.moderator("max")) is not None


async def test_members_and_guests_are_given_nothing(network: LiveNetwork) -> None:
    await opened(mail())
    for viewer, refusal in ((GUEST, SignedOut), (await (await network.member("eve")).viewer(), NotFound)):
        with pytest.raises(refusal):
            await work.claim_next(viewer)
        with pytest.raises(refusal):
            await upstream_desk.first_free(viewer)


async def test_moderators_race_for_complaints_and_each_has_one(network: LiveNetwork) -> None:
    moderators = [await network.moderator(f"m{number}") for number in range(4)]
    for number in range(12):
        await opened(mail(Message_ID=f"<{number}@nordhost.example>", From=f"a{number}@nordhost.example"))

    async def handle(moderator: Member) -> list[int]:
        won = []
        while (found := await following(moderator)) is not None:
            await close(moderator, found.id)
            won.append(found.id)
        return won

    won = [one for found in await asyncio.gather(*map(handle, moderators)) for one in found]
    assert len(won) == len(set(won)) == 12


async def test_a_moderator_has_so_many_cases_at_a_time(network: LiveNetwork, watch: Watch) -> None:
    """Who takes more gives back those that they took first, so that nobody keeps the queue from others."""
    ana, eve = await network.members("ana", "eve")
    mona, max_ = await network.moderator(), await network.moderator("max")
    found = []
    for number in range(cases.MOST_CLAIMED + 2):
        await ana.report(await eve.post(f"You will be sorry, {number}."))
        found.append(await network.open_case())
    for case in found:
        await cases.claim(await mona.viewer(), case)
        watch.forward(1)
    for case in found[:2]:
        await cases.claim(await max_.viewer(), case)
    with pytest.raises(Conflict):
        await cases.claim(await max_.viewer(), found[2])
    # Nor is their time with them counted any more.
    assert await network.count("case_look", f"account = {mona.id} AND ends_at > {clock.now()}") == cases.MOST_CLAIMED
    # One that is made longer is none more.
    await cases.claim(await mona.viewer(), found[2])
    with pytest.raises(Conflict):
        await cases.claim(await max_.viewer(), found[3])


async def test_whoever_asks_twice_at_once_gets_no_more_than_is_offered(network: LiveNetwork) -> None:
    moderator, _ = await with_cases(network, 1, 1, 1)
    one = HardLimits(1, 120)
    viewer = await moderator.viewer()
    await asyncio.gather(*(cases.claim_next(viewer, one) for _ in range(6)))
    assert await network.count("mod_case", f"claimed_by = {moderator.id}") == 1


async def test_an_appeal_about_a_hard_case_is_offered_and_counted_as_one(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    mona, max_ = await network.moderator(), await network.moderator("max")
    await ana.report(await eve.post("You will be sorry."), rule=1)
    statement = await mona.decide(await network.open_case(), StatementKind.POST_REMOVAL, rule=1)
    await appeals.lodge(await eve.viewer(), statement, "No.")
    viewer = await max_.viewer()
    assert await work.claim_next(viewer, HardLimits(0, 0)) is None
    found = await work.claim_next(viewer, HardLimits(1, 120))
    assert found is not None
    assert found.kind is WorkKind.APPEAL
    assert (await duty.of(max_)).hard == 1
    await appeal_queue.release(viewer, found.id)
    assert await network.count("case_look", f"account = {max_.id} AND ends_at > {clock.now()}") == 0
    await appeal_decisions.uphold(viewer, found.id, "It is a threat.")
    assert (await duty.of(max_)).hard == 1


async def test_whoever_was_dismissed_a_moment_ago_takes_nothing(network: LiveNetwork) -> None:
    """The request came in before, and is carried out after."""
    ana, eve = await network.members("ana", "eve")
    mona = await network.moderator()
    await ana.report(await eve.post("You will be sorry."))
    case, viewer = await network.open_case(), await mona.viewer()
    max_ = await network.moderator("max")
    complaint = await opened(mail())
    await ana.report(other := await eve.post("Very sorry."))
    statement = await max_.decide(await _case_of(other), StatementKind.POST_REMOVAL)
    await appeals.lodge(await eve.viewer(), statement, "No.")
    appeal = await appeal_queue.first_free(viewer)
    assert appeal is not None
    filter_ = await written_filters.written(max_)
    await staff.set_role("mona", Role.MEMBER)
    for late in (
        cases.claim(viewer, case),
        cases.claim_next(viewer),
        upstream_desk.claim(viewer, complaint),
        appeal_queue.claim(viewer, appeal.id),
        word_changes.add(viewer, "goods", "pills"),
        filter_changes.try_out(viewer, filter_, 1),
    ):
        with pytest.raises(NotFound):
            await late
    for table in ("mod_case", "complaint", "appeal"):
        assert await network.count(table, f"claimed_by = {mona.id}") == 0
    assert await network.count("word_list") == await network.count("filter_rule", "state <> 0") == 0


async def _case_of(post: int) -> int:
    return int(await DB.value(SQL("SELECT id FROM mod_case WHERE post = ?1"), post))
