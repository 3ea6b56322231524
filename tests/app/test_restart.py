"""Servers that stop or are renewed while people read and write: nobody is refused, and nothing fails."""

import os
import secrets
import signal
import threading
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from tests.app.test_server import first_day
from tests.services import ServerProcess, children, command, serve_process, until

GENEROUS: dict[str, str | int] = {
    "posts_per_hour": 1_000_000, "acts_per_hour": 1_000_000, "reads_burst": 1_000_000, "address_reads_burst": 1_000_000,
    "reads_per_day": 1_000_000, "address_reads_per_day": 1_000_000,
}  # fmt: skip


@pytest.fixture
def engine() -> str:
    return "sqlite"


class Hammer:
    """People who never pause: two hold their connections, one opens a new one for each page, one writes."""

    def __init__(self, server: ServerProcess, writer: httpx.Client) -> None:
        self.outcomes: Counter[str] = Counter()
        self.written = 0
        self._server, self._writer = server, writer
        self._over = threading.Event()
        tasks = (self._reads, self._reads, self._comes_anew, self._writes)
        self._threads = [threading.Thread(target=task, daemon=True) for task in tasks]

    def __enter__(self) -> "Hammer":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _reads(self) -> None:
        with httpx.Client(base_url=self._server.base, timeout=30) as client:
            while not self._over.is_set():
                self._note(lambda: client.get("/public").status_code)

    def _comes_anew(self) -> None:
        while not self._over.is_set():
            self._note(lambda: httpx.get(f"{self._server.base}/about", timeout=30).status_code)

    def _writes(self) -> None:
        while not self._over.is_set():
            form = {"text": "A word.", "key": secrets.token_hex(8)}
            self._note(lambda: self._writer.post("/posts", data=form, timeout=30).status_code)  # noqa: B023 - at once
            self.written += 1

    def _note(self, ask: object) -> None:
        try:
            self.outcomes[str(ask())] += 1  # type: ignore[operator]
        except httpx.HTTPError as error:
            self.outcomes[f"{type(error).__name__}: {error}"] += 1


def servers(pid: int) -> set[int]:
    """The server processes, without what multiprocessing has beside them."""
    return {child for child in children(pid) if b"spawn_main" in command(child)}


@pytest.fixture
def server() -> Iterator[ServerProcess]:
    with serve_process("--workers", "2", **GENEROUS) as server:
        yield server
        print(server.tail())


def test_renewed_without_a_failed_request(server: ServerProcess) -> None:
    writer = first_day(server)
    assert server.process
    pid = server.process.pid
    before = servers(pid)
    assert len(before) == 2
    with Hammer(server, writer) as hammer:
        until(lambda: hammer.written > 5)
        os.kill(pid, signal.SIGHUP)
        until(lambda: len(servers(pid)) == 2 and not servers(pid) & before)
        written = hammer.written
        until(lambda: hammer.written > written + 5 and hammer.outcomes["200"] > 100)
    print(hammer.outcomes, hammer.written)
    assert set(hammer.outcomes) == {"200", "303"}
    assert hammer.written > 10
    assert server.process.poll() is None


def test_draining() -> None:
    with serve_process(drain_seconds=4) as server:
        first_day(server)
        client = httpx.Client(base_url=server.base)
        assert client.get("/readyz").text == "ok\n"
        assert server.process
        server.process.terminate()
        until(lambda: client.get("/readyz").status_code == 503)
        assert client.get("/readyz").text == "draining\n"
        page = client.get("/public")
        assert (page.status_code, page.headers["connection"]) == (200, "close")
        assert client.get("/healthz").status_code == 200
        assert server.process.wait(timeout=30) == 0


def test_told_twice_it_does_not_wait() -> None:
    with serve_process(drain_seconds=600) as server:
        assert server.process
        server.process.terminate()
        until(lambda: httpx.get(f"{server.base}/readyz").status_code == 503)
        server.process.terminate()
        server.process.wait(timeout=30)
