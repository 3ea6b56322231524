"""Dead letters: events that failed too often, which an operator retries or drops; and the size of the backlog."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from db.engine import DB
from db.queries import dead_letters as queries
from db.queries.dead_letters import Chosen, KindRow
from domain.core import access, clock, event_names, events, ids, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, collect
from domain.core.pacing import Pace

MAX_REASON = 300
# Events of a kind, and dropped ones, that a page shows.
SHOWN = 20
# From when on an event that waits is too late, in milliseconds.
LATE_MS = 10 * 60_000
# Rows of one transaction.
BATCH = 500
# How long it is kept what was dropped, and why, in milliseconds.
KEPT_MS = 365 * 86_400_000
# When an event that gave up is due.
NEVER = clock.LAST


class LaneBacklog(msgspec.Struct, frozen=True):
    """How many events are due, and since when the oldest is, in Unix milliseconds; 0 when none is."""

    due: int
    since: int


class Backlog(msgspec.Struct, frozen=True):
    """``given_up`` events wait for an operator. ``failing`` ones have failed and are tried again.

    ``failing_since``: when the oldest of the latter was recorded, in Unix milliseconds; 0 when there is none.
    """

    short: LaneBacklog
    leased: LaneBacklog
    given_up: int
    failing: int
    failing_since: int

    @property
    def since(self) -> int:
        """Since when the oldest of both lanes is due; 0 when none is."""
        return min((lane.since for lane in (self.short, self.leased) if lane.due), default=0)


class DeadLetter(msgspec.Struct, frozen=True):
    """``at``: when it was recorded, in Unix milliseconds; ``error``: the last error's class."""

    id: int
    at: int
    attempts: int
    error: str


class DeadLetterGroup(msgspec.Struct, frozen=True):
    """``count`` events of a kind that gave up, the oldest recorded at ``since``; ``letters`` are the oldest of them."""

    name: str
    count: int
    since: int
    attempts: int
    error: str
    letters: list[DeadLetter]


class Dropped(msgspec.Struct, frozen=True):
    """``by`` is a handle, "" for the command line or an account that has left."""

    id: int
    kind: str
    attempts: int
    error: str
    at: int
    by: str
    reason: str


class Overview(msgspec.Struct, frozen=True):
    backlog: Backlog
    kinds: list[DeadLetterGroup]
    dropped: list[Dropped]


def age_ms(since: int) -> int:
    """How long ago that was, in milliseconds; 0 for one of the moments above that are 0."""
    return max(0, clock.now() - since) if since else 0


async def backlog() -> Backlog:
    row = await queries.backlog(clock.now(), NEVER)
    return Backlog(
        LaneBacklog(row.short_due, row.short_since or 0),
        LaneBacklog(row.leased_due, row.leased_since or 0),
        row.given_up,
        row.failing,
        ids.time_of(row.failing_id) if row.failing_id else 0,
    )


async def overview(viewer: Viewer) -> Overview:
    """Errors: ``SignedOut``, ``Forbidden``."""
    access.require(permissions.may_manage_events(viewer))
    return Overview(await backlog(), await kinds(), await dropped())


async def kinds() -> list[DeadLetterGroup]:
    """What gave up, by kind; events that were recorded under an old name are among those of the current one."""
    found: dict[str, list[KindRow]] = {}
    for row in await queries.kinds(NEVER):
        found.setdefault(event_names.current(row.kind), []).append(row)
    return [await _group(name, found[name]) for name in sorted(found)]


async def _group(name: str, rows: Sequence[KindRow]) -> DeadLetterGroup:
    newest = max(rows, key=lambda row: row.newest)
    return DeadLetterGroup(
        name=name,
        count=sum(row.total for row in rows),
        since=ids.time_of(min(row.oldest for row in rows)),
        attempts=max(row.attempts for row in rows),
        error=newest.error or "",
        letters=await _letters(name),
    )


async def _letters(kind: str) -> list[DeadLetter]:
    rows = await queries.of_kinds(NEVER, event_names.stored(kind), SHOWN)
    return [DeadLetter(row.id, ids.time_of(row.id), row.attempts, row.error or "") for row in rows]


async def dropped() -> list[Dropped]:
    """The last that were dropped, newest first."""
    return [
        Dropped(
            row.id, event_names.current(row.kind), row.attempts, row.error or "", row.dropped_at, row.handle, row.reason
        )
        for row in await queries.dropped(SHOWN)
    ]


async def retry(viewer: Viewer, kind: str, event: int = 0) -> int:
    """Has one event that gave up (0: all of its kind) tried again. Returns how many.

    Errors: ``SignedOut``, ``Forbidden``; ``Conflict`` when there is none any more.
    """
    access.require(permissions.may_manage_events(viewer))
    return await retry_all(kind, event)


async def retry_all(kind: str, event: int = 0) -> int:
    """The same for the command line."""

    async def some(after: int) -> list[int]:
        DB.after_commit(events.RECORDED)
        return await queries.retry(NEVER, _chosen(kind, event, after), clock.now())

    return _any(await _in_batches(some))


async def drop(viewer: Viewer, kind: str, reason: str, event: int = 0) -> int:
    """Gives up one event (0: all of its kind) for good, and notes who did and why. Returns how many.

    Errors: ``SignedOut``, ``Forbidden``; ``Invalid`` with the field reason; ``Conflict`` when there is none any more.
    """
    access.require(permissions.may_manage_events(viewer))
    return await drop_all(kind, reason, event, viewer.id)


async def drop_all(kind: str, reason: str, event: int = 0, by: int | None = None) -> int:
    """The same for the command line."""
    text_parsing.check_sizes(reason=(reason, MAX_REASON))
    reason = text_parsing.line(reason)
    collect(reason=text_parsing.too_long(reason, MAX_REASON) if reason else Invalid("Say why."))

    async def some(after: int) -> list[int]:
        return await queries.drop(NEVER, _chosen(kind, event, after), clock.now(), by, reason)

    return _any(await _in_batches(some))


def _chosen(kind: str, event: int, after: int) -> Chosen:
    return Chosen(event_names.stored(kind), event, after, BATCH)


async def forget_old() -> None:
    """What was dropped is kept for a year."""

    async def some(_: int) -> list[int]:
        return await queries.forget(clock.now() - KEPT_MS, BATCH)

    await _in_batches(some)


async def _in_batches(some: Callable[[int], Awaitable[list[int]]]) -> int:
    """Repeats work on a few rows behind an id, which gives their ids, each time in a transaction. Returns how many."""
    count = last = 0
    pace = Pace()
    while True:
        async with DB.writing():
            done = await some(last)
        if not done:
            return count
        count, last = count + len(done), max(done)
        await pace.rest()


def _any(count: int) -> int:
    if not count:
        raise Conflict("This event is no longer here.")
    return count
