"""Wakes a worker loop when there is work, instead of waiting for the next poll."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from domain.core.outages import DATABASE_STATUS

# How long to sleep when nobody calls: another process may have put something down. A post must reach its followers
# within a second.
POLL_SECONDS = 0.25


class Wakeup:
    """Called when something is on disk: ``DB.after_commit`` takes it as it is."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Event] = []

    def __call__(self) -> None:
        for woken in self._waiting:
            woken.set()

    async def run(self, step: Callable[[], Awaitable[int]], failed: str) -> None:
        """Takes steps for ever: the next at once while one finds something, else at a call. An error is logged as
        ``failed`` and ends nothing."""
        woken = asyncio.Event()
        self._waiting.append(woken)

        async def take_step() -> None:
            if not await step():
                await _sleep(woken)

        try:
            while True:
                if not await DATABASE_STATUS.tolerate(take_step(), failed):
                    await asyncio.sleep(1)
        finally:
            self._waiting.remove(woken)


async def _sleep(woken: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        # Not wait_for, which on Python 3.11 may swallow the cancellation that ends this task.
        async with asyncio.timeout(POLL_SECONDS):
            await woken.wait()
    woken.clear()
