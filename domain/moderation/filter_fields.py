"""What a filter may ask of a post: its fields, and what each is called in a condition.

Each field has a size that bounds what a condition may cost: see domain/moderation/filter_costs.py. What people may
write fits into it (domain/moderation/filter_sizes.py).
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum

import msgspec

from domain.core import link_hosts, text_parsing
from domain.core.text_parsing import Piece
from domain.core.translatable import N_
from domain.moderation import filter_sizes
from domain.moderation.filter_sizes import MAX_BYTES
from domain.moderation.filter_skeleton import Skeleton

# Items of a list. No more than 100 links fit into a post.
MAX_ITEMS = 100

Value = str | int | bool | list[str]


class PostFields(msgspec.Struct, frozen=True, kw_only=True):
    """A post that is about to be published, and who writes it.

    ``descriptions`` are those of its pictures, videos and sounds, ``pictures`` how many there are,
    ``known_pictures`` the names of those that moderators know. ``account_age`` is in whole hours, ``trust`` from 0 to
    3. ``posts_last_hour`` counts what its author has published in the hour before. ``language`` is the one in which the
    author reads the network: nothing detects that of the text.
    """

    text: str
    cover: str = ""
    descriptions: tuple[str, ...] = ()
    pictures: int = 0
    known_pictures: tuple[str, ...] = ()
    is_reply: bool = False
    account_age: int = 0
    trust: int = 0
    posts_last_hour: int = 0
    language: str = ""

    @property
    def size(self) -> int:
        """Bytes of all that is written."""
        return sum(len(part.encode(errors="replace")) for part in (self.cover, self.text, *self.descriptions))

    @property
    def words(self) -> str:
        """The text, after that of its cover."""
        return f"{self.cover}\n{self.text}" if self.cover else self.text


class FieldKind(Enum):
    """What a field holds."""

    TEXT = N_("a text")
    TEXTS = N_("a list of texts")
    NUMBER = N_("a whole number")
    FLAG = N_("true or false")


class Field(msgspec.Struct, frozen=True):
    """A field as operators know it: its name in conditions, what it holds, what it says, and a condition with it."""

    name: str
    kind: FieldKind
    words: str
    example: str


FIELDS = (
    Field(
        "text",
        FieldKind.TEXT,
        N_("The words of the post as they were typed, after those of its cover."),
        'text.contains("FREE")',
    ),
    Field(
        "skeleton",
        FieldKind.TEXT,
        N_(
            "All words of the post and of its pictures’ descriptions without case, accents and disguises: lower case,"
            " look-alike letters replaced. Another line follows for each disguise that was undone, such as “k1ll” or"
            " “k i l l”."
        ),
        'skeleton.matches(r"\\bkill\\b.{0,20}\\byou\\b")',
    ),
    Field(
        "links",
        FieldKind.TEXTS,
        N_("The addresses in the post, at most 50."),
        'links.exists(link, link.contains("/invite/"))',
    ),
    Field(
        "hosts",
        FieldKind.TEXTS,
        N_("The hosts of those addresses, without “www.”."),
        'hosts.exists(host, host.endsWith(".example"))',
    ),
    Field(
        "mentions",
        FieldKind.TEXTS,
        N_("The handles that the post mentions, in lower case."),
        "mentions.size() > 5",
    ),
    Field("tags", FieldKind.TEXTS, N_("The hashtags of the post, in lower case, without “#”."), '"offer" in tags'),
    Field(
        "descriptions",
        FieldKind.TEXTS,
        N_("What the author wrote to describe pictures, videos and sounds."),
        'descriptions.exists(one, one.contains("http"))',
    ),
    Field("has_picture", FieldKind.FLAG, N_("Whether it has a picture, a video or a sound."), "has_picture"),
    Field("pictures", FieldKind.NUMBER, N_("How many of these it has."), "pictures >= 3"),
    Field(
        "known_picture",
        FieldKind.FLAG,
        N_("Whether it shows a picture that moderators know, even resized or recompressed."),
        "known_picture",
    ),
    Field(
        "known_pictures",
        FieldKind.TEXTS,
        N_("The names under which moderators know its pictures."),
        '"watches" in known_pictures',
    ),
    Field("is_reply", FieldKind.FLAG, N_("Whether it replies to another post."), "!is_reply"),
    Field(
        "account_age",
        FieldKind.NUMBER,
        N_("How long ago its author signed up, in whole hours."),
        "account_age < 24",
    ),
    Field("trust", FieldKind.NUMBER, N_("The author’s level of trust, from 0 to 3."), "trust == 0"),
    Field(
        "posts_last_hour",
        FieldKind.NUMBER,
        N_("How many posts the author has published in the hour before."),
        "posts_last_hour > 20",
    ),
    Field(
        "language",
        FieldKind.TEXT,
        N_(
            "The language in which the author reads the network, such as “en”: it is not detected from the text. Empty"
            " where the author follows the browser."
        ),
        'language == "fr"',
    ),
)
WORDS = Field(
    'words("…")',
    FieldKind.FLAG,
    N_("Whether a word of the list with this name is in the post, even in disguise."),
    'words("insults") && trust < 2',
)
BY_NAME = {field.name: field for field in FIELDS}


def values(fields: PostFields, names: frozenset[str], skeleton: Callable[[], Skeleton]) -> dict[str, Value]:
    """The fields with these names as conditions read them; ``skeleton`` makes that of what was written."""
    found: dict[str, Value] = {}
    if names & _PARSED.keys():
        pieces = text_parsing.pieces(fields.words)
        found = {name: _bounded(parse(pieces)) for name, parse in _PARSED.items() if name in names}
    for name in names - found.keys():
        found[name] = _value(fields, name, skeleton)
    return found


def _value(fields: PostFields, name: str, skeleton: Callable[[], Skeleton]) -> Value:
    match name:
        case "text":
            return filter_sizes.fitted(fields.words)
        case "skeleton":
            return filter_sizes.cut("\n".join(skeleton().readings), MAX_BYTES)
        case "descriptions" | "known_pictures":
            return _shared(fields.descriptions if name == "descriptions" else fields.known_pictures)
        case "has_picture" | "known_picture":
            return bool(fields.pictures if name == "has_picture" else fields.known_pictures)
        case "language":
            return filter_sizes.cut(fields.language, MAX_BYTES)
    value: Value = getattr(fields, name)
    return value


def _links(pieces: Sequence[Piece]) -> list[str]:
    return [piece.value for piece in pieces if piece.kind == "link"]


def _hosts(pieces: Sequence[Piece]) -> list[str]:
    written = [link_hosts.written(parts) for link in _links(pieces) if (parts := link_hosts.parts(link))]
    # Those in ASCII first: they all fit.
    return [host.removeprefix("www.") for host in (*(one.plain for one in written), *(one.letters for one in written))]


def _mentions(pieces: Sequence[Piece]) -> list[str]:
    return [piece.value.lower() for piece in pieces if piece.kind == "mention"]


def _tags(pieces: Sequence[Piece]) -> list[str]:
    return [text_parsing.tag_key(piece.value) for piece in pieces if piece.kind == "tag"]


_PARSED: Mapping[str, Callable[[Sequence[Piece]], list[str]]] = {
    "links": _links,
    "hosts": _hosts,
    "mentions": _mentions,
    "tags": _tags,
}


def _bounded(texts: Sequence[str]) -> list[str]:
    """Each text once, as many as fit."""
    found: list[str] = []
    left = MAX_BYTES
    for text in list(dict.fromkeys(texts))[:MAX_ITEMS]:
        part = filter_sizes.cut(text, left)
        left -= len(part.encode())
        found.append(part)
    return found


def _shared(texts: Sequence[str]) -> list[str]:
    """All texts, none of which takes the room of those after it."""
    found: list[str] = []
    left = MAX_BYTES
    for number, text in enumerate(texts):
        found.append(filter_sizes.fitted(text, left // (len(texts) - number)))
        left -= len(found[-1].encode())
    return found
