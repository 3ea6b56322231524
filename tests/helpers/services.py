"""The real things that tests run against: PostgreSQL, a mail server, Parvis itself as a process."""

import contextlib
import functools
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from ops.rigs.ports import free_port
from ops.rigs.postgres_cluster import Cluster, throwaway

ROOT = Path(__file__).resolve().parents[2]
PARVIS = str(Path(sys.executable).with_name("parvis"))
PRIVATE_PARVIS = (sys.executable, "-m", "ops.rigs.private_parvis")
START_SECONDS = 60
# How long another process may take for anything, in seconds.
PATIENCE = 120

__all__ = ["Cluster", "MailServer", "ServerProcess", "free_port", "mail_server", "parvis", "serve_process", "throwaway"]


class MailServer:
    """A mail server on loopback that keeps what it is given in ``messages``, oldest first, and to whom in
    ``recipients``."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def wait(self, count: int = 1, seconds: float = 5) -> EmailMessage:
        """The newest message, once ``count`` have come. Errors: ``AssertionError`` after ``seconds``."""
        deadline = time.monotonic() + seconds
        while len(self.messages) < count:
            assert time.monotonic() < deadline, f"{len(self.messages)} of {count} messages came"
            time.sleep(0.02)
        return self.messages[-1]

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.recipients.append(list(envelope.rcpt_tos))
        self.messages.append(message)
        return "250 OK"


@contextlib.contextmanager
def mail_server() -> Iterator[MailServer]:
    """A :class:`MailServer` that is listening while the block runs."""
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


class ServerProcess:
    """``parvis serve`` in a process group of its own, on a free port, with its data in ``folder``.

    It can be killed as a power cut would and started again on the same data and the same port. ``private``: it may
    send pushes and fetch previews from this machine.
    """

    def __init__(self, folder: Path, private: str | int = False, **settings: str | int) -> None:
        self.command: tuple[str, ...] = PRIVATE_PARVIS if private else (PARVIS,)
        # Where its code is.
        self.root = ROOT
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.environment = environment(folder, port=self.port, **settings)
        self.log = folder / "serve.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._migrated = False

    def start(self, *arguments: str) -> "ServerProcess":
        """Serves, and returns when /healthz answers. Migrates before the first time.

        Errors: ``AssertionError`` with the log's end.
        """
        self._migrate()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command, "serve", *arguments],
                cwd=self.root,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._healthy():
            assert self.process.poll() is None, f"parvis serve ended:\n{self.tail()}"
            assert time.monotonic() < deadline, f"parvis serve does not answer:\n{self.tail()}"
            time.sleep(0.03)
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends the whole process group; ``SIGKILL`` for a power cut. Harmless when it is not running."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def tail(self, characters: int = 4000) -> str:
        """The end of what it has logged."""
        return self.log.read_text(errors="replace")[-characters:]

    def _migrate(self) -> None:
        if self._migrated:
            return
        file = Path(self.environment["PARVIS_DATA"], "parvis.sqlite")
        if "PARVIS_DATABASE_URL" in self.environment or file.exists():
            parvis("migrate", environment=self.environment)
        else:
            file.write_bytes(_migrated_file())
        self._migrated = True

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@functools.cache
def _migrated_file() -> bytes:
    """The database that ``parvis migrate`` makes, for all servers of this process: making it takes a second."""
    with tempfile.TemporaryDirectory(prefix="parvis-data-") as folder:
        parvis("migrate", environment=environment(Path(folder)))
        assert [file.name for file in Path(folder).iterdir()] == ["parvis.sqlite"], "all of it is in one file"
        return Path(folder, "parvis.sqlite").read_bytes()


@contextlib.contextmanager
def serve_process(*arguments: str, **settings: str | int) -> Iterator[ServerProcess]:
    """A running :class:`ServerProcess` with ``settings`` (``private=``, ``database_url=``...), gone at the end.

    ``arguments`` go to ``parvis serve``. Without ``database_url`` it has SQLite in its temporary folder.
    """
    with tempfile.TemporaryDirectory(prefix="parvis-data-") as folder:
        server = ServerProcess(Path(folder), **settings)
        try:
            yield server.start(*arguments)
        except BaseException:
            # Shown with the test that failed.
            print(server.tail())
            raise
        finally:
            server.stop()


def environment(folder: Path, **settings: str | int) -> dict[str, str]:
    """This process's environment without its ``PARVIS_*``, and with ``settings`` as ``PARVIS_<NAME>``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")}
    ours = {"data": folder, "host": "127.0.0.1", "metrics_port": 0, "log_minutes": 0, **settings}
    return kept | {f"PARVIS_{name.upper()}": str(value) for name, value in ours.items()}


def parvis(*arguments: str, environment: Mapping[str, str], private: bool = False) -> str:
    """Runs one ``parvis`` command to its end; ``private`` as for a server.

    Returns what it printed. Errors: ``AssertionError`` with its words.
    """
    command = PRIVATE_PARVIS if private else (PARVIS,)
    done = subprocess.run(
        [*command, *arguments], cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (
        f"parvis {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    )
    return done.stdout


def children(pid: int) -> list[int]:
    """The processes that a process's first thread has started."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command(pid: int) -> bytes:
    """A process's command line, its words ended by zeros; b"" when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def until(true: Callable[[], object]) -> None:
    """Waits for what another process will have done. Errors: ``AssertionError`` when it has not after two minutes."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
