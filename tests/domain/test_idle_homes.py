"""Members who have not opened home for long get no copies; when they come back, home is what it would have been."""

import asyncio
from typing import Any

import msgspec
import pytest

from db.engine import DB
from db.queries import home_activity
from db.queries.home_activity import NOTHING_READY
from db.sql import SQL
from db.tables.timelines import HomeState
from domain.accounts import closing
from domain.backups import handover
from domain.timelines import activity, fanout, home, rebuilding
from tests.conftest import Watch
from tests.helpers.people import PASSWORD, LiveNetwork, Member, everything

DAYS = 14
AWAY = (DAYS + 1) * 86_400


async def state(one: Member) -> HomeState | None:
    found = await home_activity.activity(one.id)
    return found.state if found else None


async def copies(network: LiveNetwork, one: Member) -> int:
    """How many entries of others are in somebody's timeline."""
    return await network.count("timeline", f"viewer = {one.id} AND author <> {one.id}")


async def go_away(watch: Watch, *staying: Member) -> None:
    """Everyone else becomes idle."""
    watch.forward(AWAY)
    for one in staying:
        await one.home()
    await activity.retire_idle(DAYS)


async def entries(one: Member, **switches: Any) -> list[tuple[int, ...]]:
    """Home as (entry, post, who reposted)."""
    viewer = await one.viewer()
    viewer = msgspec.structs.replace(viewer, reading=msgspec.structs.replace(viewer.reading, **switches))
    return [(view.entry, view.id, view.actor) for view in await everything(home.read, viewer)]


async def test_who_stays_away_gets_no_copies(network: LiveNetwork, watch: Watch) -> None:
    ana, ben, cem = await network.members("ana", "ben", "cem")
    for one in (ana, cem):
        await one.follow(ben)
        await one.home()
    posts = [await ben.post("Before")]
    await network.settle()
    assert await copies(network, ana) == 1
    await go_away(watch, cem)
    assert (await state(ana), await state(cem)) == (HomeState.IDLE, HomeState.READY)
    assert (await ana.viewer()).home.floor == NOTHING_READY
    assert await copies(network, ana) == 0
    posts.append(await ben.post("Meanwhile"))
    await network.settle()
    assert (await copies(network, ana), await copies(network, cem)) == (0, 2)
    assert await cem.home() == posts[::-1]


async def test_home_is_whole_at_once_and_ready_soon(network: LiveNetwork, watch: Watch) -> None:
    ana, ben = await network.members("ana", "ben")
    await ana.follow(ben)
    posts = [await ben.post(str(n)) for n in range(30)]
    await network.settle()
    await go_away(watch, ben)
    posts += [await ben.post(f"Meanwhile {n}") for n in range(30)]
    await network.settle()
    first = await home.read(await ana.viewer())
    assert [view.id for view in first.items] == posts[:-21:-1]
    assert (await state(ana), await copies(network, ana)) == (HomeState.FILLING, 0)
    assert await ana.home() == posts[::-1]
    await network.settle()
    assert (await state(ana), await copies(network, ana)) == (HomeState.READY, 60)
    assert (await ana.viewer()).home.floor == 0
    assert await ana.home() == posts[::-1]
    posts.append(await ben.post("Now"))
    await network.settle()
    assert await copies(network, ana) == 61
    assert await ana.home() == posts[::-1]


async def test_newcomers_and_those_who_read_are_not_retired(network: LiveNetwork, watch: Watch) -> None:
    ana, ben = await network.members("ana", "ben")
    await ana.home()
    watch.forward(AWAY - 5 * 86_400)
    await ana.home()
    dot = await network.member("dot")
    watch.forward(8 * 86_400)
    await activity.retire_idle(DAYS)
    assert (await state(ana), await state(ben), await state(dot)) == (HomeState.READY, HomeState.IDLE, None)
    await dot.follow(ana)
    await ana.post("To a newcomer")
    await network.settle()
    assert await copies(network, dot) == 1


async def test_a_page_kept_open_counts_as_reading(network: LiveNetwork, watch: Watch) -> None:
    ana, ben = await network.members("ana", "ben")
    await ana.follow(ben)
    viewer = await ana.viewer()
    for _ in range(3):
        watch.forward(DAYS * 86_400 / 2)
        await home.newer(viewer, 0, 10)
        await activity.retire_idle(DAYS)
    assert (await state(ana), await state(ben)) == (HomeState.READY, HomeState.IDLE)


async def test_what_is_new_is_the_same_for_who_has_no_copies(network: LiveNetwork, watch: Watch) -> None:
    ana, ben, cem, dot = await network.members("ana", "ben", "cem", "dot")
    for one in (ana, cem):
        await one.follow(ben)
    await ben.post("Old")
    await network.settle()
    page = await ana.viewer()
    since = (await home.read(page)).items[0].entry
    await go_away(watch, cem)
    shared = await dot.post("Shared")
    new = [await ben.post("New"), await ben.post("Newer")]
    await ben.repost(shared)
    await network.settle()
    wanted = [view.entry for view in await home.newer(await cem.viewer(), since, 10)]
    assert len(wanted) == 3
    # As an old page asks, which does not know yet, and then as a fresh one does.
    for viewer in (page, await ana.viewer()):
        assert [view.entry for view in await home.newer(viewer, since, 10)] == wanted
        assert len(await home.newer(viewer, since, 2)) == 2
    assert [view.id for view in await home.newer(await ana.viewer(), new[0], 10)] == [shared, new[1]]
    assert await home.reached(ben.id, [ana.id, cem.id, dot.id]) == sorted([ana.id, cem.id])
    await network.settle()
    assert [view.entry for view in await home.newer(await ana.viewer(), since, 10)] == wanted


async def lively(network: LiveNetwork, authors: list[Member], turns: range) -> None:
    """Posts, replies, reposts and posts for followers; some are deleted again."""
    last = await authors[-1].post("First")
    for n in turns:
        author, other = authors[n % len(authors)], authors[n // 7 % len(authors)]
        post = await author.post(str(n), parent=last if n % 4 == 0 else None, followers=n % 9 == 5)
        if n % 11 == 3:
            await author.delete(post)
        elif n % 9 != 5:
            last = post
            if n % 7 == 0:
                await other.repost(post)
    await network.settle()


@pytest.mark.parametrize("home_length", [9, 400])
async def test_who_returns_sees_what_who_stayed_sees(network: LiveNetwork, watch: Watch, home_length: int) -> None:
    """Two members with the same follows, mutes and blocks, of whom one is away."""
    network.settings = msgspec.structs.replace(network.settings, home_length=home_length, fanout_limit=4)
    network.__init__(network.settings)  # type: ignore[misc]
    stay, away, *others = await network.members("stay", "away", "ben", "cem", "dot", "eli", "fay", "star")
    star, fans, twins = others[5], await network.members("f1", "f2", "f3"), [stay, away]
    for one in twins:
        await one.follow(*others)
    await lively(network, others, range(30))
    for fan in fans:
        await fan.follow(star)
    await network.settle()
    assert await network.count("account", f"id = {star.id} AND pull_since IS NOT NULL") == 1
    await go_away(watch, stay)
    await lively(network, others, range(30, 60))
    for one in twins:
        await one.mute(others[1])
        await one.unfollow(others[2])
        await one.block(others[3])
    await lively(network, others, range(60, 90))
    await home.trim_all(home_length)
    assert await copies(network, away) == 0
    switches: list[dict[str, bool]] = [{}, {"hide_reposts": True}, {"hide_replies": True}]
    whole = [await entries(stay, **one) for one in switches]
    assert len(whole[0]) > 30
    hidden = {others[1].id, others[2].id, others[3].id}
    for moment in ("idle", "filled", "trimmed"):
        assert [await entries(away, **one) for one in switches] == whole, moment
        shown = await everything(home.read, await away.viewer())
        assert not hidden & {view.actor or view.author for view in shown}
        await (network.settle() if moment == "idle" else home.trim_all(home_length))
    assert await state(away) == HomeState.READY
    assert await network.count("timeline", f"viewer = {away.id}") <= home_length
    assert await copies(network, away) > 0
    await lively(network, [others[0], others[4], star], range(90, 100))
    assert await entries(away) == await entries(stay)


async def test_home_is_read_while_nothing_may_be_written(network: LiveNetwork, watch: Watch) -> None:
    ana, ben = await network.members("ana", "ben")
    await ana.follow(ben)
    await go_away(watch)
    post = await ben.post("still here")
    await handover.stop_writes()
    try:
        page = await home.read(await ana.viewer())
        assert [view.id for view in page.items] == [post]
        assert await state(ana) == HomeState.IDLE
        assert await network.count("outbox", "kind = 'HomeOpened'") == 0
    finally:
        await handover.resume_writes()
    assert [view.id for view in (await home.read(await ana.viewer())).items] == [post]
    assert await state(ana) == HomeState.FILLING


async def test_two_opens_at_once(network: LiveNetwork, watch: Watch) -> None:
    ana, ben = await network.members("ana", "ben")
    await ana.follow(ben)
    await go_away(watch)
    posts = [await ben.post(str(n)) for n in range(3)]
    viewer = await ana.viewer()
    pages = await asyncio.gather(*(home.read(viewer) for _ in range(5)))
    assert [[view.id for view in page.items] for page in pages] == [posts[::-1]] * 5
    assert await network.count("outbox", f"kind = 'HomeOpened' AND payload LIKE '%{ana.id}%'") == 1
    await network.settle()
    assert await ana.home() == posts[::-1]


async def test_a_page_of_before_is_whole_after_the_copies_are_gone(network: LiveNetwork, watch: Watch) -> None:
    """The member was looked up before the sweep, and reads after it."""
    ana, ben = await network.members("ana", "ben")
    await ana.follow(ben)
    posts = [await ben.post(str(n)) for n in range(3)]
    await network.settle()
    before = await ana.viewer()
    await go_away(watch)
    assert before.home.floor == 0
    assert [view.id for view in (await home.read(before)).items] == posts[::-1]


async def test_who_opens_home_while_the_sweep_looks_is_spared(
    network: LiveNetwork, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, ben = await network.members("ana", "ben")
    await ana.follow(ben)
    post = await ben.post("Hello")
    await network.settle()
    real = home_activity.unread_since

    async def then_opened(after: int, before: int, since: int, limit: int) -> list[int]:
        found = await real(after, before, since, limit)
        await ana.home()
        return found

    monkeypatch.setattr(home_activity, "unread_since", then_opened)
    await go_away(watch)
    assert (await state(ana), await state(ben)) == (HomeState.READY, HomeState.IDLE)
    assert await ana.home() == [post]


async def test_a_large_audience_with_few_readers(
    network: LiveNetwork, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is served in which event, each reader gets one copy and nobody else any."""
    monkeypatch.setattr(fanout, "BATCH", 2)
    monkeypatch.setattr(fanout, "LOOKED_AT", 3)
    ana, *fans = await network.members("ana", *(f"fan{n}" for n in range(10)))
    for fan in fans:
        await fan.follow(ana)
    readers = [fans[4], fans[5], fans[9]]
    await network.settle()
    await go_away(watch, *readers)
    post = await ana.post("For three")
    await network.settle()
    for fan in fans:
        assert await copies(network, fan) == (fan in readers)
        assert await fan.home() == [post]


async def test_home_of_who_leaves_is_forgotten(network: LiveNetwork, watch: Watch) -> None:
    ana, ben = await network.members("ana", "ben")
    await ana.home()
    await go_away(watch, ben)
    assert await state(ana) == HomeState.IDLE
    await closing.leave(await ana.viewer(), ana.handle, PASSWORD)
    await network.settle()
    assert (await state(ana), await state(ben)) == (None, HomeState.READY)
    await activity.retire_idle(DAYS)
    assert await state(ana) is None


async def test_idle_members_stay_so_when_timelines_are_made_anew(network: LiveNetwork, watch: Watch) -> None:
    ana, ben = await network.members("ana", "ben")
    for one in (ana, ben):
        await one.follow(ben if one is ana else ana)
    posts = [await ana.post("One"), await ben.post("Two")]
    await go_away(watch, ben)
    # As in a network that was loaded from an archive, which has no such table.
    await DB.fetch(SQL("DELETE FROM home_activity"))
    await rebuilding.rebuild()
    assert (await state(ana), await state(ben)) == (HomeState.IDLE, HomeState.READY)
    assert [await copies(network, one) for one in (ana, ben)] == [0, 1]
    assert await ana.home() == await ben.home() == posts[::-1]
    await network.settle()
    assert await copies(network, ana) == 1
