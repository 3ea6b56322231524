"""Templates: one environment per language, and stencils, which are rendered once and filled for each request."""

import re
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from web import assets, filters, i18n, media_context

TEMPLATES = Path(__file__).parent / "templates"
# Unlike in every process: nothing that people write, or put into an address, can look like a hole.
_MARK = secrets.token_hex(6)
_HOLE = re.compile(f"\ue000{_MARK}(\\w+)\ue001")
# What a part of a stencil takes in memory beside its text, and the name of the hole behind it, in bytes.
PART = 100


@cache
def environment(locale: str) -> Environment:
    """The templates of one language; a missing variable is an error, not an empty spot."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
        cache_size=-1,
    )
    made.install_gettext_translations(i18n.translations(locale), newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(filters.for_locale(locale))
    made.globals.update(
        asset=assets.address,
        media=media_context.MEDIA_URLS.of,
        most=media_context.SIZE_LIMITS,
        icon=filters.icon,
        locale=locale,
        dir=i18n.direction(locale),
        locales=list(i18n.LOCALES.items()),
    )
    return made


def render(locale: str, name: str, **context: Any) -> Markup:
    """A template's HTML."""
    return Markup(environment(locale).get_template(name).render(context))  # noqa: S704 - autoescaped


class Stencil:
    """A rendered template with holes, filled by joining bytes: what goes into a hole is rendered or escaped already."""

    __slots__ = ("_parts", "names")

    def __init__(self, html: str) -> None:
        parts = _HOLE.split(html)
        self.names = tuple(parts[1::2])
        self._parts = [part.encode() for part in parts]

    @property
    def size(self) -> int:
        """Bytes in memory, about."""
        return sum(len(part) + PART for part in self._parts)

    def fill(self, values: Mapping[str, bytes]) -> bytes:
        parts = self._parts.copy()
        parts[1::2] = [values[name] for name in self.names]
        return b"".join(parts)


def hole(name: str) -> Markup:
    """What stands in a template's variable until it is filled."""
    return Markup(f"\ue000{_MARK}{name}\ue001")  # noqa: S704 - a constant


def cut(locale: str, name: str, holes: tuple[str, ...], **context: Any) -> Stencil:
    """A stencil of a template, with the named variables as holes."""
    return Stencil(render(locale, name, **{each: hole(each) for each in holes}, **context))
