"""Pauses in long background work, so that requests get the event loop, the write lock and the processor."""

import asyncio
from time import perf_counter


class Pace:
    """Work that rests for as long as it takes."""

    def __init__(self) -> None:
        self._since = perf_counter()

    async def step(self) -> None:
        """Within a transaction: lets others onto the event loop, where SQLite's statements run."""
        await asyncio.sleep(0)

    async def rest(self) -> None:
        """Between two transactions: pauses for as long as it is since the last pause."""
        await asyncio.sleep(perf_counter() - self._since)
        self._since = perf_counter()
