"""The bus: carries signals, which are a kind and two ids, to the other processes on the same database.

Within a process a signal is a call; a transport (db/signal_transports.py) carries it to the others. It may lose some,
when it must, and says so with one of kind ``missed``.
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Protocol

import msgspec
import structlog

LOG = structlog.get_logger()

# Signals that wait to be carried, at most; past that they are dropped for one that says so.
WAITING = 5_000
# Bytes of one message: PostgreSQL takes 8,000.
MESSAGE = 7_500


class Signal(msgspec.Struct, frozen=True, array_like=True):
    """Called, it is sent: ``DB.after_commit`` takes it as it is, and an equal one only once."""

    kind: str
    a: int
    b: int = 0

    def __call__(self) -> None:
        BUS.send(self)


MISSED = Signal("missed", 0)


class SignalTransport(Protocol):
    """Brings signals to other processes, and theirs to :meth:`Bus.receive`."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def wake(self) -> None:
        """Called when something waits in ``Bus.waiting``."""
        ...


class Bus:
    """One process's end. ``waiting`` are signals for other processes; without a carrier there are none."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[str, int, int], None]] = []
        self.waiting: dict[Signal, None] = {}
        self._carrier: SignalTransport | None = None

    def send(self, signal: Signal) -> None:
        """To this process's listeners at once, to the other processes soon."""
        self.receive(signal)
        if self._carrier is not None:
            self.waiting[signal] = None
            if len(self.waiting) > WAITING:
                self.waiting = {MISSED: None}
            self._carrier.wake()

    def receive(self, signal: Signal) -> None:
        for listener in self.listeners:
            try:
                listener(signal.kind, signal.a, signal.b)
            except Exception:
                # The change is on disk: an error here must not reach the caller.
                LOG.exception("signal.failed", kind=signal.kind)

    @contextlib.asynccontextmanager
    async def carried(self, carrier: SignalTransport) -> AsyncIterator[None]:
        """Reaches other processes while the block runs."""
        await carrier.open()
        self._carrier = carrier
        try:
            yield
        finally:
            self._carrier = None
            await carrier.close()
            self.waiting = {}


def pack(signals: Iterable[Signal]) -> Iterable[bytes]:
    """Signals as messages, none longer than MESSAGE bytes: ``[[kind, a, b], ...]``."""
    parts: list[bytes] = []
    size = 2
    for signal in signals:
        part = msgspec.json.encode(signal)
        if size + len(part) + 1 > MESSAGE:
            yield b"[" + b",".join(parts) + b"]"
            parts, size = [], 2
        parts.append(part)
        size += len(part) + 1
    if parts:
        yield b"[" + b",".join(parts) + b"]"


def unpack(message: bytes | str) -> list[Signal]:
    """The signals of a message; of one that can't be read, that something was missed."""
    try:
        return msgspec.json.decode(message, type=list[Signal])
    except msgspec.MsgspecError:
        return [MISSED]


BUS = Bus()
