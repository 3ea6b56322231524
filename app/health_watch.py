"""Mails operators when the database is out or the disk almost full."""

import asyncio
from pathlib import Path

from adapters.file_lease import FileLease
from domain.accounts import network_profile
from domain.backups import history
from domain.core import clock
from domain.core.outages import DATABASE_STATUS, Outage
from settings import Settings
from web import operator_mails

# How often it is looked, in seconds.
LOOK = 10.0
# An outage is told of when it has lasted so long, and once in so long, in milliseconds.
LASTING_MS, AGAIN_MS = 60_000, 24 * 3_600_000
NOTE = "outage-alarm"


class HealthWatch:
    """One in a process that works in the background."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Read while the database can be read.
        self._operators: list[history.Operator] = []
        # The database can't be written then: processes of one machine share a file.
        self._note = FileLease(Path(settings.data, NOTE))

    async def run(self) -> None:
        """Checks every few seconds, for ever."""
        while True:
            await DATABASE_STATUS.tolerate(self.check(), "watch.failed")
            await asyncio.sleep(LOOK)

    async def check(self) -> None:
        """Mails operators about an outage that lasts, or a disk that is almost full."""
        if not self._settings.smtp_url:
            return
        now = clock.now()
        if DATABASE_STATUS.outage is None:
            await network_profile.about()
            self._operators = await history.operators()
            if DATABASE_STATUS.low:
                await operator_mails.disk_almost_full(self._settings, DATABASE_STATUS.free or 0)
        elif self._operators and now - DATABASE_STATUS.since > LASTING_MS:
            await self._tell(DATABASE_STATUS.outage, now)

    async def _tell(self, found: Outage, now: int) -> None:
        told = self._note.take(now + history.TELLING_MS, now) and await operator_mails.outage(
            self._settings, found, DATABASE_STATUS.since, self._operators
        )
        if told:
            self._note.extend(now + AGAIN_MS)
