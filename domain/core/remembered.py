"""What a process has read of the database and remembers, until a process signals that it has changed."""

from typing import Any, Generic, NamedTuple, TypeVar

from db.engine import DB
from domain.core import clock, signals
from domain.core.signals import Kind

# A signal may get lost: how long a process may not know of a change then, in milliseconds.
FRESH = 60_000

T = TypeVar("T")


class Reading(NamedTuple):
    """What is read of which engine, from when on (Unix milliseconds), and after how many signals."""

    engine: Any
    at: int
    changes: int


class Remembered(Generic[T]):
    """A ``value`` that is right until a signal of ``kind``, another database, or the end of a minute.

    >>> if not known.is_fresh():
    ...     reading = known.begin()
    ...     known.keep(reading, await queries.everything())
    """

    def __init__(self, kind: Kind, nothing: T) -> None:
        self._kinds = (kind, Kind.MISSED)
        self._changes = 0
        self._reading = Reading(None, 0, 0)
        self.value = nothing
        signals.listen(self._receive)

    def _receive(self, kind: str, a: int, b: int) -> None:
        if kind in self._kinds:
            self._changes += 1

    def is_fresh(self) -> bool:
        engine, at, changes = self._reading
        return engine is DB.engine and changes == self._changes and 0 <= clock.now() - at < FRESH

    def begin(self) -> Reading:
        """Before it is read: what changes meanwhile has it read again."""
        return Reading(DB.engine, clock.now(), self._changes)

    def keep(self, reading: Reading, value: T) -> None:
        self._reading, self.value = reading, value
