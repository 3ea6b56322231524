"""Names of new rules: from their titles, none twice, and such that they may be stored."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.moderation import rule_files, rule_names
from domain.moderation.rules import NAME, Rule, RuleText

RULE = rule_files.default_rules()[0]


def titled(*titles: str, name: str = "") -> list[Rule]:
    return [msgspec.structs.replace(RULE, name=name, texts={"en": RuleText(title, "x")}) for title in titles]


def names(rules: Sequence[Rule]) -> list[str]:
    return [rule.name for rule in rule_names.named(rules)]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("News of the square", "news-of-the-square"),
        ("Données privées & co.", "donnees-privees-co"),
        ("A very long title that goes on for ever", "a-very-long-title-that-goes-on"),
        ("A very long title of words and moreover", "a-very-long-title-of-words-and"),
        ("静かに", "rule"),
        ("", "rule"),
        ("--", "rule"),
        ("e\u0301" * 100, "e" * 30),
    ],
)
def test_a_name_comes_from_the_title(title: str, name: str) -> None:
    assert names(titled(title)) == [name]


def test_a_name_that_there_is_stays_and_is_not_given_again() -> None:
    assert names([*titled("Noise", "Noise"), *titled("Other", name="noise"), *titled("Noise")]) == [
        "noise-2",
        "noise-3",
        "noise",
        "noise-4",
    ]
    assert names(titled("x" * 40, "x" * 40)) == ["x" * 30, "x" * 28 + "-2"]


@given(st.lists(st.text(max_size=80), min_size=1, max_size=30))
def test_any_titles_get_names_of_their_own(titles: list[str]) -> None:
    found = names(titled(*titles))
    assert len({*found}) == len(titles)
    assert all(map(NAME.fullmatch, found))
