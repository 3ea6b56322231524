"""What a post costs, and how long reads wait meanwhile, when 10, 50 or all of 100 followers read home."""

import asyncio
import contextlib
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

from bench import databases, lines, load, server, site
from bench.lines import Line
from bench.load import Outcome
from bench.measure import Bench, Rounds
from db.engine import DB
from db.queries.home_activity import NOTHING_READY
from db.sql import SQL
from db.tables.timelines import HomeState
from ops.seed import NetworkSize

SHARES = (10, 50, 100)
# Of the 16 connections of other lines: with so many posting, about every tenth answer is to a post.
READERS, WRITERS = 14, 2

# Whoever is signed in reads: they post and turn pages.
OTHERS = SQL("SELECT id FROM account WHERE id NOT IN (SELECT account FROM session) ORDER BY id")
RETIRE = (
    SQL(f"UPDATE home_activity SET state = {HomeState.IDLE} WHERE account IN {{ids:1}}"),
    SQL(f"UPDATE account SET home_floor = {NOTHING_READY} WHERE id IN {{ids:1}}"),
    SQL("DELETE FROM timeline WHERE viewer IN {ids:1}"),
)


class Cost(NamedTuple):
    """Of one share of active followers, in percent: milliseconds of CPU and posts a second while nobody reads; p99 of
    reads in milliseconds, reads and posts a second while both happen."""

    share: int
    cpu_ms: float
    posts_per_s: float
    read_p99_ms: float
    reads_beside: float
    posts_beside: float

    def words(self) -> str:
        return (
            f"{self.share} % of followers active: a post takes {self.cpu_ms:.2f} ms of CPU ({self.posts_per_s:,.0f}/s)."
            f" Reads take p99 {self.read_p99_ms:.1f} ms at {self.reads_beside:,.0f}/s beside {self.posts_beside:,.0f}"
            " posts/s."
        )


class Served(NamedTuple):
    """A server whose network has one share of active members, and what its rounds came to."""

    share: int
    bench: Bench
    reads: Line
    posts: Line
    alone: Rounds
    beside: list[tuple[Outcome, Outcome]]

    def cost(self) -> Cost:
        return Cost(
            self.share,
            median(self.alone.cpu_ms),
            median(self.alone.rps),
            median(reads.p99_ms for reads, _ in self.beside),
            median(reads.rps for reads, _ in self.beside),
            median(posts.rps for _, posts in self.beside),
        )


def measure(seconds: float = 3, rounds: int = 3, shares: Sequence[int] = SHARES) -> list[Cost]:
    """Measures the shares on SQLite in turn, so that a noisy machine is noisy for all of them.

    Errors: ``LoadFailed``.
    """
    with contextlib.ExitStack() as stack:
        served = [_serve(stack, share, seconds) for share in shares]
        for one in served:
            one.bench.warm(one.reads)
            one.bench.warm(one.posts)
        for _ in range(rounds):
            for one in served:
                one.bench.write(one.posts, one.alone)
                # Nobody has read what was just posted; readers of a network have seen most of what they are shown.
                one.bench.warm(one.reads)
                one.beside.append(_both(one, seconds))
        return [one.cost() for one in served]


def _serve(stack: contextlib.ExitStack, share: int, seconds: float) -> Served:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parvis-bench-")))
    url = stack.enter_context(databases.sqlite(NetworkSize()))
    picked = site.pick(url)
    asyncio.run(_retire(url, share))
    parvis = stack.enter_context(server.parvis(url, folder))
    bench = Bench(parvis, stack.enter_context(site.Watch(url)), None, seconds)
    reads = [request for request in lines.mix(picked).requests if not request.body]
    return Served(share, bench, Line("reads", reads), lines.posts(picked), Rounds(), [])


async def _retire(url: str, share: int) -> None:
    """Leaves ``share`` percent of the members active."""
    await DB.open(url)
    try:
        others = [row[0] for row in await DB.fetch(OTHERS)]
        idle = [account for account in others if Random(account).random() * 100 >= share]
        for start in range(0, len(idle), 500):
            async with DB.writing():
                for statement in RETIRE:
                    await DB.fetch(statement, DB.ids(idle[start : start + 500]))
    finally:
        await DB.close()


def _both(one: Served, seconds: float) -> tuple[Outcome, Outcome]:
    """Reads and posts at the same time."""
    base = one.bench.server.base
    with ThreadPoolExecutor(2) as threads:
        reads = threads.submit(load.play, base, one.reads.requests, seconds=seconds, clients=READERS)
        posts = threads.submit(load.play, base, one.posts.requests, seconds=seconds, clients=WRITERS)
        return reads.result(), posts.result()
