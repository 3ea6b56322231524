"""The words of juries. Their numbers are stored: never change one."""

from enum import Enum, IntEnum, auto


class JuryState(IntEnum):
    """``REVERSED``: it found the decision wrong; ``REFERRED``: there were too few members to hear the appeal, and a
    moderator decides it. ``VOID``: whoever lodged the appeal has left, or what it is about was deleted: then, too, a
    moderator decides it.
    """

    SITTING = 0
    UPHELD = 1
    REVERSED = 2
    REFERRED = 3
    VOID = 4


class SeatState(IntEnum):
    """``PASSED``: they did not want to hear it; ``ABSTAINED``: they could not decide; ``LAPSED``: their time was over
    before they answered. ``CLOSED``: the jury ended before they answered. ``SET_ASIDE``: they voted when they had come
    to have something to do with a party, so the vote does not count. To the juror that is a vote as any other: what
    becomes of it must not tell whom the appeal concerns, nor who reported it.
    """

    SUMMONED = 0
    VOTED = 1
    ABSTAINED = 2
    PASSED = 3
    LAPSED = 4
    CLOSED = 5
    SET_ASIDE = 6


# Those who have a seat still: whoever gave it up is replaced.
SEATED = frozenset({SeatState.SUMMONED, SeatState.VOTED})


class JuryVote(IntEnum):
    """Whether the decision stands, or is taken back; where it found no breach, whether it is made again."""

    STANDS = 0
    REVERSE = 1


class DisputeState(IntEnum):
    """What became of what a juror says against an audit that they have failed. ``UPHELD``: the audit was right."""

    OPEN = 0
    UPHELD = 1


class Hearing(Enum):
    """Who hears an appeal. ``REFERRED``: a moderator, since too few members could; ``GONE``: a moderator, since what it
    is about was deleted while a jury heard it; ``AGAIN``: a moderator, since a jury has found that a breach was missed.
    """

    MODERATOR = auto()
    JURY = auto()
    REFERRED = auto()
    GONE = auto()
    AGAIN = auto()
