"""The network's rules: numbered, in every language of the network, and published in versions that stay readable.

A member accepts the version in force before their next post. Every report and every decision names a rule by version
and number, so its words at that time can always be shown.
"""

import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from db.engine import DB, ConstraintViolation
from db.queries import rules as queries
from db.queries.rules import RulebookRow, RuleRow
from domain.accounts import network_profile
from domain.core import access, clock, permissions, text_parsing
from domain.core.access import Viewer, member
from domain.core.errors import Conflict, Invalid, NotFound
from domain.moderation.kinds import Severity

MAX_RULES = 30
MAX_TITLE, MAX_TEXT, MAX_NAME, MAX_POINTS = 60, 1000, 30, 100
DEFAULT_RULES = Path(__file__).with_name("default_rules.toml")


class Category(StrEnum):
    """What a rule is about, in the words of the DSA Transparency Database (there with ``STATEMENT_CATEGORY_``)."""

    ANIMAL_WELFARE = "ANIMAL_WELFARE"
    CONSUMER_INFORMATION = "CONSUMER_INFORMATION"
    CYBER_VIOLENCE = "CYBER_VIOLENCE"
    CYBER_VIOLENCE_AGAINST_WOMEN = "CYBER_VIOLENCE_AGAINST_WOMEN"
    DATA_PROTECTION_AND_PRIVACY_VIOLATIONS = "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS"
    ILLEGAL_OR_HARMFUL_SPEECH = "ILLEGAL_OR_HARMFUL_SPEECH"
    INTELLECTUAL_PROPERTY_INFRINGEMENTS = "INTELLECTUAL_PROPERTY_INFRINGEMENTS"
    NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS = "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS"
    NOT_SPECIFIED_NOTICE = "NOT_SPECIFIED_NOTICE"
    OTHER_VIOLATION_TC = "OTHER_VIOLATION_TC"
    PROTECTION_OF_MINORS = "PROTECTION_OF_MINORS"
    RISK_FOR_PUBLIC_SECURITY = "RISK_FOR_PUBLIC_SECURITY"
    SCAMS_AND_FRAUD = "SCAMS_AND_FRAUD"
    SELF_HARM = "SELF_HARM"
    UNSAFE_AND_PROHIBITED_PRODUCTS = "UNSAFE_AND_PROHIBITED_PRODUCTS"
    VIOLENCE = "VIOLENCE"


class RuleText(msgspec.Struct, frozen=True):
    """What a rule says in one language."""

    title: str
    text: str


class Rule(msgspec.Struct, frozen=True):
    """One rule. ``name`` stays the same from version to version, whatever the number; ``texts`` is by language.

    ``points`` is what a breach costs; with ``jury`` a jury may hear an appeal.
    """

    number: int
    name: str
    severity: Severity
    category: Category
    points: int
    jury: bool
    texts: dict[str, RuleText]

    def said(self, locale: str) -> RuleText:
        """The rule in a language, or in the first one that it has."""
        return self.texts.get(locale) or next(iter(self.texts.values()))


class Rulebook(msgspec.Struct, frozen=True):
    """One version of the rules; ``published_at`` in Unix milliseconds. Version 0 is that nothing was published yet."""

    version: int
    published_at: int
    rules: tuple[Rule, ...]

    def rule(self, number: int) -> Rule:
        """Errors: ``NotFound``."""
        for rule in self.rules:
            if rule.number == number:
                return rule
        raise NotFound


NONE = Rulebook(0, 0, ())


async def current() -> Rulebook:
    """The rules in force."""
    row = await queries.latest()
    return await _book(row) if row else NONE


async def of_version(version: int) -> Rulebook:
    """The rules as one version had them. Errors: ``NotFound``."""
    row = await queries.one(version)
    if row is None:
        raise NotFound
    return await _book(row)


async def _book(row: RulebookRow) -> Rulebook:
    return Rulebook(row.version, row.published_at, tuple(map(_rule, await queries.rules(row.version))))


def _rule(row: RuleRow) -> Rule:
    texts = msgspec.json.decode(row.texts, type=dict[str, RuleText])
    return Rule(row.number, row.name, Severity(row.severity), Category(row.category), row.points, bool(row.jury), texts)


async def accept(viewer: Viewer, version: int) -> None:
    """Notes that the viewer accepts the rules in force, which must be the ``version`` that they have read.

    Errors: ``SignedOut``, ``Conflict`` when newer rules have been published since.
    """
    member(viewer)
    async with DB.writing():
        book = await queries.latest()
        if book is None or book.version != version:
            raise Conflict("The rules have changed since you opened this page. Read them once more.")
        await queries.accept(viewer.id, version)


async def publish(viewer: Viewer, wanted: Sequence[Rule], since: int) -> int:
    """Publishes rules as the next version, which every member accepts before their next post. Returns its number.

    ``since`` is the version that the operator began from. Errors: ``Forbidden``, ``Invalid`` with the fields,
    ``Conflict`` when another version was published meanwhile or nothing has changed.
    """
    access.require(permissions.may_edit_network(viewer))
    check(wanted)
    async with DB.writing():
        before = await current()
        if before.version != since:
            raise Conflict("Somebody published other rules meanwhile. Open the page again to see them.")
        if before.rules == tuple(wanted):
            raise Conflict("Nothing has changed: these rules are in force already.")
        version = await _publish(wanted, before.version + 1)
        # Whoever writes the rules has read them.
        await queries.accept(viewer.id, version)
    network_profile.forget()
    return version


async def publish_default() -> None:
    """Publishes the shipped rules in a network that has none: one that is new, or from before there were any.

    Safe to repeat, by several processes at once.
    """
    if await queries.latest() is None:
        try:
            async with DB.unique():
                await _publish(default_rules(), 1)
        except ConstraintViolation:
            return
        network_profile.forget()


async def _publish(wanted: Sequence[Rule], version: int) -> int:
    await queries.add(RulebookRow(version, clock.now()), [row_of(rule) for rule in wanted])
    return version


def row_of(rule: Rule) -> RuleRow:
    """The rule as it is stored."""
    texts = msgspec.json.encode(rule.texts).decode()
    return RuleRow(rule.number, rule.name, rule.severity, rule.category, rule.points, int(rule.jury), texts)


def default_rules() -> list[Rule]:
    """The shipped rules."""
    return parse(DEFAULT_RULES.read_text(encoding="utf-8"))


def parse(source: str) -> list[Rule]:
    """Rules from the text of a file such as default_rules.toml, numbered in their order.

    Errors: ``Invalid``, whose words name the rule and what is wrong with it.
    """
    try:
        found = tomllib.loads(source).get("rule", [])
    except tomllib.TOMLDecodeError as error:
        raise Invalid("The file is not TOML: %(problem)s.", problem=str(error)) from None
    if not isinstance(found, list):
        raise Invalid("Each rule begins with [[rule]].")
    wanted = [_parsed(number, one) for number, one in enumerate(found, 1)]
    check(wanted)
    return wanted


def _parsed(number: int, found: Mapping[str, Any]) -> Rule:
    severities = {severity.name.lower(): severity for severity in Severity}
    try:
        texts = {locale: text for locale, text in found.items() if isinstance(text, dict)}
        return Rule(
            number=number,
            name=str(found["name"]),
            severity=severities[found["severity"]],
            category=Category(found["category"]),
            points=int(found["points"]),
            jury=bool(found["jury"]),
            texts=msgspec.convert(texts, dict[str, RuleText]),
        )
    except KeyError as error:
        raise Invalid("Rule %(number)s: %(field)s is missing or unknown.", number=number, field=str(error)) from None
    except (ValueError, TypeError, AttributeError, msgspec.ValidationError) as error:
        raise Invalid("Rule %(number)s: %(problem)s.", number=number, problem=str(error)) from None


def check(wanted: Sequence[Rule]) -> None:
    """Errors: ``Invalid``, whose words name the rule; its fields are ``title-2-fr`` or ``points-2``."""
    if not 1 <= len(wanted) <= MAX_RULES:
        raise Invalid("Write between 1 and %(limit)s rules.", limit=MAX_RULES)
    if len({rule.name for rule in wanted}) < len(wanted):
        raise Invalid("Two rules have the same name.")
    problems = {field: problem for rule in wanted for field, problem in _problems(rule).items()}
    if problems:
        first = next(iter(problems.values()))
        raise Invalid(first.words, fields=problems, **first.params)


def _problems(rule: Rule) -> dict[str, Invalid]:
    found: dict[str, Invalid] = {}
    if not 0 <= rule.points <= MAX_POINTS:
        found[f"points-{rule.number}"] = Invalid(
            "Rule %(number)s: points are between 0 and %(limit)s.", number=rule.number, limit=MAX_POINTS
        )
    if not rule.name or len(rule.name) > MAX_NAME:
        found[f"name-{rule.number}"] = Invalid("Rule %(number)s needs a short name.", number=rule.number)
    for locale, text in rule.texts.items():
        for field, words, limit in (("title", text.title, MAX_TITLE), ("text", text.text, MAX_TEXT)):
            if not words or text_parsing.too_long(words, limit):
                found[f"{field}-{rule.number}-{locale}"] = Invalid(
                    "Rule %(number)s needs a %(field)s of at most %(limit)s characters in each language.",
                    number=rule.number, field=field, limit=limit,
                )  # fmt: skip
    return found
