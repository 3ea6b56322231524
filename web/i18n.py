"""Languages: which one a request gets, and its words, numbers and dates."""

import gettext
import io
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = {"en": "English", "fr": "Français"}
CATALOGUES = Path(__file__).parent / "locale"


@cache
def translations(locale: str) -> gettext.NullTranslations:
    """The words of a language, read from its .po file; English is the source and has none."""
    file = CATALOGUES / f"{locale}.po"
    if not file.exists():
        return gettext.NullTranslations()
    with file.open("rb") as source:
        catalogue = read_po(source, locale=locale)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate(locale: str, words: str, **params: object) -> str:
    """An English source text in a language, with its places filled."""
    text = translations(locale).gettext(words)
    return text % params if params else text


def choose(wanted: str, accept: str, default: str) -> str:
    """The language asked for by name, else the browser's best that we speak, else the default."""
    return wanted if wanted in LOCALES else _accepted(accept[:200], default)


@lru_cache(maxsize=512)
def _accepted(accept: str, default: str) -> str:
    ranked = []
    for place, part in enumerate(accept.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        ranked.append((-weight, place, tag.partition("-")[0].lower()))
    return next((tag for weight, _, tag in sorted(ranked) if tag in LOCALES and weight < 0), default)


@cache
def _locale(locale: str) -> Locale:
    return Locale.parse(locale)


def direction(locale: str) -> str:
    return str(_locale(locale).text_direction)


@lru_cache(maxsize=4096)
def short(locale: str, number: int) -> str:
    """12.4k for 12,400, in the language's own way."""
    if number < 10_000:
        return str(numbers.format_decimal(number, locale=_locale(locale)))
    return str(numbers.format_compact_decimal(number, locale=_locale(locale), fraction_digits=1))


@lru_cache(maxsize=4096)
def full(locale: str, number: int) -> str:
    return str(numbers.format_decimal(number, locale=_locale(locale)))


def decimal(locale: str, number: float) -> str:
    """With one place after the point: "2.4" in English."""
    return str(numbers.format_decimal(number, "#,##0.0", locale=_locale(locale)))


def percent(locale: str, share: float) -> str:
    """A share from 0 to 1 to a tenth of a per cent: "2.4%" in English."""
    found = _locale(locale)
    return str(numbers.format_percent(share, found.percent_formats[None].pattern.replace("0", "0.0", 1), locale=found))


@lru_cache(maxsize=8192)
def date(locale: str, ms: int, form: str = "long") -> str:
    """A time of Unix milliseconds in words, in UTC: "long" with the hour, "day", "month", or "short month"."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    if form == "month":
        return str(dates.format_skeleton("yMMMM", moment, locale=_locale(locale)))
    if form == "short month":
        return str(dates.format_date(moment, "LLL", locale=_locale(locale))).rstrip(".")
    if form == "day":
        return _first(locale, dates.format_date(moment, "long", locale=_locale(locale)))
    return _first(locale, f"{dates.format_datetime(moment, 'd MMM y, HH:mm', locale=_locale(locale))} UTC")


def _first(locale: str, day: str) -> str:
    """A date with the first of a month as a language writes it: CLDR's patterns know no ordinals."""
    return f"1er{day[1:]}" if locale == "fr" and day.startswith("1 ") else day


@cache
def _units(locale: str) -> tuple[str, str, str, str]:
    return (
        translate(locale, "now"),
        translate(locale, "%(count)s min"),
        translate(locale, "%(count)s h"),
        translate(locale, "%(count)s d"),
    )


@lru_cache(maxsize=4096)
def _ago(locale: str, minutes: int, day: int) -> str:
    now, in_minutes, in_hours, in_days = _units(locale)
    if minutes < 1:
        return now
    if minutes < 60:
        return in_minutes % {"count": minutes}
    if minutes < 1440:
        return in_hours % {"count": minutes // 60}
    if minutes < WEEK:
        return in_days % {"count": minutes // 1440}
    moment = datetime.fromtimestamp(day * 86_400, UTC)
    recent = minutes < 300 * 1440
    return _first(locale, dates.format_skeleton("MMMd" if recent else "yMMMd", moment, locale=_locale(locale)))


# In minutes.
WEEK = 10_080


@cache
def ages(locale: str) -> list[str]:
    """What :func:`ago` says for each minute of the past week."""
    return [_ago(locale, minutes, 0) for minutes in range(WEEK)]


def ago(locale: str, ms: int, now: int) -> str:
    """How long ago, in few letters: now, 6 min, 3 h, 2 d, then the day. Both times in Unix milliseconds."""
    minutes = (now - ms) // 60_000
    if minutes < WEEK:
        return ages(locale)[max(0, minutes)]
    return short_day(locale, ms, now)


def short_day(locale: str, ms: int, now: int) -> str:
    """The day, in few letters, and with the year once it is ten months ago. Both times in Unix milliseconds."""
    return _ago(locale, WEEK if now - ms < 300 * 86_400_000 else 300 * 1440, ms // 86_400_000)
