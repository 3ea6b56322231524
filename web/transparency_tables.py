"""The figures of moderation in tables, in one language."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.core.translatable import N_
from domain.moderation import transparency
from domain.moderation.kinds import AppealState, Party, Severity, StatementKind
from domain.moderation.rules import Rulebook
from domain.moderation.transparency import Clock, ComplaintClock
from web import public_log_words, rule_words, upstream_words
from web.transparency_context import Cell, Figures, Table

CLOCKS = {Clock.URGENT: N_("Urgent"), Clock.ILLEGAL: N_("Illegal"), Clock.OTHERS: N_("All others")}
COMPLAINT_CLOCKS = {
    ComplaintClock.ORDER: N_("Authorities: within one hour"),
    ComplaintClock.OTHERS: N_("All others: within 24 hours"),
}
SOON = (N_("In time"), N_("Half took less than"), N_("Nine of ten took less than"))
PARTIES = {
    Party.SANCTIONED: N_("By whom a decision was about"),
    Party.REPORTER: N_("By who had reported it"),
}


def tables(found: Figures, month: str, book: Rulebook, locale: str) -> list[Table]:
    """What there is of one month, or of all of them."""
    return [_by_rule(found, month, book, locale), _cases(found, month), _times(found, month), _kinds(found, month),
            _appeals(found, month), _complaints(found, month),
            _answers(found, month)]  # fmt: skip


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
    rows = _by_clock(found, month, "cases_decided", "", CLOCKS)
    head = [N_("Severity"), N_("Decided cases"), *SOON]
    return Table(found.say(N_("From the report to the decision")), [found.say(words) for words in head], rows)


def _by_clock(found: Figures, month: str, closed: str, prefix: str, clocks: Mapping[Any, str]) -> list[list[Cell]]:
    """For each of these clocks, how many were closed, by the figure ``closed``, and how soon: those of SOON, whose
    names begin with ``prefix``.
    """
    return [
        [
            Cell(found.say(words)),
            found.count(found.value(month, closed, kind=clock)),
            found.percent(found.value(month, f"{prefix}in_time_percent", kind=clock)),
            found.time(found.value(month, f"{prefix}median_minutes", kind=clock)),
            found.time(found.value(month, f"{prefix}p90_minutes", kind=clock)),
        ]
        for clock, words in clocks.items()
    ]


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
        (N_("Open at the end of the month"), count("open_complaints")),
        (N_("Overdue at the end of the month"), count("overdue_complaints")),
    ]
    rows = [[Cell(found.say(words)), cell] for words, cell in lines]
    head = [found.say(N_("Complaints from upstream")), found.say(N_("How many"))]
    return Table(found.say(N_("Complaints of hosts and authorities")), head, rows)


def _answers(found: Figures, month: str) -> Table:
    rows = _by_clock(found, month, "complaints_answered", "complaints_", COMPLAINT_CLOCKS)
    head = [N_("Who complained"), N_("Answered"), *SOON]
    return Table(found.say(N_("From a complaint to the answer")), [found.say(words) for words in head], rows)
