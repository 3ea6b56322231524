"""Pages of lists, and the cursors between them.

A cursor says where a page begins. It is text that whoever reads a list hands back as it came: only this module knows
what is in one (of its form `asgi.guest_pages` knows characters and length). "" is the first page, and so is any text
that is no cursor.
"""

import re
from typing import Generic, NamedTuple, TypeVar

import msgspec

from domain.core import ids

T = TypeVar("T")
SIZE = 20


class Page(msgspec.Struct, Generic[T]):
    """``items`` in the order of their list; ``next`` is the cursor of the following page, "" at the end."""

    items: list[T]
    next: str = ""


class Rank(NamedTuple):
    """A place in a list that is ordered by a score, such as a number of followers, and then by id."""

    score: int
    id: int


class QueuePlace(NamedTuple):
    """A place in a queue: what is urgent comes first (``rest`` is 0), then by ``due_at`` (Unix milliseconds) and id.
    In a queue of which some come after all others, those have 2 as their ``rest``.

    Of what is due in the same hour, cases come by ``severity`` and then by ``weight``, the greatest first; nothing else
    has these.
    """

    rest: int
    due_at: int
    severity: int
    weight: int
    id: int


# Before and behind every place.
FRONT, BACK = QueuePlace(0, 0, 9, 2**31 - 1, 0), QueuePlace(1, ids.LAST, 0, 0, ids.LAST)
# Above every rank; a score is a 32-bit integer.
HIGHEST = Rank(2**31 - 1, ids.LAST)
_SCORE_DIGITS = 10
_QUEUE_PLACE = re.compile(r"([012])\.([0-9]{1,19})\.([0-9])\.(-?[0-9]{1,10})\.([0-9]{1,19})")


def after(last: int | Rank | QueuePlace) -> str:
    """The cursor of the page after the one that ends with ``last``.

    For example ``below(after(7))`` is 7, and ``rank(after(Rank(3, 7)))`` is ``Rank(3, 7)``.
    """
    return ".".join(map(str, last)) if isinstance(last, tuple) else str(last)


def below(cursor: str) -> int:
    """The id, or the number, below which a page of a list that is ordered by it begins; ``ids.LAST`` for the first."""
    return ids.parse(cursor) or ids.LAST


def above(cursor: str) -> int:
    """The id above which a page of a list begins whose oldest comes first; 0 for the first."""
    return ids.parse(cursor) or 0


def rank(cursor: str) -> Rank | None:
    """The rank after which a page begins, None for the first page."""
    score, _, last = cursor.partition(".")
    digits, identifier = score.removeprefix("-"), ids.parse(last)
    if identifier is None or not (digits.isascii() and digits.isdecimal()) or len(digits) > _SCORE_DIGITS:
        return None
    return Rank(int(score), identifier) if int(digits) <= HIGHEST.score else None


def queue_place(cursor: str, first: QueuePlace = FRONT, last_rest: int = 1) -> QueuePlace:
    """The place after which a page of a queue begins, ``first`` for the first page. ``last_rest`` is the highest."""
    match = _QUEUE_PLACE.fullmatch(cursor)
    if match is None:
        return first
    place = QueuePlace(*map(int, match.groups()))
    if place.rest > last_rest:
        return first
    return place if max(place.id, place.due_at) < ids.LAST and abs(place.weight) <= FRONT.weight else first


def checked(text: str) -> str:
    """What an address gives as the cursor of a list that is ordered by id: "" if it is none."""
    return text if ids.parse(text) else ""


def checked_rank(text: str) -> str:
    """What an address gives as the cursor of a list that is ordered by rank: "" if it is none."""
    return text if rank(text) else ""
