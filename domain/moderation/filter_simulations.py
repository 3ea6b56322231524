"""Simulations of filters: moderators start one, a worker goes through the posts of the last 30 days, and moderators
read what it found and say which of its hits are wrong.

A filter has one simulation at most, the newest, and one simulation runs at a time. A worker that is killed leaves what
it has counted; the next one goes on from there.
"""

from collections.abc import Collection

import msgspec

from db.engine import DB, ConstraintViolation
from db.queries import simulations as queries
from db.queries.simulations import SampleRow, SimulationRow
from domain.core import access, clock, events, ids, permissions
from domain.core.access import Viewer
from domain.core.blocking import run_blocking
from domain.core.errors import Conflict, Invalid, NotFound
from domain.core.moderation_events import SimulationDue
from domain.core.retries import retried
from domain.moderation import filter_engine, filter_simulation, filter_tally, filters, staff, word_lists
from domain.moderation.filter_kinds import SimulationState
from domain.moderation.filter_tally import Group, Tally

DAYS = 30
# A simulation that has stood still for so long has lost its worker.
STUCK_MS = 30 * clock.MINUTE_MS
# How long one is kept.
KEPT_MS = 30 * clock.DAY_MS


class Simulation(msgspec.Struct, frozen=True):
    """``begun_at`` in Unix milliseconds; ``progress`` from 0 to 1. ``condition`` is what was simulated; ``outdated``:
    the filter, or a list of words that it asks for, says something else by now.

    ``sample`` are some of the hits, those that their authors have not deleted; ``wrong`` of them are said to be wrong.
    """

    run: int
    state: SimulationState
    begun_at: int
    progress: float
    condition: str
    outdated: bool
    tally: Tally
    groups: list[Group]
    sample: list[SampleRow]

    @property
    def wrong(self) -> int:
        return sum(row.wrong for row in self.sample)


@retried
async def start(viewer: Viewer, filter_: int) -> None:
    """Simulates a filter as it is now, in place of its earlier simulation. One that runs goes on.

    Errors: ``SignedOut``, ``NotFound``, ``Conflict`` while that of another filter runs.
    """
    access.require(permissions.may_moderate(viewer))
    now = clock.now()
    since, until = ids.first(now - DAYS * clock.DAY_MS), ids.first(now)
    try:
        async with DB.writing():
            found = await filters.stored(filter_)
            await staff.check_role(viewer)
            await queries.drop_stuck(now - STUCK_MS)
            before, lists = await queries.of_filter(filter_), await word_lists.stamp(found.condition)
            now_running = (SimulationState.RUNNING, found.condition, lists)
            if before is not None and (before.state, before.condition, before.lists) == now_running:
                return
            await queries.drop(filter_)
            run = ids.new()
            tally = msgspec.json.encode(Tally()).decode()
            row = SimulationRow(
                filter_, run, found.condition, SimulationState.RUNNING, since, until, since, tally, now, lists
            )
            await queries.add(row)
            await events.record(SimulationDue(filter=filter_, run=run))
    except ConstraintViolation:
        raise Conflict("Another filter is being simulated. Wait until that has ended, or stop it.") from None


@retried
async def stop(viewer: Viewer, filter_: int) -> None:
    """Forgets a filter's simulation; one that runs ends. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        await staff.check_role(viewer)
        if not await queries.drop(filter_):
            raise NotFound


async def read(viewer: Viewer, filter_: int) -> Simulation | None:
    """A filter's simulation, None if there is none. Errors: ``SignedOut``, ``NotFound`` for the filter."""
    found = await filters.read(viewer, filter_)
    row = await queries.of_filter(filter_)
    if row is None:
        return None
    tally = filter_tally.stored(row.tally)
    sample = await queries.sample(filter_) if row.state == SimulationState.DONE else []
    state = SimulationState(row.state)
    outdated, groups = not await word_lists.is_simulated(row, found.condition), filter_tally.groups(tally)
    return Simulation(
        row.run, state, ids.time_of(row.run), _progress(row), row.condition, outdated, tally, groups, sample
    )


def _progress(row: SimulationRow) -> float:
    return (row.next_post - row.since) / max(1, row.until - row.since)


@retried
async def mark(viewer: Viewer, filter_: int, run: int, wrong: Collection[int]) -> None:
    """Says which of the shown hits are wrong; all others are right.

    Errors: ``SignedOut``, ``NotFound``, ``Conflict`` if the filter was simulated again meanwhile.
    """
    await filters.read(viewer, filter_)
    async with DB.writing():
        await staff.check_role(viewer)
        if not await queries.mark(filter_, run, list(wrong)[: filter_tally.SAMPLE]):
            raise Conflict("This filter has been simulated again meanwhile. Look at it again.")


async def run(event: SimulationDue) -> None:
    """Goes through the posts, and writes down after each batch how far it has come.

    Safe to repeat: it goes on from there. It ends if the simulation is gone, or another worker goes on with it.
    """
    row = await queries.of_filter(event.filter)
    if row is None or row.run != event.run or row.state != SimulationState.RUNNING:
        return
    tally = filter_tally.stored(row.tally)
    if row.next_post == row.since:
        tally = await filter_simulation.begun(row.since, row.until)
    try:
        condition = await run_blocking(filter_engine.compile_alone, row.condition, await word_lists.compiled())
    except Invalid as problem:
        tally.reason = str(problem)
        await _advance(row, SimulationState.FAILED, row.next_post, tally)
        return
    async for next_post in filter_simulation.go_on(condition, tally, row.next_post, row.until):
        state = SimulationState.RUNNING if next_post < row.until else SimulationState.DONE
        if not await _advance(row, state, next_post, tally):
            return
        row = row._replace(next_post=next_post)


@retried
async def _advance(row: SimulationRow, state: SimulationState, next_post: int, tally: Tally) -> bool:
    async with DB.writing():
        written = msgspec.json.encode(tally).decode()
        if not await queries.advance(row, state, next_post, written, clock.now()):
            return False
        if state is SimulationState.DONE:
            await queries.add_hits(row.filter, tally.sample)
    return True


async def forget_old() -> None:
    """Deletes simulations that are over for some time."""
    await queries.drop_old(clock.now() - KEPT_MS)
