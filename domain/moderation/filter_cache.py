"""The filters that run, compiled, as this process knows them.

They are read and compiled once, and again when a process signals that one of them, or a list of words, has changed.
Once a minute they are read in case a signal was lost, and compiled only if they have changed. Where none runs, a post
costs nothing.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from db.engine import DB
from db.queries import filters as queries
from db.queries.word_lists import WordListRow
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
    """What is known, and of which database since when; ``lists`` are the word lists that it was compiled with, and
    ``changes`` counts the signals that came in.
    """

    def __init__(self) -> None:
        self.known, self.engine, self.read_at, self.changes = NOTHING, None, 0, 0
        self.lists: list[WordListRow] = []

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
    views = {row.id: filters.view(row) for row in await queries.running() if not row.failed}
    lists = await word_lists.rows() if views else []
    if (views, lists) == (_CACHE.known.views, _CACHE.lists):
        known = _CACHE.known
    else:
        known = RunningFilters(views, await _compiled(list(views.values()), lists) if views else None)
    # What has changed meanwhile is read by whoever asks next.
    _CACHE.known, _CACHE.lists = known, lists
    _CACHE.engine, _CACHE.read_at = engine, now if changes == _CACHE.changes else 0


async def _compiled(views: list[FilterView], lists: list[WordListRow]) -> FilterSet:
    """In a thread: it takes long."""
    found = [Filter(one.id, one.name, one.condition) for one in views]
    return await run_blocking(filter_engine.compile_all, found, await word_lists.compile_all(lists))
