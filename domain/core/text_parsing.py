"""Parses a text: its length, mentions, hashtags and links."""

import functools
import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple

import regex
from linkify_it import LinkifyIt

from domain.core.errors import Invalid, Refused, collect

# A grapheme may be built of many code points (stacked accents): on average no honest text needs more than this.
CODE_POINTS = 8
# The longest address that is made a link, and the longest without a scheme, which takes much time to find: it grows
# with the square of a word's length, and with its dots.
MAX_LINK, MAX_BARE_LINK, MAX_DOTS = 2048, 128, 8

_GRAPHEME = regex.compile(r"\X")
# Two of these are one flag. Counting a run of them as graphemes would take time that grows with its square.
_FLAG = regex.compile("[\U0001f1e6-\U0001f1ff]{2}")
# The stream-safe text format of Unicode (UAX #15): at most 30 combining marks in a row. No language needs more, and
# normalisation sorts each run, in time that grows with the square of its length. The five named here are no marks by
# their class, but come apart into marks alone.
_MARKS = regex.compile(r"([\P{ccc=0}\u0f73\u0f75\u0f81\uff9e\uff9f]{30})[\P{ccc=0}\u0f73\u0f75\u0f81\uff9e\uff9f]+")
_WORD = regex.compile(r"\S+")
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
def _linkify(bare: bool) -> LinkifyIt:
    """Finds web addresses and no mail addresses; ``bare``: without a scheme too, such as example.com."""
    return (
        LinkifyIt(options={"fuzzy_email": False, "fuzzy_ip": False, "fuzzy_link": bare})
        .add("ftp:", None)
        .add("mailto:", None)
        .add("//", None)
    )


def length(text: str) -> int:
    """Length in graphemes: what people see as characters."""
    if text.isascii() and "\r" not in text:
        return len(text)
    return len(_GRAPHEME.findall(_FLAG.sub("x", text)))


def clean(text: str) -> str:
    """Normalised text: NFC, one kind of line end, at most one empty line at a time, no outer blanks, "" if blank.

    Control and direction-override characters are dropped, and so are combining marks after the thirtieth in a row.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Characters that are dropped must be gone before marks in a row are counted.
    text = normalised("NFC", str(_CONTROL.sub("", text))).strip()
    return "" if is_blank(text) else str(_EMPTY_LINES.sub("\n\n", text))


def normalised(form: Literal["NFC", "NFKD"], text: str) -> str:
    """The only way to a normal form: linear in the length of the text, whoever wrote it. Runs of marks come out with at
    most twice 30, since some come apart into two."""
    return text if text.isascii() else unicodedata.normalize(form, _MARKS.sub(r"\1", text))


def fold(text: str) -> str:
    """A text for looking up: without case and without accents."""
    parts = normalised("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part)).replace("đ", "d").replace("ø", "o")


def too_long(text: str, limit: int) -> Refused | None:
    """Why a text of at most ``limit`` graphemes is too long, or None."""
    if problem := oversized(text, limit):
        return problem
    count = length(text)
    if count > limit:
        return Invalid("At most %(limit)s characters fit here; there are %(length)s.", limit=limit, length=count)
    return None


def oversized(text: str, limit: int) -> Refused | None:
    """Why a text can't have at most ``limit`` graphemes, judged by its code points alone; None if it may.

    For text as it was sent: it is asked before anything that takes time is done with it.
    """
    if len(text) > limit * CODE_POINTS:
        return Invalid("At most %(limit)s characters fit here.", limit=limit)
    return None


def check_sizes(**fields: tuple[str, int]) -> None:
    """Checks fields as they were sent, given as ``name=(text, limit)``. Errors: ``Invalid`` with the oversized ones."""
    collect(**{name: oversized(text, limit) for name, (text, limit) in fields.items()})


def pieces(text: str) -> list[Piece]:
    """The text in order, cut into plain runs, mentions, hashtags and links."""
    found: list[Piece] = []
    at = 0
    for start, word in _linkable(text):
        for link in _linkify(_may_be_bare(word)).match(word) or []:
            if not link.url.startswith(("http://", "https://")):
                continue
            found += _marks(text[at : start + link.index])
            found.append(Piece("link", link.text, link.url))
            at = start + link.last_index
    return found + _marks(text[at:])


def _may_be_bare(word: str) -> bool:
    return len(word) <= MAX_BARE_LINK and word.count(".") <= MAX_DOTS


def _linkable(text: str) -> Iterator[tuple[int, str]]:
    """The words that may hold links, each with its place: every link has a dot or a scheme, and no blanks."""
    for match in _WORD.finditer(text):
        if len(match[0]) <= MAX_LINK and ("." in match[0] or "://" in match[0]):
            yield match.start(), match[0]


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
    return normalised("NFC", tag).casefold()


def line(text: str) -> str:
    """A cleaned text on one line."""
    return " ".join(clean(text).split())


# A letter, digit, sign or emoji (those to come too), without the fillers, blank Braille, the null notehead and the
# object replacement character, in whose place nothing is drawn.
_VISIBLE = regex.compile(
    r"[[\p{L}\p{N}\p{P}\p{S}\p{Extended_Pictographic}]--[\p{Default_Ignorable_Code_Point}\u2800\ufffc\U0001D159]]",
    regex.V1,
)


def is_blank(text: str) -> bool:
    """Whether a text shows nothing: spaces, invisible or unassigned characters, combining marks without a base."""
    return _VISIBLE.search(text) is None
