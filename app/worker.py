"""Drains the outbox: takes what is due, runs its reactions, and deletes it.

Short events are deleted in the transaction in which their reactions run. Leased events run outside any transaction,
under a claim that expires, and come back when the process dies in between. Several workers share one outbox: SQLite
lets one at a time in, PostgreSQL skips locked rows.
"""

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from app.wiring import Reaction
from db.engine import ABORTED, DB
from db.queries import outbox
from db.queries.outbox import EventRow
from db.tables.outbox import Lane
from domain.backups.handover import SITE_MODE
from domain.core import claims, clock, dead_letters, event_names, events, ids, leases
from domain.core.claims import Claim
from domain.core.event import Event
from domain.core.leases import Lost

LOG = structlog.get_logger()

# Short events in one pass, before leased ones are looked for.
PASS = 40
LEASE_MS = 120_000
# Leased events worked on at a time in one process: a slow mail server must not hold up the posts.
AT_ONCE = 4
# A transaction that the database ended is tried so often in all before its event counts as failed.
TRIES = 3
# A failed event is tried again after 1, 4, 16... seconds, at most an hour apart; after 20 tries it is kept for an
# operator to look at.
ATTEMPTS = 20
NEVER = dead_letters.NEVER
# How long to wait before the outcome of a leased event is written down again, in seconds, when that failed.
AGAIN_SECONDS = 1.0


def _delay_ms(attempts: int) -> int:
    return int(min(1000 * 4**attempts, 3_600_000))


class Worker:
    """A task of this process. ``reactions`` comes from app/wiring.py; ``lease_ms``: how long a claim lasts.

    >>> worker = Worker(wiring.reactions_by_event(settings))
    >>> worker.start()
    """

    def __init__(self, reactions: Mapping[type[Event], Sequence[Reaction]], lease_ms: int = LEASE_MS) -> None:
        self._reactions = reactions
        self._lease_ms = lease_ms
        self._task: asyncio.Task[None] | None = None
        self._leased: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._task = asyncio.create_task(events.RECORDED.run(self.drain, "outbox.failed"), name="outbox")

    async def stop(self) -> None:
        """Cancels the task: a short event is rolled back, a leased one is due again when its lease ends."""
        tasks = [task for task in (self._task, *self._leased) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def settle(self) -> None:
        """Waits for the leased events in hand."""
        while self._leased:
            await asyncio.gather(*self._leased)

    async def drain(self) -> int:
        """Works on some short events and begins some leased ones. Returns how many it took."""
        return 0 if SITE_MODE.writes_stopped else await self._short() + await self._long()

    async def _short(self) -> int:
        """Works on short events, about PASS of them."""
        if not await outbox.any_due(Lane.SHORT, clock.now()):
            return 0
        total, took = 0, 1
        while took and total < PASS:
            took = await self._transaction()
            total += took
        return total

    async def _transaction(self) -> int:
        """Works on some short events; tries again, with one alone, when the database ends the transaction."""
        rows: list[EventRow] = []
        for left in reversed(range(TRIES)):
            rows = []
            try:
                async with DB.writing():
                    rows = await self._take(alone=left < TRIES - 1)
                    for row in rows:
                        await self._within(row, alone=len(rows) == 1)
                break
            except Exception as error:
                if isinstance(error, ABORTED) and left:
                    LOG.info("outbox.aborted", kind=rows[0].kind if rows else "", error=type(error).__name__)
                    continue
                if len(rows) != 1:
                    raise
                await outbox.put_off(rows[0].id, rows[0].attempts, *self._failed(rows[0], error))
                break
        return len(rows)

    async def _take(self, *, alone: bool) -> list[EventRow]:
        """The events of one transaction.

        On SQLite as many as there are. Where several workers write at a time locks are held until the commit: those of
        one event are taken in one order, those of many would not be (docs/architecture.md, Lock order), so that an
        event goes with others only where its kind allows it.
        """
        now = clock.now()
        if DB.dialect == "sqlite":
            return await outbox.take(now, 1 if alone else PASS)
        rows = await outbox.take(now, 1)
        if rows and rows[0].kind in BATCHED and not alone:
            rows += await outbox.take_of(now, BATCHED, rows[0].id, PASS - 1)
        return rows

    async def _within(self, row: EventRow, *, alone: bool) -> None:
        """Works on an event; when it is one of several, its failure does not undo the others."""
        if alone:
            await self._work_on(row)
            return
        try:
            async with DB.savepoint():
                await self._work_on(row)
        except ABORTED:
            raise
        except Exception as error:  # noqa: BLE001 - one event's failure must not stop the others
            await outbox.put_off(row.id, row.attempts, *self._failed(row, error))
        # The statements above run on the event loop: let pages through between two events.
        await asyncio.sleep(0)

    async def _work_on(self, row: EventRow) -> None:
        event = self._decode(row)
        if event is None:
            await outbox.put_off(row.id, row.attempts, NEVER, row.attempts, UNKNOWN)
        elif event.leased:
            # Recorded by a version of Parvis that knew of no lanes.
            await outbox.into_leased_lane(row.id)
        else:
            await self._react(event)
            await outbox.done(row.id)

    async def _long(self) -> int:
        """Claims as many leased events as there are free places; the others wait untouched."""
        free, now = AT_ONCE - len(self._leased), clock.now()
        if not free or not await outbox.any_due(Lane.LEASED, now):
            return 0
        token = ids.new()
        rows = await outbox.claim(now, free, now + self._lease_ms, token)
        for row in rows:
            task = asyncio.create_task(self._under_lease(row, Claim(row.id, token, self._lease_ms)))
            self._leased.add(task)
            task.add_done_callback(self._freed)
        return len(rows)

    def _freed(self, task: asyncio.Task[None]) -> None:
        """Looks for the next event at once."""
        self._leased.discard(task)
        events.RECORDED()

    async def _under_lease(self, row: EventRow, claim: Claim) -> None:
        try:
            async with leases.renewing(claim.renew, claim.lease_ms / 1000, row.kind):
                await self._write_down(claim, await self._outcome(row, claim))
        except Lost:
            LOG.warning("outbox.lease_lost", kind=row.kind, id=row.id)

    async def _outcome(self, row: EventRow, claim: Claim) -> tuple[int, int, str] | None:
        """Runs the reactions. Gives None when they went well, else when to try again, the attempts, and the error."""
        event = self._decode(row)
        if event is None:
            return NEVER, row.attempts, UNKNOWN
        try:
            with claims.running_under(claim):
                await self._react(event)
        except Lost:
            raise
        except Exception as error:  # noqa: BLE001 - one event's failure must not stop the others
            return self._failed(row, error)
        return None

    async def _write_down(self, claim: Claim, outcome: tuple[int, int, str] | None) -> None:
        """Retries until the database answers, so that the reactions are not run again. Errors: ``Lost``.

        Once this process has closed the database nothing answers any more: the event is due again when its lease ends.
        """
        while True:
            try:
                return await (claim.complete() if outcome is None else claim.release(*outcome))
            except Lost:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a driver says, it is tried again
                LOG.warning("outbox.not_written_down", id=claim.event, error=type(error).__name__)
                if not DB.is_open:
                    return None
            await asyncio.sleep(AGAIN_SECONDS)

    def _decode(self, row: EventRow) -> Event | None:
        try:
            return events.decode(row.kind, row.payload)
        except (KeyError, ValueError):
            LOG.error("outbox.unknown", kind=row.kind, id=row.id)
            return None

    async def _react(self, event: Event) -> None:
        for reaction in self._reactions.get(type(event), ()):
            await reaction(event)

    def _failed(self, row: EventRow, error: Exception) -> tuple[int, int, str]:
        """When to try again, the attempts so far, and the error's class: its text may quote what members wrote."""
        attempts = row.attempts + 1
        kept = {"kind": row.kind, "id": row.id, "attempts": attempts, "error": type(error).__name__}
        if attempts >= ATTEMPTS:
            LOG.error("outbox.given_up", **kept)
            return NEVER, attempts, type(error).__name__
        LOG.warning("outbox.retry", **kept)
        return clock.now() + _delay_ms(attempts - 1), attempts, type(error).__name__


UNKNOWN = "unknown event"
BATCHED = [stored for name, kind in events.KINDS.items() if kind.batched for stored in event_names.stored(name)]
