"""Rules, and what has changed in them, as templates know them: in one language."""

from collections.abc import Sequence
from typing import Any

from asgi import text_html
from domain.moderation import jury_seating, rule_changes
from domain.moderation.rule_changes import RuleChange
from domain.moderation.rules import Rule, Rulebook
from web import i18n, rule_words


def book(locale: str, found: Rulebook) -> dict[str, Any]:
    return {
        "version": found.version,
        "published_ms": found.published_at,
        "rules": [rule(locale, one) for one in found.rules],
    }


def rule(locale: str, one: Rule) -> dict[str, Any]:
    """A rule in the reader's language, or in the first one that it has: ``lang`` says which."""
    said = one.said(locale)
    return {
        "number": one.number,
        "lang": language(locale, one),
        "title": said.title,
        "text": text_html.paragraphs(said.text),
        "hours": one.hours,
        "points": one.points,
        "for_juries": jury_seating.hears(one),
        "severity": i18n.translate(locale, rule_words.SEVERITIES[one.severity.name.lower()]),
        "category": i18n.translate(locale, rule_words.CATEGORIES[one.category]),
    }


def language(locale: str, one: Rule) -> str:
    """The language in which a reader gets a rule."""
    return locale if locale in one.texts else next(iter(one.texts))


def language_name(code: str) -> str:
    """What a language calls itself; its code for one that pages don't speak."""
    return i18n.LOCALES.get(code, code)


def changes(locale: str, before: Sequence[Rule], after: Sequence[Rule]) -> list[dict[str, Any]]:
    """What differs between two versions."""
    return [_change(locale, one) for one in rule_changes.compare(before, after)]


def _change(locale: str, one: RuleChange) -> dict[str, Any]:
    shown = language(locale, one.rule)
    rewording = one.rewording(shown)
    # A language that came or went, or that the reader does not read the rule in.
    others = [code for code in one.languages if code != shown or rewording is None]
    return {
        "kind": one.kind,
        "rule": rule(locale, one.rule),
        "before": rule(locale, one.before) if one.before else None,
        "renumbered": one.renumbered,
        "title_runs": rewording.title if rewording and len(rewording.title) > 1 else (),
        "text_runs": rewording.text if rewording and len(rewording.text) > 1 else (),
        "languages": _names(others),
        "changed_in": _names(one.languages),
        "unchanged_in": _names(one.unchanged_languages),
    }


def _names(codes: Sequence[str]) -> str:
    return ", ".join(map(language_name, codes))
