"""Counts what moderation does, month by month, and keeps it: no page counts anything.

A month is counted anew once a day, up to the end of the day before, and no longer once it has been over for a while:
what its figures came from is deleted on its date. Nobody can tell by a figure that changes what was done an hour ago.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain

import msgspec

from db.queries import moderation_figures as queries
from db.queries.moderation_figures import MonthRow, Span
from domain.core import clock, ids
from domain.core.pacing import Pace

# Days after its end in which a month is still counted: a guest's report counts once it is confirmed, within seven.
OPEN_DAYS = 8


class Cells(msgspec.Struct, frozen=True):
    """Counts of one month, or of several: tuples whose last number says how many.

    ``reports``: rule, ``Severity``, 1 for those of guests. ``opened``: severity of cases. ``decided``: severity, 1 for
    those in time, minutes from the first report. ``decisions``: ``StatementKind``, rule ("" for none), severity,
    ``Automation``. ``lodged``: ``Party`` of appeals. ``answered``: party, ``AppealState``, 1 for those by
    juries. ``backlog``: cases that were open at the end, overdue ones, open appeals. ``complaints``: ``Sender`` of
    complaints from upstream. ``complaints_closed``: 1 for those in time, minutes from the receipt;
    ``orders_closed``: those of them that authorities have sent. ``complaints_open``: those that were open at the end,
    and overdue ones.
    """

    reports: list[tuple[str, int, int, int]] = []
    opened: list[tuple[int, int]] = []
    decided: list[tuple[int, int, int, int]] = []
    decisions: list[tuple[int, str, int, int, int]] = []
    lodged: list[tuple[int, int]] = []
    answered: list[tuple[int, int, int, int]] = []
    backlog: tuple[int, int, int] = (0, 0, 0)
    complaints: list[tuple[int, int]] = []
    complaints_closed: list[tuple[int, int, int]] = []
    orders_closed: list[tuple[int, int, int]] = []
    complaints_open: tuple[int, int] = (0, 0)


class Month(msgspec.Struct, frozen=True):
    """``name`` is like 2026-05."""

    name: str
    cells: Cells


async def count_due() -> int:
    """Counts the months that are to be counted today. Safe to repeat, by several. Returns how many."""
    first = await queries.first()
    if first is None:
        return 0
    now, counted, pace = clock.now(), await queries.counted(), Pace()
    today = now - now % clock.DAY_MS
    due = 0
    for name, since, until in _months(ids.time_of(first), today):
        if _is_due(counted.get(name, 0), until, today):
            span = _span(since, min(until, today))
            cells = msgspec.json.encode(await _count(span)).decode()
            await queries.put(MonthRow(name, now, cells))
            due += 1
            await pace.rest()
    return due


def _months(first: int, today: int) -> Iterator[tuple[str, int, int]]:
    """The months from that of ``first`` on to that of yesterday: name, begin and end in Unix milliseconds."""
    day = datetime.fromtimestamp(first / 1000, UTC)
    year, month = day.year, day.month
    while (begin := _begin(year, month)) < today:
        name = f"{year:04}-{month:02}"
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        yield name, begin, _begin(year, month)


def _begin(year: int, month: int) -> int:
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * 1000


def _is_due(counted_at: int, until: int, today: int) -> bool:
    return counted_at < min(today, until + OPEN_DAYS * clock.DAY_MS)


def _span(since: int, until: int) -> Span:
    return Span(since, until, ids.first(since), ids.first(until))


async def _count(span: Span) -> Cells:
    return Cells(
        reports=await queries.reports(span),
        opened=await queries.opened(span),
        decided=await queries.decided(span),
        decisions=await queries.decisions(span),
        lodged=await queries.lodged(span),
        answered=await queries.answered(span),
        backlog=await queries.backlog(span),
        complaints=await queries.complaints(span),
        complaints_closed=await queries.complaints_closed(span),
        orders_closed=await queries.orders_closed(span),
        complaints_open=await queries.complaints_open(span),
    )


async def stored() -> list[MonthRow]:
    """What was counted, the oldest month first."""
    return await queries.months()


def decoded(rows: Sequence[MonthRow]) -> list[Month]:
    """The same as counts."""
    return [Month(row.month, msgspec.json.decode(row.figures, type=Cells)) for row in rows]


async def counted_at() -> int:
    """When it was counted last (Unix milliseconds), 0 if never."""
    return await queries.newest()


def together(cells: Iterable[Cells]) -> Cells:
    """All of these months as one, with the backlog of the last."""
    found = list(cells)
    return Cells(
        reports=list(chain.from_iterable(one.reports for one in found)),
        opened=list(chain.from_iterable(one.opened for one in found)),
        decided=list(chain.from_iterable(one.decided for one in found)),
        decisions=list(chain.from_iterable(one.decisions for one in found)),
        lodged=list(chain.from_iterable(one.lodged for one in found)),
        answered=list(chain.from_iterable(one.answered for one in found)),
        backlog=found[-1].backlog if found else (0, 0, 0),
        complaints=list(chain.from_iterable(one.complaints for one in found)),
        complaints_closed=list(chain.from_iterable(one.complaints_closed for one in found)),
        orders_closed=list(chain.from_iterable(one.orders_closed for one in found)),
        complaints_open=found[-1].complaints_open if found else (0, 0),
    )
