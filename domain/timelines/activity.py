"""Which members read home. Those who have not for long get no copies of new posts until they open it again.

Their states are those of ``db.tables.timelines.HomeState``. A member who is idle, or whose timeline is being filled,
has everything below the floor: each page is put together when it is read.
"""

from db.engine import DB
from db.queries import home_activity as queries
from db.queries import timeline_filling, timelines
from db.queries.home_activity import NOTHING_READY
from db.tables.timelines import HomeState
from domain.backups import optional_writes
from domain.core import clock, events, ids
from domain.core.access import Viewer
from domain.core.events import HomeOpened
from domain.core.pacing import Pace
from domain.core.retries import retried

# How exact "last opened" is: two writes a day and member, and one read an hour in each process.
WRITTEN_MS, READ_MS = clock.DAY_MS // 2, clock.HOUR_MS
# Members found idle per statement; each is retired in a transaction of its own.
BATCH = 200

# When this process last saw that a member's row is recent enough, in Unix milliseconds.
_SEEN: dict[int, int] = {}
MOST_SEEN = 100_000


async def opened(viewer: Viewer) -> int:
    """Notes that a member reads home. Returns the floor of their timeline, as it is now.

    From this moment on copies are made for them. If they were idle, ``HomeOpened`` has the worker fill their timeline.
    """
    now = clock.now()
    if viewer.home.floor < NOTHING_READY and 0 <= now - _SEEN.get(viewer.id, 0) < READ_MS:
        return viewer.home.floor
    found = await queries.activity(viewer.id)
    is_noted = found is not None and found.state is not HomeState.IDLE and found.opened_at >= now - WRITTEN_MS
    if not is_noted and (is_noted := await optional_writes.attempt(lambda: _note(viewer.id, now))):
        found = await queries.activity(viewer.id)
    if found is not None and found.state is not HomeState.READY:
        return NOTHING_READY
    if is_noted:
        if len(_SEEN) >= MOST_SEEN:
            _SEEN.clear()
        _SEEN[viewer.id] = now
    return viewer.home.floor


@retried
async def _note(account: int, now: int) -> None:
    async with DB.writing():
        if await queries.opened(account, now, now - WRITTEN_MS) is HomeState.FILLING:
            await events.record(HomeOpened(account))


async def retire_idle(days: int) -> None:
    """Ends the copies of members who have not opened home for ``days``, and drops those that they have."""
    since = clock.now() - days * clock.DAY_MS
    last, pace = 0, Pace()
    # Whoever joined after that has had no time to stay away.
    while found := await queries.unread_since(last, ids.first(since), since, BATCH):
        for account in found:
            await _retire(account, since)
            await pace.rest()
        last = found[-1]


@retried
async def _retire(account: int, since: int) -> None:
    async with DB.writing():
        # Locked before its activity and the rows of its timeline.
        await timelines.floor(account)
        if await queries.retire(account, since):
            await timeline_filling.set_floor(account, NOTHING_READY)
            await timelines.clear(account)
