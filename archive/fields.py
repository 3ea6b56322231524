"""What a column of a record may hold. All of it is checked by pydantic's compiled core, over thousands of rows a call.

Every type is strict: a number is a number and a text a text, in whichever engine it was kept.
"""

import json
import re
from typing import Annotated, Any

from annotated_types import Interval
from pydantic import AfterValidator, ConfigDict, StringConstraints
from sqlalchemy.orm import declared_attr, registry
from sqlmodel import SQLModel

from adapters.email_address import MAX_LENGTH, PATTERN
from domain.core import clock, ids
from domain.core.text import CODE_POINTS

STRICT = ConfigDict(strict=True)
# Nobody can use a row id that nobody has: a pair of keys is its own place.
PAIR: dict[str, Any] = {"sqlite_with_rowid": False}
# PostgreSQL, unlike SQLite, keeps no text with a zero in it.
PLAIN = r"\A[^\x00]*\z"


class Record(SQLModel, registry=registry()):
    """A row in portable form."""

    model_config = STRICT  # type: ignore[assignment]

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 - SQLAlchemy calls it with the class
        """The live table's name: ``FollowRequest`` is ``follow_request``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


def free(graphemes: int, at_least: int = 0) -> StringConstraints:
    """What people write, of at most so many characters as people count them."""
    return StringConstraints(max_length=graphemes * CODE_POINTS, min_length=at_least, pattern=PLAIN)


def line(most: int, at_least: int = 0) -> StringConstraints:
    """A text of a program's making, in code points."""
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


def _is_json(text: str) -> str:
    try:
        # Most have nothing in them.
        if text not in ("[]", "{}"):
            json.loads(text)
    except ValueError:
        # The reason goes into a report: it must not quote what it stands for.
        raise ValueError("Text should be JSON") from None
    return text


JSON = AfterValidator(_is_json)

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
Zone = Annotated[str, line(64)]
# Or none.
Email = Annotated[str, StringConstraints(max_length=MAX_LENGTH, pattern=rf"\A({PATTERN})?\z")]
