"""A link under which a member shows their standing: who may make it, what it shows, and when it ends."""

import pytest

from db.engine import DB
from db.sql import SQL
from domain.accounts import closing
from domain.core import clock
from domain.core.access import GUEST
from domain.core.errors import Invalid, NotFound, SignedOut
from domain.moderation import reversals, standing_links
from domain.moderation.kinds import StatementKind
from tests.helpers.moderation import reported
from tests.helpers.people import PASSWORD, LiveNetwork


async def gone(token: str) -> bool:
    try:
        await standing_links.read(token)
    except NotFound:
        return True
    return False


async def test_a_link_shows_ones_standing(network: LiveNetwork) -> None:
    _, eve, moderator, _, case = await reported(network)
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL, facts="It insults.", explanation="It hurts.")
    token = await standing_links.make(await eve.viewer(), 7)
    found = await standing_links.read(token)
    assert (found.handle, found.points) == ("eve", 6)
    (one,) = found.statements.items
    assert (one.kind, one.facts, one.explanation, one.in_force) == (
        StatementKind.POST_REMOVAL,
        "It insults.",
        "It hurts.",
        True,
    )
    assert one.content is None, "what was removed is not shown"
    await reversals.reverse(await moderator.viewer(), statement, "It was a song.")
    found = await standing_links.read(token)
    assert found.points == 0
    assert [one.kind for one in found.statements.items] == [StatementKind.REVERSAL, StatementKind.POST_REMOVAL]


async def test_others_decisions_and_those_that_found_nothing_are_not_shown(network: LiveNetwork) -> None:
    ana, eve, moderator, _, case = await reported(network)
    await moderator.decide(case, StatementKind.NO_BREACH)
    for member in (ana, eve):
        token = await standing_links.make(await member.viewer(), 30)
        assert (await standing_links.read(token)).statements.items == []


async def test_only_a_hash_is_kept(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    token = await standing_links.make(await ana.viewer(), 90)
    assert standing_links.TOKEN.fullmatch(token)
    kept = [str(value) for value in (await DB.fetch(SQL("SELECT * FROM standing_link")))[0]]
    assert not any(token in value or value == token for value in kept)
    assert await gone(kept[1]), "what is kept opens nothing"


async def test_a_link_ends_on_its_day(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    now = clock.now()
    with clock.fixed_at(now):
        token = await standing_links.make(await ana.viewer(), 7)
        link = await standing_links.mine(await ana.viewer())
    assert link is not None
    assert link.expires_at == now + 7 * clock.DAY_MS
    with clock.fixed_at(link.expires_at - 1):
        assert not await gone(token)
    with clock.fixed_at(link.expires_at):
        assert await gone(token)
        assert await standing_links.mine(await ana.viewer()) is None
        await standing_links.forget_old()
    assert await network.count("standing_link") == 0


async def test_another_link_takes_its_place_and_it_can_be_ended(network: LiveNetwork) -> None:
    ana, tom = await network.members("ana", "tom")
    others = await standing_links.make(await tom.viewer(), 7)
    first = await standing_links.make(await ana.viewer(), 7)
    second = await standing_links.make(await ana.viewer(), 7)
    assert (await gone(first), await gone(second)) == (True, False)
    await standing_links.end(await ana.viewer())
    assert (await gone(second), await gone(others)) == (True, False)


async def test_who_leaves_shows_nothing(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    token = await standing_links.make(await ana.viewer(), 7)
    await closing.leave(await ana.viewer(), "ana", PASSWORD)
    assert await gone(token)
    await network.settle()
    assert await network.count("standing_link") == 0


async def test_the_suspended_may_show_why(network: LiveNetwork) -> None:
    _, eve, moderator, _, case = await reported(network)
    await moderator.decide(case, StatementKind.WARNING, sanction=StatementKind.SUSPENSION, days=30)
    token = await standing_links.make(await eve.viewer(), 7)
    assert (await standing_links.read(token)).statements.items[0].kind is StatementKind.SUSPENSION


@pytest.mark.parametrize("days", [None, 0, 1, 8, 91, -7])
async def test_only_the_days_that_are_offered(network: LiveNetwork, days: int | None) -> None:
    ana = await network.member("ana")
    with pytest.raises(Invalid) as refusal:
        await standing_links.make(await ana.viewer(), days)
    assert set(refusal.value.fields) == {"days"}
    assert await network.count("standing_link") == 0


async def test_guests_have_none(network: LiveNetwork) -> None:
    for act in (standing_links.mine, standing_links.end):
        with pytest.raises(SignedOut):
            await act(GUEST)
    with pytest.raises(SignedOut):
        await standing_links.make(GUEST, 7)


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "a" * 44, "é" * 43, "../" * 14 + "a", "a" * 100_000])
async def test_what_is_no_link_opens_nothing(network: LiveNetwork, token: str) -> None:
    assert await gone(token)
