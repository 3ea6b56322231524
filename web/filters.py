"""What templates can do with values, per language."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

from markupsafe import Markup

from asgi.text_html import rich
from domain.core import clock
from web import assets, i18n


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """Two letters for an avatar: of the first and last word, or the first two of a single one."""
    words = [word for word in name.split() if word[:1].isalnum()] or [name.strip() or "?"]
    letters = words[0][:1] + words[-1][:1] if len(words) > 1 else words[0][:2]
    return letters.upper()


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _ago(locale: str, ms: int) -> Markup:
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        iso(ms), i18n.date(locale, ms), i18n.ago(locale, ms, clock.now())
    )


def _day(locale: str, ms: int) -> Markup:
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        clock.day(ms), i18n.date(locale, ms, "day"), i18n.short_day(locale, ms, clock.now())
    )


def _count(locale: str, number: int) -> Markup:
    return Markup('<data value="{}" title="{}">{}</data>').format(
        number, i18n.full(locale, number), i18n.short(locale, number)
    )


def for_locale(locale: str) -> dict[str, Callable[..., Any]]:
    """The filters of one language's templates."""
    return {
        "ago": partial(_ago, locale),
        "count": partial(_count, locale),
        "date": lambda ms, form="long": i18n.date(locale, ms, form),
        "day": partial(_day, locale),
        "initials": initials,
        "iso": iso,
        "rich": rich,
    }


@lru_cache(maxsize=512)
def icon(name: str, fill: bool = False) -> Markup:
    """An icon of the sprite; decoration only, its button carries the words. Templates alone choose the name."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}{}"/></svg>').format(
        assets.address("icons.svg"), name, "-fill" if fill else ""
    )
