"""Signals between processes on one PostgreSQL database: NOTIFY on one held connection, opened again when it dies."""

import asyncio
import secrets
from typing import Any

import asyncpg
import structlog

from db import postgres
from db.bus import MISSED, Bus, pack, unpack

LOG = structlog.get_logger()

CHANNEL = "parvis"
# Seconds in which signals gather for one statement.
GATHER = 0.003
# How long to wait before the connection is opened again, doubled each time, and how often it is tried if it is quiet.
AGAIN, AGAIN_AT_MOST, LOOK = 0.2, 15.0, 20.0
# How long a statement may take, in seconds.
PATIENCE = 10.0


class Notifications:
    """A message is ``name json``: its sender's name, so that nobody is told their own twice, and the signals."""

    def __init__(self, bus: Bus, url: str) -> None:
        self._bus = bus
        self._url = url
        self._name = secrets.token_hex(6)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: Any = None

    async def open(self) -> None:
        """Returns once others are heard, or at once when the database can't be reached just now."""
        first = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._stay_connected(first), name="signals")
        await asyncio.wait([first], timeout=PATIENCE)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        self._wake.set()

    async def _stay_connected(self, first: "asyncio.Future[None]") -> None:
        """Carries for ever; what was said while there was no connection is made good by a look at everything."""
        pause, connected_before = AGAIN, False
        while True:
            try:
                await self._connect()
                if not first.done():
                    first.set_result(None)
                if connected_before:
                    self._bus.receive(MISSED)
                    self._bus.waiting = {MISSED: None}
                    self._wake.set()
                pause, connected_before = AGAIN, True
                await self._carry()
            except Exception as error:  # noqa: BLE001 - whatever ended it, it is opened again
                LOG.warning("signals.lost", error=type(error).__name__)
            finally:
                await self._disconnect()
            if not first.done():
                first.set_result(None)
            connected_before = True
            await asyncio.sleep(pause)
            pause = min(pause * 2, AGAIN_AT_MOST)

    async def _connect(self) -> None:
        self._connection = await asyncpg.connect(
            **postgres.config(self._url),
            timeout=PATIENCE,
            command_timeout=PATIENCE,
            server_settings={"application_name": "parvis signals"},
        )
        self._connection.add_termination_listener(lambda _: self._wake.set())
        await self._connection.add_listener(CHANNEL, self._receive)

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _carry(self) -> None:
        """Sends what waits, and looks whether the connection stands when nothing does, until it doesn't."""
        while not self._connection.is_closed():
            try:
                # Unlike wait_for, which on Python 3.11 may swallow the cancellation that ends this task.
                async with asyncio.timeout(LOOK):
                    await self._wake.wait()
            except TimeoutError:
                await self._connection.execute("SELECT 1")
                continue
            await asyncio.sleep(GATHER)
            self._wake.clear()
            waiting, self._bus.waiting = self._bus.waiting, {}
            try:
                for message in pack(waiting):
                    await self._connection.execute(
                        "SELECT pg_notify($1, $2)", CHANNEL, f"{self._name} {message.decode()}"
                    )
            except Exception:
                self._bus.waiting = {MISSED: None}
                raise
        raise ConnectionError

    def _receive(self, _: Any, __: int, ___: str, message: str) -> None:
        sender, _, signals = message.partition(" ")
        if sender != self._name:
            for signal in unpack(signals):
                self._bus.receive(signal)
