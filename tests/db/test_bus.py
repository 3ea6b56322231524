"""Signals between processes: all of them come, whoever is slow, killed or cut off."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from db import bus_postgres, postgres
from db.bus import MISSED, WAITING, Bus, Signal, SignalTransport, pack, unpack
from db.bus_postgres import Notifications
from db.bus_sqlite import Datagrams
from db.engine import DB
from domain.core import signals
from tests.helpers.people import LiveNetwork

SOON = 5.0


class End(Bus):
    """A process's end of the bus; ``heard`` is what came from others and from itself."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Signal] = []
        self.listeners.append(lambda *parts: self.heard.append(Signal(*parts)))

    async def hears(self, *wanted: Signal) -> None:
        """Errors: ``AssertionError`` when these do not come."""
        deadline = asyncio.get_running_loop().time() + SOON
        while not set(wanted) <= set(self.heard):
            assert asyncio.get_running_loop().time() < deadline, (wanted[:3], len(self.heard))
            await asyncio.sleep(0.005)


def carrier(bus: Bus, url: str) -> SignalTransport:
    if url.startswith("sqlite"):
        return Datagrams(bus, Path(url.removeprefix("sqlite:///")))
    return Notifications(bus, url)


@contextlib.asynccontextmanager
async def ends(url: str, count: int = 2) -> AsyncIterator[list[End]]:
    async with contextlib.AsyncExitStack() as stack:
        made = [End() for _ in range(count)]
        for end in made:
            await stack.enter_async_context(end.carried(carrier(end, url)))
        yield made


def folder_of(url: str) -> str:
    return url.removeprefix("sqlite:///") + "-signals"


def numbered(count: int, kind: str = "post") -> list[Signal]:
    return [Signal(kind, 2**62 + number, number) for number in range(count)]


async def test_everybody_hears_everybody_once(url: str) -> None:
    async with ends(url, 3) as (one, two, three):
        one.send(Signal("post", 1))
        two.send(Signal("home", 2, 2**62))
        for end in (one, two, three):
            await end.hears(Signal("post", 1), Signal("home", 2, 2**62))
        # What comes after it comes after a second copy of it, too.
        three.send(Signal("post", 3))
        for end in (one, two, three):
            await end.hears(Signal("post", 3))
        assert [len(end.heard) for end in (one, two, three)] == [3, 3, 3]


async def test_many_at_once(url: str) -> None:
    async with ends(url) as (one, two):
        wanted = numbered(3000)
        for signal in wanted:
            one.send(signal)
        await two.hears(*wanted)
        assert len(two.heard) == len(wanted)


async def test_too_many_are_one_that_says_so(url: str) -> None:
    async with ends(url) as (one, two):
        for signal in numbered(WAITING + 10):
            one.send(signal)
        await two.hears(MISSED)
        assert len(two.heard) < 20


async def test_without_others_nothing_waits(url: str) -> None:
    alone = End()
    alone.send(Signal("post", 1))
    assert alone.heard == [Signal("post", 1)]
    assert not alone.waiting


async def test_a_listener_that_fails_is_not_the_doers_trouble(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    def fail(*_: object) -> None:
        raise ValueError

    bus = End()
    bus.listeners.insert(0, fail)
    bus.send(Signal("post", 1))
    assert bus.heard == [Signal("post", 1)]


@pytest.mark.parametrize("message", [b"", b"{}", b"[[1]]", b'[["post"]]', b"\xff", b"[null]"])
def test_a_message_that_cannot_be_read_means_that_something_was_missed(message: bytes) -> None:
    assert unpack(message) == [MISSED]


def test_messages_fit_into_a_notification() -> None:
    wanted = numbered(1000, "notices")
    messages = list(pack(wanted))
    assert max(map(len, messages)) < 7_900
    assert [signal for message in messages for signal in unpack(message)] == wanted


async def test_a_signal_is_told_after_the_commit_and_never_without(network: LiveNetwork) -> None:
    heard: list[tuple[str, int, int]] = []

    def listener(kind: str, a: int, b: int) -> None:
        heard.append((kind, a, b))

    signals.listen(listener)
    try:
        async with DB.writing():
            signals.send(signals.Kind.POST, 1)
            signals.send(signals.Kind.POST, 1)
            assert heard == []
        assert heard == [("post", 1, 0)]
        with contextlib.suppress(ValueError):
            async with DB.writing():
                signals.send(signals.Kind.POST, 2)
                raise ValueError
        assert len(heard) == 1
        signals.send(signals.Kind.HOME, 3, 4)
        assert heard[1:] == [("home", 3, 4)]
    finally:
        signals.unlisten(listener)


class TestSQLite:
    @pytest.fixture
    def engine(self) -> str:
        return "sqlite"

    async def test_nobody_else_on_the_machine_can_speak(self, url: str) -> None:
        folder = folder_of(url)
        async with ends(url):
            assert os.stat(folder).st_mode & 0o777 == 0o700
            assert len(os.listdir(folder)) == 2
        with pytest.raises(FileNotFoundError):
            os.listdir(folder)

    async def test_who_was_killed_is_forgotten(self, url: str) -> None:
        folder = folder_of(url)
        async with ends(url) as (one, two):
            dead = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            here = os.open(folder, os.O_RDONLY)
            dead.bind(f"/proc/self/fd/{here}/1-dead")
            os.close(here)
            dead.close()
            one.send(Signal("post", 1))
            await two.hears(Signal("post", 1))
            assert "1-dead" not in os.listdir(folder)

    async def test_who_is_slow_gets_all_of_it_later(self, url: str) -> None:
        async with ends(url) as (one, two):
            fast, slow = one._carrier, two._carrier
            assert isinstance(fast, Datagrams)
            assert isinstance(slow, Datagrams)
            assert slow._socket is not None
            loop = asyncio.get_running_loop()
            loop.remove_reader(slow._socket)
            wanted: list[Signal] = []
            # Until its socket is full: how many that takes depends on how they gather in datagrams.
            while not fast._owed:
                wanted.append(Signal("post", 2**62 + len(wanted)))
                one.send(wanted[-1])
                if len(wanted) % 10 == 0:
                    await asyncio.sleep(0)
            loop.add_reader(slow._socket, slow._receive)
            await two.hears(*wanted)
            assert len(two.heard) == len(wanted)

    async def test_a_deep_folder(self, tmp_path: Path) -> None:
        deep = tmp_path / ("a" * 100) / ("b" * 100)
        deep.mkdir(parents=True)
        async with ends(f"sqlite:///{deep}/parvis.sqlite") as (one, two):
            one.send(Signal("post", 1))
            await two.hears(Signal("post", 1))

    async def test_a_folder_that_cannot_be_made_stops_nobody(self, tmp_path: Path) -> None:
        (tmp_path / "parvis.sqlite-signals").write_text("in the way")
        async with ends(f"sqlite:///{tmp_path}/parvis.sqlite", 1) as (one,):
            one.send(Signal("post", 1))
            assert one.heard == [Signal("post", 1)]
        assert one.waiting == {}


class TestPostgreSQL:
    @pytest.fixture
    def engine(self) -> str:
        return "postgresql"

    async def test_a_connection_that_is_killed_is_opened_again(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bus_postgres, "AGAIN", 0.05)
        async with ends(url) as (one, two):
            one.send(Signal("post", 1))
            await two.hears(Signal("post", 1))
            await killed(url)
            # Whatever was said meanwhile: everybody looks again.
            one.send(Signal("post", 2))
            await one.hears(MISSED)
            await two.hears(MISSED)
            one.send(Signal("post", 3))
            two.send(Signal("post", 4))
            await two.hears(Signal("post", 3))
            await one.hears(Signal("post", 4))

    async def test_a_database_that_is_away_at_the_start(
        self, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bus_postgres, "AGAIN", 0.05)
        folder = str(postgres.config(url)["host"])
        way = tmp_path / "way"
        async with ends(url.replace(folder, str(way)), 1) as (one,):
            one.send(Signal("post", 1))
            assert one.heard == [Signal("post", 1)]
            way.symlink_to(folder)
            await one.hears(MISSED)


async def killed(url: str) -> None:
    """Ends every signals connection, as an operator or a restart of the server would."""
    connection = await asyncpg.connect(**postgres.config(url))
    try:
        ended = await connection.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'parvis signals' AND datname = current_database()"
        )
        assert ended
    finally:
        await connection.close()
