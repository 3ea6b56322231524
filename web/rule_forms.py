"""The form in which an operator writes the rules: its fields, and the steps that change it before it is published.

Fields of the third rule are ``name-3``, ``severity-3``, ``title-3-fr`` and so on, in the order of the form. A rule that
was taken out stays there as ``gone-3``, so that it can be put back.
"""

from collections.abc import Sequence

import msgspec

from domain.core.errors import Invalid, Refused
from domain.moderation import rule_names, rules
from domain.moderation.rules import Category, Rule, Rulebook, RuleText
from web import forms

# Rules that are in force and were taken out, beside new ones.
MAX_ROWS = 2 * rules.MAX_RULES
# The fields of a rule beside its texts, and those of the form beside its rules.
FIELDS, OTHERS = 6, 5
MAX_FIELDS = MAX_ROWS * (FIELDS + 2 * rules.MAX_LANGUAGES) + OTHERS


class RuleFields(msgspec.Struct):
    """A rule as it was typed; ``texts`` has title and text for each language of the form, ``errors`` words by field.

    ``number`` is what it would be published with, 0 for one that is ``gone``. ``opened``: its fields are shown.
    """

    name: str = ""
    severity: str = "ordinary"
    category: str = Category.OTHER_VIOLATION_TC
    points: str = "3"
    jury: bool = True
    texts: dict[str, tuple[str, str]] = {}
    gone: bool = False
    number: int = 0
    opened: bool = False
    errors: dict[str, str] = {}

    def title(self, locale: str) -> str:
        """In a reader's language, or in the first one that has it; "" before there is any."""
        titles = [self.texts.get(locale, ("", ""))[0], *(title for title, _ in self.texts.values())]
        return next((title for title in titles if title.strip()), "")

    @property
    def is_blank(self) -> bool:
        return not self.name and not any(title.strip() or text.strip() for title, text in self.texts.values())


def languages(spoken: Sequence[str], book: Rulebook) -> list[str]:
    """Those of the network's pages, and all others that a rule in force has."""
    return [*spoken, *sorted({language for rule in book.rules for language in rule.texts} - set(spoken))]


def rows_of(book: Rulebook, chosen: Sequence[str]) -> list[RuleFields]:
    """The form of rules as they stand."""
    rows = [
        RuleFields(
            rule.name,
            rule.severity.name.lower(),
            rule.category,
            str(rule.points),
            rule.jury,
            {language: _typed(rule.texts.get(language)) for language in chosen},
        )
        for rule in book.rules
    ]
    return numbered(rows)


def _typed(text: RuleText | None) -> tuple[str, str]:
    return (text.title, text.text) if text else ("", "")


def read(form: forms.Form, chosen: Sequence[str]) -> list[RuleFields]:
    """What was typed, as it came."""
    rows = [
        RuleFields(
            name=form[f"name-{n}"],
            severity=form[f"severity-{n}"],
            category=form[f"category-{n}"],
            points=form[f"points-{n}"],
            jury=form.on(f"jury-{n}"),
            texts={language: (form[f"title-{n}-{language}"], form[f"text-{n}-{language}"]) for language in chosen},
            gone=form.on(f"gone-{n}"),
        )
        for n in range(1, MAX_ROWS + 1)
        if f"severity-{n}" in form
    ]
    return numbered(rows)


def numbered(rows: list[RuleFields]) -> list[RuleFields]:
    """Gives each rule the number that it has in its place."""
    kept = 0
    for row in rows:
        kept += not row.gone
        row.number = 0 if row.gone else kept
    return rows


def change(rows: list[RuleFields], step: str, chosen: Sequence[str]) -> list[RuleFields]:
    """The form after a step: "add"; "remove-3", "keep-3", "up-3", "down-3" for the third row. Others change nothing."""
    action, _, place = step.partition("-")
    index = forms.number(place) - 1
    if action == "add" and sum(not row.gone for row in rows) < rules.MAX_RULES and len(rows) < MAX_ROWS:
        rows.append(RuleFields(texts=dict.fromkeys(chosen, ("", "")), opened=True))
    elif 0 <= index < len(rows):
        _change(rows, action, index)
    return numbered(rows)


def _change(rows: list[RuleFields], action: str, index: int) -> None:
    row = rows[index]
    if action == "remove" and row.is_blank:
        del rows[index]
    elif action in ("remove", "keep"):
        row.gone = action == "remove"
    elif action in ("up", "down"):
        # Past those that are gone, which have no number.
        ahead = range(index - 1, -1, -1) if action == "up" else range(index + 1, len(rows))
        place = next((place for place in ahead if not rows[place].gone), index)
        rows.insert(place, rows.pop(index))


def rules_of(rows: Sequence[RuleFields]) -> list[Rule]:
    """What would be published. Errors: ``Invalid`` for a choice that is none of the form's."""
    kept = [row for row in rows if not row.gone]
    problems: dict[str, Refused] = {}
    for row in kept:
        if row.severity not in rules.SEVERITIES:
            problems[f"severity-{row.number}"] = Invalid("Choose how severe a breach is.")
        if row.category not in Category.__members__:
            problems[f"category-{row.number}"] = Invalid("Choose a category.")
    if problems:
        raise Invalid(next(iter(problems.values())).words, fields=problems)
    return rule_names.named([_rule(row) for row in kept])


def _rule(row: RuleFields) -> Rule:
    texts = {
        language: RuleText(title, text)
        for language, (title, text) in row.texts.items()
        if title.strip() or text.strip()
    }
    points = forms.number(row.points.strip())
    severity, category = rules.SEVERITIES[row.severity], Category(row.category)
    return Rule(row.number, row.name, severity, category, points, row.jury, texts)


def mark(rows: list[RuleFields], problems: dict[str, str]) -> None:
    """Puts what was refused beside its field, and opens the rules that it is in."""
    for row in rows:
        found = [field.split("-", 2) for field in problems if field.split("-", 2)[1:2] == [str(row.number)]]
        row.errors = {"-".join([kind, *rest]): problems["-".join([kind, n, *rest])] for kind, n, *rest in found}
        row.opened = row.opened or bool(found)
