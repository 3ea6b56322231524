"""The timeline of a member who comes back is filled while others publish, follow, unfollow and delete."""

from typing import Any

import msgspec
import pytest

from db.engine import DB
from db.queries import timeline_filling
from db.sql import SQL
from db.tables.timelines import HomeState
from domain.accounts import closing
from domain.core.events import AccountLeft, CopiesContinued, HomeOpened
from domain.posts import account_purge, deletion
from domain.timelines import fanout, filling, home
from tests.conftest import Watch
from tests.domain.test_idle_homes import copies, go_away, state
from tests.helpers.people import PASSWORD, LiveNetwork, Member


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Has something happen after the entries to be filled in were read, and before they are written."""

    def happens(what: Any) -> None:
        real, waiting = timeline_filling.newest, [what]

        async def then(viewer: int, after: int, limit: int) -> list[int]:
            found = await real(viewer, after, limit)
            if waiting and (len(found) == limit or not after):
                await waiting.pop()()
            return found

        monkeypatch.setattr(timeline_filling, "newest", then)

    return happens


async def worked_off_follow(follower: Member, followee: Member, home_length: int) -> None:
    """Another worker has had the event, and another the hourly sweep."""
    await home.followed(follower.id, followee.id, home_length)
    await DB.fetch(SQL("DELETE FROM outbox WHERE kind IN ('Followed', 'PostPublished')"))
    await home.trim_all(home_length)


@pytest.mark.parametrize("home_length", [4, 400])
async def test_somebody_followed_meanwhile_is_there_from_the_first_post(
    network: LiveNetwork, watch: Watch, between: Any, home_length: int
) -> None:
    network.settings = msgspec.structs.replace(network.settings, home_length=home_length)
    network.__init__(network.settings)  # type: ignore[misc]
    ana, ben, eli = await network.members("ana", "ben", "eli")
    await ana.follow(ben)
    await go_away(watch)
    posts = [await one.post("Hello") for one in (ben, *[eli] * 7)]
    await network.settle()

    async def meanwhile() -> None:
        await ana.follow(eli)
        await worked_off_follow(ana, eli, home_length)

    between(meanwhile)
    await ana.home()
    await network.settle()
    assert (await state(ana), await ana.home()) == (HomeState.READY, posts[::-1])
    assert await network.count("timeline", f"viewer = {ana.id}") == min(home_length, len(posts))


@pytest.mark.parametrize("home_length", [4, 400])
async def test_what_happens_while_a_timeline_is_filled(
    network: LiveNetwork, watch: Watch, between: Any, home_length: int
) -> None:
    network.settings = msgspec.structs.replace(network.settings, home_length=home_length)
    network.__init__(network.settings)  # type: ignore[misc]
    ana, ben, cem, dot, eli = await network.members("ana", "ben", "cem", "dot", "eli")
    await ana.follow(ben, cem, dot)
    await go_away(watch)
    old = [await one.post(f"{one.handle} {n}") for n in range(3) for one in (ben, cem, dot, eli)]
    shared = await eli.post("Shared")
    await ben.repost(shared)
    await network.settle()
    new: list[int] = []

    async def meanwhile() -> None:
        """Somebody publishes, is followed, unfollowed and blocked; a post is purged, a repost taken back."""
        new.append(await ben.post("Meanwhile"))
        await ben.unrepost(shared)
        await ben.delete(old[0])
        await deletion.purge_now(old[0])
        await ana.unfollow(cem)
        await ana.follow(eli)
        await ana.block(dot)
        # As another worker does, which does not wait for this one.
        await fanout.copies_continued(CopiesContinued(ben.id, new[0], new[0], ben.id, 0, 0))
        await worked_off_follow(ana, eli, home_length)

    between(meanwhile)
    await ana.home()
    assert await state(ana) == HomeState.FILLING
    await network.settle()
    assert (len(new), await state(ana)) == (1, HomeState.READY)
    wanted = [*new, shared, *(post for n in reversed(range(3)) for post in (old[4 * n + 3], old[4 * n]))]
    wanted.remove(old[0])
    assert await ana.home() == wanted
    assert await network.count("timeline", f"viewer = {ana.id}") == min(home_length, len(wanted))
    gone = f"post = {old[0]} OR author IN ({cem.id}, {dot.id}) OR actor <> 0"
    assert await network.count("timeline", f"viewer = {ana.id} AND ({gone})") == 0


async def test_somebody_who_leaves_meanwhile_is_forgotten(network: LiveNetwork, watch: Watch, between: Any) -> None:
    ana, ben = await network.members("ana", "ben")
    await ana.follow(ben)
    await ben.post("Hello")
    await go_away(watch)
    await network.settle()

    async def leaves() -> None:
        await closing.leave(await ana.viewer(), "ana", PASSWORD)
        await account_purge.purge(AccountLeft(ana.id))

    between(leaves)
    await ana.home()
    await network.settle()
    assert await network.count("account", f"id = {ana.id}") == 0
    assert await network.count("timeline", f"viewer = {ana.id}") == 0
    assert await state(ana) is None


async def test_filling_is_safe_to_repeat(network: LiveNetwork, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker ends after the first transaction; the next one begins anew, and a third comes late."""
    monkeypatch.setattr(filling, "BATCH", 2)
    ana, ben = await network.members("ana", "ben")
    await ana.follow(ben)
    posts = [await ben.post(str(n)) for n in range(7)]
    await go_away(watch)
    await ana.home()
    real, calls = timeline_filling.put, 0

    async def put_once(viewer: int, some: list[int]) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ZeroDivisionError
        await real(viewer, some)

    monkeypatch.setattr(timeline_filling, "put", put_once)
    with pytest.raises(ZeroDivisionError):
        await filling.fill(HomeOpened(ana.id), 5)
    assert (await state(ana), await ana.home()) == (HomeState.FILLING, posts[::-1])
    for _ in range(2):
        await filling.fill(HomeOpened(ana.id), 5)
        assert (await state(ana), await ana.home()) == (HomeState.READY, posts[::-1])
        assert await copies(network, ana) == 5


async def test_an_event_that_got_lost_is_recorded_again(network: LiveNetwork, watch: Watch) -> None:
    ana, ben = await network.members("ana", "ben")
    await ana.follow(ben)
    post = await ben.post("Hello")
    await go_away(watch)
    await ana.home()
    await DB.fetch(SQL("DELETE FROM outbox"))
    watch.forward(86_400)
    assert (await ana.home(), await state(ana)) == ([post], HomeState.FILLING)
    await network.settle()
    assert (await ana.home(), await state(ana)) == ([post], HomeState.READY)
