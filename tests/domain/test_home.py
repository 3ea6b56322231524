"""Home: strictly by time, nobody twice, nothing missing, however it is put together."""

import asyncio
from typing import Any

import msgspec
import pytest

from domain.accounts import profiles
from domain.core.access import GUEST, ReadingPreferences
from domain.core.errors import SignedOut
from domain.timelines import home
from settings import Settings
from tests.conftest import QUICK
from tests.helpers.people import LiveNetwork, Member, everything


async def switch(one: Member, **wanted: Any) -> None:
    await profiles.set_reading_preferences(await one.viewer(), ReadingPreferences(**wanted))


async def test_guests_have_none(network: LiveNetwork) -> None:
    with pytest.raises(SignedOut):
        await home.read(GUEST)


async def test_order_and_switches(network: LiveNetwork) -> None:
    ana, ben, cem, dot = await network.members("ana", "ben", "cem", "dot")
    await ana.follow(ben, cem)
    one = await ben.post("One")
    stranger = await dot.post("Not followed")
    two = await cem.post("Two")
    reply = await ben.post("Reply", parent=stranger)
    await cem.repost(stranger)
    own = await ana.post("Mine")
    await network.settle()
    assert await ana.home() == [own, stranger, reply, two, one]
    await switch(ana, hide_reposts=True)
    assert await ana.home() == [own, reply, two, one]
    await switch(ana, hide_replies=True)
    assert await ana.home() == [own, stranger, two, one]
    await switch(ana, hide_reposts=True, hide_replies=True)
    assert await ana.home() == [own, two, one]


async def test_reposted_twice_is_shown_once_a_page(network: LiveNetwork) -> None:
    ana, ben, cem, dot = await network.members("ana", "ben", "cem", "dot")
    await ana.follow(ben, cem)
    post = await dot.post("Everybody says it")
    await ben.repost(post)
    await cem.repost(post)
    await network.settle()
    assert await ana.home() == [post]


async def test_following_fills_and_unfollowing_empties(network: LiveNetwork) -> None:
    ana, ben, cem = await network.members("ana", "ben", "cem")
    posts = [await ben.post(str(n)) for n in range(3)]
    passed = await cem.post("By Cem")
    await ben.repost(passed)
    await ana.follow(ben)
    assert await ana.home() == []
    await network.settle()
    assert await ana.home() == [passed, *reversed(posts)]
    await ana.follow(cem)
    await network.settle()
    assert await ana.home() == [passed, *reversed(posts)] or len(await ana.home()) == 4
    await ana.unfollow(ben)
    assert await ana.home() == [passed]
    await ana.unfollow(cem)
    assert await ana.home() == []
    assert await network.count("timeline", f"viewer = {ana.id}") == 0


async def test_followed_and_unfollowed_before_it_is_worked_off(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    await ben.post("Hello")
    await ana.follow(ben)
    await ana.unfollow(ben)
    await network.settle()
    assert await ana.home() == []


async def test_pages_without_gaps(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    await ana.follow(ben)
    posts = [await (ana if n % 3 else ben).post(str(n)) for n in range(47)]
    await network.settle()
    assert await ana.home() == posts[::-1]


@pytest.fixture
def length(network: LiveNetwork) -> int:
    """A short home, so that most of it is put together when it is read."""
    network.settings = Settings(database_url=network.settings.database_url, **{**QUICK, "home_length": 7})
    network.__init__(network.settings)  # type: ignore[misc]
    return 7


async def lively(network: LiveNetwork) -> tuple[Member, list[Member]]:
    ana, *others = await network.members("ana", "ben", "cem", "dot", "eli")
    await ana.follow(*others[:3])
    await others[0].follow(others[3])
    last = None
    for n in range(60):
        one = [ana, *others][n % 5]
        last = await one.post(str(n), parent=last if n % 4 == 0 else None)
        if n % 7 == 0:
            await others[n % 3].repost(last)
    await ana.mute(others[1])
    return ana, others


@pytest.mark.parametrize("hide", [(False, False), (True, False), (False, True)])
async def test_below_the_floor_it_is_the_same_as_above(
    network: LiveNetwork, length: int, hide: tuple[bool, bool]
) -> None:
    ana, _ = await lively(network)
    await network.settle()
    reading = ReadingPreferences(hide_reposts=hide[0], hide_replies=hide[1])
    viewer = msgspec.structs.replace(await ana.viewer(), reading=reading)
    whole = [view[:4] for view in await everything(home.read, viewer)]
    assert len(whole) > 20
    await home.trim_all(length)
    assert await network.count("timeline", f"viewer = {ana.id}") == length
    short = await ana.viewer()
    assert short.home.floor > 0
    short = msgspec.structs.replace(short, reading=reading)
    assert [view[:4] for view in await everything(home.read, short)] == whole


async def test_following_somebody_later_fits_into_a_short_home(network: LiveNetwork, length: int) -> None:
    ana, others = await lively(network)
    await network.settle()
    await home.trim_all(length)
    before = set(await ana.home())
    await ana.follow(others[3])
    await network.settle()
    theirs = {view for view in await others[3].home() if (await ana.view(view)).author == others[3].id}
    assert set(await ana.home()) == before | theirs
    assert await network.count("timeline", f"viewer = {ana.id}") == length


@pytest.mark.parametrize("home_length", [7, 400])
async def test_authors_with_very_many_followers_are_pulled(network: LiveNetwork, home_length: int) -> None:
    network.settings = msgspec.structs.replace(network.settings, fanout_limit=2, home_length=home_length)
    ana, star, ben, *fans = await network.members("ana", "star", "ben", "f1", "f2", "f3")
    await ana.follow(ben)
    early = [await star.post(f"Early {n}") for n in range(3)]
    for fan in (ana, *fans):
        fan.settings = network.settings
        await fan.follow(star)
    await network.settle()
    assert await network.count("account", f"id = {star.id} AND pull_since IS NOT NULL") == 1
    posts = [*early]
    for n in range(50):
        posts.append(await (star if n % 2 else ben).post(str(n)))
        if n == 30:
            await ben.repost(posts[-2])
    copied = await network.count("timeline", f"author = {star.id} AND viewer = {ana.id}")
    await network.settle()
    assert await network.count("timeline", f"viewer = {fans[0].id}") == 3, "only what came before is copied"
    whole = await ana.home()
    assert copied == 3
    assert set(whole) == set(posts)
    await home.trim_all(home_length)
    assert await ana.home() == whole
    await ana.unfollow(star)
    mine = set(await ana.home())
    assert not {post for post in posts if (await star.view(post)).author == star.id} - {posts[32]} & mine
    assert await network.count("timeline", f"viewer = {ana.id} AND author = {star.id} AND actor = 0") == 0


async def test_many_at_once(network: LiveNetwork) -> None:
    ana, *others = await network.members("ana", "ben", "cem", "dot")
    await ana.follow(*others)
    posts = await asyncio.gather(*(one.post(f"{one.handle} {n}") for one in others for n in range(5)))
    await network.settle()
    assert sorted(await ana.home()) == sorted(posts)
