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
    fills: Mapping[str, Mapping[str, int | str | None]] = {}

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


# What came with format 8, with it or format 7, and so on.
_SINCE_8 = frozenset({"evidence_holder"})
_SINCE_7 = _SINCE_8 | frozenset({"word_proposal"})
_SINCE_6 = _SINCE_7 | frozenset({
    "trust", "brake", "crisis", "moderator_care", "case_look", "case_alert",
    "filter_rule", "filter_change", "filter_hit", "filter_finding", "word_list", "post_hold",
    "bulk_decision", "bulk_subject", "bulk_statement", "known_picture",
    "complaint", "complaint_address", "complaint_mail", "complaint_entry", "complaint_letter", "known_sender",
})  # fmt: skip
_SINCE_5 = _SINCE_6 | frozenset({
    "proposal", "appeal", "log_entry", "log_tile", "log_checkpoint",
    "jury", "juror", "juror_standing", "jury_audit", "jury_reversal",
    "case_message", "case_note", "moderation_month", "standing_link",
})  # fmt: skip
_SINCE_4 = _SINCE_5 | {
    "rulebook", "rule", "mod_case", "evidence", "evidence_file", "report", "guest_report", "statement",
}  # fmt: skip
# Whoever was there then is trusted as if they had been there for long, and no report weighs more than another.
_TRUSTED = {"trust": 2}
_UNWEIGHED = {"report": {"weight": 10}, "mod_case": {"weight": 0}}
_UNSANCTIONED = {"frozen_until": 0, "suspended_until": 0, **_TRUSTED}
_UNHASHED: Mapping[str, int | str] = {"pdq": ""}
_UNMEASURED: Mapping[str, int] = {"measures": 0}
_BY_MEMBERS: Mapping[str, Mapping[str, None]] = {"appeal": {"report": None}}
_UNSIGNED: Mapping[str, Mapping[str, None]] = {"word_list": {"author": None, "second": None}, **_BY_MEMBERS}
# How long a case was looked at nobody knows, nor under which rule a complaint's case was opened.
_UNTIMED: Mapping[str, Mapping[str, int | str | None]] = {
    "moderator_care": {"hard_minutes": None, "keeps_grey": 0},
    "case_look": {"began_at": 0, "ends_at": 0},
    "complaint_address": {"rule_version": None, "rule_number": None},
}
# Filters looked for each known picture.
_AGREED: Mapping[str, Mapping[str, int | None]] = {"known_picture": {"mod_case": None, "waits": 0, "second": None}}
_UNREMOVED: Mapping[str, int | str] = {"removed": 0, **_UNHASHED}
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
            **_UNWEIGHED,
        },
    ),
    5: Names(lacks=_SINCE_6, fills={"account": _TRUSTED, "media": _UNHASHED, **_UNWEIGHED, **_BY_MEMBERS}),
    6: Names(lacks=_SINCE_7, fills={**_UNSIGNED, **_UNTIMED, **_AGREED}),
    7: Names(lacks=_SINCE_8, fills=_AGREED),
    FORMAT: Names(),
}
OLDEST = min(_READ)


def is_read(number: int) -> bool:
    """Whether this version reads archives, and changes, of the format."""
    return number in _READ


def of(number: int) -> Names:
    """The names in a format that ``is_read``. Errors: ``KeyError``."""
    return _READ[number]
