"""Templates in each language, and stencils: templates rendered once and filled for each request."""

import contextlib
import hashlib
import importlib.metadata
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

from asgi import text_html
from asgi.policy import Policy
from domain.core import clock
from web import assets, filters, i18n, media_context

TEMPLATES = Path(__file__).parent / "templates"
# Random in each process, so that nothing that people write, or put into an address, can look like a hole.
_MARK = secrets.token_hex(6)
_HOLE = re.compile(f"\ue000{_MARK}(\\w+)\ue001")
# What a part of a stencil takes in memory beside its text, and the name of the hole behind it, in bytes.
PART = 100


OPTIONS: Mapping[str, Any] = {
    "trim_blocks": True,
    "lstrip_blocks": True,
    # A missing variable is an error, not an empty string.
    "undefined": StrictUndefined,
    "extensions": ["jinja2.ext.i18n"],
}


@cache
def _compiler() -> bytes:
    """A digest of what a template is compiled with: libraries, the options here, and filters, which are applied to
    constants then."""
    versions = [importlib.metadata.version(name) for name in ("jinja2", "markupsafe", "babel")]
    digest = hashlib.sha256(repr(versions).encode())
    for file in (__file__, filters.__file__, i18n.__file__, text_html.__file__):
        digest.update(Path(file).read_bytes())
    return digest.digest()


class CompiledTemplates(FileSystemBytecodeCache):
    """Keeps compiled templates beside their sources, as Python keeps modules, for whoever may write there.

    Not in the data folder: who may change what is run is who may change the code.
    """

    def __init__(self, locale: str, compiler: bytes) -> None:
        super().__init__(str(TEMPLATES / "__pycache__"), f"{locale}-%s.cache")
        self._compiler = compiler

    def get_source_checksum(self, source: str) -> str:
        return hashlib.sha256(self._compiler + source.encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except Exception:  # noqa: BLE001 - whatever a damaged file makes of unpickling, the source is there
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        if sys.dont_write_bytecode:
            return
        with contextlib.suppress(OSError):
            folder = Path(self.directory)
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)
            super().dump_bytecode(bucket)
            # Who installs is not who serves, and nothing in it is secret.
            Path(self._get_cache_filename(bucket)).chmod(0o644)


def _environment(locale: str, policy: Policy) -> Environment:
    made = Environment(
        autoescape=True,
        **OPTIONS,
        loader=FileSystemLoader(TEMPLATES),
        auto_reload=False,
        cache_size=-1,
        bytecode_cache=CompiledTemplates(locale, _compiler()),
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
        forever=clock.LAST,
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

    def load_all(self) -> None:
        for name in self._environment.list_templates(["html"]):
            self.load(name)

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
