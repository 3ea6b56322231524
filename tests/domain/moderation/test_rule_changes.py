"""What has changed between two versions of the rules."""

import time

import msgspec
import pytest

from domain.moderation import rule_changes, rule_files
from domain.moderation.rule_changes import MAX_PAIRS, Kind, Mark
from domain.moderation.rules import SEVERITIES, Rule, RuleText

RULES = rule_files.default_rules()
SAME, ADDED, REMOVED = Mark.SAME, Mark.ADDED, Mark.REMOVED


def numbered(*rules: Rule) -> list[Rule]:
    return [msgspec.structs.replace(rule, number=number) for number, rule in enumerate(rules, 1)]


def said(rule: Rule, **texts: str) -> Rule:
    """The rule with other texts: ``en="..."``."""
    new = {language: RuleText(rule.texts[language].title, text) for language, text in texts.items()}
    return msgspec.structs.replace(rule, texts=rule.texts | new)


def test_nothing_differs() -> None:
    assert rule_changes.compare(RULES, RULES) == []


def test_the_first_version_adds_every_rule() -> None:
    changes = rule_changes.compare([], RULES)
    assert [(change.kind, change.rule) for change in changes] == [(Kind.ADDED, rule) for rule in RULES]
    assert {change.renumbered for change in changes} == {False}
    assert {tuple(change.languages) for change in changes} == {()}


def test_a_rule_is_known_by_its_name() -> None:
    one, two, three = RULES[:3]
    new = msgspec.structs.replace(RULES[3], name="another")
    changes = rule_changes.compare(numbered(one, two, three), numbered(three, new, two))
    assert [(change.kind, change.rule.name, change.renumbered) for change in changes] == [
        (Kind.CHANGED, three.name, True),
        (Kind.ADDED, "another", False),
        (Kind.CHANGED, two.name, True),
        (Kind.REMOVED, one.name, False),
    ]
    assert changes[2].before == two
    assert changes[2].rule.number == 3
    assert changes[2].rewording("en") is None


def test_other_words_in_one_language() -> None:
    new = said(RULES[0], en="Don't threaten anybody.")
    (change,) = rule_changes.compare(RULES, [new, *RULES[1:]])
    assert change.languages == ["en"]
    assert change.unchanged_languages == ["fr"]
    assert change.rewording("fr") is None
    assert change.rewording("de") is None
    rewording = change.rewording("en")
    assert rewording is not None
    assert rewording.title == ((SAME, "Threats and violence"),)
    assert rewording.text[0] == (SAME, "Don't threaten")
    assert {run.mark for run in rewording.text} == {SAME, ADDED, REMOVED}


def test_a_language_comes() -> None:
    new = msgspec.structs.replace(RULES[0], texts=RULES[0].texts | {"de": RuleText("Drohungen", "Drohen Sie nicht.")})
    (change,) = rule_changes.compare(RULES, [new, *RULES[1:]])
    assert change.languages == ["de"]
    assert change.rewording("de") is None


@pytest.mark.parametrize("other", [{"severity": SEVERITIES["spam"]}, {"points": 1}, {"jury": True}])
def test_all_else_is_a_change_too(other: dict[str, object]) -> None:
    (change,) = rule_changes.compare(RULES, [msgspec.structs.replace(RULES[0], **other), *RULES[1:]])
    assert (change.kind, change.renumbered, change.languages) == (Kind.CHANGED, False, [])


@pytest.mark.parametrize(
    ("before", "after", "runs"),
    [
        ("", "", []),
        ("One two", "One two", [(SAME, "One two")]),
        ("", "New", [(ADDED, "New")]),
        ("Old", "", [(REMOVED, "Old")]),
        ("a b c", "a x c", [(SAME, "a"), (REMOVED, "b"), (ADDED, "x"), (SAME, "c")]),
        ("a b", "a b c", [(SAME, "a b"), (ADDED, "c")]),
        ("b c", "a b c", [(ADDED, "a"), (SAME, "b c")]),
        ("a a", "a", [(SAME, "a"), (REMOVED, "a")]),
        ("a\nb", "a\n\nb", [(SAME, "a"), (REMOVED, "\n"), (ADDED, "\n\n"), (SAME, "b")]),
        ("a\nb c", "a\nb d", [(SAME, "a\nb"), (REMOVED, "c"), (ADDED, "d")]),
    ],
)
def test_runs_of_words(before: str, after: str, runs: list[tuple[Mark, str]]) -> None:
    assert list(rule_changes.words(before, after)) == runs


def test_both_texts_can_be_read_from_the_runs() -> None:
    before, after = RULES[4].texts["en"].text, RULES[5].texts["en"].text
    runs = rule_changes.words(before, after)
    assert " ".join(run.words for run in runs if run.mark != ADDED) == before
    assert " ".join(run.words for run in runs if run.mark != REMOVED) == after


def test_the_work_is_bounded() -> None:
    many = int(MAX_PAIRS**0.5) + 1
    before, after = "x " + "a " * many + "y", "x " + "b " * many + "y"
    runs = rule_changes.words(before, after)
    assert [run.mark for run in runs] == [SAME, REMOVED, ADDED, SAME]
    # As slow as it gets: every word is like every other one.
    began = time.monotonic()
    rule_changes.words("a b " * (many // 2), "b b a " * (many // 3))
    assert time.monotonic() - began < 2
