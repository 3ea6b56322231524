"""What everybody may know of the figures of moderation: rounded, so that none of them tells of one person.

Numbers are rounded down to a multiple of five, and one from 1 to 4 is not given. Shares are rounded to five per cent
and need at least five cases, as times do. Nothing says what a single moderator has done.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum, StrEnum
from itertools import chain

import msgspec

from db.queries.moderation_figures import MonthRow
from domain.core import clock
from domain.core.blocking import run_blocking
from domain.moderation import figures
from domain.moderation.figures import Cells
from domain.moderation.kinds import AppealState, Automation, Party, Severity, StatementKind
from domain.moderation.upstream_kinds import Sender

# Below it a number is not given, and numbers are rounded down to multiples of it.
SMALL = 5
ALL = "all"


class Clock(StrEnum):
    """What a case is due by: its severity decides."""

    URGENT = "urgent"
    ILLEGAL = "illegal"
    OTHERS = "others"


class ComplaintClock(StrEnum):
    """What a complaint from upstream is due by: who sent it decides."""

    ORDER = "order"
    OTHERS = "others"


class Figure(msgspec.Struct, frozen=True):
    """One number. ``month`` is like 2026-05, or ``ALL``; ``rule`` is its name, ``severity`` and ``kind`` are words of
    the enums, "" where the figure is not about one. ``value`` is None for a number that is too small to be given.
    """

    month: str
    figure: str
    rule: str
    severity: str
    kind: str
    value: int | None


# Figures by what they are called, with what they say. The field ``kind`` is in brackets.
FIGURES = {
    "reports": "Reports by who sent them (member, guest)",
    "reports_by_rule": "Reports by the rule that they name",
    "cases": "Things that were reported or found by a filter, by the worst rule",
    "decisions": "Decisions by what was decided (kind)",
    "decisions_by_rule": "Decisions by the rule that was broken and what was decided (kind)",
    "cases_decided": "Cases that were decided, by the clock that ran for them (urgent, illegal, others)",
    "in_time_percent": "Share of those that were decided in time (urgent, illegal, others)",
    "median_minutes": "Minutes from the first report to the decision: half of the cases took less",
    "p90_minutes": "Minutes from the first report to the decision: nine of ten cases took less",
    "appeals": "Appeals by who lodged them (sanctioned, reporter)",
    "appeals_answered": "Appeals by who lodged them and the answer (upheld, granted, lapsed)",
    "appeals_granted_percent": "Share of the appeals answered by whom (moderators, jury) that were granted",
    "automated_percent": "Share of decisions that no person has made",
    "open_cases": "Cases that were open at the end of the month",
    "overdue_cases": "Those of them that were overdue",
    "open_appeals": "Appeals that were open at the end of the month",
    "complaints": "Complaints from upstream by who sent them (host, registrar, authority, trusted_flagger, other)",
    "complaints_answered": "Complaints from upstream that were closed, by their clock (order, others)",
    "complaints_in_time_percent": "Share of those that were closed in time (order, others)",
    "complaints_median_minutes": "Minutes from the receipt to the answer: half of them took less (order, others)",
    "complaints_p90_minutes": "Minutes from the receipt to the answer: nine of ten took less (order, others)",
    "open_complaints": "Complaints from upstream that were open at the end of the month",
    "overdue_complaints": "Those of them that were overdue",
}


class Published(msgspec.Struct, frozen=True):
    """All figures; ``until`` is the last day that is counted, "" if nothing was counted yet. The newest month first."""

    until: str
    months: tuple[str, ...]
    figures: tuple[Figure, ...]


_NOTHING = Published("", (), ())
_last: tuple[int, Published] = (0, _NOTHING)


def forget() -> None:
    """Forgets the figures that this process has put together, such as when it serves another database."""
    global _last
    _last = (0, _NOTHING)


async def read() -> Published:
    """The figures as they were counted last. They are put together once, by each process."""
    global _last
    counted_at = await figures.counted_at()
    if not counted_at:
        return _NOTHING
    if _last[0] != counted_at:
        # It takes a tenth of a second, and everybody else goes on meanwhile.
        _last = (counted_at, await run_blocking(_published, counted_at, await figures.stored()))
    return _last[1]


def _published(counted_at: int, stored: Sequence[MonthRow]) -> Published:
    months = figures.decoded(stored)
    found = list(of(ALL, figures.together(one.cells for one in months)))
    for month in reversed(months):
        found += of(month.name, month.cells)
    return Published(clock.day(counted_at - clock.DAY_MS), tuple(one.name for one in reversed(months)), tuple(found))


# Figure, rule, severity, kind and value: a figure without its month.
_Row = tuple[str, str, str, str, int | None]


def of(month: str, cells: Cells) -> Iterator[Figure]:
    """The figures of a month, or of several together. Errors: ``ValueError`` for counts of what is not known."""
    rows = chain(_reports(cells), _cases(cells), _decisions(cells), _times(cells), _appeals(cells), _backlog(cells),
                 _complaints(cells))  # fmt: skip
    return (Figure(month, *row) for row in rows)


def _reports(cells: Cells) -> Iterator[_Row]:
    senders, by_rule = Counter({"member": 0, "guest": 0}), Counter[tuple[str, str]]()
    for rule, severity, guest, count in cells.reports:
        senders["guest" if guest else "member"] += count
        by_rule[rule, word(Severity(severity))] += count
    for sender, count in senders.items():
        yield "reports", "", "", sender, rounded(count)
    for (rule, of), count in sorted(by_rule.items()):
        yield "reports_by_rule", rule, of, "", rounded(count)


def _cases(cells: Cells) -> Iterator[_Row]:
    opened = Counter(dict.fromkeys(reversed(Severity), 0))
    for severity, count in cells.opened:
        opened[Severity(severity)] += count
    for of, count in opened.items():
        yield "cases", "", word(of), "", rounded(count)


def _decisions(cells: Cells) -> Iterator[_Row]:
    kinds, by_rule = Counter(dict.fromkeys(StatementKind, 0)), Counter[tuple[str, str, str]]()
    automated = 0
    for number, rule, severity, automation, count in cells.decisions:
        kind = StatementKind(number)
        kinds[kind] += count
        automated += count if automation == Automation.FULLY else 0
        if rule:
            by_rule[rule, word(Severity(severity)), word(kind)] += count
    for kind, count in kinds.items():
        yield "decisions", "", "", word(kind), rounded(count)
    for (rule, of, made), count in sorted(by_rule.items()):
        yield "decisions_by_rule", rule, of, made, rounded(count)
    yield "automated_percent", "", "", "", percent(automated, kinds.total())


def _times(cells: Cells) -> Iterator[_Row]:
    for clock_ in Clock:
        decided = [row for row in cells.decided if clock_of(Severity(row[0])) is clock_]
        yield from _by_clock("cases_decided", "", clock_, [row[1:] for row in decided])


def _by_clock(closed: str, prefix: str, clock_: str, rows: Sequence[tuple[int, int, int]]) -> Iterator[_Row]:
    """How many were closed, and how soon, of rows: 1 for those in time, after how many minutes, how many."""
    total, minutes = sum(row[-1] for row in rows), [row[1:] for row in rows]
    yield closed, "", "", clock_, rounded(total)
    yield f"{prefix}in_time_percent", "", "", clock_, percent(sum(row[-1] for row in rows if row[0]), total)
    yield f"{prefix}median_minutes", "", "", clock_, quantile(minutes, 50)
    yield f"{prefix}p90_minutes", "", "", clock_, quantile(minutes, 90)


def _appeals(cells: Cells) -> Iterator[_Row]:
    lodged = Counter(dict.fromkeys(Party, 0))
    for number, count in cells.lodged:
        lodged[Party(number)] += count
    for party, count in lodged.items():
        yield "appeals", "", "", word(party), rounded(count)
    answers = (AppealState.UPHELD, AppealState.GRANTED, AppealState.LAPSED)
    answered = Counter({(party, state): 0 for party in Party for state in answers})
    heard = Counter[tuple[str, AppealState]]()
    for number, state, by_jury, count in cells.answered:
        answered[Party(number), AppealState(state)] += count
        heard["jury" if by_jury else "moderators", AppealState(state)] += count
    for (party, of), count in answered.items():
        yield "appeals_answered", "", "", f"{word(party)}_{word(of)}", rounded(count)
    for by in ("moderators", "jury"):
        granted, upheld = heard[by, AppealState.GRANTED], heard[by, AppealState.UPHELD]
        yield "appeals_granted_percent", "", "", by, percent(granted, granted + upheld)


def _backlog(cells: Cells) -> Iterator[_Row]:
    for name, count in zip(("open_cases", "overdue_cases", "open_appeals"), cells.backlog, strict=True):
        yield name, "", "", "", rounded(count)


def _complaints(cells: Cells) -> Iterator[_Row]:
    senders = Counter(dict.fromkeys(Sender, 0))
    for number, count in cells.complaints:
        senders[Sender(number)] += count
    for sender, count in senders.items():
        yield "complaints", "", "", word(sender), rounded(count)
    for clock_, closed in _closed(cells):
        rows = [(timely, minutes, count) for (timely, minutes), count in closed.items()]
        yield from _by_clock("complaints_answered", "complaints_", clock_, rows)
    for name, count in zip(("open_complaints", "overdue_complaints"), cells.complaints_open, strict=True):
        yield name, "", "", "", rounded(count)


def _closed(cells: Cells) -> Iterator[tuple[ComplaintClock, Counter[tuple[int, int]]]]:
    """Closed complaints by their clock: whether it was in time, and after how many minutes."""
    orders, others = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    for timely, minute, count in cells.orders_closed:
        orders[timely, minute] += count
    for timely, minute, count in cells.complaints_closed:
        others[timely, minute] += count
    yield ComplaintClock.ORDER, orders
    yield ComplaintClock.OTHERS, others - orders


def clock_of(severity: Severity) -> Clock:
    return {Severity.URGENT: Clock.URGENT, Severity.ILLEGAL: Clock.ILLEGAL}.get(severity, Clock.OTHERS)


def word(member: IntEnum) -> str:
    """As figures spell a member of an enum."""
    return member.name.lower()


def rounded(number: int) -> int | None:
    """A number as it is given; None for one that is too small."""
    return None if 0 < number < SMALL else number - number % SMALL


def percent(part: int, whole: int) -> int | None:
    """A share to the nearest five per cent; None where there is too little to say."""
    return None if whole < SMALL else (part * 100 + whole * SMALL // 2) // (whole * SMALL) * SMALL


def quantile(counted: Iterable[tuple[int, int]], hundredths: int) -> int | None:
    """The least value that so many hundredths do not exceed, of values with how often they are there; None where there
    is too little to say.
    """
    values = sorted(counted)
    total = sum(count for _, count in values)
    if total < SMALL:
        return None
    seen = 0
    for value, count in values:
        seen += count
        if seen * 100 >= total * hundredths:
            return value
    raise AssertionError("the last value is not exceeded")
