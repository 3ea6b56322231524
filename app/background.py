"""What a process does besides answering: the outbox and the clock."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from app import schedule
from app.wiring import reactions
from app.worker import Worker
from settings import Settings


@contextlib.asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs an endless task while the block runs."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[None]:
    """Drains the outbox and sweeps by the clock while the block runs; the database must be open."""
    worker = Worker(reactions(settings))
    worker.start()
    try:
        async with running(schedule.run(settings)):
            yield
    finally:
        await worker.stop()
