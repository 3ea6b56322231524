"""Work in threads that nobody waits for any more: what it holds is not free until it has ended."""

import asyncio
import io
import threading
from pathlib import Path

import pytest

from asgi import uploads
from domain.accounts import credentials
from domain.media import storage
from tests.helpers.people import LiveNetwork

TURNS = 20


class Gate:
    """Work that begins, waits to be let go, and ends."""

    def __init__(self) -> None:
        self.begun, self.open = threading.Event(), threading.Event()
        self.ended = False

    def __call__(self) -> None:
        self.begun.set()
        self.open.wait(60)
        self.ended = True


async def begun(gate: Gate) -> None:
    while not gate.begun.is_set():
        await asyncio.sleep(0.001)


async def cancel(task: "asyncio.Task[object]", gate: Gate) -> None:
    """Cancels a task, twice, whose thread stands at the gate; it ends only when the thread has."""
    await begun(gate)
    for _ in range(2):
        task.cancel()
        for _ in range(TURNS):
            await asyncio.sleep(0)
        assert not task.done(), "it left its thread alone"
    gate.open.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gate.ended


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch) -> None:
    # A server has one event loop for its life; each test has its own.
    monkeypatch.setattr(credentials, "_at_once", asyncio.Semaphore(1))


async def test_a_cancelled_sign_in_keeps_its_place_while_it_computes() -> None:
    gate = Gate()
    first = asyncio.create_task(credentials.slowly(gate))
    await begun(gate)
    ended_first: list[bool] = []
    second = asyncio.create_task(credentials.slowly(lambda: ended_first.append(gate.ended)))
    await cancel(first, gate)
    await second
    assert ended_first == [True]


class Slow(io.FileIO):
    """A file on a disk that takes its time."""

    def __init__(self, path: Path, gate: Gate) -> None:
        super().__init__(path, "w+")
        self.gate = gate

    def write(self, body: bytes) -> int:  # type: ignore[override]
        self.gate()
        return super().write(body)

    def read(self, size: int | None = -1) -> bytes:
        self.gate()
        return super().read(size)


async def test_a_cancelled_upload_keeps_its_file_while_it_is_written(tmp_path: Path) -> None:
    gate = Gate()
    with Slow(tmp_path / "file", gate) as file:
        sent = uploads.IncomingFile(file, 1000)
        await sent.take(b"a picture")
        await cancel(asyncio.create_task(sent.finish()), gate)
    assert (tmp_path / "file").read_bytes() == b"a picture", "it was not closed under the thread's hands"


async def test_a_cancelled_store_keeps_its_file_while_it_is_hashed(network: LiveNetwork, tmp_path: Path) -> None:
    gate = Gate()
    with Slow(tmp_path / "file", gate) as file:
        await cancel(asyncio.create_task(storage.store(file, "image/webp")), gate)
