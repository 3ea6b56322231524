"""Care for moderators: duty, breaks, and a limit on cases that are hard to look at.

All of it is a moderator's own: nobody else sees what they have chosen or how much they have done, operators included.
Only the greatest limit is the network's.
"""

import msgspec

from db.engine import DB
from db.queries import appeals, cases, upstream
from db.queries import care as queries
from db.queries.care import CareRow
from domain.core import access, clock, permissions
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, collect
from domain.core.retries import retried
from domain.core.translatable import N_

# After so much work without a pause a break is suggested, and how long it is.
WORK_MS, BREAK_MS = 50 * clock.MINUTE_MS, 10 * clock.MINUTE_MS
# Without taking or deciding anything for so long, one was away: as long as a case is taken for.
PAUSE_MS = 20 * clock.MINUTE_MS
KEPT_MS = 2 * clock.DAY_MS
ENOUGH = N_("You have seen as many cases that are hard to look at as you wanted to in a day.")
_NONE = CareRow(0, None, 0, 0, 0)


class Care(msgspec.Struct, frozen=True):
    """A moderator's own page: what they have chosen, and what they have done within 24 hours.

    ``limit`` is how many hard cases they are offered in a day, ``cases`` and ``hard`` how many they have taken.
    ``minutes`` they work without a break, 0 while they don't; ``break_until`` in Unix milliseconds, 0 for none.
    """

    on_duty: bool
    limit: int
    cases: int
    hard: int
    minutes: int
    break_until: int

    @property
    def suggests_break(self) -> bool:
        return self.minutes * clock.MINUTE_MS >= WORK_MS

    @property
    def enough(self) -> bool:
        """Whether no more hard cases are offered."""
        return self.hard >= self.limit


async def read(viewer: Viewer, most: int) -> Care:
    """``most`` is how many hard cases the network lets a moderator have in a day.

    Errors: ``SignedOut``, ``NotFound``.
    """
    access.require(permissions.may_moderate(viewer))
    now = clock.now()
    row, done = await queries.of(viewer.id) or _NONE, await queries.looks(viewer.id, now - clock.DAY_MS)
    works = row.worked_at > now - PAUSE_MS
    return Care(
        on_duty=bool(row.on_duty),
        limit=_limit(row, most),
        cases=done.cases,
        hard=done.hard,
        minutes=(now - row.working_since) // clock.MINUTE_MS if works else 0,
        break_until=row.break_until if row.break_until > now else 0,
    )


def _limit(row: CareRow, most: int) -> int:
    return most if row.hard_limit is None else min(most, row.hard_limit)


@retried
async def choose(viewer: Viewer, *, on_duty: bool, limit: int | None, most: int) -> None:
    """Saves what a moderator chooses. Errors: ``SignedOut``, ``NotFound``, ``Invalid`` with the field ``limit``."""
    access.require(permissions.may_moderate(viewer))
    wrong = Invalid("Choose a number from 0 to %(most)s.", most=most)
    collect(limit=None if limit is not None and 0 <= limit <= most else wrong)
    async with DB.writing():
        await queries.choose(viewer.id, int(on_duty), None if limit == most else limit)


@retried
async def take_break(viewer: Viewer) -> None:
    """Gives back whatever the moderator has taken; no urgent case is pushed to them for BREAK_MS.

    Errors: ``SignedOut``, ``NotFound``.
    """
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        await upstream.release_all(viewer.id)
        await cases.release_all(viewer.id)
        await appeals.release_all(viewer.id)
        await queries.rest(viewer.id, clock.now() + BREAK_MS)


@retried
async def end_break(viewer: Viewer) -> None:
    """Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        await queries.rest(viewer.id, 0)


async def has_enough(viewer: Viewer, most: int | None) -> bool:
    """Whether a moderator is offered no more hard cases; ``most`` as above, None for no limit of the network's."""
    row = await queries.of(viewer.id) or _NONE
    limits = [one for one in (most, row.hard_limit) if one is not None]
    return bool(limits) and (await queries.looks(viewer.id, clock.now() - clock.DAY_MS)).hard >= min(limits)


async def is_beyond(viewer: Viewer, case: int, most: int | None) -> bool:
    """Whether a case is one more that is hard to look at than a moderator wants to see in a day."""
    since = clock.now() - clock.DAY_MS
    return await queries.is_new_and_hard(case, viewer.id, since) and await has_enough(viewer, most)


async def require_within(viewer: Viewer, case: int, most: int | None) -> None:
    """Errors: ``Conflict`` for a case that ``is_beyond``."""
    if await is_beyond(viewer, case, most):
        raise Conflict(ENOUGH)


async def note_work(account: int, case: int | None = None) -> None:
    """Within a transaction: a moderator has taken or decided something (a ``case``), which ends their break."""
    now = clock.now()
    await queries.work(account, now, now - PAUSE_MS)
    if case is not None:
        await queries.look(account, case, now)


async def forget_old() -> None:
    """Forgets which cases moderators have taken, after KEPT_MS."""
    await queries.forget_old(clock.now() - KEPT_MS)
