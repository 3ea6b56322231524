"""Figures of moderation of a year that the demo town has not had, for the page that shows them."""

import contextlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from domain.core import clock
from domain.moderation.figures import Cells
from domain.moderation.kinds import AppealState, Party, Severity, StatementKind

MONTHS = 14
RULES = (("threats", Severity.URGENT), ("fraud", Severity.ILLEGAL), ("harassment", Severity.SERIOUS),
         ("spam", Severity.SPAM))  # fmt: skip


def add(folder: Path) -> None:
    """Writes them into the town's database, the last month's too."""
    with contextlib.closing(sqlite3.connect(folder / "parvis.sqlite")) as connection:
        for number, month in enumerate(_months()):
            figures = msgspec.json.encode(_cells(number)).decode()
            row = (month, clock.now(), figures)
            connection.execute("INSERT OR REPLACE INTO moderation_month VALUES (?, ?, ?)", row)
        connection.commit()


def _months() -> list[str]:
    now = datetime.fromtimestamp(clock.now() / 1000, UTC)
    last = now.year * 12 + now.month - 1
    return [f"{one // 12:04}-{one % 12 + 1:02}" for one in range(last - MONTHS + 1, last + 1)]


def _cells(number: int) -> Cells:
    some = 40 + number * 37 % 90
    reports = [
        (rule, int(severity), guest, some // (3 * place + 1 + 5 * guest))
        for place, (rule, severity) in enumerate(RULES)
        for guest in (0, 1)
    ]
    decided = [
        (int(severity), int(minutes < 1200), minutes // (8 if severity is Severity.URGENT else 1), some // place)
        for _, severity in RULES
        for place, minutes in enumerate((90, 240, 660, 1400), 1)
    ]
    decisions = [
        (int(kind), rule, int(severity), 0, some // (2 + kind + place))
        for place, (rule, severity) in enumerate(RULES)
        for kind in (StatementKind.WARNING, StatementKind.POST_REMOVAL, StatementKind.FREEZE)
    ]
    decisions += [(int(StatementKind.NO_BREACH), "", 0, 0, some), (int(StatementKind.REVERSAL), "spam", 0, 0, 6)]
    opened = [(int(severity), some // (severity + 1)) for severity in Severity]
    lodged = [(int(party), count) for party, count in ((Party.SANCTIONED, 21), (Party.REPORTER, 7))]
    answers = [
        (Party.SANCTIONED, AppealState.UPHELD, 0, 9),
        (Party.SANCTIONED, AppealState.UPHELD, 1, 5),
        (Party.SANCTIONED, AppealState.GRANTED, 0, 4),
        (Party.SANCTIONED, AppealState.GRANTED, 1, 2),
        (Party.REPORTER, AppealState.UPHELD, 0, 5),
        (Party.REPORTER, AppealState.GRANTED, 0, 1),
    ]
    answered = [(int(party), int(state), by_jury, count) for party, state, by_jury, count in answers]
    return Cells(reports, opened, decided, decisions, lodged, answered, (some // 5, some // 12, number % 3 * 5))
