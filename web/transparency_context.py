"""The figures of moderation as the page shows them: in tables and charts, in one language."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from domain.core.translatable import N_
from domain.moderation import dsa_export, transparency
from domain.moderation.kinds import AppealState, Party, Severity, StatementKind
from domain.moderation.rules import Rulebook
from domain.moderation.transparency import ALL, Clock, Figure, Published
from web import charts, i18n, public_log_words, rule_words, upstream_words
from web.charts import Chart

# Months that charts and tables show; the files have all of them.
SHOWN = 12
FEW, NOT_GIVEN = N_("under 5"), "–"
CLOCKS = {Clock.URGENT: N_("Urgent"), Clock.ILLEGAL: N_("Illegal"), Clock.OTHERS: N_("All others")}
PARTIES = {
    Party.SANCTIONED: N_("By whom a decision was about"),
    Party.REPORTER: N_("By who had reported it"),
}
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


def tables(found: Figures, month: str, book: Rulebook, locale: str) -> list[Table]:
    """What there is of one month, or of all of them."""
    return [_by_rule(found, month, book, locale), _cases(found, month), _times(found, month), _kinds(found, month),
            _appeals(found, month), _complaints(found, month)]  # fmt: skip


def _by_rule(found: Figures, month: str, book: Rulebook, locale: str) -> Table:
    """A row for each rule in force, and for each that was and is named."""
    made = found.of(month, "decisions_by_rule")
    kinds = [
        transparency.word(kind) for kind in StatementKind if any(one.kind == transparency.word(kind) for one in made)
    ]
    named = {(one.rule, one.severity) for one in (*made, *found.of(month, "reports_by_rule"))}
    titles = {one.name: Cell(one.said(locale).title, _lang(one.texts, locale)) for one in book.rules}
    order = {one.name: one.number for one in book.rules}
    named |= {(one.name, transparency.word(one.severity)) for one in book.rules}
    rows = [
        [
            titles.get(rule, Cell(rule)),
            Cell(found.say(rule_words.SEVERITIES[severity])),
            found.count(found.value(month, "reports_by_rule", rule=rule, severity=severity)),
            *(
                found.count(found.value(month, "decisions_by_rule", rule=rule, severity=severity, kind=kind))
                for kind in kinds
            ),
        ]
        for rule, severity in sorted(named, key=lambda one: (order.get(one[0], len(order) + 1), *one))
    ]
    head = [N_("The rule"), N_("Severity"), N_("Reports"), *(public_log_words.KINDS[kind] for kind in kinds)]
    return Table(found.say(N_("By rule")), [found.say(words) for words in head], rows)


def _lang(texts: Iterable[str], locale: str) -> str:
    known = list(texts)
    return "" if locale in known else known[0]


def _cases(found: Figures, month: str) -> Table:
    rows = [
        [
            Cell(found.say(rule_words.SEVERITIES[transparency.word(severity)])),
            found.count(found.value(month, "cases", severity=transparency.word(severity))),
        ]
        for severity in reversed(Severity)
    ]
    head = [found.say(N_("Severity")), found.say(N_("Cases"))]
    return Table(found.say(N_("What was reported, by its worst rule")), head, rows)


def _times(found: Figures, month: str) -> Table:
    rows = [
        [
            Cell(found.say(words)),
            found.count(found.value(month, "cases_decided", kind=clock)),
            found.percent(found.value(month, "in_time_percent", kind=clock)),
            found.time(found.value(month, "median_minutes", kind=clock)),
            found.time(found.value(month, "p90_minutes", kind=clock)),
        ]
        for clock, words in CLOCKS.items()
    ]
    head = [
        N_("Severity"),
        N_("Decided cases"),
        N_("In time"),
        N_("Half took less than"),
        N_("Nine of ten took less than"),
    ]
    return Table(found.say(N_("From the report to the decision")), [found.say(words) for words in head], rows)


def _kinds(found: Figures, month: str) -> Table:
    rows = [
        [
            Cell(found.say(public_log_words.KINDS[transparency.word(kind)])),
            found.count(found.value(month, "decisions", kind=transparency.word(kind))),
        ]
        for kind in StatementKind
    ]
    return Table(found.say(N_("What was decided")), [found.say(N_("Decision")), found.say(N_("How often"))], rows)


def _appeals(found: Figures, month: str) -> Table:
    answers = {
        AppealState.GRANTED: N_("Granted"),
        AppealState.UPHELD: N_("Turned down"),
        AppealState.LAPSED: N_("Lapsed"),
    }
    rows = [
        [
            Cell(found.say(words)),
            found.count(found.value(month, "appeals", kind=transparency.word(party))),
            *(
                found.count(
                    found.value(
                        month, "appeals_answered", kind=f"{transparency.word(party)}_{transparency.word(answer)}"
                    )
                )
                for answer in answers
            ),
        ]
        for party, words in PARTIES.items()
    ]
    head = [N_("Appeals"), N_("Lodged"), *answers.values()]
    return Table(found.say(N_("Appeals")), [found.say(words) for words in head], rows)


def _complaints(found: Figures, month: str) -> Table:
    def count(figure: str, kind: str = "") -> Cell:
        return found.count(found.value(month, figure, kind=kind))

    senders = [(words, count("complaints", transparency.word(one))) for one, words in upstream_words.SENDERS.items()]
    lines = [
        *senders,
        (N_("Answered"), count("complaints_answered")),
        (N_("In time"), found.percent(found.value(month, "complaints_in_time_percent"))),
        (N_("Half took less than"), found.time(found.value(month, "complaints_median_minutes"))),
        (N_("Nine of ten took less than"), found.time(found.value(month, "complaints_p90_minutes"))),
        (N_("Open at the end of the month"), count("open_complaints")),
        (N_("Overdue at the end of the month"), count("overdue_complaints")),
    ]
    rows = [[Cell(found.say(words)), cell] for words, cell in lines]
    head = [found.say(N_("Complaints from upstream")), found.say(N_("How many"))]
    return Table(found.say(N_("Complaints of hosts and authorities")), head, rows)


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
