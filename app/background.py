"""What a process does besides answering: the outbox, the clock, the copy of every change."""

import contextlib
from collections.abc import AsyncIterator

from app import schedule
from app.keeping import kept
from app.tasks import running
from app.watching import Watch
from app.wiring import reactions
from app.worker import Worker
from domain.media.studio import Studio
from pwa.push import Sender
from settings import Settings


@contextlib.asynccontextmanager
async def working(settings: Settings, studio: Studio | None = None) -> AsyncIterator[None]:
    """Drains the outbox, sends pushes and sweeps by the clock while the block runs; the database must be open."""
    worker = Worker(reactions(settings, studio))
    worker.start()
    try:
        async with (
            running(schedule.run(settings)),
            running(Watch(settings).run()),
            Sender(settings).running(),
            kept(settings),
        ):
            yield
    finally:
        await worker.stop()
