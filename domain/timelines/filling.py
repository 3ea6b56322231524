"""Fills the timeline of a member who comes back, while their pages are put together when they are read."""

from db.engine import DB
from db.queries import home_activity, timelines
from db.queries import timeline_filling as queries
from db.tables.timelines import HomeState
from domain.core import clock, ids
from domain.core.events import HomeOpened
from domain.core.pacing import Pace
from domain.core.retries import retried

# Entries copied per transaction.
BATCH = 100
# Where the search for the newest entries begins, in milliseconds back from now; each next step goes four times as far.
FIRST_STEP_MS, WIDER = 2 * 86_400_000, 4


async def fill(event: HomeOpened, length: int) -> None:
    """Copies the newest ``length`` entries into a timeline, then lowers its floor to where it is complete.

    Nothing is lost meanwhile: new posts have been copied since the transaction that recorded the event, whatever was
    published before is read after it, and who is followed meanwhile is brought in by :func:`home.followed`. What was
    taken back, or is no longer followed, is left out. Safe to repeat; void when the member is in another state.
    """
    if not await _is_filling(event.account):
        return
    entries = await _newest(event.account, length + 1)
    # The first one that is left out; 0 when all of them fit.
    floor = entries[length] if len(entries) > length else 0
    pace = Pace()
    for start in range(0, min(len(entries), length), BATCH):
        await _put(event.account, entries[start : start + BATCH][: length - start])
        await pace.rest()
    await _end(event.account, floor, length)


async def _is_filling(account: int) -> bool:
    found = await home_activity.activity(account)
    return found is not None and found.state is HomeState.FILLING


async def _newest(viewer: int, limit: int) -> list[int]:
    """The newest entries that belong in a timeline, newest first.

    Looked for in recent days first: of people who publish much only the newest is wanted.
    """
    step = FIRST_STEP_MS
    while True:
        after = max(0, ids.first(clock.now() - step))
        found = await queries.newest(viewer, after, limit)
        if len(found) == limit or not after:
            return found
        step *= WIDER


@retried
async def _put(viewer: int, entries: list[int]) -> None:
    async with DB.writing():
        await queries.lock_published(entries)
        await timelines.floor(viewer)
        if await _is_filling(viewer):
            await queries.put(viewer, entries)


@retried
async def _end(viewer: int, floor: int, length: int) -> None:
    async with DB.writing():
        await timelines.floor(viewer)
        if await home_activity.filled(viewer):
            await queries.set_floor(viewer, floor)
            # What came in meanwhile, or by a new follow, may be more than a timeline keeps.
            await timelines.trim(viewer, length)
