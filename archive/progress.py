"""Callbacks by which long work reports its progress."""

from collections.abc import Callable

# What is being done (a table's name), how much of it is done, and of how much in all: 0 where that is not known.
OnProgress = Callable[[str, int, int], None]


def ignore_progress(what: str, done: int, total: int) -> None:
    """Tells nobody."""
