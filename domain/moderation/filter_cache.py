"""The filters that run, compiled, as this process knows them.

They are read and compiled once, and again when a process signals that one of them, or a list of words, has changed.
Once a minute they are read in case a signal was lost, and compiled only if they have changed. Where none runs, a post
costs nothing.
"""

from collections.abc import Mapping

import msgspec

from db.queries import filters as queries
from db.queries.word_lists import WordListRow
from domain.core.blocking import run_blocking
from domain.core.remembered import Remembered
from domain.core.signals import Kind
from domain.moderation import filter_changes, filter_engine, filters, word_lists
from domain.moderation.filter_engine import Filter, FilterSet
from domain.moderation.filters import FilterView


class RunningFilters(msgspec.Struct, frozen=True):
    """``views`` by id, and ``compiled`` with the word lists ``lists``: None where nothing runs."""

    views: Mapping[int, FilterView]
    lists: list[WordListRow]
    compiled: FilterSet | None


_KNOWN = Remembered(Kind.FILTERS, RunningFilters({}, [], None))


async def running() -> RunningFilters:
    """The filters that are live or tried, without those that can't be compiled."""
    if not _KNOWN.is_fresh():
        await _read()
    return _KNOWN.value


async def _read() -> None:
    reading, known = _KNOWN.begin(), _KNOWN.value
    views = {row.id: filters.view(row) for row in await queries.running() if not row.failed}
    lists = await word_lists.rows() if views else []
    if (views, lists) != (known.views, known.lists):
        known = RunningFilters(views, lists, await _compiled(list(views.values()), lists) if views else None)
        for one in known.compiled.broken if known.compiled else ():
            await filter_changes.fail(one.filter.id, views[one.filter.id].version, one.reason)
    _KNOWN.keep(reading, known)


async def _compiled(views: list[FilterView], lists: list[WordListRow]) -> FilterSet:
    """In a thread: it takes long."""
    found = [Filter(one.id, one.name, one.condition) for one in views]
    return await run_blocking(filter_engine.compile_all, found, await word_lists.compile_all(lists))
