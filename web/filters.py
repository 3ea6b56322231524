"""What templates can do with values, per language."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from domain.core import clock, text_parsing
from web import assets, i18n


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """Two letters for an avatar: of the first and last word, or the first two of a single one."""
    words = [word for word in name.split() if word[:1].isalnum()] or [name.strip() or "?"]
    letters = words[0][:1] + words[-1][:1] if len(words) > 1 else words[0][:2]
    return letters.upper()


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rich(source: str, mentions: str = "") -> Markup:
    """A text as safe HTML: what it names becomes links, line ends stay. ``mentions``: the handles that exist."""
    html = "".join(_piece(piece, mentions) for piece in text_parsing.pieces(source))
    return Markup(html.replace("\n", "<br>"))  # noqa: S704 - every piece is escaped


def paragraphs(source: str) -> Markup:
    """A longer text as paragraphs, with its links."""
    parts = [part.strip() for part in source.split("\n\n") if part.strip()]
    return Markup("\n").join(Markup("<p>{}</p>").format(rich(part)) for part in parts)


def _piece(piece: text_parsing.Piece, mentions: str) -> str:
    words = str(escape(piece.text))
    if piece.kind == "mention" and f" {piece.value.lower()} " in mentions:
        return f'<a href="/@{escape(piece.value)}">{words}</a>'
    if piece.kind == "tag":
        return f'<a href="/tags/{quote(text_parsing.tag_key(piece.value))}">{words}</a>'
    if piece.kind == "link":
        return f'<a href="{escape(piece.value)}" rel="nofollow noopener ugc">{_shown(piece.text)}</a>'
    return words


def _shown(address: str) -> str:
    """A link's text, without the scheme, shortened as people read it; the address itself stays whole."""
    bare = address.removeprefix("https://").removeprefix("http://").removesuffix("/")
    return str(escape(bare if len(bare) <= 60 else bare[:57] + "…"))


def _ago(locale: str, ms: int) -> Markup:
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        iso(ms), i18n.date(locale, ms), i18n.ago(locale, ms, clock.now())
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
        "initials": initials,
        "iso": iso,
        "rich": rich,
    }


def icon(name: str, fill: bool = False) -> Markup:
    """An icon of the sprite; decoration only, its button carries the words."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}{}"/></svg>').format(
        assets.address("icons.svg"), name, "-fill" if fill else ""
    )
