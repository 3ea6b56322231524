"""Drains the outbox: takes what is due, runs its reactions, and forgets it in the same transaction.

Leased events run outside any transaction, and come back when the process dies in between. Several workers share one
outbox: SQLite lets one at a time in, PostgreSQL skips locked rows.
"""

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from app.tasks import running
from app.wiring import Reaction
from db.engine import DB, Row
from db.queries import outbox
from domain.core import clock, events
from domain.core.events import Event
from domain.keeping.handover import STANCE

LOG = structlog.get_logger()

BATCH = 40
LEASE_MS = 120_000
# Leased events worked on at a time in one process: a slow mail server must not hold up the posts.
AT_ONCE = 4
# A failed event is tried again after 1, 4, 16... seconds, at most an hour apart; after 20 tries it is kept for an
# operator to look at.
ATTEMPTS = 20
NEVER = clock.LAST


def _delay_ms(attempts: int) -> int:
    return int(min(1000 * 4**attempts, 3_600_000))


class Worker:
    """One task in a process. ``reactions`` comes from app/wiring.py."""

    def __init__(self, reactions: Mapping[type[Event], Sequence[Reaction]]) -> None:
        self._reactions = reactions
        self._task: asyncio.Task[None] | None = None
        self._leased: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._task = asyncio.create_task(events.RECORDED.answer(self.drain, "outbox.failed"), name="outbox")

    async def stop(self) -> None:
        """Ends at once: what was in hand is undone, or comes back when its lease is over."""
        tasks = [task for task in (self._task, *self._leased) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def settle(self) -> None:
        """Waits for the leased events in hand."""
        while self._leased:
            await asyncio.gather(*self._leased)

    async def drain(self) -> int:
        """Works on one batch. Returns how many events it took."""
        if STANCE.still or not await outbox.any_due(clock.now()):
            return 0
        leased: list[tuple[Row, Event]] = []
        async with DB.writing():
            rows = await outbox.take(clock.now(), BATCH)
            done: list[int] = []
            for row in rows:
                event = self._decode(row)
                if event is None:
                    await outbox.later(row[0], NEVER, row[3], "unknown event")
                elif event.leased and len(self._leased) + len(leased) >= AT_ONCE:
                    await outbox.later(row[0], clock.now() + 1000, row[3], None)
                elif event.leased:
                    await outbox.later(row[0], clock.now() + LEASE_MS, row[3], None)
                    leased.append((row, event))
                elif await self._inside(row, event):
                    done.append(row[0])
                # The statements above run on the event loop: let pages through between two events.
                await asyncio.sleep(0)
            await outbox.done(done)
        for row, event in leased:
            task = asyncio.create_task(self._under_lease(row, event))
            self._leased.add(task)
            task.add_done_callback(self._leased.discard)
        return len(rows)

    def _decode(self, row: Row) -> Event | None:
        try:
            return events.decode(row[1], row[2])  # type: ignore[no-any-return]
        except (KeyError, ValueError):
            LOG.error("outbox.unknown", kind=row[1], id=row[0])
            return None

    async def _react(self, event: Event) -> None:
        for reaction in self._reactions.get(type(event), ()):
            await reaction(event)

    async def _inside(self, row: Row, event: Event) -> bool:
        try:
            async with DB.savepoint():
                await self._react(event)
        except Exception as error:  # noqa: BLE001 - one event's failure must not stop the others
            await self._failed(row, error)
            return False
        return True

    async def _under_lease(self, row: Row, event: Event) -> None:
        try:
            async with running(self._renew(row)):
                await self._react(event)
        except Exception as error:  # noqa: BLE001 - one event's failure must not stop the others
            await self._failed(row, error)
        else:
            await outbox.done([row[0]])

    async def _renew(self, row: Row) -> None:
        """Keeps others off an event that takes long."""
        while True:
            await asyncio.sleep(LEASE_MS / 2000)
            await outbox.later(row[0], clock.now() + LEASE_MS, row[3], None)

    async def _failed(self, row: Row, error: Exception) -> None:
        # The error's text may quote what people wrote: its kind is enough to find the place.
        attempts = row[3] + 1
        LOG.warning("outbox.retry", kind=row[1], id=row[0], attempts=attempts, error=type(error).__name__)
        due = NEVER if attempts >= ATTEMPTS else clock.now() + _delay_ms(attempts - 1)
        await outbox.later(row[0], due, attempts, type(error).__name__)
