"""Open pages hear of everything, whichever process it happened in; and no open page holds a server up."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from db import postgres
from tests.helpers.databases import Store
from tests.helpers.event_streams import EventStream, connected
from tests.helpers.people import LiveNetwork, Member
from tests.helpers.services import PARVIS, ROOT, ServerProcess, environment

# Streams are looked at without a signal after 12 s at the earliest: what comes before came by a signal.
BEFORE_THE_BEAT = 8.0


class Town:
    """A network with @bea following @ana, and the servers on it; ``post`` is on both their pages."""

    def __init__(self, network: LiveNetwork, folder: Path, ana: Member, bea: Member, post: int) -> None:
        self.url, self.folder = network.settings.url, folder
        self.ana, self.bea, self.post = ana, bea, post
        self.cookie = f"parvis={bea.token}"

    @contextlib.contextmanager
    def server(self, *arguments: str, **settings: str | int) -> Iterator[ServerProcess]:
        served = ServerProcess(self.folder, database_url=self.url, **settings)
        try:
            yield served.start(*arguments)
        finally:
            served.stop()

    async def says(self, server: ServerProcess, text: str) -> None:
        cookies, headers = {"parvis": self.ana.token}, {"origin": server.base}
        async with httpx.AsyncClient(base_url=server.base, cookies=cookies, headers=headers) as client:
            answer = await client.post("/posts", data={"text": text, "key": f"a-key-for-{text}"})
            assert answer.status_code == 303, answer.text

    def home(self, base: str, mark: str = "") -> contextlib.AbstractAsyncContextManager[EventStream]:
        return connected(base, self.cookie, "home", mark, since=self.post, posts=self.post)


@pytest.fixture
async def town(network: LiveNetwork, tmp_path: Path) -> Town:
    ana, bea = await network.members("ana", "bea")
    await bea.follow(ana)
    post = await ana.post("the first")
    await network.settle()
    return Town(network, tmp_path, ana, bea, post)


async def test_two_servers(town: Town) -> None:
    with town.server() as one, town.server() as two:
        async with town.home(one.base) as here, town.home(two.base) as there:
            for stream in (here, there):
                await stream.until("notices")
            await town.says(one, "of one")
            for stream in (here, there):
                await stream.until("feed", BEFORE_THE_BEAT, count=1)
            await town.says(two, "of two")
            for stream in (here, there):
                await stream.until("feed", BEFORE_THE_BEAT, count=2)


async def test_several_workers_of_one_server(town: Town) -> None:
    with town.server("--workers", "2") as server:
        async with contextlib.AsyncExitStack() as stack:
            streams = [await stack.enter_async_context(town.home(server.base)) for _ in range(8)]
            for stream in streams:
                await stream.until("notices")
            await town.says(server, "hello")
            for stream in streams:
                await stream.until("feed", BEFORE_THE_BEAT, count=1)


@contextlib.contextmanager
def working(town: Town) -> Iterator[None]:
    """``parvis worker`` on the town's database."""
    settings = environment(town.folder, database_url=town.url)
    worker = subprocess.Popen([PARVIS, "worker"], cwd=ROOT, env=settings, stdout=subprocess.PIPE)
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline()
        yield
    finally:
        worker.terminate()
        assert worker.wait(10) == 0


async def test_a_worker_of_its_own(town: Town) -> None:
    with town.server(outbox_in_server="false") as server, working(town):
        async with town.home(server.base) as stream:
            await stream.until("notices")
            await town.says(server, "hello")
            await stream.until("feed", BEFORE_THE_BEAT, count=1)


async def test_a_server_stops_at_once_and_tells_its_streams_to_come_back(town: Town) -> None:
    with town.server() as server:
        async with town.home(server.base) as stream:
            await stream.until("notices")
            assert server.process is not None
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            # In order, after which uvicorn ends as the signal would have ended it.
            assert await asyncio.to_thread(server.process.wait, 10) == -signal.SIGTERM
            assert time.monotonic() - began < 2
            assert "Traceback" not in server.tail()
            await asyncio.wait_for(stream.ended.wait(), 5)


class Line:
    """A wire to a server that can be cut: every connection over it ends in mid-stream."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: set[asyncio.StreamWriter] = set()
        self.base = ""

    @contextlib.asynccontextmanager
    async def laid(self) -> AsyncIterator["Line"]:
        server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            self.cut()
            server.close()

    def cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._open |= {writer, far_writer}
        await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.close()


async def test_a_line_that_is_cut_again_and_again_loses_nothing(town: Town) -> None:
    with town.server() as server:
        async with Line(server.port).laid() as line:
            counts: list[int] = []
            mark, said = "", 0
            for _ in range(6):
                async with town.home(line.base, mark) as stream:
                    said += 1
                    await town.says(server, f"number {said}")
                    await stream.until("feed", BEFORE_THE_BEAT, count=said)
                    # One more, which may or may not get through before the cut.
                    said += 1
                    await town.says(server, f"number {said}")
                    line.cut()
                    await asyncio.wait_for(stream.ended.wait(), 5)
                    counts += [told["count"] for told in stream.named("feed")]
                    mark = stream.mark
            async with town.home(line.base, mark) as stream:
                if counts[-1] < said:
                    await stream.until("feed", BEFORE_THE_BEAT, count=said)
                # What comes after all that may have been under way.
                said += 1
                await town.says(server, f"number {said}")
                await stream.until("feed", BEFORE_THE_BEAT, count=said)
                counts += [told["count"] for told in stream.named("feed")]
            # Each told once, in order, to the last.
            assert counts == sorted(set(counts))
            assert counts[-1] == said == 13


class TestPostgreSQL:
    @pytest.fixture
    def engine(self) -> str:
        return "postgresql"

    async def test_a_killed_connection_loses_nothing(self, town: Town, store: Store) -> None:
        with town.server() as one, town.server() as two:
            async with town.home(one.base) as here, town.home(two.base) as there:
                for stream in (here, there):
                    await stream.until("notices")
                connection = await asyncpg.connect(**postgres.config(town.url))
                ended = await connection.fetch(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'parvis signals' AND datname = current_database()"
                )
                await connection.close()
                assert len(ended) == 2
                await town.says(one, "meanwhile")
                for stream in (here, there):
                    await stream.until("feed", BEFORE_THE_BEAT, count=1)
                await town.says(two, "afterwards")
                for stream in (here, there):
                    await stream.until("feed", BEFORE_THE_BEAT, count=2)


class TestSQLite:
    @pytest.fixture
    def engine(self) -> str:
        return "sqlite"

    async def test_a_server_that_is_killed_leaves_nothing_in_the_way(self, town: Town) -> None:
        folder = f"{town.url.removeprefix('sqlite:///')}-signals"
        with town.server() as one:
            with town.server() as two:
                two.stop(signal.SIGKILL)
            assert len(os.listdir(folder)) == 2
            async with town.home(one.base) as stream:
                await stream.until("notices")
                await town.says(one, "hello")
                await stream.until("feed", BEFORE_THE_BEAT, count=1)
            assert len(os.listdir(folder)) == 1
