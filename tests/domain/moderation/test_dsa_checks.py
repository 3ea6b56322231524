"""The checks of the DSA Transparency Database: a good statement passes them, and each rule finds what breaks it."""

from typing import Any

import pytest

from domain.moderation import dsa_checks
from domain.moderation.dsa_checks import BATCH, FIELDS, Problem

GOOD: dict[str, Any] = {
    "puid": "a-1_B",
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
    "incompatible_content_ground": "Rule 6",
    "incompatible_content_explanation": "It insults.",
    "content_type": ["CONTENT_TYPE_TEXT"],
    "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
    "content_date": "2026-02-28",
    "application_date": "2026-03-01",
    "decision_facts": "An insult.",
    "source_type": "SOURCE_ARTICLE_16",
    "automated_detection": "No",
    "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
}
FULL: dict[str, Any] = GOOD | {
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_DEMOTED", "DECISION_VISIBILITY_OTHER"],
    "decision_visibility_other": "A word.",
    "decision_monetary": "DECISION_MONETARY_OTHER",
    "decision_monetary_other": "A word.",
    "decision_provision": "DECISION_PROVISION_TOTAL_TERMINATION",
    "decision_account": "DECISION_ACCOUNT_SUSPENDED",
    "account_type": "ACCOUNT_TYPE_PRIVATE",
    "decision_ground_reference_url": "https://parvis.example/rules/1",
    "incompatible_content_illegal": "Yes",
    "content_type": ["CONTENT_TYPE_IMAGE", "CONTENT_TYPE_OTHER"],
    "content_type_other": "A drawing.",
    "category_addition": ["STATEMENT_CATEGORY_SELF_HARM"],
    "category_specification": ["KEYWORD_STALKING", "KEYWORD_OTHER"],
    "category_specification_other": "A word.",
    "territorial_scope": ["FR", "LI"],
    "content_language": "EN",
    "end_date_account_restriction": "2026-04-01",
    "end_date_monetary_restriction": "2038-01-01",
    "end_date_service_restriction": "2026-04-01",
    "end_date_visibility_restriction": "2026-04-01",
    "source_identity": "A body.",
}
ILLEGAL = {name: value for name, value in GOOD.items() if not name.startswith("incompatible")} | {
    "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
    "illegal_content_legal_ground": "A law.",
    "illegal_content_explanation": "It forbids this.",
}
SOURCELESS = FULL | {"source_type": "SOURCE_VOLUNTARY"}
OTHERS = ("decision_visibility_other", "decision_monetary_other", "content_type_other")
REQUIRED = ("decision_ground", "content_type", "category", "content_date", "application_date", "decision_facts",
            "source_type", "automated_detection", "automated_decision", "puid")  # fmt: skip
LONGEST = {
    "decision_visibility_other": 500, "decision_monetary_other": 500, "decision_ground_reference_url": 500,
    "incompatible_content_ground": 500, "incompatible_content_explanation": 2000, "content_type_other": 500,
    "category_specification_other": 500, "decision_facts": 5000, "source_identity": 500, "puid": 500,
}  # fmt: skip
DATES = [name for name in FULL if name.endswith("_date") or name.startswith("end_date")]
LISTS = ["decision_visibility", "content_type", "category_addition", "category_specification", "territorial_scope"]
CHOICES = [
    "decision_monetary", "decision_provision", "decision_account", "account_type", "decision_ground",
    "incompatible_content_illegal", "category", "source_type", "automated_detection", "automated_decision",
]  # fmt: skip


def wrong(statement: dict[str, Any]) -> set[str]:
    return {problem.field for problem in dsa_checks.problems(statement)}


@pytest.mark.parametrize("statement", [GOOD, FULL, ILLEGAL], ids=["good", "full", "illegal"])
def test_a_good_statement_passes(statement: dict[str, Any]) -> None:
    assert dsa_checks.problems(statement) == []


def test_the_samples_have_every_field() -> None:
    assert FULL.keys() | ILLEGAL.keys() == FIELDS.keys()


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", [None, "", " ", []])
def test_what_is_required_must_be_there(name: str, value: object) -> None:
    assert wrong(GOOD | {name: value}) >= {name}
    assert wrong({key: said for key, said in GOOD.items() if key != name}) >= {name}


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        *((name, FULL) for name in OTHERS),
        ("incompatible_content_ground", GOOD),
        ("incompatible_content_explanation", GOOD),
        ("illegal_content_legal_ground", ILLEGAL),
        ("illegal_content_explanation", ILLEGAL),
    ],
)
def test_what_something_else_asks_for_must_be_there(name: str, statement: dict[str, Any]) -> None:
    assert wrong(statement | {name: ""}) == {name}


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        *((name, GOOD) for name in OTHERS),
        ("illegal_content_legal_ground", GOOD),
        ("illegal_content_explanation", GOOD),
        ("incompatible_content_ground", ILLEGAL),
        ("incompatible_content_explanation", ILLEGAL),
        ("incompatible_content_illegal", ILLEGAL),
        ("source_identity", SOURCELESS),
    ],
)
def test_what_would_be_dropped_is_found(name: str, statement: dict[str, Any]) -> None:
    value = "Yes" if name.endswith("_illegal") else "A word."
    assert wrong(statement | {name: value}) == {name}


def test_one_decision_is_enough_and_needed() -> None:
    assert wrong(GOOD | {"decision_visibility": []}) == {"decision_visibility"}
    for name in ("decision_monetary", "decision_provision", "decision_account"):
        value = "DECISION_MONETARY_SUSPENSION" if name == "decision_monetary" else FULL[name]
        assert wrong(GOOD | {"decision_visibility": [], name: value}) == set()


@pytest.mark.parametrize(("name", "longest"), LONGEST.items())
def test_texts_are_as_long_as_the_database_takes(name: str, longest: int) -> None:
    # It counts code points, not bytes and not what people see as characters.
    start, letter = ("https://parvis.example/", "a") if name.endswith("_url") else ("", "a" if name == "puid" else "é")
    text = start + letter * (longest - len(start))
    assert wrong(FULL | {name: text}) == set()
    assert wrong(FULL | {name: text + letter}) == {name}


@pytest.mark.parametrize("name", DATES)
def test_dates_are_dates_within_bounds(name: str) -> None:
    for value in (
        "2038-01-02",
        "2026-2-01",
        "2026-02-30",
        "01-02-2026",
        "2026-02-01T00:00:00",
        "20260201",
        "yesterday",
    ):
        assert wrong(FULL | {name: value}) == {name}
    assert wrong(FULL | {name: "2038-01-01"}) == set()


def test_dates_are_not_too_early() -> None:
    assert wrong(GOOD | {"content_date": "2000-01-01", "application_date": "2020-01-01"}) == set()
    assert wrong(GOOD | {"content_date": "1999-12-31"}) == {"content_date"}
    assert wrong(GOOD | {"application_date": "2019-12-31"}) == {"application_date"}


@pytest.mark.parametrize("name", CHOICES)
def test_only_known_values_are_taken(name: str) -> None:
    for value in (FULL[name].lower(), f"{FULL[name]}S", "true", True, 1):
        assert name in wrong(FULL | {name: value})


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_lists_of_known_values(name: str) -> None:
    for value in (FULL[name][0], [*FULL[name], "SOMETHING"], [1], {"a": 1}):
        assert name in wrong(FULL | {name: value})


@pytest.mark.parametrize("value", ["en", "EN-GB", "ENG", "E"])
def test_languages_are_two_capitals(value: str) -> None:
    assert wrong(FULL | {"content_language": value}) == {"content_language"}


@pytest.mark.parametrize("value", ["a b", "a.b", "é", "a\n", "@eve"])
def test_names_of_statements_are_plain(value: str) -> None:
    assert wrong(GOOD | {"puid": value}) == {"puid"}


@pytest.mark.parametrize(
    "value", ["parvis.example/rules", "ftp://parvis.example", "https://", "https://a b.example", "x"]
)
def test_an_address_is_one(value: str) -> None:
    assert wrong(FULL | {"decision_ground_reference_url": value}) == {"decision_ground_reference_url"}


def test_other_fields_are_not_sent() -> None:
    assert wrong(GOOD | {"content_id": {"EAN-13": "1"}}) == {"content_id"}


def test_a_batch_has_up_to_a_hundred_statements_and_each_once() -> None:
    many = [GOOD | {"puid": str(number)} for number in range(BATCH)]
    assert dsa_checks.batch_problems(many) == []
    assert [one.field for one in dsa_checks.batch_problems([])] == ["statements"]
    assert [one.field for one in dsa_checks.batch_problems([*many, GOOD])] == ["statements"]
    assert dsa_checks.batch_problems([GOOD, GOOD]) == [Problem("puid", "is there twice")]
