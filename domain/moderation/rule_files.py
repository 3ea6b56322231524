"""Rules as the text of a file: one that an operator writes for `parvis rules`, and default_rules.toml.

A file has a ``[[rule]]`` for each rule, in the order of their numbers, with ``name``, ``severity``, ``category``,
``points``, ``jury``, and a title and a text in each language: ``en.title``, ``en.text``.
"""

import json
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from domain.core.errors import Invalid
from domain.moderation import rules
from domain.moderation.rules import Category, Rule, RuleText

DEFAULT_RULES = Path(__file__).with_name("default_rules.toml")
# Above the largest file that 30 rules can make, in characters.
MAX_FILE = 2_000_000


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    """A rule in a file, without its texts."""

    name: str
    severity: Literal["urgent", "illegal", "serious", "ordinary", "spam"]
    category: Category
    points: int
    jury: bool


def default_rules() -> list[Rule]:
    """The shipped rules."""
    return parse(DEFAULT_RULES.read_text(encoding="utf-8"))


def parse(source: str) -> list[Rule]:
    """Rules from the text of a file, numbered in their order and cleaned.

    Errors: ``Invalid``, whose words name the rule and what is wrong with it.
    """
    if len(source) > MAX_FILE:
        raise Invalid("The file is too large.")
    try:
        file = tomllib.loads(source.removeprefix("\ufeff"))
    except RecursionError:
        raise Invalid("The file is too deeply nested.") from None
    except tomllib.TOMLDecodeError as error:
        raise Invalid("The file is not TOML: %(problem)s.", problem=str(error)) from None
    found = file.pop("rule", [])
    if file or not isinstance(found, list):
        raise Invalid("Each rule begins with [[rule]], and nothing else stands in the file.")
    return rules.cleaned([_parsed(number, one) for number, one in enumerate(found, 1)])


def _parsed(number: int, found: Any) -> Rule:
    fields = found if isinstance(found, dict) else {}
    said = {language: text for language, text in fields.items() if isinstance(text, dict)}
    try:
        entry = msgspec.convert({key: value for key, value in fields.items() if key not in said}, _Entry)
        texts = msgspec.convert(said, dict[str, RuleText])
    except msgspec.ValidationError as error:
        raise Invalid("Rule %(number)s: %(problem)s.", number=number, problem=str(error)) from None
    return Rule(number, entry.name, rules.SEVERITIES[entry.severity], entry.category, entry.points, entry.jury, texts)


def to_toml(wanted: Sequence[Rule]) -> str:
    """The text of a file that :func:`parse` reads as these rules."""
    return "\n".join("".join(f"{line}\n" for line in _lines(rule)) for rule in wanted)


def _lines(rule: Rule) -> Iterator[str]:
    yield "[[rule]]"
    yield f"name = {_quoted(rule.name)}"
    yield f"severity = {_quoted(rule.severity.name.lower())}"
    yield f"category = {_quoted(rule.category)}"
    yield f"points = {rule.points}"
    yield f"jury = {str(rule.jury).lower()}"
    for language, text in rule.texts.items():
        yield f"{language}.title = {_quoted(text.title)}"
        yield f"{language}.text = {_quoted(text.text)}"


def _quoted(text: str) -> str:
    """A string of TOML. Its escapes are those of JSON, but that the delete character needs one too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
