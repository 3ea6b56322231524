"""Everything a process does besides answering requests: outbox, schedule, pushes, backups."""

import contextlib
from collections.abc import AsyncIterator

from app import schedule
from app.backup_jobs import running_backups
from app.health_watch import HealthWatch
from app.tasks import running
from app.wiring import reactions_by_event
from app.worker import Worker
from domain.media.processor import MediaProcessor
from pwa.push import Sender
from settings import Settings


@contextlib.asynccontextmanager
async def working(settings: Settings, processor: MediaProcessor | None = None) -> AsyncIterator[None]:
    """Drains the outbox, sends pushes and sweeps by the clock while the block runs; the database must be open."""
    worker = Worker(reactions_by_event(settings, processor))
    worker.start()
    try:
        async with (
            running(schedule.run(settings)),
            running(HealthWatch(settings).run()),
            Sender(settings).running(),
            running_backups(settings),
        ):
            yield
    finally:
        await worker.stop()
