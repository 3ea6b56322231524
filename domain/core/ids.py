"""Ids: 63-bit integers, 41 bits of milliseconds since 2020-01-01 UTC above 22 random bits.

They sort by time, fit a bigint, and can't be counted through: within a millisecond there are 4,194,304 of them.
"""

import secrets

from domain.core import clock

EPOCH = 1_577_836_800_000
RANDOM_BITS = 22
# Above every id.
LAST = 2**63 - 1


class _Issued:
    """What this process has issued for one millisecond: of ten random ids in each, two would be equal every 93 s."""

    def __init__(self) -> None:
        self._at, self._ids = -1, set[int]()

    def new(self, at: int) -> int:
        if at != self._at:
            self._at, self._ids = at, set()
        while (found := first(at) | secrets.randbits(RANDOM_BITS)) in self._ids:
            pass
        self._ids.add(found)
        return found


_ISSUED = _Issued()


def new(at: int | None = None) -> int:
    """A fresh id for the given Unix millisecond (default now); never the same twice in this process."""
    return _ISSUED.new(clock.now() if at is None else at)


def after(last: int) -> int:
    """A fresh id that sorts behind ``last`` (0 for none): of the next millisecond, if that one is of this one."""
    return new(max(clock.now(), time_of(last) + 1) if last else None)


def first(at: int) -> int:
    """The smallest id of a Unix millisecond."""
    return (at - EPOCH) << RANDOM_BITS


def time_of(identifier: int) -> int:
    """The Unix millisecond at which an id was made."""
    return (identifier >> RANDOM_BITS) + EPOCH


def parse(text: str) -> int | None:
    """An id from an address or a form, or None when it can't be one."""
    if text.isascii() and text.isdigit() and len(text) <= 19:
        value = int(text)
        if 0 < value < LAST:
            return value
    return None
