"""What one process at a time may do: it holds a lease meanwhile, which ends by itself when the process does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from secrets import token_hex

import structlog

from db.queries import leases as queries
from domain.core import clock
from domain.core.errors import Refused

LOG = structlog.get_logger()
SECONDS = 15


class Lost(Refused):
    """It ended, because this process stood still or the database was away for too long, and another has it."""

    code = "lease-lost"


class Lease:
    """A claim on something by its name; every object is a holder of its own."""

    def __init__(self, name: str) -> None:
        self._name, self._holder, self._lost = name, token_hex(8), False

    async def take(self) -> bool:
        """Takes it or holds on to it, for ``SECONDS`` more; False while it is another's."""
        now = clock.now()
        return await queries.take(self._name, self._holder, now + SECONDS * 1000, now)

    async def give_back(self) -> None:
        await queries.give_back(self._name, self._holder)

    @contextlib.asynccontextmanager
    async def held(self, patience: float = 0) -> AsyncIterator[bool]:
        """Holds it while the block runs. Gives whether it could be had within so many seconds.

        Errors: ``Lost``, which ends the block.
        """
        deadline = asyncio.get_running_loop().time() + patience
        while not await self.take():
            if asyncio.get_running_loop().time() >= deadline:
                yield False
                return
            await asyncio.sleep(0.2)
        holder = asyncio.current_task()
        assert holder is not None
        self._lost = False
        renewing = asyncio.create_task(self._renew(holder))
        try:
            yield True
        except asyncio.CancelledError:
            if self._lost:
                holder.uncancel()
                raise Lost("Another process has taken over what this one was doing.") from None
            raise
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            # It ends by itself too.
            with contextlib.suppress(Exception):
                await self.give_back()

    async def _renew(self, holder: asyncio.Task[object]) -> None:
        """Ends when it is another's, and has the holder stop. While the database is away nobody can take it."""
        while True:
            await asyncio.sleep(SECONDS / 3)
            try:
                self._lost = not await self.take()
            except Exception as error:  # noqa: BLE001 - whatever a driver says, it is tried again
                LOG.warning("lease.not_renewed", name=self._name, error=type(error).__name__)
            if self._lost:
                holder.cancel()
                return
