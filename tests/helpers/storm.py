"""A storm: processes in which a few members do everything to each other at once, while workers are killed at work."""

import asyncio
import multiprocessing
import random
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

from db.engine import DB
from db.sql import SQL
from domain.accounts import profiles, sessions
from domain.core.access import Viewer
from domain.core.errors import Refused
from domain.graph import blocks, follows, mutes
from domain.notifications import bells, notices
from domain.posts import deletion, editing, publishing, reposts, votes
from domain.posts.votes import Vote

FORKS = multiprocessing.get_context("forkserver")
NEWEST = SQL("SELECT id, author FROM post WHERE deleted_at IS NULL ORDER BY id DESC LIMIT 12")
# Actions that each process has under way at a time.
AT_ONCE = 4
PULL_LIMIT = 12


class Actor:
    """Members by their sessions, and the actions that they choose from at random."""

    def __init__(self, tokens: Sequence[str], seed: int) -> None:
        self._tokens = tokens
        self._chance = random.Random(seed)
        self.outcomes: Counter[str] = Counter()

    async def act(self) -> None:
        """One action of one member. What is refused is counted by its code, and what breaks by its error."""
        viewer, other = [await sessions.viewer(token) for token in self._chance.sample(self._tokens, 2)]
        action = self._chance.choice(ACTIONS)
        try:
            await action(self._chance, viewer, other)
        except Refused as refusal:
            self.outcomes[f"refused {refusal.code}"] += 1
        except Exception as error:
            self.outcomes[f"{type(error).__name__} in {action.__name__}"] += 1
        else:
            self.outcomes["done"] += 1


async def _follow(_: random.Random, viewer: Viewer, other: Viewer) -> None:
    await follows.follow(viewer, other.id, PULL_LIMIT)


async def _unfollow(_: random.Random, viewer: Viewer, other: Viewer) -> None:
    await follows.unfollow(viewer, other.id)


async def _block(_: random.Random, viewer: Viewer, other: Viewer) -> None:
    await blocks.block(viewer, other.id)
    await blocks.unblock(viewer, other.id)


async def _mute(_: random.Random, viewer: Viewer, other: Viewer) -> None:
    await mutes.mute(viewer, other.id)
    await mutes.unmute(viewer, other.id)


async def _ring(_: random.Random, viewer: Viewer, other: Viewer) -> None:
    await bells.add(viewer, other.id)


async def _post(_: random.Random, viewer: Viewer, other: Viewer) -> None:
    await publishing.publish(viewer, publishing.Draft(f"Hello @{other.handle} #storm", secrets.token_hex(8)))


async def _reply(chance: random.Random, viewer: Viewer, _: Viewer) -> None:
    if posts := await DB.fetch(NEWEST):
        parent, quote = chance.choice(posts)[0], chance.choice(posts)[0]
        draft = publishing.Draft("A word on two", secrets.token_hex(8), parent=parent, quote=quote)
        await publishing.publish(viewer, draft)


async def _vote(chance: random.Random, viewer: Viewer, _: Viewer) -> None:
    if posts := await DB.fetch(NEWEST):
        await votes.cast(viewer, chance.choice(posts)[0], chance.choice((Vote.NONE, Vote.UP)))


async def _repost(chance: random.Random, viewer: Viewer, _: Viewer) -> None:
    if posts := await DB.fetch(NEWEST):
        await reposts.put(viewer, chance.choice(posts)[0])


async def _unrepost(chance: random.Random, viewer: Viewer, _: Viewer) -> None:
    if posts := await DB.fetch(NEWEST):
        await reposts.withdraw(viewer, chance.choice(posts)[0])


async def _edit(_: random.Random, viewer: Viewer, other: Viewer) -> None:
    if own := await _own(viewer):
        await editing.edit(viewer, own, f"Said again to @{other.handle} {secrets.token_hex(2)}", None)


async def _delete(_: random.Random, viewer: Viewer, __: Viewer) -> None:
    if own := await _own(viewer):
        await deletion.delete(viewer, own, 0)


async def _own(viewer: Viewer) -> int | None:
    return next((row[0] for row in await DB.fetch(NEWEST) if row[1] == viewer.id), None)


async def _read(_: random.Random, viewer: Viewer, __: Viewer) -> None:
    await notices.read(viewer, 2**62)


async def _close_or_open(chance: random.Random, viewer: Viewer, _: Viewer) -> None:
    await profiles.set_private(viewer, chance.random() < 0.3)


ACTIONS: tuple[Callable[[random.Random, Viewer, Viewer], Awaitable[None]], ...] = (
    *(_follow, _unfollow) * 4, *(_vote, _repost, _unrepost) * 3, *(_post, _reply) * 2,
    _block, _mute, _ring, _edit, _delete, _read, _close_or_open,
)  # fmt: skip


def rage(url: str, tokens: Sequence[str], seed: int, seconds: float, over: Event, report: Connection) -> None:
    """What a process of the storm does; it sends its outcomes at the end."""
    report.send(asyncio.run(_rage(url, tokens, seed, seconds, over)))


async def _rage(url: str, tokens: Sequence[str], seed: int, seconds: float, over: Event) -> Counter[str]:
    await DB.open(url)
    actor, until = Actor(tokens, seed), asyncio.get_running_loop().time() + seconds

    async def again() -> None:
        while asyncio.get_running_loop().time() < until or not over.is_set():
            await actor.act()

    try:
        await asyncio.gather(*(again() for _ in range(AT_ONCE)))
    finally:
        await DB.close()
    return actor.outcomes


async def storm(url: str, tokens: Sequence[str], processes: int, seconds: float, over: Event) -> Counter[str]:
    """Runs so many processes, for so long at least and until it is ``over``. Adds up what became of the actions."""
    total: Counter[str] = Counter()
    started = []
    for seed in range(processes):
        ours, theirs = FORKS.Pipe()
        process = FORKS.Process(target=rage, args=(url, tokens, seed, seconds, over, theirs), daemon=True)
        process.start()
        started.append((process, ours))
    for process, ours in started:
        while not ours.poll():
            assert process.is_alive()
            await asyncio.sleep(0.02)
        total += ours.recv()
        process.join()
    return total
