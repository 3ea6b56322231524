"""Care for moderators: duty, breaks, and limits on what is hard to look at.

All of it is a moderator's own: nobody else sees what they have chosen or how much they have done, operators included.
Only the greatest limits are the network's.
"""

from typing import Self

import msgspec

from db.engine import DB
from db.queries import appeals, cases, upstream
from db.queries import care as queries
from db.queries.care import AtWork, CareRow, Looks
from domain.core import access, clock, permissions
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, Refused, collect
from domain.core.retries import retried
from domain.core.translatable import N_

# After so much work without a pause a break is suggested, and how long it is.
WORK_MS, BREAK_MS = 50 * clock.MINUTE_MS, 10 * clock.MINUTE_MS
# Without taking or deciding anything for so long, one was away: as long as a case is taken for.
PAUSE_MS = 20 * clock.MINUTE_MS
KEPT_MS = 2 * clock.DAY_MS
ENOUGH = N_("You have reached your daily limit for what is hard to look at.")
_NONE = CareRow(0, None, 0, 0, 0, None, 0)

# What gives back all that a moderator has taken.
RELEASING = (upstream.release_all, cases.release_all, appeals.release_all)


class HardLimits(msgspec.Struct, frozen=True):
    """How much that is hard to look at a moderator is offered within 24 hours: so many cases, for so many minutes."""

    cases: int
    minutes: int

    def within(self, cases: int | None, minutes: int | None) -> Self:
        """These, or what somebody has chosen, whichever is less; None for as much as there is."""
        return type(self)(
            self.cases if cases is None else min(self.cases, cases),
            self.minutes if minutes is None else min(self.minutes, minutes),
        )


UNLIMITED = HardLimits(10**6, 10**6)


class Care(msgspec.Struct, frozen=True):
    """A moderator's own page: what they have chosen, and what they have done within 24 hours.

    ``limits`` are what they are offered that is hard to look at; ``cases`` and ``hard`` how many they have taken, and
    ``hard_minutes`` for how long they have had the hard ones. ``minutes`` they work without a break, 0 while they
    don't; ``break_until`` in Unix milliseconds, 0 for none. ``keeps_grey``: pictures stay grey that they ask to see.
    """

    on_duty: bool
    limits: HardLimits
    cases: int
    hard: int
    hard_minutes: int
    minutes: int
    break_until: int
    keeps_grey: bool

    @property
    def suggests_break(self) -> bool:
        return self.minutes * clock.MINUTE_MS >= WORK_MS


class Choice(msgspec.Struct, frozen=True):
    """What a moderator chooses. ``cases`` and ``minutes`` as in ``HardLimits``, None for what is no number;
    ``keeps_grey`` as in ``Care``."""

    on_duty: bool
    cases: int | None
    minutes: int | None
    keeps_grey: bool = False


async def read(viewer: Viewer, most: HardLimits) -> Care:
    """``most`` is what the network lets a moderator have. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    now = clock.now()
    row, done = await queries.of(viewer.id) or _NONE, await _looks(viewer)
    works = row.worked_at > now - PAUSE_MS
    return Care(
        on_duty=bool(row.on_duty),
        limits=most.within(row.hard_limit, row.hard_minutes),
        cases=done.cases,
        hard=done.hard,
        hard_minutes=done.hard_ms // clock.MINUTE_MS,
        minutes=(now - row.working_since) // clock.MINUTE_MS if works else 0,
        break_until=row.break_until if row.break_until > now else 0,
        keeps_grey=bool(row.keeps_grey),
    )


async def keeps_grey(viewer: Viewer) -> bool:
    """Whether a moderator wants pictures grey that they ask to see. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    return bool((await queries.of(viewer.id) or _NONE).keeps_grey)


async def _looks(viewer: Viewer) -> Looks:
    now = clock.now()
    return await queries.looks(viewer.id, now - clock.DAY_MS, now)


@retried
async def choose(viewer: Viewer, choice: Choice, most: HardLimits) -> None:
    """Saves what a moderator chooses.

    Errors: ``SignedOut``, ``NotFound``, ``Invalid`` with the fields ``cases`` and ``minutes``.
    """
    access.require(permissions.may_moderate(viewer))
    collect(cases=_problem(choice.cases, most.cases), minutes=_problem(choice.minutes, most.minutes))
    async with DB.writing():
        await queries.choose(
            viewer.id,
            int(choice.on_duty),
            None if choice.cases == most.cases else choice.cases,
            None if choice.minutes == most.minutes else choice.minutes,
            int(choice.keeps_grey),
        )


def _problem(number: int | None, most: int) -> Refused | None:
    is_fine = number is not None and 0 <= number <= most
    return None if is_fine else Invalid("Choose a number from 0 to %(most)s.", most=most)


@retried
async def take_break(viewer: Viewer) -> None:
    """Gives back whatever the moderator has taken; no urgent case is pushed to them for BREAK_MS.

    Errors: ``SignedOut``, ``NotFound``.
    """
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        await _give_back(viewer)
        await queries.rest(viewer.id, clock.now() + BREAK_MS)


@retried
async def give_back(viewer: Viewer) -> None:
    """Gives back whatever somebody has taken who signs out; harmless for those who don't moderate."""
    if permissions.may_moderate(viewer) is None:
        async with DB.writing():
            await _give_back(viewer)


async def _give_back(viewer: Viewer) -> None:
    for release in RELEASING:
        await release(viewer.id)
    await queries.end_all(viewer.id, clock.now())


@retried
async def end_break(viewer: Viewer) -> None:
    """Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        await queries.rest(viewer.id, 0)


async def has_enough(viewer: Viewer, most: HardLimits) -> bool:
    """Whether a moderator is offered no more hard cases; ``most`` as above."""
    return any(await _reached(viewer, most))


async def _reached(viewer: Viewer, most: HardLimits) -> tuple[bool, bool]:
    """Whether somebody has seen as many cases, and for as long, as they wanted to."""
    row = await queries.of(viewer.id) or _NONE
    return _beyond(most.within(row.hard_limit, row.hard_minutes), await _looks(viewer))


def _beyond(limits: HardLimits, done: Looks) -> tuple[bool, bool]:
    return done.hard >= limits.cases, done.hard_ms >= limits.minutes * clock.MINUTE_MS


async def is_beyond(viewer: Viewer, case: int, most: HardLimits) -> bool:
    """Whether a case that is hard to look at is one more, or for longer, than a moderator wants to see in a day."""
    now = clock.now()
    found = await queries.case_now(case, viewer.id, now - clock.DAY_MS, now)
    if not found.is_hard or found.is_held:
        return False
    many, long = await _reached(viewer, most)
    return long or (many and not found.was_taken)


async def require_within(viewer: Viewer, case: int, most: HardLimits) -> None:
    """Errors: ``Conflict`` for a case that ``is_beyond``."""
    if await is_beyond(viewer, case, most):
        raise Conflict(ENOUGH)


async def at_work(most: HardLimits) -> tuple[list[int], list[int]]:
    """Moderators who are on duty, or have worked within 24 hours: those who are offered hard cases, and those who have
    seen as much as they wanted to."""
    now = clock.now()
    there = await queries.at_work(now - clock.DAY_MS, now)
    beyond = {one.account for one in there if _has_enough(one, most)}
    return [one.account for one in there if one.account not in beyond], sorted(beyond)


def _has_enough(one: AtWork, most: HardLimits) -> bool:
    return any(_beyond(most.within(one.hard_limit, one.hard_minutes), one.looks))


async def note_work(account: int) -> None:
    """Within a transaction: a moderator has taken or decided something, which ends their break."""
    now = clock.now()
    await queries.work(account, now, now - PAUSE_MS)


async def note_claim(account: int, case: int, until: int) -> None:
    """The same of a case, which they have until then (Unix milliseconds)."""
    await note_work(account)
    await queries.look(account, case, clock.now(), until)


async def note_decision(account: int, case: int) -> None:
    """The same of a case that they have decided."""
    await note_claim(account, case, clock.now())


async def note_release(account: int, case: int) -> None:
    """Within a transaction: a moderator has a case no longer."""
    await queries.end(account, case, clock.now())


async def forget_old() -> None:
    """Forgets which cases moderators have taken, after KEPT_MS."""
    await queries.forget_old(clock.now() - KEPT_MS)
