"""A page's latency while strangers hold connections open: 500 who do not read, 500 who do not finish their request, and
2,000 open pages, all together.

``python -m bench.connections``; whoever is cut off comes back at once. They are in a process of their own, as strangers
are, and the page is asked for as often as before.
"""

import asyncio
import contextlib
import multiprocessing
import resource
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from bench import databases, lines, load, server, site
from bench.databases import Database
from ops.seed import NetworkSize

SIZE = NetworkSize(accounts=2000, posts=10_000, follows=20)
READERS, HALF_OPEN, STREAMS = 500, 500, 2000
SECONDS = 20.0
# Fewer than saturate the server: latency is what is asked for.
CLIENTS = 2
# Opened at a time, so that the backlog of the socket does not overflow.
AT_ONCE = 50
PAUSE, HELD = 0.5, 120.0
# Pages that one who reads nothing asks for at once.
PAGES = 8
# Until what came with the first requests of all is done.
SETTLE = 10.0


class Result(NamedTuple):
    """Milliseconds; ``before`` is the same page without the strangers."""

    before_p50: float
    before_p99: float
    p50: float
    p99: float

    def words(self) -> str:
        return (
            f"Home alone: p50 {self.before_p50:.1f} ms, p99 {self.before_p99:.1f} ms; with {READERS} who read nothing,"
            f" {HALF_OPEN} half-open connections and {STREAMS:,} open pages: p50 {self.p50:.1f} ms, p99"
            f" {self.p99:.1f} ms, {self.p99 / self.before_p99:.1f} times as long."
        )


def measure(database: Database) -> Result:
    """Errors: ``LoadFailed``, ``NoCluster``."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parvis-bench-")))
        url, _ = stack.enter_context(databases.fresh(database, SIZE))
        picked = site.pick(url)
        served = stack.enter_context(server.parvis(url, folder))
        home = lines.reads(picked)[0].requests
        load.play(served.base, home, seconds=5, clients=CLIENTS)
        before = load.play(served.base, home, seconds=SECONDS, clients=CLIENTS)
        stack.enter_context(_strangers(served.port, picked.cookies, picked.threads))
        time.sleep(SETTLE)
        during = load.play(served.base, home, seconds=SECONDS, clients=CLIENTS)
    return Result(before.p50_ms, before.p99_ms, during.p50_ms, during.p99_ms)


@contextlib.contextmanager
def _strangers(port: int, cookies: list[str], pages: list[str]) -> Iterator[None]:
    """All of them, once each has been there."""
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_be_strangers, args=(port, cookies, pages, ready), daemon=True)
    process.start()
    try:
        if not ready.wait(120):
            raise load.LoadFailed("The strangers could not connect")
        yield
    finally:
        process.kill()
        process.join()


def _be_strangers(port: int, cookies: list[str], pages: list[str], ready: Event) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(_Strangers(port, cookies, pages).come(ready))


class _Strangers:
    def __init__(self, port: int, cookies: list[str], pages: list[str]) -> None:
        self._port, self._cookies, self._pages = port, cookies, pages
        self._missing = READERS + HALF_OPEN + STREAMS
        self._all_there = asyncio.Event()
        self._opening = asyncio.Semaphore(AT_ONCE)

    async def come(self, ready: Event) -> None:
        """For ever; sets ``ready`` once each has been there."""
        kinds = [(self._read_nothing, READERS), (self._half_open, HALF_OPEN), (self._listen, STREAMS)]
        tasks = [asyncio.create_task(self._again(kind, at)) for kind, count in kinds for at in range(count)]
        await self._all_there.wait()
        ready.set()
        await asyncio.gather(*tasks)

    async def _again(self, kind: Callable[[int, bool], Awaitable[None]], number: int) -> None:
        first = True
        while True:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await kind(number, first)
            first = False
            await asyncio.sleep(PAUSE)

    async def _connect(self, request: str, first: bool, buffer: int = 65_536) -> asyncio.StreamReader:
        """``buffer``: what the system takes before it is read, in bytes."""
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connection.setblocking(False)
        async with self._opening:
            await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self._port))
            reader, writer = await asyncio.open_connection(sock=connection, limit=1024)
            writer.write(request.encode())
            await writer.drain()
        self._missing -= first
        if not self._missing:
            self._all_there.set()
        # Kept with the reader, which would end with it.
        reader.writer = writer  # type: ignore[attr-defined]
        return reader

    async def _read_nothing(self, number: int, first: bool) -> None:
        """Asks for more than the system's buffers take, and looks at none of it."""
        request = f"GET {self._pages[number % len(self._pages)]} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
        reader = await self._connect(request * PAGES, first, buffer=2048)
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(HELD)

    async def _half_open(self, number: int, first: bool) -> None:
        reader = await self._connect(f"GET /?{number} HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ", first)
        await reader.read()

    async def _listen(self, number: int, first: bool) -> None:
        cookie = self._cookies[number % len(self._cookies)]
        query = f"/live?at=home&since={time.time_ns()}"
        reader = await self._connect(f"GET {query} HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: {cookie}\r\n\r\n", first)
        while await reader.read(1024):
            pass


def main(database: Annotated[Database, typer.Option(help="Which engine.")] = "sqlite") -> None:
    print(measure(database).words())


if __name__ == "__main__":
    typer.run(main)
