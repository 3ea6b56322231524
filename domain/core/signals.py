"""Signals: a word to every process that something is new, for the pages that people have open.

A signal is only a hint, which may get lost and may come twice: whoever listens looks up what is true. What must not get
lost is an event (domain/core/events.py).
"""

from collections.abc import Callable

from db.bus import BUS, Signal
from db.engine import DB

HOME, PUBLIC, THREAD, POST, NOTICES, VIEWER = "home", "public", "thread", "post", "notices", "viewer"
PURGED, LEFT = "purged", "left"
# What a listener is told when signals may have been lost: everything may be new.
MISSED = "missed"
Listener = Callable[[str, int, int], None]


def send(kind: str, a: int, b: int = 0) -> None:
    """Tells every process's listeners, this one's at once, when the current transaction is on disk.

    ``home``: the source's followers have an entry; ``public``: a post; ``thread``: the root of a thread has another
    reply; ``post``: its counts, text or existence changed; ``notices``: of an account; ``viewer``: what an account's
    devices may do or see changed; ``purged``: a post, and ``left``: an account, of which no copy may be kept.
    """
    DB.after_commit(Signal(kind, a, b))


def listen(listener: Listener) -> None:
    """Calls ``listener(kind, a, b)`` for every signal of any process; it must be quick and must not fail."""
    BUS.listeners.append(listener)


def unlisten(listener: Listener) -> None:
    BUS.listeners.remove(listener)
