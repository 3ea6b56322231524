"""Switches the brake: by the clock while moderators can't keep up, or by an operator's hand. Each switch is in the log.

It goes on when an urgent case is overdue, or when more cases are open than were decided within a day. It goes off once
both have been down to half of that for two hours, so that it does not come and go. Cases count that nobody could have
brought up alone: see ``LOAD`` in db/queries/brake.py.
"""

import msgspec

from db.engine import DB
from db.queries import brake as queries
from db.queries.brake import BrakeRow, Load
from domain.core import access, clock, events, permissions
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, collect
from domain.core.moderation_events import BrakeEnds
from domain.core.retries import retried
from domain.moderation import brake, cases, clocks, public_log, public_words, weights
from domain.moderation.brake import BrakeReason

URGENT_MS = clocks.URGENT_HOURS * clock.HOUR_MS
# How long it has to be better before the brake goes off, and how long the clock leaves it off once somebody has
# switched it off.
CALM_MS = REST_MS = 2 * clock.HOUR_MS
# With fewer open cases than this there is no backlog: in a small network nothing may be decided for days.
BACKLOG = 20
# Open cases that nobody but one member has reported, of which so many count.
EACH = 5
# For how many hours an operator may switch it on.
HOURS = (1, 6, 24, 72, 168)
# Why it went off, as the log says it; why it went on is a ``BrakeReason``.
CAUGHT_UP, END = "caught_up", "end"
_OFF = BrakeRow(None, BrakeReason.URGENT, "", None, None, 0, 0)


class BrakeFigures(msgspec.Struct, frozen=True):
    """The brake as moderators see it; times are in Unix milliseconds, None for what there is not.

    ``oldest_at`` is when the first urgent case that is open was reported, ``closed`` how many cases were decided within
    a day; ``ends_at`` is its end by hand, ``better_since`` since when it need not be on, ``off_at`` when that ends it.
    Until ``rests_until`` the clock leaves it off.
    """

    since: int | None
    reason: BrakeReason
    words: str
    ends_at: int | None
    better_since: int | None
    off_at: int | None
    rests_until: int
    open: int
    closed: int
    oldest_at: int | None


async def figures(viewer: Viewer) -> BrakeFigures:
    """What is open is what the viewer's queue counts: the difference would tell of cases about them.

    Errors: ``SignedOut``, ``NotFound``.
    """
    access.require(permissions.may_moderate(viewer))
    found, own = await status(), await cases.figures(viewer)
    return msgspec.structs.replace(found, open=own.open, oldest_at=_oldest_at(own.urgent_due_at))


async def status() -> BrakeFigures:
    """The same for whoever works on the server itself."""
    now = clock.now()
    row, load = await queries.brake() or _OFF, await _load(now)
    return BrakeFigures(
        since=row.since if row.since and (row.ends_at is None or now < row.ends_at) else None,
        reason=BrakeReason(row.reason),
        words=row.words,
        ends_at=row.ends_at,
        better_since=row.better_since,
        off_at=row.better_since + CALM_MS if row.better_since is not None else None,
        rests_until=row.rests_until,
        open=load.open,
        closed=load.closed,
        oldest_at=_oldest_at(load.urgent_due_at),
    )


def _oldest_at(due_at: int | None) -> int | None:
    """When what is urgent and due at that time came."""
    return None if due_at is None else due_at - URGENT_MS


async def _load(now: int) -> Load:
    return await queries.load(now - clock.DAY_MS, weights.VOUCHED, EACH, now)


def reason(load: Load, now: int) -> BrakeReason | None:
    """Why the brake has to be on, None when it need not; ``now`` in Unix milliseconds."""
    if load.urgent_due_at is not None and load.urgent_due_at < now:
        return BrakeReason.URGENT
    return BrakeReason.BACKLOG if load.open >= BACKLOG and load.open > load.closed else None


def is_better(load: Load, now: int) -> bool:
    """Whether everything is down to half of what switches the brake on."""
    waits = 0 if load.urgent_due_at is None else now - (load.urgent_due_at - URGENT_MS)
    return waits <= URGENT_MS // 2 and (load.open < BACKLOG // 2 or 2 * load.open <= load.closed)


@retried
async def look() -> None:
    """Switches the brake as the clock wants it. Safe to repeat, by several processes: one of them switches."""
    now = clock.now()
    row, load = await queries.brake() or _OFF, await _load(now)
    if row.since is None:
        if now >= row.rests_until and (found := reason(load, now)) is not None:
            await _switch_on(row, found, now)
    elif row.ends_at is not None:
        if now >= row.ends_at:
            await _switch_off(row, END)
    elif not is_better(load, now):
        if row.better_since is not None:
            await _write(row._replace(better_since=None))
    elif row.better_since is None:
        await _write(row._replace(better_since=now))
    elif now - row.better_since >= CALM_MS:
        await _switch_off(row, CAUGHT_UP)


async def ended(event: BrakeEnds) -> None:
    """The time for which somebody has switched it on is over. Void once it was switched since."""
    row = await queries.brake()
    if row is not None and row.version == event.version and row.since is not None:
        await _switch_off(row, END)


async def switch_on(viewer: Viewer, words: str, hours: int | None) -> None:
    """Switches it on for some hours, with words that everybody reads.

    Errors: ``SignedOut``, ``NotFound``, ``Forbidden``, ``Conflict``, ``Invalid`` with the fields ``words``, ``hours``.
    """
    access.require(permissions.may_brake(viewer))
    await switch_on_by_command(words, hours)


@retried
async def switch_on_by_command(words: str, hours: int | None) -> None:
    """The same for whoever works on the server itself. Errors: ``Invalid``, ``Conflict``."""
    words, problem = public_words.checked(words)
    collect(words=problem, hours=None if hours in HOURS else Invalid("Choose for how long."))
    assert hours is not None
    row, now = await queries.brake() or _OFF, clock.now()
    ends_at = now + hours * clock.HOUR_MS
    if row.since is not None or not await _switch_on(row, BrakeReason.HAND, now, words=words, ends_at=ends_at):
        raise Conflict("The brake is on already.")


async def switch_off(viewer: Viewer) -> None:
    """Switches it off; for REST_MS the clock does not switch it on again.

    Errors: ``SignedOut``, ``NotFound``, ``Forbidden``, ``Conflict`` when it is off.
    """
    access.require(permissions.may_brake(viewer))
    await switch_off_by_command()


@retried
async def switch_off_by_command() -> None:
    """The same for whoever works on the server itself. Errors: ``Conflict``."""
    row = await queries.brake()
    if row is None or row.since is None:
        raise Conflict("The brake is off already.")
    if not await _switch_off(row, BrakeReason.HAND.name.lower(), rests_until=clock.now() + REST_MS):
        raise Conflict("The brake was switched meanwhile. Look at it again.")


async def _switch_on(row: BrakeRow, why: BrakeReason, now: int, *, words: str = "", ends_at: int | None = None) -> bool:
    async with DB.writing():
        new = row._replace(since=now, reason=why, words=words, ends_at=ends_at, better_since=None, rests_until=0)
        if written := await _write(new):
            await public_log.add_switch(public_log.BRAKE_ON, why.name.lower(), words, ends_at)
            if ends_at is not None:
                await events.record(BrakeEnds(row.version + 1), ends_at - now)
    return written


async def _switch_off(row: BrakeRow, why: str, *, rests_until: int = 0) -> bool:
    async with DB.writing():
        new = row._replace(since=None, words="", ends_at=None, better_since=None, rests_until=rests_until)
        if written := await _write(new):
            await public_log.add_switch(public_log.BRAKE_OFF, why)
    return written


async def _write(row: BrakeRow) -> bool:
    """False when somebody else has changed it since it was read."""
    written = await queries.set_brake(row._replace(version=row.version + 1))
    if written:
        DB.after_commit(brake.forget)
    return written
