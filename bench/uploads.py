"""A storm of 1,000 uploads: how long pages take meanwhile, and how large the largest process gets.

``python -m bench.uploads``; ``--megapixels 12`` sends what a phone takes, and takes minutes.
"""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from itertools import count
from pathlib import Path
from statistics import quantiles
from typing import Annotated, NamedTuple

import aiohttp
import typer

from bench import databases, pictures, processes, server, site
from bench.databases import Database
from bench.load import LoadFailed
from bench.server import Server
from ops.seed import NetworkSize

SIZE = NetworkSize(accounts=2000, posts=10_000, follows=20)
UPLOADS, AT_ONCE = 1000, 8
# A page every so often, in seconds, and for how long while nothing is sent.
PACE, IDLE = 0.02, 20
# Pictures of this many kinds, so that they are not one stored file.
KINDS = 25
SAMPLE = 0.1


class Storm(NamedTuple):
    """Milliseconds and MB of a million bytes; ``refused``: uploads asked to come again, which they did."""

    megapixels: float
    per_s: float
    idle_p99_ms: float
    p50_ms: float
    p99_ms: float
    refused: int
    largest_mb: float

    @property
    def ratio(self) -> float:
        return self.p99_ms / self.idle_p99_ms


def measure(database: Database, megapixels: float = 3) -> Storm:
    """Errors: ``LoadFailed``, ``NoCluster``."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parvis-bench-")))
        url, _ = stack.enter_context(databases.fresh(database, SIZE))
        cookies = site.pick(url).cookies
        served = stack.enter_context(server.parvis(url, folder))
        return asyncio.run(_Sky(served, cookies, megapixels).break_out())


class _Sky:
    """Members who send, and one who reads."""

    def __init__(self, served: Server, cookies: Sequence[str], megapixels: float) -> None:
        width = round((megapixels * 1e6 * 4 / 3) ** 0.5)
        self._bodies = [pictures.photo(width, width * 3 // 4, seed) for seed in range(KINDS)]
        self._server, self._cookies, self._megapixels = served, cookies, megapixels
        self._numbers = iter(range(UPLOADS))
        self._keys = count(1)
        self._refused, self._largest = 0, 0.0

    async def break_out(self) -> Storm:
        async with aiohttp.ClientSession(self._server.base) as http:
            async with self._reading(http) as idle:
                await asyncio.sleep(IDLE)
            begun = time.perf_counter()
            async with self._reading(http) as waits, self._weighing():
                await asyncio.gather(*(self._send_all(http) for _ in range(AT_ONCE)))
            took = time.perf_counter() - begun
        during, before = quantiles(waits, n=100), quantiles(idle, n=100)
        return Storm(
            self._megapixels, UPLOADS / took, before[98] * 1000, during[49] * 1000, during[98] * 1000, self._refused,
            self._largest,
        )  # fmt: skip

    @contextlib.asynccontextmanager
    async def _reading(self, http: aiohttp.ClientSession) -> AsyncIterator[list[float]]:
        """One page after the other while the block runs; how long each took, in seconds."""
        waits: list[float] = []

        async def read() -> None:
            for number in count():
                cookie = self._cookies[number % len(self._cookies)]
                begun = time.perf_counter()
                async with http.get("/", headers={"cookie": cookie}) as answer:
                    await answer.read()
                    if answer.status != 200:
                        raise LoadFailed(f"A page was answered with {answer.status}")
                waits.append(time.perf_counter() - begun)
                await asyncio.sleep(PACE)

        async with _meanwhile(read()):
            yield waits

    @contextlib.asynccontextmanager
    async def _weighing(self) -> AsyncIterator[None]:
        """Looks at every process of the server while the block runs, for the largest there is."""

        async def weigh() -> None:
            while True:
                for pid in processes.of_group(self._server.group):
                    # Many a child is gone between the two looks.
                    with contextlib.suppress(OSError):
                        self._largest = max(self._largest, processes.rss_mb([pid], "VmHWM"))
                await asyncio.sleep(SAMPLE)

        async with _meanwhile(weigh()):
            yield

    async def _send_all(self, http: aiohttp.ClientSession) -> None:
        for number in self._numbers:
            while (status := await self._send(http, number)) != 201:
                if status not in (429, 503):
                    raise LoadFailed(f"An upload was answered with {status}")
                self._refused += 1
                await asyncio.sleep(1)

    async def _send(self, http: aiohttp.ClientSession, number: int) -> int:
        headers = {"cookie": self._cookies[number % len(self._cookies)], "x-act": "1"}
        # A few bytes behind its end make each file another one, whose picture is the same.
        body = self._bodies[number % KINDS] + number.to_bytes(4, "big")
        async with http.post(f"/media?key=bench-{next(self._keys):06}", data=body, headers=headers) as answer:
            await answer.read()
            return answer.status


@contextlib.asynccontextmanager
async def _meanwhile(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        if task.done():
            task.result()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def main(
    database: Annotated[Database, typer.Option(help="Which engine.")] = "sqlite",
    megapixels: Annotated[float, typer.Option(min=0.1, help="Of each picture.")] = 3,
) -> None:
    found = measure(database, megapixels)
    print(
        f"{found.per_s:.1f} uploads/s; a page p50 {found.p50_ms:.1f} ms, p99 {found.p99_ms:.1f} ms"
        f" (idle {found.idle_p99_ms:.1f} ms, ratio {found.ratio:.2f}); {found.refused} came again;"
        f" the largest process {found.largest_mb:.0f} MB"
    )


if __name__ == "__main__":
    typer.run(main)
