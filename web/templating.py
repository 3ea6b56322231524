"""Templates in each language, and stencils: templates rendered once and filled for each request."""

import contextlib
import re
import secrets
import sys
from collections.abc import Collection, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from asgi.policy import Policy
from web import assets, filters, i18n, media_context

TEMPLATES = Path(__file__).parent / "templates"
# Random in each process, so that nothing that people write, or put into an address, can look like a hole.
_MARK = secrets.token_hex(6)
_HOLE = re.compile(f"\ue000{_MARK}(\\w+)\ue001")
# What a part of a stencil takes in memory beside its text, and the name of the hole behind it, in bytes.
PART = 100


class _CompiledTemplates(FileSystemBytecodeCache):
    """Keeps compiled templates beside their sources, as Python keeps modules, for whoever may write there.

    Not in the data folder: who may change what is run is who may change the code.
    """

    def dump_bytecode(self, bucket: Bucket) -> None:
        if sys.dont_write_bytecode:
            return
        with contextlib.suppress(OSError):
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)


# Languages differ in what a template is rendered with, not in how it is compiled.
_COMPILED = _CompiledTemplates(str(TEMPLATES / "__pycache__"))


def _environment(locale: str, policy: Policy) -> Environment:
    """A missing variable is an error, not an empty string."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
        cache_size=-1,
        bytecode_cache=_COMPILED,
    )
    made.install_gettext_translations(i18n.translations(locale), newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(filters.for_locale(locale))
    made.globals.update(
        asset=assets.address,
        media=partial(media_context.url, origin=policy.media_origin),
        policy=policy,
        icon=filters.icon,
        locale=locale,
        dir=i18n.direction(locale),
        locales=list(i18n.LOCALES.items()),
    )
    return made


class Templates:
    """The templates in one language, with the addresses and limits of one policy; :func:`templates` gives them."""

    __slots__ = ("_environment", "locale", "media_origin")

    def __init__(self, locale: str, policy: Policy) -> None:
        self.locale, self.media_origin = locale, policy.media_origin
        self._environment = _environment(locale, policy)

    def load(self, name: str) -> None:
        """Compiles a template before its first use."""
        self._environment.get_template(name)

    def render(self, name: str, **context: Any) -> Markup:
        """Returns a template's HTML."""
        return Markup(self._environment.get_template(name).render(context))  # noqa: S704 - autoescaped

    def cut(self, name: str, holes: tuple[str, ...], **context: Any) -> "Stencil":
        """Returns a stencil of a template, with the named variables as holes.

        ``templates.cut("posts/_replies.html", ("branches",), empty=False).fill({"branches": html})``
        """
        return Stencil(self.render(name, **{each: hole(each) for each in holes}, **context))


_MADE: dict[tuple[str, Policy], Templates] = {}


def templates(locale: str, policy: Policy) -> Templates:
    """Returns the templates in one language. Equal arguments give the same object, so that caches can key by it."""
    found = _MADE.get((locale, policy))
    if found is None:
        found = _MADE[locale, policy] = Templates(locale, policy)
    return found


def made() -> Collection[Templates]:
    """All templates that this process uses, in each language."""
    return _MADE.values()


class Stencil:
    """A rendered template with holes, filled by joining bytes: values must be rendered or escaped already."""

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


@cache
def hole(name: str) -> Markup:
    """What stands in a template's variable until it is filled."""
    return Markup(f"\ue000{_MARK}{name}\ue001")  # noqa: S704 - a constant
