"""Replication: what is written here is in the backup's repository a few seconds later.

One process at a time does it. A change is forgotten here when its segment is there, not before; one that comes twice
does no harm, for a segment has whole rows.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import structlog

from db.engine import DB
from db.queries import backups as queries
from domain.core import clock
from domain.core.leases import Lease, Lost
from ops.backup import batches, replication_state, repository, segment_log
from ops.backup.batches import Batch
from ops.backup.errors import Problem, StoreBusy
from ops.backup.manifest import Chain
from ops.backup.pictures import PictureUploader
from ops.backup.repository import Repository
from ops.backup.sealing import Recipients

LOG = structlog.get_logger()

LEASE = "replicator"
# How often it looks, and what it leaves between two batches for others who want the lease, in seconds; and how often it
# says that there was nothing.
LOOK, BETWEEN, SAY_MS = 2.0, 0.5, 20_000
# How often it asks whether another host has taken over, in seconds.
ALONE = 60
# The store is given less time than a backup gives it: the next look comes soon.
PATIENCE = 10


@contextlib.asynccontextmanager
async def still() -> AsyncIterator[None]:
    """The chain does not grow while the block runs. Errors: ``StoreBusy``."""
    async with Lease(LEASE).held(patience=60) as had:
        if not had:
            raise StoreBusy("Replication does not pause: is its store away?")
        yield


class Replicator:
    """Copies to one repository. ``run`` for ever, or ``catch_up`` once."""

    def __init__(self, url: str, recipients: Recipients) -> None:
        self._repository, self._recipients = Repository(url, PATIENCE), recipients
        self._lease = Lease(LEASE)
        self._checked = -float(ALONE)

    async def run(self) -> None:
        """Looks for ever; what fails is logged once and tried again."""
        problem = ""
        while True:
            try:
                more = await self._copy_if_due()
                problem = ""
            except (Problem, Lost) as error:
                if str(error) != problem:
                    LOG.error("replication.failed", problem=str(error))
                problem, more = str(error), False
            except Exception:
                LOG.exception("replication.broken")
                more = False
            await asyncio.sleep(BETWEEN if more else LOOK)

    async def _copy_if_due(self) -> bool:
        """Copies a batch, if there is something and nobody else is at it. Whether there may be more."""
        row = await queries.replication_state()
        if row is None or not (await queries.pending() or clock.now() - row.copied_at > SAY_MS):
            return False
        # Not held while there is nothing to do: a backup that begins waits for it.
        async with self._lease.held() as had:
            return had and await self.step()

    async def catch_up(self) -> None:
        """Copies all there is; whoever calls holds the lease. Errors: ``Problem``."""
        while await self.step():
            pass

    async def step(self) -> bool:
        """Copies one batch. Whether there may be more. Errors: ``Problem``."""
        moment, end = clock.now(), await replication_state.end(self._repository.name)
        if end is None:
            return False
        if time.monotonic() - self._checked >= ALONE:
            await replication_state.check_alone(self._repository)
            self._checked = time.monotonic()
        if not await queries.pending():
            await queries.caught_up(moment, SAY_MS // 2)
            return False
        batch = await batches.collect()
        # Asked for each time: what was there once may have been removed with old backups.
        await PictureUploader(self._repository, self._recipients).bring(batch.pictures)
        more = not await self._append(batch, end) or batch.full
        if not more:
            await queries.caught_up(moment, 0)
        return more

    async def _append(self, batch: Batch, end: Chain) -> bool:
        """Whether the batch is in the chain now; else it comes again."""
        raw, after = await segment_log.forge(batch, end, self._recipients)
        done = batch.ids
        if not await self._repository.put(repository.segment(after.writer, after.number), raw):
            # This one, whose answer was lost, or one of before a stop: what is in it is not known here any more.
            found = await segment_log.adopt(self._repository, end)
            after, done = found, batch.ids if found == after else []
        async with DB.writing():
            if not await queries.advance(after.writer, after.number, after.head):
                return False
            await queries.drop(done)
        return bool(done)
