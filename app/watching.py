"""Tells operators by mail when the database is out, or the disk almost full."""

import asyncio
from pathlib import Path

from adapters.file_lease import FileLease
from domain.accounts import network
from domain.core import clock
from domain.core.outages import STATUS, Outage
from domain.keeping import records
from settings import Settings
from web import alarms

# How often it is looked, in seconds.
LOOK = 10.0
# An outage is told of when it has lasted so long, and once in so long, in milliseconds.
LASTING_MS, AGAIN_MS = 60_000, 24 * 3_600_000
NOTE = "outage-alarm"


class Watch:
    """One in a process that works in the background."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Read while the database can be read.
        self._operators: list[tuple[str, str]] = []
        # The database can't be written then: processes of one machine share a file.
        self._note = FileLease(Path(settings.data, NOTE))

    async def run(self) -> None:
        """Looks for ever."""
        while True:
            await STATUS.tolerate(self.look(), "watch.failed")
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        if not self._settings.smtp_url:
            return
        now = clock.now()
        if STATUS.outage is None:
            await network.about()
            self._operators = await records.operators()
            if STATUS.low:
                await alarms.disk_almost_full(self._settings, STATUS.free or 0)
        elif self._operators and now - STATUS.since > LASTING_MS:
            await self._tell(STATUS.outage, now)

    async def _tell(self, found: Outage, now: int) -> None:
        told = self._note.take(now + records.TELLING_MS, now) and await alarms.outage(
            self._settings, found, STATUS.since, self._operators
        )
        if told:
            self._note.extend(now + AGAIN_MS)
