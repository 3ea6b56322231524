"""The time, in one place so that tests can move it."""

import time


def now() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000
