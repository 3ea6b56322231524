"""Whether the database can be read and written, and what people and operators are told when it can't."""

import asyncio
import shutil
from collections.abc import Awaitable
from pathlib import Path

import structlog

from db import outage
from db.queries import health
from domain.core import clock, errors
from domain.core.translatable import N_
from domain.core.units import MB

LOG = structlog.get_logger()

Outage = outage.Outage

# How often disk space is looked at, and the database too while something is wrong, in seconds.
LOOK = 2.0
# How often the database is written to while nothing is wrong, in milliseconds.
PROBE_MS = 15_000
# In bytes. Below the first the disk counts as full, since there must be room for what is written before the next look;
# below the second operators are warned.
LEAST_FREE, LOW = 16 * MB, 512 * MB

WORDS = {
    Outage.AWAY: N_("The network’s database does not answer just now, so nothing was saved. Try again in a moment."),
    Outage.FULL: N_("The server’s disk is full, so nothing was saved. Try again in a few minutes."),
}
WAIT = {Outage.AWAY: 5, Outage.FULL: 60}


class Interrupted(errors.ServiceUnavailable):
    """The database is away or full."""

    code = "interrupted"

    def __init__(self, found: Outage) -> None:
        super().__init__(WORDS[found])
        self.retry_after = WAIT[found]


class DatabaseStatus:
    """What this process knows of its database and disk: the ``outage``, if there is one, ``since`` when (in Unix
    milliseconds), and how much is ``free`` on the disk of the data folder (in bytes, None before the first look)."""

    def __init__(self) -> None:
        self.outage: Outage | None = None
        self.since = 0
        self.free: int | None = None
        self._folder: Path | None = None
        self._embedded = False
        self._probed_at = 0

    @property
    def low(self) -> bool:
        """Whether operators should make room on the disk."""
        return self.free is not None and self.free < LOW

    def forget(self) -> None:
        """Takes the database for well until something else is found."""
        self.outage, self.free, self._probed_at = None, None, 0

    def refusal(self, error: BaseException) -> Interrupted | None:
        """The answer where ``error`` was raised, None when the database is not to blame. An outage is noted."""
        found = outage.of(error)
        if found is None:
            return None
        self._note(found, type(error).__name__)
        return Interrupted(found)

    async def tolerate(self, work: Awaitable[object], failed: str) -> bool:
        """Does one round of what is done again and again: an outage is noted, any other error is logged as ``failed``.

        Returns whether it went well.
        """
        try:
            await work
        except Exception as error:
            if self.refusal(error) is None:
                LOG.exception(failed)
            return False
        return True

    def watch(self, folder: Path, embedded: bool) -> None:
        """Names the data folder, whose disk is looked at. ``embedded``: the database is in it."""
        self._folder = next(one for one in (folder, *folder.absolute().parents) if one.exists())
        self._embedded = embedded

    async def keep_fresh(self) -> None:
        """Refreshes every few seconds, for ever."""
        while True:
            await self.tolerate(self.refresh(), "database.refresh_failed")
            await asyncio.sleep(LOOK)

    async def refresh(self) -> None:
        """Looks at the disk, and writes a row if that was long ago or failed. Errors: any but outages."""
        if self._folder is not None:
            self.free = shutil.disk_usage(self._folder).free
            if self._embedded and self.free < LEAST_FREE:
                self._note(Outage.FULL, "no space left")
                return
        if self.outage is None and clock.now() - self._probed_at < PROBE_MS:
            return
        try:
            await health.write(clock.now())
        except Exception as error:
            if self.refusal(error) is None:
                raise
        else:
            self._probed_at = clock.now()
            self._note(None)

    def _note(self, found: Outage | None, why: str = "") -> None:
        if found is self.outage:
            return
        if found:
            LOG.error("database.outage", outage=found, error=why)
        else:
            LOG.info("database.back", outage=self.outage)
        self.outage, self.since = found, clock.now()


DATABASE_STATUS = DatabaseStatus()
