"""Tells operators by mail when the database is out, or the disk almost full."""

import asyncio

import structlog

from domain.accounts import network
from domain.core import clock
from domain.core.outages import STATUS
from domain.keeping import records
from settings import Settings
from web import alarms

LOG = structlog.get_logger()

# How often it is looked, in seconds.
LOOK = 10.0
# An outage is told of when it has lasted so long, and once in so long, in milliseconds.
LASTING_MS, AGAIN_MS = 60_000, 24 * 3_600_000


class Watch:
    """One in a process that works in the background."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Read while the database can be read.
        self._operators: list[tuple[str, str]] = []
        self._told_at = 0

    async def run(self) -> None:
        """Looks for ever."""
        while True:
            try:
                await self.look()
            except Exception as error:
                if STATUS.refusal(error) is None:
                    LOG.exception("watch.failed")
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
        elif now - STATUS.since > LASTING_MS and now - self._told_at > AGAIN_MS:
            # Noted here and not in the database, which can't be written.
            self._told_at = now
            await alarms.outage(self._settings, STATUS.outage, STATUS.since, self._operators)
