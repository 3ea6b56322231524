"""The time, in one place, so that the demo and tests can set it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
# The year 10000, in Unix milliseconds: no time is later, and what is never due is due then.
LAST = 253_402_300_800_000

_fixed: int | None = None


def now() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000 if _fixed is None else _fixed


def day(at: int) -> str:
    """The date, in UTC, of a time in Unix milliseconds, such as 2026-05-02."""
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


@contextmanager
def fixed_at(moment: int) -> Iterator[None]:
    """Has :func:`now` return ``moment`` (Unix milliseconds) while the block runs, for the whole process."""
    global _fixed
    before, _fixed = _fixed, moment
    try:
        yield
    finally:
        _fixed = before
