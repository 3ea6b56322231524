"""The figures of moderation as the page shows them, and charts of them, in one language."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from domain.core.translatable import N_
from domain.moderation import dsa_export, transparency
from domain.moderation.transparency import ALL, Figure, Published
from web import charts, i18n
from web.charts import Chart

# Months that charts and tables show; the files have all of them.
SHOWN = 12
FEW, NOT_GIVEN = N_("under 5"), "–"
RESTRICTING = tuple(dsa_export.RESTRICTIONS)


class Cell(NamedTuple):
    """``lang`` is that of its words where it is not the page's."""

    text: str
    lang: str = ""


class Table(NamedTuple):
    """``head`` names the columns, the first one what the rows are; each row begins with its own name."""

    title: str
    head: list[str]
    rows: list[list[Cell]]


class Plot(NamedTuple):
    """A chart, the words of its series, and the table with the same numbers."""

    name: str
    chart: Chart
    series: list[str]
    table: Table


class Figures:
    """Looks figures up, and says them in a language."""

    def __init__(self, published: Published, locale: str) -> None:
        self._found = {
            (one.month, one.figure, one.rule, one.severity, one.kind): one.value for one in published.figures
        }
        self.all, self.months, self._locale = published.figures, published.months, locale

    def value(self, month: str, figure: str, *, rule: str = "", severity: str = "", kind: str = "") -> int | None:
        """None for what is too small to be given; 0 for what there is not."""
        return self._found.get((month, figure, rule, severity, kind), 0)

    def of(self, month: str, figure: str) -> list[Figure]:
        return [one for one in self.all if one.month == month and one.figure == figure]

    def say(self, words: str, **params: object) -> str:
        return i18n.translate(self._locale, words, **params)

    def count(self, value: int | None) -> Cell:
        return Cell(self.say(FEW) if value is None else i18n.full(self._locale, value))

    def percent(self, value: int | None) -> Cell:
        return Cell(NOT_GIVEN if value is None else self.say(N_("%(number)s%%"), number=value))

    def time(self, minutes: int | None) -> Cell:
        """In one unit."""
        if minutes is None:
            return Cell(NOT_GIVEN)
        for size, words in ((1440, N_("%(count)s d")), (60, N_("%(count)s h"))):
            if minutes >= 2 * size:
                return Cell(self.say(words, count=round(minutes / size)))
        return Cell(self.say(N_("%(count)s min"), count=minutes))

    def month(self, name: str) -> str:
        return i18n.date(self._locale, _ms(name), "month")

    def short_month(self, name: str) -> str:
        """As it stands below a column: "Nov"."""
        return i18n.date(self._locale, _ms(name), "short month")

    def plot(
        self, name: str, title: str, series: Sequence[tuple[str, Callable[[str], int | None]]], more: int = 0
    ) -> Plot:
        """Months as columns, and a table of them. The last ``more`` of the series are in the table only."""
        newest = self.months[:SHOWN]
        drawn = series[: len(series) - more]
        columns = [(self.short_month(month), [read(month) for _, read in drawn]) for month in reversed(newest)]
        rows = [[Cell(self.month(month)), *(self.count(read(month)) for _, read in series)] for month in newest]
        head = [self.say(N_("Month")), *(self.say(words) for words, _ in series)]
        table = Table(self.say(title), head, rows)
        return Plot(name, charts.stacked(columns), [self.say(words) for words, _ in drawn], table)


def _ms(month: str) -> int:
    return int(datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC).timestamp()) * 1000


def plots(found: Figures) -> list[Plot]:
    """What goes from month to month."""

    def read(figure: str, *kinds: str) -> Callable[[str], int | None]:
        return lambda month: _sum(found.value(month, figure, kind=kind) for kind in kinds or ("",))

    restricting = [transparency.word(kind) for kind in RESTRICTING]
    return [
        found.plot(
            "reports",
            N_("Reports"),
            [
                (N_("By members"), read("reports", "member")),
                (N_("By people without an account"), read("reports", "guest")),
            ],
        ),
        found.plot(
            "decisions",
            N_("Decisions"),
            [
                (N_("Restrictions of posts and accounts"), read("decisions", *restricting)),
                (N_("Warnings"), read("decisions", "warning")),
                (N_("No breach"), read("decisions", "no_breach")),
                (N_("Taken back"), read("decisions", "reversal")),
            ],
            more=1,
        ),
        found.plot(
            "open",
            N_("Waiting at the end of the month"),
            [
                (N_("Open cases"), read("open_cases")),
                (N_("Overdue cases"), read("overdue_cases")),
                (N_("Open appeals"), read("open_appeals")),
            ],
            more=2,
        ),
    ]


def _sum(values: Iterable[int | None]) -> int | None:
    """None only where all that there is is too small to be given."""
    found = list(values)
    known = sum(value for value in found if value is not None)
    return known if known or None not in found else None


def shares(found: Figures, month: str) -> list[tuple[str, str]]:
    """Shares, each with what it is of."""
    granted, by_jury = (found.value(month, "appeals_granted_percent", kind=by) for by in ("moderators", "jury"))
    automated = found.value(month, "automated_percent")
    return [
        (found.say(N_("Appeals that moderators answered and granted")), found.percent(granted).text),
        (found.say(N_("Appeals that juries answered and granted")), found.percent(by_jury).text),
        (found.say(N_("Decisions made without a person")), found.percent(automated).text),
    ]


def periods(found: Figures) -> list[tuple[str, str]]:
    """What can be chosen: all months together, and each."""
    return [(ALL, found.say(N_("All months"))), *((month, found.month(month)) for month in found.months)]
