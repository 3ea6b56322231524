"""Formats of the archive that are read: the present one, and earlier ones, which have other names and lack some."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from archive.records import FORMAT, UNKNOWN
from domain.core.errors import Refused

T = TypeVar("T")


class Names(NamedTuple):
    """What a format calls tables and columns, by their present names, where it has other ones, and what it lacks.

    ``lacks`` are tables that later formats have; ``fills`` are such columns of its tables, each with the value that
    rows of the format have there.

    >>> of(2).table("link_preview")
    'card'
    """

    tables: Mapping[str, str] = {}
    columns: Mapping[str, Mapping[str, str]] = {}
    lacks: frozenset[str] = frozenset()
    fills: Mapping[str, Mapping[str, int | None]] = {}

    def table(self, table: str) -> str:
        """What the format calls a table."""
        return self.tables.get(table, table)

    def column(self, table: str, column: str) -> str:
        """What the format calls a column of the table with this present name."""
        return self.columns.get(table, {}).get(column, column)

    def present_table(self, name: str) -> str:
        """The present name of a table of the format. Errors: ``Refused`` for a name that only later formats have."""
        if name in self.tables or name in self.lacks:
            raise Refused(f"{UNKNOWN}: {name}")
        return {old: new for new, old in self.tables.items()}.get(name, name)

    def by_table(self, values: Mapping[str, T]) -> dict[str, T]:
        """Values that are keyed by the format's tables, keyed by their present names. Errors: ``Refused``."""
        return {self.present_table(name): value for name, value in values.items()}

    def present_row(self, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row of the format, by present names; a column that only later formats have keeps the row from fitting."""
        columns = self.columns.get(table, {})
        fills = self.fills.get(table, {})
        present = {old: new for new, old in columns.items()}
        unknown = columns.keys() | fills.keys()
        return dict(fills) | {
            f"{name}?" if name in unknown else present.get(name, name): value for name, value in row.items()
        }

    def own_row(self, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row of today, by the format's names and without the columns that it lacks."""
        fills = self.fills.get(table, {})
        return {self.column(table, name): value for name, value in row.items() if name not in fills}


# What came with format 6, with it or format 5, and with them or format 4.
_SINCE_6 = frozenset({
    "complaint", "complaint_address", "complaint_mail", "complaint_entry", "complaint_letter", "known_sender",
})  # fmt: skip
_SINCE_5 = _SINCE_6 | {
    "proposal", "appeal", "log_entry", "log_tile", "log_checkpoint",
    "jury", "juror", "juror_standing", "jury_audit", "jury_reversal",
    "case_message", "case_note", "moderation_month", "standing_link",
}  # fmt: skip
_SINCE_4 = _SINCE_5 | {
    "rulebook", "rule", "mod_case", "evidence", "evidence_file", "report", "guest_report", "statement",
}  # fmt: skip
_UNSANCTIONED = {"frozen_until": 0, "suspended_until": 0}
_UNMEASURED, _UNREMOVED = {"measures": 0}, {"removed": 0}
_UNMODERATED = {
    "account": {"rules_version": 0, **_UNSANCTIONED},
    "post": {"state": 0, **_UNMEASURED},
    "media": _UNREMOVED,
}
_READ = {
    2: Names(
        {"stored_object": "object", "pending_removal": "removal", "link_preview": "card"},
        {
            "account": {"avatar_small": "picture", "avatar_large": "portrait"},
            "network": {"link_previews": "cards"},
            "post": {"link_preview": "card"},
            "notice": {"state": "aside"},
            "notice_part": {"active": "stands"},
        },
        _SINCE_4,
        _UNMODERATED,
    ),
    3: Names(lacks=_SINCE_4, fills=_UNMODERATED),
    4: Names(
        lacks=_SINCE_5,
        fills={
            "account": _UNSANCTIONED,
            "statement": {"ends_at": None, "second": None, "label": None, "media": None, "automation": 0},
            "post": _UNMEASURED,
            "media": _UNREMOVED,
        },
    ),
    5: Names(lacks=_SINCE_6),
    FORMAT: Names(),
}
OLDEST = min(_READ)


def is_read(number: int) -> bool:
    """Whether this version reads archives, and changes, of the format."""
    return number in _READ


def of(number: int) -> Names:
    """The names in a format that ``is_read``. Errors: ``KeyError``."""
    return _READ[number]
