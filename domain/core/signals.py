"""Signals tell every process that something is new, so that open pages and caches can follow.

A signal is a hint: it may get lost and may come twice. Whoever receives one looks up what is true now. What must not
get lost is an event (domain/core/events.py).
"""

from collections.abc import Callable
from enum import StrEnum

from db import bus
from db.bus import BUS, Signal
from db.engine import DB


class Kind(StrEnum):
    """What is new. The words travel between processes, which may run different versions."""

    # The followers of a source have another entry.
    HOME = "home"
    # There is another public post.
    PUBLIC = "public"
    # The thread of a first post has another reply.
    THREAD = "thread"
    # The counts, the text or the existence of a post have changed.
    POST = "post"
    # An account's notifications have changed.
    NOTICES = "notices"
    # What an account's devices may do or see has changed.
    VIEWER = "viewer"
    # A post was purged: no copy may be kept.
    PURGED = "purged"
    # Nothing of an account may be shown any more, or it may again: no copy may be kept of a page that names it.
    LEFT = "left"
    # The filters before publication, or a list of words, have changed.
    FILTERS = "filters"
    # Signals may have been lost: everything may be new.
    MISSED = bus.MISSED.kind


# Called with the kind and up to two ids. The kind may be one that only a newer version knows: ignore it then.
Listener = Callable[[str, int, int], None]


def send(kind: Kind, a: int, b: int = 0) -> None:
    """Calls the listeners of every process, this one's first, once the current transaction is on disk.

    >>> signals.send(signals.Kind.POST, post)
    """
    DB.after_commit(Signal(kind, a, b))


def listen(listener: Listener) -> None:
    """Calls ``listener(kind, a, b)`` for every signal of any process; it must be quick and must not fail."""
    BUS.listeners.append(listener)


def unlisten(listener: Listener) -> None:
    BUS.listeners.remove(listener)
