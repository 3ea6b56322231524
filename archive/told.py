"""How far long work is, for whoever wants to hear it."""

from collections.abc import Callable

# What is being done (a table's name), how much of it is done, and of how much in all: 0 where that is not known.
Told = Callable[[str, int, int], None]


def quiet(what: str, done: int, total: int) -> None:
    """Tells nobody."""
