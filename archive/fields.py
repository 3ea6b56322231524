"""What a column of a record may hold. All of it is checked by pydantic's compiled core, over thousands of rows a call.

Every type is strict: a number is a number and a text a text, in whichever engine it was kept. An archive may be made to
do harm: what is later used as an address, a path, a header or a name is spelled by a pattern here, and texts hold none
of the characters that the domain strips from what people type (domain.core.text_parsing.clean).
"""

import re
from collections.abc import Callable
from enum import IntEnum
from typing import Annotated, Any

import msgspec
from annotated_types import Interval
from pydantic import AfterValidator, ConfigDict, StringConstraints
from sqlalchemy.orm import declared_attr, registry
from sqlmodel import SQLModel

from adapters.email_address import MAX_LENGTH
from domain.core import clock, ids
from domain.core.text_parsing import CODE_POINTS

STRICT = ConfigDict(strict=True)
# Nobody can use a row id that nobody has: a pair of keys is its own place.
PAIR: dict[str, Any] = {"sqlite_with_rowid": False}
# PostgreSQL, unlike SQLite, keeps no text with a zero in it.
PLAIN = r"\A[^\x00]*\z"
# What text.clean strips: control characters, marks of its own, and overrides of a text's direction.
_STRIPPED = r"\x0b-\x1f\x7f-\x9f\u{e000}\u{e001}\u{2066}-\u{2069}\u{202a}-\u{202e}"
CLEAN = rf"\A[^\x00-\x08{_STRIPPED}]*\z"
ONE_LINE = rf"\A[^\x00-\x0a{_STRIPPED}]*\z"


class Record(SQLModel, registry=registry()):
    """A row in portable form."""

    model_config = STRICT  # type: ignore[assignment]

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 - SQLAlchemy calls it with the class
        """The live table's name: ``FollowRequest`` is ``follow_request``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


def free(graphemes: int, at_least: int = 0) -> StringConstraints:
    """What people write, of at most so many characters as people count them."""
    return StringConstraints(max_length=graphemes * CODE_POINTS, min_length=at_least, pattern=CLEAN)


def heading(graphemes: int, at_least: int = 0) -> StringConstraints:
    """The same on one line."""
    return StringConstraints(max_length=graphemes * CODE_POINTS, min_length=at_least, pattern=ONE_LINE)


def line(most: int, at_least: int = 0) -> StringConstraints:
    """A text of a program's making, in code points, that is compared or shown and used for nothing else."""
    return StringConstraints(max_length=most, min_length=at_least, pattern=PLAIN)


def among(*words: str) -> StringConstraints:
    """One of these words."""
    return StringConstraints(pattern=rf"\A({'|'.join(map(re.escape, words))})\z")


def spelt(pattern: str) -> StringConstraints:
    """The whole text fits the pattern."""
    return StringConstraints(pattern=rf"\A({pattern})\z")


def span(first: int, last: int) -> Interval:
    """A whole number, both ends included."""
    return Interval(ge=first, le=last)


def number_of(kind: type[IntEnum]) -> Interval:
    """The stored number of a member of ``kind``, whose numbers have no gap."""
    assert len(kind) == max(kind) - min(kind) + 1, kind
    return span(min(kind), max(kind))


def holds(test: Callable[[Any], bool], wanted: str) -> AfterValidator:
    """Values for which ``test`` is true; ``wanted`` says what that is. What ``test`` raises counts as false."""

    def checked(value: Any) -> Any:
        try:
            fits = test(value)
        except Exception:  # noqa: BLE001 - whatever a parser says of what it can't read
            fits = False
        if not fits:
            # The reason goes into a report: it must not quote what it stands for.
            raise ValueError(f"Value should be {wanted}")
        return value

    return AfterValidator(checked)


def json(type_: Any, test: Callable[[Any], bool] = lambda _: True) -> AfterValidator:
    """Text that is JSON of this type, for which ``test`` holds."""
    decoder = msgspec.json.Decoder(type_)
    return holds(lambda text: test(decoder.decode(text)), "JSON of its kind")


Id = Annotated[int, Interval(ge=1, lt=ids.LAST)]
# An id, or 0 for none.
Maybe = Annotated[int, Interval(ge=0, lt=ids.LAST)]
# Somewhere in a list: the cursor of a first page is one too.
Place = Annotated[int, Interval(ge=0, le=ids.LAST)]
Time = Annotated[int, Interval(ge=0, le=clock.LAST)]
Count = Annotated[int, Interval(ge=0, le=2**31 - 1)]
Small = Annotated[int, Interval(ge=0, le=2**15 - 1)]
Flag = Annotated[int, Interval(ge=0, le=1)]
Sha256 = Annotated[str, spelt("[0-9a-f]{64}")]
Locale = Annotated[str, spelt("[A-Za-z_-]{0,16}")]
Base64 = Annotated[str, spelt(r"[A-Za-z0-9+/_-]{0,200}={0,2}")]
Base64Url = Annotated[str, spelt("[A-Za-z0-9_-]{0,200}={0,200}")]
Zone = Annotated[str, StringConstraints(max_length=64), spelt("([A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*)?")]
# Letters of any script, digits and underscores: a tag is part of an address.
Tag = spelt(rf"[^\x00-/:-@\[-^`{{-\x7f{_STRIPPED}]+")
# Handles that a text names, each between spaces.
Handles = spelt("( [a-z0-9_]{1,30} )*")
# One mail address, or none. Older servers may still write some that adapters/email_address.py takes no more, after the
# migration that drops those: mails are only sent to what it takes, and nothing here separates or quotes addresses.
_ATOM = r"[^\x00-\x20\x7f-\xa0A-Z@,;:<>()\[\]\\\"]"
Email = Annotated[str, StringConstraints(max_length=MAX_LENGTH), spelt(rf"({_ATOM}{{1,64}}@{_ATOM}+\.{_ATOM}+)?")]
