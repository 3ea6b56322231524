"""Urgent cases that nobody is offered, since they are hard to look at and everybody has seen enough of that today.

They stay in the queue, where whoever can is asked to take one by hand, and operators are notified. "Everybody" is
whoever is on duty or has worked within 24 hours, and may decide the case; others may be away for long.
"""

from collections.abc import Sequence

import msgspec

from db.queries import unoffered as queries
from domain.core import access, clock, permissions
from domain.core.access import Viewer
from domain.moderation import care, staff
from domain.moderation.care import HardLimits


class Unoffered(msgspec.Struct, frozen=True):
    """How many cases nobody is offered, and the one of them that is due first, None for none."""

    number: int = 0
    first: int | None = None


async def find(viewer: Viewer, most: HardLimits) -> Unoffered:
    """``most`` as in ``care.read``. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    return await found(most)


async def found(most: HardLimits) -> Unoffered:
    """The same for a worker."""
    within, beyond = await care.at_work(most)
    if not beyond:
        return Unoffered()
    return Unoffered(*await queries.find(clock.now(), within, beyond, alone=await staff.is_alone()))


async def is_one(case: int, within: Sequence[int], beyond: Sequence[int]) -> bool:
    """Whether nobody is offered a case, by what ``care.at_work`` says of moderators."""
    return bool(beyond) and await queries.is_one(case, clock.now(), within, beyond, alone=await staff.is_alone())
