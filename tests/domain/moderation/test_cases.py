"""The queue: its order, who has which case, and that two moderators never have one."""

import asyncio

import msgspec
import pytest

from domain.core.access import Role
from domain.core.errors import Conflict
from domain.moderation import cases, decisions, staff
from domain.moderation.kinds import CaseState, Severity, StatementKind
from tests.conftest import Watch
from tests.helpers.moderation import REMOVAL, reported
from tests.helpers.people import LiveNetwork

RACES = 1000


async def test_a_claim_is_one_moderators_until_it_ends(network: LiveNetwork, watch: Watch) -> None:
    _, _, first, _, case = await reported(network)
    second = await network.moderator("m2")
    assert await cases.claim_next(await first.viewer()) == case
    assert await cases.claim_next(await first.viewer()) == case
    assert await cases.claim_next(await second.viewer()) is None
    with pytest.raises(Conflict, match="Another moderator"):
        await cases.claim(await second.viewer(), case)
    with pytest.raises(Conflict, match="has this case now"):
        await decisions.decide(await second.viewer(), case, REMOVAL)
    await cases.release(await second.viewer(), case)
    assert await cases.claim_next(await second.viewer()) is None
    await cases.release(await first.viewer(), case)
    assert await cases.claim_next(await second.viewer()) == case
    watch.forward(cases.CLAIM_MINUTES * 60 + 1)
    assert await cases.claim_next(await first.viewer()) == case
    with pytest.raises(Conflict, match="has this case now"):
        await decisions.decide(await second.viewer(), case, REMOVAL)
    watch.forward(cases.CLAIM_MINUTES * 60 + 1)
    # What somebody wrote for too long is not lost for that, unless somebody else has come.
    version = (await cases.read(await first.viewer(), case)).version
    await decisions.decide(await first.viewer(), case, msgspec.structs.replace(REMOVAL, version=version))
    with pytest.raises(Conflict):
        await cases.claim(await second.viewer(), case)


async def test_two_moderators_race_for_each_case_and_one_wins(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    moderators = [await network.moderator(f"m{number}") for number in range(4)]
    for number in range(20):
        await ana.report(await eve.post(f"Post {number}"))
    viewers = [await moderator.viewer() for moderator in moderators]

    async def work(number: int) -> list[int]:
        won = []
        while (case := await cases.claim_next(viewers[number])) is not None:
            await moderators[number].decide(case, StatementKind.NO_BREACH)
            won.append(case)
        return won

    won = [case for found in await asyncio.gather(*map(work, range(4))) for case in found]
    assert len(won) == len(set(won)) == 20
    assert await network.count("statement") == 20
    assert await network.count("mod_case", f"state = {CaseState.DECIDED}") == 20


async def test_urgent_cases_come_first_then_the_oldest(network: LiveNetwork, watch: Watch) -> None:
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    posts = [await eve.post(f"Post {number}") for number in range(4)]
    for post, rule in zip(posts, (10, 6, 1, 10), strict=True):
        await ana.report(post, rule)
        watch.forward(3600)
    queue = await cases.queue(await moderator.viewer())
    said = [one.content.text for one in queue.cases if one.content]
    assert said == ["Post 2", "Post 0", "Post 1", "Post 3"]
    figures = queue.figures
    assert (figures.open, figures.overdue, figures.urgent, figures.urgent_overdue) == (4, 1, 1, 1)
    watch.forward(60 * 3600)
    figures = (await cases.queue(await moderator.viewer())).figures
    assert figures.overdue == 4
    # Overdue spam never keeps a threat waiting.
    assert (await cases.queue(await moderator.viewer())).cases[0].severity.name == "URGENT"


async def test_of_what_is_due_in_the_same_hour_the_worse_comes_first(network: LiveNetwork) -> None:
    ana, ben, eve = await network.members("ana", "ben", "eve")
    moderator = await network.moderator()
    posts = [await eve.post(f"Post {number}") for number in range(3)]
    # Spam by two members, harassment by one, and what is illegal by one.
    for post, rule in zip(posts, (10, 6, 4), strict=True):
        await ana.report(post, rule)
    await ben.report(posts[0], 10)
    queue = (await cases.queue(await moderator.viewer())).cases
    assert [one.severity for one in queue] == [Severity.ILLEGAL, Severity.SERIOUS, Severity.SPAM]
    assert await cases.claim_next(await moderator.viewer()) == queue[0].id


async def test_earlier_cases_are_shown_beside_a_case(network: LiveNetwork) -> None:
    ana, eve, moderator, _, case = await reported(network)
    await moderator.decide(case, StatementKind.WARNING)
    await ana.report(await eve.post("And again."))
    view = await cases.read(await moderator.viewer(), await network.open_case())
    (earlier,) = view.earlier.items
    assert earlier.id == case
    assert [one.kind for one in earlier.statements] == [StatementKind.WARNING]


async def test_whoever_loses_the_role_gives_back_what_they_have(network: LiveNetwork) -> None:
    _, _, first, _, case = await reported(network)
    second = await network.moderator("m2")
    await cases.claim(await first.viewer(), case)
    await staff.set_role(first.handle, Role.MEMBER)
    assert await cases.claim_next(await second.viewer()) == case


async def test_of_two_who_claim_a_case_at_once_one_has_it(network: LiveNetwork) -> None:
    _, _, first, _, case = await reported(network)
    viewers = [await first.viewer(), await (await network.moderator("m2")).viewer()]
    for _ in range(RACES):
        answers = await asyncio.gather(*(cases.claim(viewer, case) for viewer in viewers), return_exceptions=True)
        assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "NoneType"]
        for viewer in viewers:
            await cases.release(viewer, case)
