"""The time, in one place so that tests can move it."""

import time

# The year 10000, in Unix milliseconds: no time is later, and what is never due is due then.
LAST = 253_402_300_800_000


def now() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000
