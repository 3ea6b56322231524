"""The filters that run, compiled, as this process knows them.

They are read and compiled once, and again when a process signals that one of them, or a list of words, has changed.
Where none runs, a post costs nothing.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from db.engine import DB
from db.queries import filters as queries
from domain.core import clock, signals
from domain.core.blocking import run_blocking
from domain.moderation import filter_engine, filters, word_lists
from domain.moderation.filter_engine import Filter, FilterSet
from domain.moderation.filters import FilterView

# A signal may get lost: how long a process may not know of a change then, in milliseconds.
FRESH = 60_000


class RunningFilters(msgspec.Struct, frozen=True):
    """``views`` by id, and ``compiled``: None where nothing runs."""

    views: Mapping[int, FilterView]
    compiled: FilterSet | None


NOTHING = RunningFilters({}, None)


class _Cache:
    """What is known, and of which database since when; ``changes`` counts the signals that came in."""

    def __init__(self) -> None:
        self.known, self.engine, self.read_at, self.changes = NOTHING, None, 0, 0

    engine: Any

    def is_fresh(self) -> bool:
        return self.engine is DB.engine and 0 <= clock.now() - self.read_at < FRESH

    def receive(self, kind: str, a: int, b: int) -> None:
        if kind in (signals.Kind.FILTERS, signals.Kind.MISSED):
            self.read_at, self.changes = 0, self.changes + 1


_CACHE = _Cache()
signals.listen(_CACHE.receive)


async def running() -> RunningFilters:
    """The filters that are live or tried and have not failed."""
    if not _CACHE.is_fresh():
        await _read()
    return _CACHE.known


async def _read() -> None:
    engine, changes, now = DB.engine, _CACHE.changes, clock.now()
    views = [one for one in map(filters.view, await queries.running()) if one.runs]
    known = NOTHING
    if views:
        compiled = await compiled_of(views)
        known = RunningFilters({one.id: one for one in views}, compiled)
    # What has changed meanwhile is read by whoever asks next.
    _CACHE.known, _CACHE.engine, _CACHE.read_at = known, engine, now if changes == _CACHE.changes else 0


async def compiled_of(views: list[FilterView]) -> FilterSet:
    """Filters with the lists of words as they are now, in a thread: it takes long."""
    found = [Filter(one.id, one.name, one.condition) for one in views]
    return await run_blocking(filter_engine.compile_all, found, await word_lists.compiled())
