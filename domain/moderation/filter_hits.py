"""What filters have found, as moderators read it: how much, and one by one."""

import msgspec

from db.queries import filter_hits as queries
from domain.core import access, clock, cursors, ids, permissions
from domain.core.access import Viewer
from domain.core.cursors import SIZE, Page
from domain.core.pacing import Pace
from domain.moderation.filter_kinds import HitMode

KEPT_DAYS = 30
# Hits that are deleted in one statement.
BATCH = 500


class Failures(msgspec.Struct, frozen=True):
    """For how many posts a filter could not be evaluated, and when it was so last (Unix milliseconds)."""

    posts: int
    last_at: int


class ListedHit(msgspec.Struct, frozen=True):
    """A hit. ``handle`` is that of the author of a post that anybody may see, "" for others; ``post`` is None for one
    that was not sent, ``case`` what it has led to. ``at`` in Unix milliseconds.
    """

    mode: HitMode
    at: int
    post: int | None
    handle: str
    case: int | None


async def of_last_day(viewer: Viewer) -> dict[int, int]:
    """How many hits each filter has had in 24 hours. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    return await queries.since(ids.first(clock.now() - clock.DAY_MS))


async def failures(viewer: Viewer) -> dict[int, Failures]:
    """Filters that fail for some posts, as they are now. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    found = await queries.failures(ids.first(clock.now() - KEPT_DAYS * clock.DAY_MS))
    return {filter_: Failures(row.posts, ids.time_of(row.last)) for filter_, row in found.items()}


async def last(viewer: Viewer, filter_: int, cursor: str = "") -> Page[ListedHit]:
    """The hits of a filter, newest first. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    rows = await queries.last(filter_, cursors.below(cursor), SIZE + 1)
    found = [
        ListedHit(HitMode(row.mode), ids.time_of(row.id), row.post, row.handle or "", row.mod_case)
        for row in rows[:SIZE]
    ]
    return Page(found, cursors.after(rows[SIZE - 1].id) if len(rows) > SIZE else "")


async def forget_old() -> int:
    """Deletes hits that were kept for long enough. Returns how many."""
    pace, forgotten = Pace(), 0
    before = ids.first(clock.now() - KEPT_DAYS * clock.DAY_MS)
    while gone := await queries.forget(before, BATCH):
        forgotten += gone
        await pace.rest()
    return forgotten
