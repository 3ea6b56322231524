"""Counts the posts that a member is shown, and the days on which they read: what levels of trust are earned by.

Only the two numbers are kept. Which posts it was is noted nowhere.
"""

import msgspec

from db.queries import trust as queries
from domain.backups import optional_writes
from domain.core import clock
from domain.core.access import Viewer
from domain.core.retries import retried
from domain.core.trust import TrustLevel

# At most one write in so long for each member in each process, with at most so many posts: more is not read but loaded.
WRITTEN_MS, MOST_READS = 10 * clock.MINUTE_MS, 60
MOST_SEEN = 100_000


class _Unwritten(msgspec.Struct, frozen=True, gc=False):
    """Posts that a member has read since the last write, on ``day`` (days since 1970, UTC) at ``written_at``."""

    reads: int = 0
    day: int = 0
    written_at: int = 0


_SEEN: dict[int, _Unwritten] = {}


async def count(viewer: Viewer, posts: int) -> None:
    """Counts posts of one page. Guests and whoever has nothing left to earn are not counted."""
    if not viewer.signed_in or viewer.trust is TrustLevel.REGULAR:
        return
    now = clock.now()
    before = _SEEN.get(viewer.id, _Unwritten())
    reads, day = min(before.reads + posts, MOST_READS), now // clock.DAY_MS
    unwritten = _Unwritten(reads, before.day, before.written_at)
    if len(_SEEN) >= MOST_SEEN:
        _SEEN.clear()
    if before.day == day and 0 <= now - before.written_at < WRITTEN_MS:
        _SEEN[viewer.id] = unwritten
        return
    # First, so that what another request counts meanwhile is not written twice.
    _SEEN[viewer.id] = _Unwritten(0, day, now)
    if not await optional_writes.attempt(lambda: _write(viewer.id, reads, day)):
        _SEEN[viewer.id] = unwritten


@retried
async def _write(account: int, reads: int, day: int) -> None:
    await queries.read(account, reads, day)
