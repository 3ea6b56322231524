"""What everybody may know of the brake and of a crisis, and what they change; from memory, for every request.

The brake is on while moderators can't keep up (domain/moderation/brake_switch.py), a crisis while two of them have said
that there is one (domain/moderation/crisis.py). Either slows down what newcomers do; a crisis also closes sign-ups.
What is held meanwhile is shown to others once nothing is on.
"""

from enum import IntEnum
from typing import Any, NamedTuple

import msgspec

from db.engine import DB
from db.queries import brake as queries
from domain.core import clock
from domain.core.access import Viewer
from domain.core.trust import TrustLevel

# How long a process may go on with what it has just read, in milliseconds.
FRESH = 2000
# While it is on, a sign-up counts as so many for its IP address.
SIGNUP_COST = 4


class BrakeReason(IntEnum):
    """Why the brake is on. The numbers are stored: never change one.

    ``URGENT``: an urgent case is overdue. ``BACKLOG``: more cases are open than are decided in a day. ``HAND``: an
    operator has switched it on.
    """

    URGENT = 0
    BACKLOG = 1
    HAND = 2


class Crisis(msgspec.Struct, frozen=True):
    """A crisis in force: its public words, and when it ends (Unix milliseconds)."""

    words: str
    ends_at: int


class Brake(msgspec.Struct, frozen=True):
    """What is in force. ``since`` is when the brake was switched on, 0 while it is off, and ``words`` why, where it was
    an operator; times are in Unix milliseconds.
    """

    since: int = 0
    words: str = ""
    crisis: Crisis | None = None

    @property
    def on(self) -> bool:
        """Whether newcomers are slowed down, be it by the brake or by a crisis."""
        return self.since > 0 or self.crisis is not None

    def holds(self, viewer: Viewer, *, has_links: bool, has_media: bool, is_reply: bool) -> bool:
        """Whether a post is held: links, pictures, videos and sounds of new members, in a crisis also their replies,
        and the former of all who are not trusted for long. Moderators are no exception: it would tell who they are.
        """
        if not self.on:
            return False
        level = TrustLevel.BASIC if self.crisis is not None else TrustLevel.NEW
        if has_links or has_media:
            return viewer.trust <= level
        return is_reply and self.crisis is not None and viewer.trust is TrustLevel.NEW


class _Kept(NamedTuple):
    """What was read of an engine, and until when it is good (Unix milliseconds)."""

    engine: Any
    read_at: int
    until: int
    state: Brake


OFF = Brake()
_kept = _Kept(None, 0, 0, OFF)


async def state() -> Brake:
    """What is in force now: what another process has changed for at most FRESH, and no longer than to its end."""
    global _kept
    now = clock.now()
    if _kept.engine is not DB.engine or not _kept.read_at <= now < _kept.until:
        _kept = await _read(now)
    return _kept.state


async def _read(now: int) -> _Kept:
    row, found, until = await queries.brake(), await queries.crisis(), now + FRESH
    since, words, crisis = 0, "", None
    if row is not None and row.since is not None and (row.ends_at is None or now < row.ends_at):
        since, words, until = row.since, row.words, min(until, row.ends_at or until)
    if found is not None and found.ends_at is not None and now < found.ends_at:
        crisis, until = Crisis(found.words, found.ends_at), min(until, found.ends_at)
    return _Kept(DB.engine, now, until, Brake(since, words, crisis) if since or crisis else OFF)


def forget() -> None:
    """Reads afresh next time."""
    global _kept
    _kept = _Kept(None, 0, 0, OFF)
