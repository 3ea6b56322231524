"""What one process at a time may do: it holds a lease meanwhile, which ends by itself when the process does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from secrets import token_hex

from db.queries import leases as queries
from domain.core import clock

SECONDS = 15


class Lease:
    """A claim on something by its name; every object is a holder of its own."""

    def __init__(self, name: str) -> None:
        self._name, self._holder = name, token_hex(8)

    async def take(self) -> bool:
        """Takes it or holds on to it, for ``SECONDS`` more; False while it is another's."""
        now = clock.now()
        return await queries.take(self._name, self._holder, now + SECONDS * 1000, now)

    async def give_back(self) -> None:
        await queries.give_back(self._name, self._holder)

    @contextlib.asynccontextmanager
    async def held(self, patience: float = 0) -> AsyncIterator[bool]:
        """Holds it while the block runs. Gives whether it could be had within so many seconds."""
        deadline = asyncio.get_running_loop().time() + patience
        while not await self.take():
            if asyncio.get_running_loop().time() >= deadline:
                yield False
                return
            await asyncio.sleep(0.2)
        renewing = asyncio.create_task(self._renew())
        try:
            yield True
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            await self.give_back()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(SECONDS / 3)
            await self.take()
