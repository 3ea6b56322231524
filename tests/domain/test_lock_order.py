"""Two transactions that want the same rows take them in one order, so that neither is ended for the other's sake."""

import asyncio
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

import pytest

from app.wiring import reactions_by_event
from db.engine import DB
from db.queries import home_activity, notification_writes, timeline_filling, timelines, trust
from db.sql import SQL
from domain.core.events import Reposted
from domain.core.trust import DEFAULTS, TrustLevel
from domain.graph import blocks
from domain.moderation import trust_levels
from domain.notifications import notices, preferences
from domain.notifications.preferences import ASIDE, Preferences
from domain.posts import deletion, holds, receipts, reposts
from domain.timelines import filling
from tests.conftest import Watch
from tests.helpers import written_filters
from tests.helpers.notifications import set_aside, told
from tests.helpers.people import LiveNetwork, Member
from tests.helpers.waiting import until_blocked

Action = Callable[[], Awaitable[object]]
Meet = Callable[[ModuleType, str, Action, Action], Awaitable[None]]


async def once(action: Action) -> None:
    """Within a transaction of its caller an action is not tried again: a deadlock is raised."""
    async with DB.writing():
        await action()


@pytest.fixture
def meet(monkeypatch: pytest.MonkeyPatch) -> Meet:
    """Runs two actions in transactions of their own. The first rests after its first call of ``module.function`` until
    the second waits for it. Errors: what either raises."""

    async def met(module: ModuleType, function: str, first: Action, second: Action) -> None:
        real, resting, go_on = getattr(module, function), asyncio.Event(), asyncio.Event()

        async def then_rest(*args: Any) -> Any:
            found = await real(*args)
            resting.set()
            await go_on.wait()
            return found

        monkeypatch.setattr(module, function, then_rest)
        tasks = [asyncio.create_task(once(first))]
        await asyncio.wait([tasks[0], asyncio.create_task(resting.wait())], return_when=asyncio.FIRST_COMPLETED)
        assert resting.is_set(), f"{function} was not called"
        tasks.append(asyncio.create_task(once(second)))
        await until_blocked(tasks[1])
        go_on.set()
        await asyncio.gather(*tasks)

    return met


def purge(author: Member, post: int) -> Action:
    """The last transaction of a purge."""
    return lambda: deletion._remove_row(author.id, post, 0, 0, 0)


async def test_a_block_while_a_post_is_purged(network: LiveNetwork, meet: Meet) -> None:
    """The post is in the blocker's timeline, and names her."""
    ana, ben = await network.members("ana", "ben")
    await ana.follow(ben)
    post = await ben.post("@ana look")
    await network.settle()
    viewer = await ana.viewer()
    await meet(receipts, "counted", purge(ben, post), lambda: blocks.block(viewer, ben.id))
    assert await network.count("post") == await network.count("notice", f"post = {post}") == 0


async def test_a_purge_while_both_sides_of_a_block_have_notices_of_the_post(network: LiveNetwork, meet: Meet) -> None:
    ana, ben = await network.members("ana", "ben")
    post = await ana.post("@ben look")
    await network.settle()
    await ben.vote(post, 1)
    await network.settle()
    assert await network.count("notice", f"post = {post}") == 2
    viewer = await ana.viewer()
    await meet(notification_writes, "drop", lambda: blocks.block(viewer, ben.id), purge(ana, post))
    assert await network.count("post") == await network.count("notice") == 0


async def test_a_purge_while_a_repost_is_copied(network: LiveNetwork, meet: Meet) -> None:
    """A repost that was made when the others had been taken back."""
    ana, ben = await network.members("ana", "ben")
    post = await ana.post("Shared")
    await network.settle()
    await ben.repost(post)
    repost = int(await DB.value(SQL("SELECT id FROM repost")))
    event = Reposted(repost=repost, post=post, author=ana.id, account=ben.id)

    async def react() -> None:
        for reaction in reactions_by_event(network.settings)[Reposted]:
            await reaction(event)

    await meet(timelines, "entry_exists", react, purge(ana, post))
    assert await network.count("post") == await network.count("repost") == await network.count("notice") == 0


async def come_back(member: Member) -> None:
    """Somebody who was idle opens home; their timeline is not filled yet."""
    async with DB.writing():
        await home_activity.retire(member.id, 2**62)
        await timeline_filling.set_floor(member.id, home_activity.NOTHING_READY)
        await timelines.clear(member.id)
    await member.home()


@pytest.mark.parametrize("function", ["lock_published", "put"])
async def test_a_purge_while_a_timeline_is_filled(network: LiveNetwork, meet: Meet, function: str) -> None:
    ana, ben = await network.members("ana", "ben")
    await ana.follow(ben)
    posts = [await ben.post("Going"), await ben.post("Staying")]
    await network.settle()
    await come_back(ana)
    await meet(timeline_filling, function, lambda: filling._put(ana.id, posts), purge(ben, posts[0]))
    assert await network.count("timeline", f"post = {posts[0]}") == 0
    assert await network.count("timeline", f"viewer = {ana.id} AND post = {posts[1]}") == 1


async def test_a_repost_is_taken_back_while_a_timeline_is_filled(network: LiveNetwork, meet: Meet) -> None:
    ana, ben, cem = await network.members("ana", "ben", "cem")
    await ana.follow(ben)
    post = await cem.post("Shared")
    await ben.repost(post)
    await network.settle()
    await come_back(ana)
    repost, viewer = int(await DB.value(SQL("SELECT id FROM repost"))), await ben.viewer()
    await meet(timeline_filling, "put", lambda: filling._put(ana.id, [repost]), lambda: reposts.withdraw(viewer, post))
    assert await network.count("timeline", f"entry = {repost}") == 0


async def test_a_purge_while_somebody_is_let_through(network: LiveNetwork, meet: Meet) -> None:
    """What was set aside joins an older notice of the same post."""
    ana, ben, cleo = await network.members("ana", "ben", "cleo")
    post = await ana.post("Voted on")
    await ana.follow(cleo)
    await preferences.save(await ana.viewer(), Preferences(strangers=ASIDE))
    await cleo.vote(post, 1)
    await network.settle()
    await ben.vote(post, 1)
    await network.settle()
    assert (await told(ana), list(await set_aside(ana))) == (["vote cleo"], ["ben"])
    viewer = await ana.viewer()
    await meet(notification_writes, "set_aside", lambda: notices.let_through(viewer, ben.id), purge(ana, post))
    assert await network.count("post") == await network.count("notice", f"post = {post}") == 0


async def test_a_filter_is_switched_off_while_it_holds_a_post(network: LiveNetwork, meet: Meet) -> None:
    """Whatever is held is before a moderator, or it would never be let through."""
    mona, max_ = await written_filters.staff(network)
    eve = await network.member("eve")
    made = await written_filters.live(mona, max_)
    await meet(holds, "put", lambda: eve.post("buy pills"), lambda: written_filters.off(mona, made))
    for table in ("post_hold", "evidence", "filter_finding", "filter_hit"):
        assert await network.count(table) == 1


async def test_a_level_is_earned_while_a_held_post_is_edited(network: LiveNetwork, meet: Meet, watch: Watch) -> None:
    """The edit publishes it, which counts in the account, and brings a link, which counts in its row of trust."""
    await written_filters.live(*await written_filters.staff(network))
    eve = await network.member("eve", trust=TrustLevel.NEW)
    post = await eve.post("buy pills")
    await trust.read(eve.id, 99, 1)
    await trust.read(eve.id, 1, 2)
    watch.forward(86_400)
    rise = lambda: trust_levels.refresh(eve.id, DEFAULTS)  # noqa: E731
    await meet(trust, "post", lambda: eve.edit(post, "see https://example.org"), rise)
    assert await network.count("account", f"id = {eve.id} AND posts = 1 AND trust = 1") == 1
