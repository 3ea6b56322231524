"""The cast plays its week on both engines, and the right people see the right things of it."""

import asyncio

import pytest

from app import demo
from domain.core import clock, ids
from domain.core.access import GUEST
from domain.core.moderation_events import SimulationDue
from domain.moderation import filter_simulations
from domain.posts import threads
from domain.timelines import public
from ops.demo import cast, spam, story
from tests.helpers.databases import Store
from tests.helpers.people import LiveNetwork, Member, everything, hidden

Played = tuple[LiveNetwork, cast.Cast]


@pytest.fixture
async def url(store: Store) -> str:
    """A network that nobody has founded: the cast does."""
    return await store.copy("migrated")


@pytest.fixture
async def played(network: LiveNetwork) -> Played:
    made = await demo.play(network.settings, pictures=False)
    await network.settle()
    return network, made


async def device(played: Played, handle: str) -> Member:
    network, made = played
    return await network.device(made.people[handle].id, handle)


async def test_the_week_ends_now_and_in_order(played: Played) -> None:
    _, made = played
    times = [ids.time_of(post) for post in made.posts.values()]
    assert times == sorted(times)
    assert list(made.posts) == [post.key for post in story.POSTS]
    assert clock.now() - times[0] > 5 * cast.DAY
    assert clock.now() - times[-1] < 10 * cast.MINUTE


async def test_who_reads_what(played: Played) -> None:
    _, made = played
    ana, noor, gaston, eszter, lena = [await device(played, who) for who in ("ana", "noor", "gaston", "eszter", "lena")]
    assert await ana.sees(made.posts["sketch"])
    assert await hidden(made.posts["sketch"], noor, gaston, eszter)
    assert await hidden(made.posts["sketch"])
    assert await noor.sees(made.posts["secret"])
    assert await hidden(made.posts["secret"], lena, eszter, gaston)
    assert await hidden(made.posts["verdict"], gaston)
    assert await hidden(made.posts["grumble"], noor)
    assert made.posts["carpark"] not in [node.post.id for node in (await lena.thread(made.posts["drawing"])).replies]
    everybody = [view.id for view in await everything(public.read, GUEST)]
    firsts = [made.posts[post.key] for post in story.POSTS if not (post.reply or post.followers or post.who == "yuki")]
    assert everybody == sorted(firsts, reverse=True)


async def test_counts_are_what_the_story_tells(played: Played) -> None:
    network, made = played
    cat = await (await device(played, "ana")).view(made.posts["cat"])
    assert (cat.replies, cat.reposts, cat.ups) == (4, 3, 2)
    deep = await threads.read(GUEST, made.posts["time"])
    assert len(deep.ancestors) == 6
    # The accounts that advertised are suspended for a month.
    assert await network.count("outbox", "kind NOT IN ('SanctionEnds', 'UrgentCaseWaits')") == 0
    # One more waits for a moderator.
    assert await network.count("post", "state < 3") == len(story.POSTS) + len(spam.WAVE)


async def test_it_plays_once(played: Played) -> None:
    network, _ = played
    with pytest.raises(cast.NotEmpty):
        await demo.play(network.settings)


async def test_nothing_is_in_hand_at_its_end(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command closes the database then, and an event in hand would wait for that for ever."""
    run, in_hand = filter_simulations.run, 0

    async def slowly(event: SimulationDue) -> None:
        nonlocal in_hand
        in_hand += 1
        for _ in range(20_000):
            await asyncio.sleep(0)
        await run(event)
        in_hand -= 1

    monkeypatch.setattr(filter_simulations, "run", slowly)
    await demo.play(network.settings, pictures=False)
    assert in_hand == 0
    assert await network.count("outbox", "kind = 'SimulationDue'") == 0
