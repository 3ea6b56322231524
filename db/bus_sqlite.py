"""Signals between processes on one SQLite file: datagrams to a socket of each, in a private folder beside the file."""

import asyncio
import contextlib
import errno
import os
import secrets
import socket
from pathlib import Path

import structlog

from db.bus import MISSED, WAITING, Bus, Signal, pack, unpack

LOG = structlog.get_logger()

# Seconds in which signals gather for one datagram, and after which a process that was too busy is tried again.
GATHER, AGAIN = 0.003, 0.03
LARGEST = 8_192


class Datagrams:
    """Every process has a socket in the folder, and sends to all others there.

    A socket's path may have 107 characters: it is named through the folder's descriptor, however deep the folder lies.
    """

    def __init__(self, bus: Bus, file: Path) -> None:
        self._bus = bus
        self._folder = file.with_name(f"{file.name}-signals")
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._descriptor = -1
        self._socket: socket.socket | None = None
        self._timer: asyncio.TimerHandle | None = None
        # What processes are still to get whose sockets were full.
        self._owed: dict[str, dict[Signal, None]] = {}

    async def open(self) -> None:
        try:
            self._bind()
        except OSError as error:
            # Everything works without: pages look every now and then by themselves.
            LOG.warning("signals.alone", error=type(error).__name__, errno=error.errno)
            return
        assert self._socket is not None
        asyncio.get_running_loop().add_reader(self._socket, self._receive)

    def _bind(self) -> None:
        for attempt in range(5):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
            try:
                made.bind(self._path(self._name))
            except OSError as error:
                made.close()
                os.close(self._descriptor)
                # The last process to go may have taken the folder along just now.
                if error.errno != errno.ENOENT or attempt == 4:
                    raise
                continue
            self._socket = made
            return

    def _path(self, name: str) -> str:
        return f"/proc/self/fd/{self._descriptor}/{name}"

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._socket is None:
            return
        asyncio.get_running_loop().remove_reader(self._socket)
        self._flush()
        self._socket.close()
        self._socket = None
        with contextlib.suppress(OSError):
            os.unlink(self._name, dir_fd=self._descriptor)
        os.close(self._descriptor)
        # Only when nobody else's socket is in it.
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    def wake(self) -> None:
        self._later(GATHER)

    def _later(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._flush)

    def _flush(self) -> None:
        self._timer = None
        fresh, self._bus.waiting = self._bus.waiting, {}
        if self._socket is None:
            return
        siblings = [name for name in os.listdir(self._descriptor) if name != self._name]
        owed, self._owed = self._owed, {}
        for name in siblings:
            if left := self._give(name, {**owed.get(name, {}), **fresh}):
                self._owed[name] = left if len(left) <= WAITING else {MISSED: None}
        if self._owed:
            self._later(AGAIN)

    def _give(self, name: str, signals: dict[Signal, None]) -> dict[Signal, None]:
        """Sends to one process. Returns what its socket had no room for."""
        assert self._socket is not None
        messages = list(pack(signals))
        for place, message in enumerate(messages):
            try:
                self._socket.sendto(message, self._path(name))
            except BlockingIOError:
                return dict.fromkeys(signal for rest in messages[place:] for signal in unpack(rest))
            except OSError as error:
                # Nobody listens there any more: the process was killed.
                if error.errno == errno.ECONNREFUSED:
                    with contextlib.suppress(OSError):
                        os.unlink(name, dir_fd=self._descriptor)
                return {}
        return {}

    def _receive(self) -> None:
        assert self._socket is not None
        # Not without end: pages must get their turn.
        for _ in range(100):
            try:
                message = self._socket.recv(LARGEST)
            except OSError:
                return
            for signal in unpack(message):
                self._bus.receive(signal)
