"""The network's rules: numbered, in every language of the network, and published in versions that stay readable.

A member accepts the version in force before their next post. Every report and every decision names a rule by version
and number, so its words at that time can always be shown.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum

import msgspec
import regex

from db.engine import DB, ConstraintViolation
from db.queries import rules as queries
from db.queries.rules import RulebookRow, RuleRow
from domain.accounts import network_profile
from domain.core import access, clock, cursors, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.cursors import Page
from domain.core.errors import Conflict, Invalid, NotFound
from domain.core.translatable import N_
from domain.moderation import clocks, public_log
from domain.moderation.kinds import Severity

MAX_RULES, MAX_TITLE, MAX_TEXT, MAX_NAME, MAX_POINTS, MAX_LANGUAGES = 30, 60, 1000, 30, 100, 8
PUBLISHED_MEANWHILE = N_("Somebody published other rules meanwhile. Look at them before you publish yours.")
NO_TITLE = N_("Rule %(number)s needs a title of at most %(limit)s characters in each language that it has.")
NO_TEXT = N_("Rule %(number)s needs a text of at most %(limit)s characters in each language that it has.")
NAME, LANGUAGE = regex.compile(r"[a-z0-9-]{1,30}"), regex.compile(r"[a-z]{2,3}(-[a-z]{2,4})?")
# As forms and files spell them.
SEVERITIES = {severity.name.lower(): severity for severity in Severity}
# Versions on a page of the history, each with what it changed; above every version.
HISTORY_SIZE, NEWEST = 10, 2**31 - 1


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

    @property
    def hours(self) -> int:
        """Within how many hours reports of a breach are handled."""
        return clocks.hours(self.severity)

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


async def of_versions(versions: Iterable[int]) -> dict[int, Rulebook]:
    """Each of these versions once. Errors: ``NotFound``."""
    return {version: await of_version(version) for version in set(versions)}


async def history(cursor: str = "") -> Page[Rulebook]:
    """A page of all versions, the newest first."""
    rows = await queries.before(min(cursors.below(cursor), NEWEST), HISTORY_SIZE + 1)
    books = [await _book(row) for row in rows[:HISTORY_SIZE]]
    return Page(books, cursors.after(books[-1].version) if len(rows) > HISTORY_SIZE else "")


async def version_before(version: int) -> Rulebook:
    """The version that one took the place of; the empty one before the first."""
    rows = await queries.before(version, 1)
    return await _book(rows[0]) if rows else NONE


async def _book(row: RulebookRow) -> Rulebook:
    return Rulebook(row.version, row.published_at, tuple(map(_rule, await queries.rules(row.version))))


def _rule(row: RuleRow) -> Rule:
    texts = msgspec.json.decode(row.texts, type=dict[str, RuleText])
    return Rule(row.number, row.name, Severity(row.severity), Category(row.category), row.points, bool(row.jury), texts)


async def publish(viewer: Viewer, wanted: Sequence[Rule], since: int, languages: Collection[str] = ()) -> int:
    """Publishes rules as the next version, which every member accepts before their next post. Returns its number.

    ``since`` is the version that the operator began from, ``languages`` are those that no rule may lack. Errors:
    ``Forbidden``; those of :func:`publish_by_command`.
    """
    access.require(permissions.may_edit_network(viewer))
    return await _replace(cleaned(wanted, languages), since, viewer.id)


async def publish_by_command(wanted: Sequence[Rule], since: int, languages: Collection[str] = ()) -> int:
    """The same for whoever may run commands on the server, in nobody's name.

    Errors: ``Invalid`` with the fields, ``Conflict`` when another version was published since or nothing has changed.
    """
    return await _replace(cleaned(wanted, languages), since)


async def preview(
    viewer: Viewer, wanted: Sequence[Rule], since: int, languages: Collection[str] = ()
) -> tuple[Rulebook, list[Rule]]:
    """The rules in force, and those that :func:`publish` would put in their place. Errors: as there."""
    access.require(permissions.may_edit_network(viewer))
    ready, before = cleaned(wanted, languages), await current()
    _check_changed(before, ready, since)
    return before, ready


async def _replace(ready: Sequence[Rule], since: int, author: int = 0) -> int:
    try:
        async with DB.unique():
            before = await current()
            _check_changed(before, ready, since)
            version = await add(ready, before.version + 1)
            if author:
                # Whoever writes the rules has read them.
                await queries.accept(author, version)
            DB.after_commit(network_profile.forget)
    except ConstraintViolation:
        # Both had looked at the version in force before either wrote.
        raise Conflict(PUBLISHED_MEANWHILE) from None
    return version


def _check_changed(before: Rulebook, ready: Sequence[Rule], since: int) -> None:
    if before.version != since:
        raise Conflict(PUBLISHED_MEANWHILE)
    if before.rules == tuple(ready):
        raise Conflict("Nothing has changed: these rules are in force already.")


async def add(ready: Sequence[Rule], version: int) -> int:
    """Within a transaction: writes rules that are cleaned as a version, whatever is in force, and tells the public log.

    Errors: ``ConstraintViolation`` when another has its number.
    """
    book, rows = RulebookRow(version, clock.now()), [row_of(rule) for rule in ready]
    await queries.add(book, rows)
    await public_log.add_rules(*book, rows)
    return version


def row_of(rule: Rule) -> RuleRow:
    """The rule as it is stored."""
    texts = msgspec.json.encode(rule.texts).decode()
    return RuleRow(rule.number, rule.name, rule.severity, rule.category, rule.points, int(rule.jury), texts)


def cleaned(wanted: Sequence[Rule], languages: Collection[str] = ()) -> list[Rule]:
    """Rules as they are stored: numbered in their order, their texts cleaned. ``languages``: none may lack one of them.

    Errors: as :func:`check`.
    """
    _check_count(wanted)
    ready = [msgspec.structs.replace(rule, number=number) for number, rule in enumerate(wanted, 1)]
    # Cleaning takes time that grows with a text.
    _refuse({field: problem for rule in ready for field, problem in _oversized(rule)})
    ready = [msgspec.structs.replace(rule, texts=_cleaned(rule.texts)) for rule in ready]
    check(ready)
    _refuse({field: problem for rule in ready for field, problem in _lacking(rule, languages)})
    return ready


def _cleaned(texts: dict[str, RuleText]) -> dict[str, RuleText]:
    """In one order of languages, so that equal texts are equal JSON."""
    return {
        language: RuleText(text_parsing.line(text.title), text_parsing.clean(text.text))
        for language, text in sorted(texts.items())
    }


def check(wanted: Sequence[Rule]) -> None:
    """Errors: ``Invalid``, whose words name the rule; its fields are ``title-2-fr`` or ``points-2``."""
    _check_count(wanted)
    if len({rule.name for rule in wanted}) < len(wanted):
        raise Invalid("Two rules have the same name.")
    _refuse({field: problem for rule in wanted for field, problem in _problems(rule)})


def _check_count(wanted: Sequence[Rule]) -> None:
    if not 1 <= len(wanted) <= MAX_RULES:
        raise Invalid("Write between 1 and %(limit)s rules.", limit=MAX_RULES)


def _refuse(problems: dict[str, Invalid]) -> None:
    if problems:
        first = next(iter(problems.values()))
        raise Invalid(first.words, fields=problems, **first.params)


def _problems(rule: Rule) -> Iterator[tuple[str, Invalid]]:
    n = rule.number
    if not NAME.fullmatch(rule.name):
        yield f"name-{n}", Invalid("Rule %(number)s needs a name of a-z, 0-9 and -, at most 30 of them.", number=n)
    if not 0 <= rule.points <= MAX_POINTS:
        points = Invalid("Rule %(number)s: points are between 0 and %(limit)s.", number=n, limit=MAX_POINTS)
        yield f"points-{n}", points
    if not rule.texts:
        yield f"texts-{n}", Invalid("Rule %(number)s needs a title and a text in at least one language.", number=n)
    if len(rule.texts) > MAX_LANGUAGES or not all(map(LANGUAGE.fullmatch, rule.texts)):
        yield f"texts-{n}", Invalid("Rule %(number)s has too many languages, or one that is none.", number=n)
    for language, text in rule.texts.items():
        if not text.title or text_parsing.too_long(text.title, MAX_TITLE):
            yield f"title-{n}-{language}", Invalid(NO_TITLE, number=n, limit=MAX_TITLE)
        if not text.text or text_parsing.too_long(text.text, MAX_TEXT):
            yield f"text-{n}-{language}", Invalid(NO_TEXT, number=n, limit=MAX_TEXT)


def _lacking(rule: Rule, languages: Collection[str]) -> Iterator[tuple[str, Invalid]]:
    for language in sorted({*languages} - {*rule.texts}):
        yield (
            f"title-{rule.number}-{language}",
            Invalid(
                "Rule %(number)s has no text in a language of this network: %(language)s.",
                number=rule.number,
                language=language,
            ),
        )


def _oversized(rule: Rule) -> Iterator[tuple[str, Invalid]]:
    for language, text in rule.texts.items():
        if text_parsing.oversized(text.title, MAX_TITLE):
            yield f"title-{rule.number}-{language}", Invalid(NO_TITLE, number=rule.number, limit=MAX_TITLE)
        if text_parsing.oversized(text.text, MAX_TEXT):
            yield f"text-{rule.number}-{language}", Invalid(NO_TEXT, number=rule.number, limit=MAX_TEXT)
