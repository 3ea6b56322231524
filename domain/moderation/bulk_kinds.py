"""The words of bulk decisions. Their numbers are stored: never change one."""

from enum import IntEnum

import msgspec

from domain.core import clock
from domain.moderation.kinds import StatementKind, SubjectKind

# Posts or accounts in one decision, and how many one moderator may decide about within a day without another.
MOST, ALONE = 1000, 100
# How long a decision waits for a second moderator.
WAIT_MS = clock.DAY_MS
# For how many days back posts are searched.
SINCE_DAYS = (1, 7, 30, 90)
# What may be decided, by what it is about.
OFFERED: dict[SubjectKind, tuple[StatementKind, ...]] = {
    SubjectKind.POST: (StatementKind.POST_REMOVAL, StatementKind.COVER, StatementKind.LIMIT),
    SubjectKind.ACCOUNT: (StatementKind.FREEZE, StatementKind.SUSPENSION),
}


class BulkState(IntEnum):
    """``PREVIEW``: its author looks at what was found. ``WAITING``: another moderator has to agree. ``RUNNING`` and
    ``UNDOING``: the worker is at it.
    """

    PREVIEW = 0
    WAITING = 1
    RUNNING = 2
    DONE = 3
    UNDOING = 4
    UNDONE = 5


class BulkSubjectState(IntEnum):
    """``LEFT_OUT``: its author has taken it out. ``SKIPPED``: it had changed when its turn came. ``KEPT``: the decision
    about it was not taken back with the others, since it was before, or another moderator decides about it.
    """

    CHOSEN = 0
    LEFT_OUT = 1
    DECIDED = 2
    SKIPPED = 3
    RESTORED = 4
    KEPT = 5


class Criteria(msgspec.Struct, frozen=True, omit_defaults=True):
    """How subjects are found: all that is given must hold.

    ``link`` is an address or a host that a post links to, ``picture`` the key of a stored file that a case keeps;
    ``days`` is how old a post may be. ``signed_up_from`` and ``signed_up_to``: when the account was made (Unix
    milliseconds), 0 for any time.
    """

    link: str = ""
    picture: str = ""
    days: int = SINCE_DAYS[1]
    signed_up_from: int = 0
    signed_up_to: int = 0
