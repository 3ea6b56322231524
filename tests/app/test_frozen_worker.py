"""A worker that stands still for longer than its lease, with a mail in hand: one mail for each lease, and no more."""

import asyncio
import multiprocessing
import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from app import logs
from app.wiring import reactions_by_event
from app.worker import Worker
from db.engine import DB
from db.sql import SQL
from domain.accounts import credentials
from domain.core import events
from domain.core.events import PasswordResetDue
from domain.media.stores import STORES
from settings import Settings
from tests.helpers.people import LiveNetwork
from tests.helpers.services import MailServer

FORKS = multiprocessing.get_context("forkserver")
LEASE_MS = 1500
SECONDS = 60


class Stop:
    """Where a mail is held up at the server, and what it is answered when it goes on."""

    def __init__(self, answer: str = "250 OK") -> None:
        self.answer = answer
        self.reached, self.go_on = threading.Event(), threading.Event()


class SlowServer(MailServer):
    """Holds its first mails up at a command, each at a stop of its own."""

    def __init__(self, command: str, stops: tuple[Stop, ...]) -> None:
        super().__init__()
        self._command, self._stops = command, stops

    async def handle_RCPT(self, _: Any, __: Any, envelope: Envelope, address: str, ___: Any) -> str:  # noqa: N802
        envelope.rcpt_tos.append(address)
        return await self._at("RCPT")

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        await super().handle_DATA(server, session, envelope)
        return await self._at("DATA")

    async def _at(self, command: str) -> str:
        stop = next((one for one in self._stops if not one.reached.is_set()), None)
        if command != self._command or stop is None:
            return "250 OK"
        stop.reached.set()
        await asyncio.to_thread(stop.go_on.wait)
        return stop.answer


@contextmanager
def slow_server(command: str, *stops: Stop) -> Iterator[SlowServer]:
    server = SlowServer(command, stops)
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        for stop in stops:
            stop.reached.set()
            stop.go_on.set()
        controller.stop()


def work(settings: Settings, log: str) -> None:
    """What a process does: works off the outbox, with a short lease."""
    logs.configure(settings)
    os.dup2(os.open(log, os.O_WRONLY), 2)
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    await DB.open(settings.url)
    await STORES.open("", settings.objects)
    Worker(reactions_by_event(settings), LEASE_MS).start()
    await asyncio.Event().wait()


class Process:
    """A worker in a process of its own."""

    def __init__(self, settings: Settings, log: Path) -> None:
        log.touch()
        self.log = log
        self._process = FORKS.Process(target=work, args=(settings, str(log)), daemon=True)

    async def __aenter__(self) -> "Process":
        self._process.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()

    async def freeze(self) -> None:
        """Stops it when it holds no lock in the database."""
        while True:
            self._signal(signal.SIGSTOP)
            try:
                async with asyncio.timeout(0.5):
                    await DB.fetch(SQL("UPDATE outbox SET attempts = attempts"))
                    return
            except TimeoutError:
                self.wake()
                await asyncio.sleep(0.01)

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    async def knows(self) -> None:
        """Waits until it has found that another has its lease."""
        while b"outbox.lease_lost" not in self.log.read_bytes():
            await asyncio.sleep(0.01)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process.pid
        os.kill(self._process.pid, number)


async def test_frozen_while_the_server_takes_the_mail(network: LiveNetwork, tmp_path: Path) -> None:
    """Two leases, two mails, which a mail program can tell are one; the link of each works."""
    stop = Stop()
    with slow_server("DATA", stop) as server:
        await _overtaken(await ask(network, server), stop, tmp_path)
    first, second = server.messages
    assert first["Message-ID"] == second["Message-ID"]
    ana = await credentials.account_named("ana")
    assert [await credentials.reset_account(token(mail)) for mail in (first, second)] == [ana, ana]


async def test_frozen_before_the_mail_is_handed_over(network: LiveNetwork, tmp_path: Path) -> None:
    stop = Stop()
    with slow_server("RCPT", stop) as server:
        await _overtaken(await ask(network, server), stop, tmp_path)
    assert len(server.messages) == 1


async def _overtaken(settings: Settings, stop: Stop, folder: Path) -> None:
    """One worker is frozen with a mail in hand, another sends it, the first wakes."""
    async with asyncio.timeout(SECONDS), Process(settings, folder / "first.log") as first:
        await asyncio.to_thread(stop.reached.wait)
        await first.freeze()
        async with Process(settings, folder / "second.log"):
            await emptied()
        first.wake()
        stop.go_on.set()
        await first.knows()


async def test_woken_while_another_sends_it(network: LiveNetwork, tmp_path: Path) -> None:
    """The one that wakes is refused by the server, and must not have the event tried again: a third mail would go."""
    refused, taken = Stop("451 Try again later"), Stop()
    with slow_server("DATA", refused, taken) as server:
        settings = await ask(network, server)
        async with asyncio.timeout(SECONDS), Process(settings, tmp_path / "first.log") as first:
            await asyncio.to_thread(refused.reached.wait)
            await first.freeze()
            async with Process(settings, tmp_path / "second.log"):
                await asyncio.to_thread(taken.reached.wait)
                first.wake()
                refused.go_on.set()
                await first.knows()
                taken.go_on.set()
                await emptied()
    assert len(server.messages) == 2


async def ask(network: LiveNetwork, server: SlowServer) -> Settings:
    """@ana has asked for a reset link; gives the settings of a worker that mails it."""
    ana = await network.member("ana", email="ana@example.org")
    async with DB.writing():
        await events.record(PasswordResetDue(ana.id, "ana@example.org", "en"))
    return Settings(database_url=network.settings.url, data=network.settings.data, smtp_url=server.url)


async def emptied() -> None:
    while await DB.value(SQL("SELECT count(*) FROM outbox")):
        await asyncio.sleep(0.02)


def token(mail: EmailMessage) -> str:
    found = re.search(r"/reset/([\w-]+)", mail.get_content())
    assert found
    return found.group(1)
