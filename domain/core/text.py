"""What a text means: how long it is, whom it names, which tags and links it holds."""

import functools
import unicodedata
from typing import Literal, NamedTuple

import regex
from linkify_it import LinkifyIt

from domain.core.errors import Invalid, Refused

# A grapheme may be built of many code points (stacked accents): on average no honest text needs more than this.
CODE_POINTS = 8

_GRAPHEME = regex.compile(r"\X")
_MARK = regex.compile(
    r"(?<![\w@/.#&])(?:@(?P<handle>[A-Za-z0-9_]{1,30})(?![\w@])|#(?P<tag>[\w&&[^\d_]][\w]{0,63}|\d+[\w&&[^\d_]]\w{0,62}))",
    regex.V1,
)
_EMPTY_LINES = regex.compile(r"\n\s*\n\s*\n")
_CONTROL = regex.compile(r"[\p{Cc}\p{Cs}\ue000\ue001\u2066-\u2069\u202a-\u202e--[\n\t]]", regex.V1)


class Piece(NamedTuple):
    """A run of text: ``value`` is the handle, the tag as written, the link's address, or the text itself."""

    kind: Literal["text", "mention", "tag", "link"]
    text: str
    value: str


@functools.cache
def _linkify() -> LinkifyIt:
    # Only web addresses; "example.com" without a scheme counts, mail addresses do not.
    return (
        LinkifyIt(options={"fuzzy_email": False, "fuzzy_ip": False})
        .add("ftp:", None)
        .add("mailto:", None)
        .add("//", None)
    )


def length(text: str) -> int:
    """Length in graphemes: what people see as characters."""
    return len(text) if text.isascii() and "\r" not in text else len(_GRAPHEME.findall(text))


def clean(text: str) -> str:
    """Normalised text: NFC, one kind of line end, at most one empty line at a time, no outer blanks.

    Control and direction-override characters are dropped.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = str(_CONTROL.sub("", unicodedata.normalize("NFC", text))).strip()
    return str(_EMPTY_LINES.sub("\n\n", text))


def fold(text: str) -> str:
    """A text for looking up: without case and without accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part)).replace("đ", "d").replace("ø", "o")


def too_long(text: str, limit: int) -> Refused | None:
    """Why a text of at most ``limit`` graphemes is too long, or None."""
    if len(text) > limit * CODE_POINTS:
        # Not counted: that would take long, which a stranger could make use of.
        return Invalid("At most %(limit)s characters fit here.", limit=limit)
    if length(text) > limit:
        return Invalid("At most %(limit)s characters fit here; there are %(length)s.", limit=limit, length=length(text))
    return None


def pieces(text: str) -> list[Piece]:
    """The text in order, cut into plain runs, mentions, hashtags and links."""
    found: list[Piece] = []
    at = 0
    for link in _linkify().match(text) or []:
        if not link.url.startswith(("http://", "https://")):
            continue
        found += _marks(text[at : link.index])
        found.append(Piece("link", link.text, link.url))
        at = link.last_index
    return found + _marks(text[at:])


def _marks(text: str) -> list[Piece]:
    found: list[Piece] = []
    at = 0
    for match in _MARK.finditer(text):
        if match.start() > at:
            found.append(Piece("text", text[at : match.start()], ""))
        if match["handle"]:
            found.append(Piece("mention", match[0], match["handle"]))
        else:
            found.append(Piece("tag", match[0], match["tag"]))
        at = match.end()
    if at < len(text):
        found.append(Piece("text", text[at:], ""))
    return found


def tag_key(tag: str) -> str:
    """A tag as it is looked up and addressed: without case."""
    return unicodedata.normalize("NFC", tag).casefold()


def line(text: str) -> str:
    """A cleaned text on one line."""
    return " ".join(clean(text).split())
