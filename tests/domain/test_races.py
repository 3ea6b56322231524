"""Two people, two actions at the same moment: whichever order they take, what they leave is what one order would."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from db.engine import DB
from db.sql import SQL
from domain.accounts import profiles
from domain.core.access import Viewer
from domain.core.errors import NotFound, Refused
from domain.graph import blocks, follows, mutes
from domain.notifications import bells
from domain.posts import deletion, publishing
from tests.helpers.people import LiveNetwork
from tests.helpers.waiting import until_blocked

Step = Callable[[], Coroutine[Any, Any, object]]

RACES = 40
WRONG = {
    "a follow across a block": """
        SELECT count(*) FROM follow f JOIN block b ON b.blocker = f.follower AND b.blocked = f.followee
            OR b.blocker = f.followee AND b.blocked = f.follower
    """,
    "a request across a block": """
        SELECT count(*) FROM follow_request q JOIN block b ON b.blocker = q.requester AND b.blocked = q.target
            OR b.blocker = q.target AND b.blocked = q.requester
    """,
    "a bell on somebody who is not followed": """
        SELECT count(*) FROM bell g WHERE NOT EXISTS (
            SELECT 1 FROM follow f WHERE f.follower = g.account AND f.followee = g.target)
    """,
    "a bell on somebody who is muted": """
        SELECT count(*) FROM bell g JOIN mute m ON m.muter = g.account AND m.muted = g.target
    """,
    "counts that are not the rows'": """
        SELECT count(*) FROM account a WHERE a.followers <> (SELECT count(*) FROM follow f WHERE f.followee = a.id)
            OR a.following <> (SELECT count(*) FROM follow f WHERE f.follower = a.id)
    """,
}


async def wrong() -> list[str]:
    return [what for what, ask in WRONG.items() if await DB.value(SQL(ask))]


@pytest.fixture
async def pair(network: LiveNetwork) -> tuple[Viewer, Viewer]:
    ana, ben = await network.members("ana", "ben")
    return await ana.viewer(), await ben.viewer()


async def race(*actions: Awaitable[object]) -> list[object]:
    """What each gave, or how it was refused."""
    done = await asyncio.gather(*actions, return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException) and not isinstance(one, Refused):
            raise one
    return done


def either_first(number: int, *actions: Awaitable[object]) -> tuple[Awaitable[object], ...]:
    """Two rounds in one order, two in the other."""
    return actions if number % 4 < 2 else actions[::-1]


async def again(one: Viewer, other: Viewer) -> None:
    """Nothing lies between the two any more."""
    for viewer, account in ((one, other.id), (other, one.id)):
        await blocks.unblock(viewer, account)
        await follows.unfollow(viewer, account)
        await mutes.unmute(viewer, account)


async def test_follow_against_block(pair: tuple[Viewer, Viewer]) -> None:
    ana, ben = pair
    for number in range(RACES):
        blocker, blocked = (ana, ben) if number % 2 else (ben, ana)
        await race(*either_first(number, follows.follow(ana, ben.id, 100), blocks.block(blocker, blocked.id)))
        assert await wrong() == []
        assert await follows_of(ana, ben) == 0
        await again(ana, ben)


async def test_accept_against_block(pair: tuple[Viewer, Viewer]) -> None:
    ana, ben = pair
    await profiles.set_private(ben, private=True)
    for number in range(RACES):
        assert await follows.follow(ana, ben.id, 100) == "requested"
        blocker, blocked = (ana, ben) if number % 2 else (ben, ana)
        await race(*either_first(number, follows.accept(ben, ana.id, 100), blocks.block(blocker, blocked.id)))
        assert await wrong() == []
        await again(ana, ben)


async def test_follow_against_going_private(pair: tuple[Viewer, Viewer]) -> None:
    """Whoever follows without having asked did so before; whoever comes while the account is being closed asks."""
    ana, ben = pair

    async def follow() -> str:
        return await follows.follow(ana, ben.id, 100)

    async def close() -> None:
        await profiles.set_private(ben, private=True)

    for number in range(RACES):
        if number % 2:
            done = await overlap(close, follow)
            assert (done[1], await follows_of(ana, ben), await asked(ana, ben)) == ("requested", 0, 1)
        else:
            done = await overlap(follow, close)
            assert (done[0], await follows_of(ana, ben), await asked(ana, ben)) == ("following", 1, 0)
        assert await wrong() == []
        await again(ana, ben)
        await profiles.set_private(ben, private=False)


async def overlap(first: Step, second: Step) -> list[object]:
    """What each gives; the second waits for the first one's transaction, which ends then."""
    held, go = asyncio.Event(), asyncio.Event()

    async def holding() -> object:
        async with DB.writing():
            found = await first()
            held.set()
            await go.wait()
        return found

    one = asyncio.create_task(holding())
    await held.wait()
    other = asyncio.create_task(second())
    await until_blocked(other)
    go.set()
    return list(await asyncio.gather(one, other))


async def follows_of(one: Viewer, other: Viewer) -> int:
    ask = SQL("SELECT count(*) FROM follow WHERE follower = ?1 AND followee = ?2")
    return int(await DB.value(ask, one.id, other.id))


async def asked(one: Viewer, other: Viewer) -> int:
    ask = SQL("SELECT count(*) FROM follow_request WHERE requester = ?1 AND target = ?2")
    return int(await DB.value(ask, one.id, other.id))


Action = Callable[[Viewer, int], Awaitable[object]]


@pytest.mark.parametrize("against", [follows.unfollow, mutes.mute])
async def test_bell_against_what_takes_it_down(pair: tuple[Viewer, Viewer], against: Action) -> None:
    ana, ben = pair
    for _ in range(RACES):
        await follows.follow(ana, ben.id, 100)
        await race(bells.add(ana, ben.id), against(ana, ben.id))
        assert await wrong() == []
        await again(ana, ben)


async def test_people_who_follow_each_other_at_once(network: LiveNetwork) -> None:
    """Nobody waits in a circle, whatever order they come in."""
    viewers = [await one.viewer() for one in await network.members("ana", "ben", "cem", "dan")]
    pairs = [(one, other) for one in viewers for other in viewers if one is not other]
    for _ in range(5):
        await race(*(follows.follow(one, other.id, 2) for one, other in pairs))
        await race(*(follows.unfollow(one, other.id) for one, other in pairs))
        assert await wrong() == []


async def test_reply_against_deletion(network: LiveNetwork) -> None:
    """A post that is being deleted gets no more replies, though it could be seen when the reply was written."""
    ana, ben = await network.members("ana", "ben")
    post, writer, reader = await ana.post("Going"), await ana.viewer(), await ben.viewer()
    late = publishing.Draft("Late", "late-reply", parent=post)
    # The reply has looked at the post and waits for it, or for the write lock.
    with pytest.raises(NotFound):
        await overlap(lambda: deletion.delete(writer, post, 30), lambda: publishing.publish(reader, late))
    assert await DB.value(SQL("SELECT replies FROM post WHERE id = ?1"), post) == 0
    assert await network.count("post") == 1
