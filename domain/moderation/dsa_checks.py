"""Checks statements as the DSA Transparency Database checks them, before they are sent: one that is wrong makes it
refuse the whole batch.

What the database would drop without a word is a mistake here too.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from urllib.parse import urlsplit

import msgspec

from domain.moderation import dsa_terms

# Statements in one call.
BATCH = 100
LAST_DAY = "2038-01-01"
MAX_GROUND, MAX_EXPLANATION, MAX_FACTS, MAX_SHORT = 500, 2000, 5000, 500


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a field of a statement."""

    field: str
    words: str


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """What may stand in a field.

    ``many``: a list of ``values``. ``longest`` counts code points. ``first`` is the earliest date, where it is a date.
    ``only_with`` is a field and the value that it has to have, or to hold: without it this field is dropped; with it,
    the field must be there if it is ``required``. With ``not_with`` it is dropped.
    """

    required: bool = False
    many: bool = False
    values: frozenset[str] | None = None
    longest: int | None = None
    spelt: re.Pattern[str] | None = None
    first: str = ""
    is_date: bool = False
    is_address: bool = False
    only_with: tuple[str, str] | None = None
    not_with: tuple[str, str] | None = None


_VISIBILITY_OTHER = ("decision_visibility", "DECISION_VISIBILITY_OTHER")
_ILLEGAL, _INCOMPATIBLE = ("decision_ground", dsa_terms.ILLEGAL), ("decision_ground", dsa_terms.INCOMPATIBLE)
_END = Field(is_date=True)
# Each of these is enough.
DECISIONS = ("decision_visibility", "decision_monetary", "decision_provision", "decision_account")
FIELDS: dict[str, Field] = {
    "decision_visibility": Field(many=True, values=dsa_terms.VISIBILITY),
    "decision_visibility_other": Field(required=True, longest=MAX_SHORT, only_with=_VISIBILITY_OTHER),
    "decision_monetary": Field(values=dsa_terms.MONETARY),
    "decision_monetary_other": Field(
        required=True, longest=MAX_SHORT, only_with=("decision_monetary", "DECISION_MONETARY_OTHER")
    ),
    "decision_provision": Field(values=dsa_terms.PROVISION),
    "decision_account": Field(values=dsa_terms.ACCOUNT),
    "account_type": Field(values=dsa_terms.ACCOUNT_TYPES),
    "decision_ground": Field(required=True, values=dsa_terms.GROUNDS),
    "decision_ground_reference_url": Field(longest=MAX_SHORT, is_address=True),
    "illegal_content_legal_ground": Field(required=True, longest=MAX_GROUND, only_with=_ILLEGAL),
    "illegal_content_explanation": Field(required=True, longest=MAX_EXPLANATION, only_with=_ILLEGAL),
    "incompatible_content_ground": Field(required=True, longest=MAX_GROUND, only_with=_INCOMPATIBLE),
    "incompatible_content_explanation": Field(required=True, longest=MAX_EXPLANATION, only_with=_INCOMPATIBLE),
    "incompatible_content_illegal": Field(values=frozenset({dsa_terms.YES, dsa_terms.NO}), only_with=_INCOMPATIBLE),
    "content_type": Field(required=True, many=True, values=dsa_terms.CONTENT_TYPES),
    "content_type_other": Field(required=True, longest=MAX_SHORT, only_with=("content_type", "CONTENT_TYPE_OTHER")),
    "category": Field(required=True, values=dsa_terms.CATEGORIES),
    "category_addition": Field(many=True, values=dsa_terms.CATEGORIES),
    "category_specification": Field(many=True, spelt=re.compile("KEYWORD_[A-Z_]+")),
    "category_specification_other": Field(longest=MAX_SHORT),
    "territorial_scope": Field(many=True, values=frozenset(dsa_terms.COUNTRIES)),
    "content_language": Field(spelt=re.compile("[A-Z]{2}")),
    "content_date": Field(required=True, is_date=True, first="2000-01-01"),
    "application_date": Field(required=True, is_date=True, first="2020-01-01"),
    "end_date_account_restriction": _END,
    "end_date_monetary_restriction": _END,
    "end_date_service_restriction": _END,
    "end_date_visibility_restriction": _END,
    "decision_facts": Field(required=True, longest=MAX_FACTS),
    "source_type": Field(required=True, values=dsa_terms.SOURCES),
    "source_identity": Field(longest=MAX_SHORT, not_with=("source_type", "SOURCE_VOLUNTARY")),
    "automated_detection": Field(required=True, values=frozenset({dsa_terms.YES, dsa_terms.NO})),
    "automated_decision": Field(required=True, values=dsa_terms.AUTOMATED_DECISIONS),
    "puid": Field(required=True, longest=500, spelt=re.compile("[A-Za-z0-9_-]+")),
}


def problems(statement: Mapping[str, object]) -> list[Problem]:
    """What is wrong with a statement; empty if it may be sent."""
    found = [Problem(name, "the database has no such field") for name in statement if name not in FIELDS]
    if not any(statement.get(name) for name in DECISIONS):
        found.append(Problem(DECISIONS[0], f"one of {', '.join(DECISIONS)} is required"))
    for name, field in FIELDS.items():
        found += (Problem(name, words) for words in _wrong(name, field, statement))
    return found


def batch_problems(statements: Sequence[Mapping[str, object]]) -> list[Problem]:
    """What is wrong with statements as they are sent together, beside what is wrong with one of them."""
    found = []
    if not 1 <= len(statements) <= BATCH:
        found.append(Problem("statements", f"between 1 and {BATCH} fit in a batch"))
    names = [statement.get("puid") for statement in statements]
    if len(set(names)) < len(names):
        found.append(Problem("puid", "is there twice"))
    return found


def _wrong(name: str, field: Field, statement: Mapping[str, object]) -> Iterator[str]:
    value = statement.get(name)
    is_dropped = (field.only_with and not _has(statement, field.only_with)) or (
        field.not_with and _has(statement, field.not_with)
    )
    if value in (None, "", []) or (isinstance(value, str) and not value.strip()):
        if field.required and not is_dropped:
            yield "is required"
        return
    if is_dropped:
        yield "would be dropped: it does not go with what else is said"
    if not field.many:
        yield from _wrong_value(field, value)
    elif not isinstance(value, list):
        yield "has to be a list"
    else:
        for one in value:
            yield from _wrong_value(field, one)


def _has(statement: Mapping[str, object], wanted: tuple[str, str]) -> bool:
    name, value = wanted
    found = statement.get(name)
    return value in found if isinstance(found, list) else found == value


def _wrong_value(field: Field, value: object) -> Iterator[str]:
    if not isinstance(value, str):
        yield "has to be text"
        return
    if field.values is not None and value not in field.values:
        yield "is none of the values that the database knows"
    if field.longest is not None and len(value) > field.longest:
        yield f"is longer than {field.longest} characters"
    if field.spelt is not None and not field.spelt.fullmatch(value):
        yield "is spelt in another way than the database takes"
    if field.is_date:
        yield from _wrong_date(field, value)
    if field.is_address and not _is_address(value):
        yield "is no web address"


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _wrong_date(field: Field, value: str) -> Iterator[str]:
    try:
        day = date.fromisoformat(value).isoformat() if _DATE.fullmatch(value) else ""
    except ValueError:
        day = ""
    if not day:
        yield "is no date of the form 2026-05-31"
    elif not field.first <= day <= LAST_DAY:
        yield f"is not between {field.first} and {LAST_DAY}" if field.first else f"is after {LAST_DAY}"


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(map(str.isspace, value))
