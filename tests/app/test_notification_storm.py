"""A storm of votes while the workers are killed again and again: everybody is told of each vote, and once."""

import asyncio
import multiprocessing
import os
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from db.engine import DB
from db.sql import SQL
from domain.core import clock, ids
from domain.notifications import notices
from domain.posts import votes
from domain.posts.votes import Vote
from tests.helpers.people import LiveNetwork, Member
from tests.helpers.services import environment

KILLS = 20
VOTERS, AUTHORS, POSTS = 40, 3, 4
# Events that wait at a time, so that whoever is killed is killed at work.
BACKLOG = 300
SECONDS = 60

# Not what a killed worker has under a lease: that stays for two minutes, and hides what others do.
DUE = SQL("SELECT min(id), count(*) FROM outbox WHERE due_at <= ?1")
# People in notices, and parts that stand in them, which must be the same.
GROUPS = SQL("""
    SELECT n.account, n.post, n.people, n.unread, (
        SELECT count(*) FROM notice_part t WHERE t.notice = n.id AND t.active = 1) FROM notice n
""")


# Processes are forked from one that has read the code already: reading it takes longer than a worker lives here.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["app.cli", "tests.app.test_notification_storm"])


def work(surroundings: dict[str, str], log: str) -> None:
    """What a process does: ``parvis worker``."""
    from app.cli import cli

    os.environ.clear()
    os.environ.update(surroundings)
    file = os.open(log, os.O_CREAT | os.O_WRONLY)
    os.dup2(file, 1)
    os.dup2(file, 2)
    cli(["worker"])


class Worker:
    """``parvis worker`` as a process of its own."""

    def __init__(self, url: str, folder: Path, number: int) -> None:
        self._log = folder / f"worker{number}.log"
        self._log.touch()
        surroundings = environment(folder, database_url=url)
        self._process = FORKS.Process(target=work, args=(surroundings, str(self._log)), daemon=True)
        self._process.start()

    async def ready(self) -> None:
        """Waits until it works. Errors: ``AssertionError`` with its last words."""
        while b"is processing" not in (said := self._log.read_bytes()):
            assert self._process.is_alive(), said.decode()
            await asyncio.sleep(0.01)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


@contextmanager
def two_workers(url: str, folder: Path) -> Iterator[tuple[list[Worker], Iterator[Worker]]]:
    """Two that are alive, and where others come from."""
    started: list[Worker] = []

    def others() -> Iterator[Worker]:
        while True:
            started.append(Worker(url, folder, len(started)))
            yield started[-1]

    source = others()
    try:
        yield [next(source), next(source)], source
    finally:
        for worker in started:
            worker.kill()


class Storm:
    """People who vote, take it back, and vote again, for as long as it lasts; ``cast`` is who votes for what now."""

    def __init__(self, crowd: list[Member], posts: list[int], authors: list[Member]) -> None:
        self.crowd, self.posts, self.authors = crowd, posts, authors
        self.cast: set[tuple[int, int]] = set()
        self.over = False
        self._chance = random.Random(7)

    async def rage(self) -> None:
        viewers = [await one.viewer() for one in self.crowd]
        readers = [await one.viewer() for one in self.authors]
        while not self.over:
            viewer, post = self._chance.choice(viewers), self._chance.choice(self.posts)
            await votes.cast(viewer, post, Vote.NONE if (viewer.id, post) in self.cast else Vote.UP)
            self.cast ^= {(viewer.id, post)}
            if self._chance.random() < 0.02:
                await notices.read(self._chance.choice(readers), ids.LAST)
            while (await progress())[1] > BACKLOG:
                await asyncio.sleep(0.005)


async def progress() -> tuple[int, int]:
    """The oldest event that is due, and how many are."""
    row = await DB.one(DUE, clock.now())
    assert row is not None
    return row[0] or 0, row[1]


@asynccontextmanager
async def raging(storm: Storm) -> AsyncIterator[None]:
    task = asyncio.create_task(storm.rage())
    try:
        yield
    finally:
        # Not cancelled: a vote would be cast that nobody has noted.
        storm.over = True
        await task


async def kill_at_work(worker: Worker, chance: random.Random) -> None:
    await worker.ready()
    before = await progress()
    while (await progress())[0] == before[0]:
        await asyncio.sleep(0.002)
    await asyncio.sleep(chance.random() * 0.03)
    worker.kill()


async def test_each_vote_is_told_once(network: LiveNetwork, tmp_path: Path) -> None:
    authors = await network.members(*(f"author{number}" for number in range(AUTHORS)))
    crowd = await network.members(*(f"voter{number}" for number in range(VOTERS)))
    posts = [await author.post(f"Post {number}") for author in authors for number in range(POSTS)]
    await network.settle()
    storm, chance = Storm(crowd, posts, authors), random.Random(3)
    async with asyncio.timeout(SECONDS):
        with two_workers(network.settings.url, tmp_path) as (alive, others):
            async with raging(storm):
                for _ in range(KILLS):
                    await kill_at_work(alive.pop(0), chance)
                    alive.append(next(others))
            while (await progress())[1]:
                await asyncio.sleep(0.02)
    await check(network, storm)


async def check(network: LiveNetwork, storm: Storm) -> None:
    groups = [tuple(row) for row in await DB.fetch(GROUPS)]
    assert all(people == stand for _, _, people, _, stand in groups)
    for author, post in ((author, post) for author in storm.authors for post in storm.posts):
        mine = [row for row in groups if row[:2] == (author.id, post)]
        assert sum(row[3] for row in mine) <= 1, "one notice gathers what is not read"
        voted = sum(1 for _, on in storm.cast if on == post)
        assert sum(row[2] for row in mine) == (voted if mine else 0)
    assert await network.count("notice_part", "active = 1") == len(storm.cast)
    for author in storm.authors:
        counted = sum(1 for row in groups if row[0] == author.id and row[3] and row[2])
        assert (await author.viewer()).counts.unread == counted
        shown = [view for view in (await notices.page(await author.viewer(), "votes")).items if view.unread]
        assert len(shown) == counted
    assert [(await storm.crowd[0].view(post)).ups for post in storm.posts] == [
        sum(1 for _, on in storm.cast if on == post) for post in storm.posts
    ]
