"""2,000 open pages in one server process: what they weigh, and how soon a post is on all of its followers' pages.

``python -m bench.streams``; every member of a seeded network has a home open, over sockets of this one process.
"""

import asyncio
import contextlib
import resource
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

import msgspec
import typer

from bench import databases, server
from bench.databases import Database
from bench.load import LoadFailed
from bench.server import Server
from db import schema
from db.engine import DB
from db.sql import SQL
from domain.accounts import sessions
from domain.core import ids
from ops.seed import NetworkSize

SIZE = NetworkSize(accounts=2000, posts=10_000, follows=20)
# Posts of people with some followers, this many seconds apart; then of one whom everybody follows.
POSTS, APART = 60, 0.5
WIDE_POSTS, WIDE_APART = 8, 4.0
# Longer than the server waits between two words to the same page: only first words are timed.
QUIET = 2.5
PATIENCE = 10.0
IDLE = 30.0
OPENING = 50

PEOPLE = SQL("SELECT id FROM account ORDER BY id LIMIT ?1")
FOLLOWS = SQL("SELECT follower, followee FROM follow")
SHOWN = SQL("SELECT post FROM timeline WHERE viewer = ?1 ORDER BY entry DESC LIMIT 20")
ALL_FOLLOW = SQL("""
    INSERT INTO follow (follower, followee) SELECT id, CAST(?1 AS bigint) FROM account WHERE id <> ?1
    ON CONFLICT DO NOTHING
""")


class Result(NamedTuple):
    """MB, milliseconds, and percent of one core; ``wide_ms`` is until the last of all pages was told."""

    streams: int
    rss_before_mb: float
    rss_mb: float
    idle_cpu: float
    p50_ms: float
    p99_ms: float
    post_cpu_ms: float
    wide_p50_ms: float
    wide_ms: float
    wide_cpu_ms: float


class Page(msgspec.Struct):
    """One open page: whose, and when it was told of something last."""

    account: int
    cookie: str
    query: str
    told_at: float = 0
    ready: bool = False


def measure(database: Database) -> Result:
    """Errors: ``LoadFailed``, ``NoCluster``."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parvis-bench-")))
        url, _ = stack.enter_context(databases.fresh(database, SIZE))
        pages, followers = asyncio.run(_prepare(url))
        served = stack.enter_context(server.parvis(url, folder))
        return asyncio.run(_Crowd(served, pages, followers).measure())


async def _prepare(url: str) -> tuple[list[Page], dict[int, set[int]]]:
    """Everybody signed in on a page that shows their home, and who follows whom; the first one is followed by all."""
    await DB.open(url)
    schema.bind()
    people = [row[0] for row in await DB.fetch(PEOPLE, SIZE.accounts)]
    await DB.fetch(ALL_FOLLOW, people[0])
    pages = []
    async with DB.writing():
        for account in people:
            cookie = f"parvis={await sessions.start(account, 'bench')}"
            shown = ",".join(str(row[0]) for row in await DB.fetch(SHOWN, account))
            pages.append(Page(account, cookie, urlencode({"at": "home", "since": ids.new(), "posts": shown})))
    followers: dict[int, set[int]] = {}
    for follower, followee in await DB.fetch(FOLLOWS):
        followers.setdefault(followee, set()).add(follower)
    await DB.close()
    return pages, followers


class _Crowd:
    """All who listen."""

    def __init__(self, served: Server, pages: list[Page], followers: dict[int, set[int]]) -> None:
        self._server, self._pages, self._followers = served, pages, followers
        self._page_of = {page.account: page for page in pages}
        # Whose page is to be told of what was posted when.
        self._awaited: dict[int, float] = {}
        self._waits: list[float] = []

    async def measure(self) -> Result:
        before = self._server.rss_mb()
        tasks = await self._open()
        idle = await self._idle()
        random = Random(4)
        authors = [page.account for page in self._pages[1:] if len(self._followers.get(page.account, ())) >= 5]
        chosen = random.sample(authors, POSTS)
        cost = await self._post_all(chosen, APART)
        waits = quantiles(self._waits, n=100)
        self._waits = []
        last, wide_cost = [], 0.0
        wide: list[float] = []
        for _ in range(WIDE_POSTS):
            wide_cost += await self._post_all([self._pages[0].account], WIDE_APART) / WIDE_POSTS
            wide += self._waits
            last.append(max(self._waits))
            self._waits = []
        rss = self._server.rss_mb()
        for task in tasks:
            task.cancel()
        return Result(
            len(self._pages), before, rss, idle, waits[49] * 1000, waits[98] * 1000, cost,
            quantiles(wide, n=100)[49] * 1000, sorted(last)[len(last) // 2] * 1000, wide_cost,
        )  # fmt: skip

    async def _open(self) -> list["asyncio.Task[None]"]:
        tasks = []
        for start in range(0, len(self._pages), OPENING):
            some = self._pages[start : start + OPENING]
            tasks += [asyncio.create_task(self._listen(page)) for page in some]
            await self._until(lambda some=some: all(page.ready for page in some), "pages did not open")  # type: ignore[misc]
        return tasks

    async def _idle(self) -> float:
        cpu, began = self._server.cpu_ms(), time.perf_counter()
        await asyncio.sleep(IDLE)
        return (self._server.cpu_ms() - cpu) / (time.perf_counter() - began) / 10

    async def _listen(self, page: Page) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._server.port)
        head = (
            f"GET /live?{page.query} HTTP/1.1\r\nhost: 127.0.0.1:{self._server.port}\r\ncookie: {page.cookie}\r\n\r\n"
        )
        writer.write(head.encode())
        try:
            while data := await reader.read(65_536):
                page.ready = page.ready or b"event: notices" in data
                if b"event: feed" in data:
                    self._told(page, time.perf_counter())
            raise LoadFailed("A stream ended by itself")
        finally:
            writer.close()

    def _told(self, page: Page, now: float) -> None:
        posted = self._awaited.pop(page.account, None)
        if posted is not None and now - page.told_at > QUIET:
            self._waits.append(now - posted)
        page.told_at = now

    async def _post_all(self, authors: Iterable[int], apart: float) -> float:
        """Posts, and waits until everybody was told. Returns the server's CPU for each post, in ms."""
        cpu, count = self._server.cpu_ms(), 0
        for author in authors:
            now = time.perf_counter()
            for follower in self._followers[author]:
                self._awaited.setdefault(follower, now)
            await self._post(self._page_of[author])
            count += 1
            await asyncio.sleep(apart)
        await self._until(lambda: not self._awaited, "pages were not told")
        return (self._server.cpu_ms() - cpu) / count

    async def _post(self, author: Page) -> None:
        body = urlencode({"text": "Said to all who listen", "key": f"bench-{time.time_ns()}"})
        reader, writer = await asyncio.open_connection("127.0.0.1", self._server.port)
        head = (
            f"POST /posts HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: {author.cookie}\r\nconnection: close\r\n"
            f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        writer.write((head + body).encode())
        status = (await reader.readline()).split()[1]
        await reader.read()
        writer.close()
        if status != b"303":
            raise LoadFailed(f"A post was answered with {status.decode()}")

    async def _until(self, done: Callable[[], bool], words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > deadline:
                raise LoadFailed(f"{words} within {PATIENCE:g} s ({len(self._awaited)} wait)")
            await asyncio.sleep(0.01)


def main(database: Annotated[Database, typer.Option(help="Which engine.")] = "sqlite") -> None:
    found = measure(database)
    print(
        f"{found.streams:,} streams: {found.rss_mb:.0f} MB ({found.rss_before_mb:.0f} MB without),"
        f" CPU {found.idle_cpu:.1f} % of a core while nothing happens\n"
        f"a post: p50 {found.p50_ms:.0f} ms, p99 {found.p99_ms:.0f} ms to each page, CPU {found.post_cpu_ms:.1f} ms\n"
        f"a post that all follow: p50 {found.wide_p50_ms:.0f} ms, the last {found.wide_ms:.0f} ms,"
        f" CPU {found.wide_cpu_ms:.0f} ms"
    )


if __name__ == "__main__":
    typer.run(main)
