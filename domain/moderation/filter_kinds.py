"""The words of filters. Their numbers are stored: never change one."""

from enum import IntEnum


class FilterState(IntEnum):
    """``DRAFT``: nothing is done with it. ``SHADOW``: what it finds is counted, and nothing else is done. ``LIVE``: it
    does what it says. ``OFF``: it was live, or was tried."""

    DRAFT = 0
    SHADOW = 1
    LIVE = 2
    OFF = 3


class FilterOutcome(IntEnum):
    """What is done to a post for which a condition holds. Of several, the highest number counts.

    ``ALLOW``: whatever other filters say, nothing. ``NUDGE``: its author is asked whether to send it all the same.
    ``CASE``: it is published, and a case opened. ``COVER``: it is published covered, and a case opened. ``HOLD``: its
    author alone sees it until a moderator has looked at it.
    """

    ALLOW = 0
    NUDGE = 1
    CASE = 2
    COVER = 3
    HOLD = 4


# What names a rule that may be broken, and says so to the author.
ENFORCING = frozenset({FilterOutcome.NUDGE, FilterOutcome.CASE, FilterOutcome.COVER, FilterOutcome.HOLD})


class FilterAction(IntEnum):
    """What was done to a filter. ``FAILED``: its condition could not be compiled any more, which nobody has done.

    ``WORDS_CHANGED``: a list of words that it asks for has changed; ``WORDS_AGREED``: who agreed to that.
    ``PICTURES_CHANGED``: a picture has joined those that it asks for, or has left them;
    ``PICTURES_AGREED``: who agreed to that.
    """

    WRITTEN = 0
    SHADOWED = 1
    WENT_LIVE = 2
    SWITCHED_OFF = 3
    FAILED = 4
    WORDS_CHANGED = 5
    WORDS_AGREED = 6
    PICTURES_CHANGED = 7
    PICTURES_AGREED = 8


class HitMode(IntEnum):
    """In which state a filter was that hit. ``SENT_ANYWAY``: the author was asked and has sent the post. ``FAILED``: it
    is no hit: the condition could not be evaluated for the post."""

    SHADOW = 0
    LIVE = 1
    SENT_ANYWAY = 2
    FAILED = 3


class AgeGroup(IntEnum):
    """How old an author's account was, in days: below 1, 7, 30, or older."""

    DAY = 0
    WEEK = 1
    MONTH = 2
    OLDER = 3


class SimulationState(IntEnum):
    """The numbers are stored: never change one. ``FAILED``: the condition can't be compiled any more."""

    RUNNING = 0
    DONE = 1
    FAILED = 2
