"""Rules in a file: read, refused with a reason, and written so that they can be read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.errors import Invalid
from domain.moderation import rule_files, rules
from domain.moderation.rules import SEVERITIES, Category, Rule, RuleText

RULE = """
[[rule]]
name = "noise"
severity = "ordinary"
category = "OTHER_VIOLATION_TC"
points = 3
jury = true
en.title = "Noise"
en.text = "Be quiet."
"""


def test_a_file_is_read() -> None:
    assert rule_files.parse(RULE) == [
        Rule(
            number=1,
            name="noise",
            severity=SEVERITIES["ordinary"],
            category=Category.OTHER_VIOLATION_TC,
            points=3,
            jury=True,
            texts={"en": RuleText("Noise", "Be quiet.")},
        )
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[[rule]]", "[[rules]]", "Each rule begins with"),
        ("[[rule]]", "rule = 3\n[x]", "Each rule begins with"),
        (RULE, "", "between 1 and 30 rules"),
        (RULE, "rule = [3]", "Rule 1: Object missing required field `name`"),
        ('"ordinary"', '"grave"', "Rule 1: Invalid enum value 'grave' - at `$.severity`"),
        ('"OTHER_VIOLATION_TC"', '"NOISE"', "Rule 1: Invalid enum value 'NOISE' - at `$.category`"),
        ("points = 3", "points = 101", "Rule 1: points are between 0 and 100"),
        ("points = 3", "points = true", "Rule 1: Expected `int`, got `bool` - at `$.points`"),
        ("points = 3", "", "Rule 1: Object missing required field `points`"),
        ("jury = true", 'jury = "no"', "Rule 1: Expected `bool`, got `str` - at `$.jury`"),
        ("jury = true", "jury = true\njuror = 3", "Rule 1: Object contains unknown field `juror`"),
        ('en.text = "Be quiet."', "", "Rule 1: Object missing required field `text`"),
        ('en.text = "Be quiet."', 'en.text = "\\u200b"', "Rule 1 needs a text"),
        ('en.title = "Noise"\nen.text = "Be quiet."', "", "Rule 1 needs a title and a text in at least one language"),
        ("en.", '"e n".', "Rule 1 has too many languages, or one that is none"),
        ('"noise"', '"No noise"', "Rule 1 needs a name of a-z, 0-9 and -"),
        ('"noise"', '""', "Rule 1 needs a name"),
        ('"Noise"', f'"{"é" * 61}"', "Rule 1 needs a title of at most 60"),
        ('"Be quiet."', f'"{"é" * 1001}"', "Rule 1 needs a text of at most 1000"),
        ('"Be quiet."', f'"{"é" * 9000}"', "Rule 1 needs a text of at most 1000"),
        (RULE, RULE + RULE, "Two rules have the same name"),
        (RULE, RULE * 31, "between 1 and 30 rules"),
        ("jury = true", "jury = ", "The file is not TOML"),
        (RULE, " " * (rule_files.MAX_FILE + 1), "too large"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, words: str) -> None:
    assert old in RULE
    with pytest.raises(Invalid) as refusal:
        rule_files.parse(RULE.replace(old, new))
    assert words in str(refusal.value)


def test_texts_are_cleaned_and_rules_numbered() -> None:
    twice = RULE + RULE.replace('"noise"', '"more"').replace('"Noise"', '" More\\n noise "')
    one, other = rule_files.parse(twice)
    assert (one.number, other.number, other.texts["en"].title) == (1, 2, "More noise")


def test_the_shipped_rules_survive_a_file() -> None:
    shipped = rule_files.default_rules()
    assert rule_files.parse(rule_files.to_toml(shipped)) == shipped
    assert {tuple(rule.texts) for rule in shipped} == {("en", "fr")}


words = st.text(min_size=1, max_size=60)


@given(st.lists(st.tuples(words, words, st.sampled_from(Category), st.booleans()), min_size=1, max_size=5))
def test_any_rules_survive_a_file(found: list[tuple[str, str, Category, bool]]) -> None:
    wanted = [
        Rule(0, f"rule-{place}", SEVERITIES["spam"], category, place, jury, {"fr": RuleText(title, text)})
        for place, (title, text, category, jury) in enumerate(found)
    ]
    try:
        ready = rules.cleaned(wanted)
    except Invalid:
        return
    assert rule_files.parse(rule_files.to_toml(ready)) == ready


def test_control_characters_are_escaped() -> None:
    rule = Rule(
        1, "x", SEVERITIES["spam"], Category.VIOLENCE, 0, False, {"en": RuleText('a\x7f\t\x01"\\', "b\n\u2028c")}
    )
    assert '"a\\u007f\\t\\u0001\\"\\\\"' in rule_files.to_toml([rule])
