"""Levels of trust: what a new account may not do yet, and what a level takes.

Levels grow by being there, by reading and by posts that stood, and are lost by points. Nobody is shown another's level.
Which level an account has is for ``domain/moderation/trust_levels.py`` to say; it is in ``Viewer.trust``.
"""

from enum import IntEnum

import msgspec


class TrustLevel(IntEnum):
    """The numbers are stored, in ``account.trust``: never change one."""

    NEW = 0
    BASIC = 1
    MEMBER = 2
    REGULAR = 3


# A level by its number, cheaper than a call of the class: one is looked up per request.
LEVELS = tuple(TrustLevel)


class TrustLimits(msgspec.Struct, frozen=True, gc=False):
    """What one account may post within an hour: links, pictures (videos and sounds among them), and mentions."""

    links: int
    media: int
    mentions: int


class TrustNeeds(msgspec.Struct, frozen=True, gc=False):
    """What a level takes: days on which the account was there, posts read, and own posts that stood for a day."""

    days: int
    reads: int
    posts: int


class TrustProgress(msgspec.Struct, frozen=True, gc=False):
    """How far an account is, in the units of ``TrustNeeds``."""

    days: int = 0
    reads: int = 0
    posts: int = 0


class ReportPolicy(msgspec.Struct, frozen=True, gc=False):
    """What a report weighs by its sender's level, or by a guest, and when it weighs nothing.

    After ``warned_after`` reports in a row that were found without a breach somebody is warned; after
    ``ignored_after`` their reports weigh nothing for ``ignored_days`` days.
    """

    new: int = 10
    basic: int = 20
    member: int = 30
    regular: int = 40
    guest: int = 5
    warned_after: int = 5
    ignored_after: int = 8
    ignored_days: int = 30

    def weight(self, level: TrustLevel) -> int:
        return (self.new, self.basic, self.member, self.regular)[level]


class TrustPolicy(msgspec.Struct, frozen=True, gc=False):
    """What the settings say of levels. Above BASIC nothing is limited. ``points`` cost a level each time."""

    new: TrustLimits = TrustLimits(3, 4, 5)
    basic: TrustLimits = TrustLimits(20, 30, 30)
    for_basic: TrustNeeds = TrustNeeds(2, 30, 0)
    for_member: TrustNeeds = TrustNeeds(10, 100, 3)
    for_regular: TrustNeeds = TrustNeeds(50, 500, 20)
    points: int = 5
    reports: ReportPolicy = ReportPolicy()

    def limits(self, level: TrustLevel) -> TrustLimits | None:
        """None where nothing is limited."""
        return {TrustLevel.NEW: self.new, TrustLevel.BASIC: self.basic}.get(level)

    def needs(self, level: TrustLevel) -> TrustNeeds:
        """What a level above NEW takes. Errors: ``KeyError``."""
        return {
            TrustLevel.BASIC: self.for_basic,
            TrustLevel.MEMBER: self.for_member,
            TrustLevel.REGULAR: self.for_regular,
        }[level]

    @property
    def most_posts(self) -> int:
        """More of them are not counted: no level takes more."""
        return max(self.needs(level).posts for level in LEVELS[1:])

    def earned(self, progress: TrustProgress) -> TrustLevel:
        """The highest level that nothing is missing for, nor for those below it.

        >>> TrustPolicy().earned(TrustProgress(days=2, reads=30))
        <TrustLevel.BASIC: 1>
        """
        found = TrustLevel.NEW
        for level in LEVELS[1:]:
            needs = self.needs(level)
            if progress.days < needs.days or progress.reads < needs.reads or progress.posts < needs.posts:
                break
            found = level
        return found

    def lost(self, points: int) -> int:
        """How many levels these points cost: one for each ``points`` of them that have begun.

        >>> [TrustPolicy().lost(points) for points in (0, 1, 5, 6)]
        [0, 1, 1, 2]
        """
        return -(-points // self.points)


# What holds where nobody has set anything else.
DEFAULTS = TrustPolicy()


def lowered(earned: TrustLevel, levels: int) -> TrustLevel:
    """The level that is left of one that was earned."""
    return LEVELS[max(0, earned - levels)]
