"""Named leases: what only one process may do at a time. A lease expires when its holder stops."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from secrets import token_hex

import structlog

from db.queries import leases as queries
from domain.core import clock
from domain.core.errors import Refused
from domain.core.translatable import N_

LOG = structlog.get_logger()
SECONDS = 15
LOST = N_("Another process has taken over what this one was doing.")


class Lost(Refused):
    """The lease ended, because this process or the database stopped for too long, and another process has it."""

    code = "lease-lost"

    def __init__(self) -> None:
        super().__init__(LOST)


class Lease:
    """The right to do what a name stands for, which one process at a time has for ``SECONDS``.

    Each time it is taken it has another holder, which is the fencing token: a holder of before can't renew it.
    """

    def __init__(self, name: str) -> None:
        self._name, self._holder = name, ""

    async def take(self) -> bool:
        """Takes it for ``SECONDS``; False while another holder has it."""
        holder, now = token_hex(8), clock.now()
        if not await queries.take(self._name, holder, now + SECONDS * 1000, now):
            return False
        self._holder = holder
        return True

    async def renew(self) -> bool:
        """Extends it by ``SECONDS``; False when it was taken over since it was taken, even if it is free again."""
        return await queries.renew(self._name, self._holder, clock.now() + SECONDS * 1000)

    async def give_back(self) -> None:
        await queries.give_back(self._name, self._holder)

    @contextlib.asynccontextmanager
    async def held(self, patience: float = 0) -> AsyncIterator[bool]:
        """Holds the lease while the block runs; yields False if it was not free within ``patience`` seconds.

        Errors: ``Lost``, which ends the block.

        >>> async with Lease("backup").held(patience=60) as had:
        ...     if not had:
        ...         raise StoreBusy("Another process makes a backup just now.")
        """
        deadline = asyncio.get_running_loop().time() + patience
        while not await self.take():
            if asyncio.get_running_loop().time() >= deadline:
                yield False
                return
            await asyncio.sleep(0.2)
        try:
            async with renewing(self.renew, SECONDS, self._name):
                yield True
        finally:
            # It ends by itself too.
            with contextlib.suppress(Exception):
                await self.give_back()


@contextlib.asynccontextmanager
async def renewing(renew: Callable[[], Awaitable[bool]], seconds: float, name: str) -> AsyncIterator[None]:
    """Renews a lease of ``seconds`` while the block runs.

    A renewal that fails is tried again sooner than the next regular one: while the database is away nobody can take
    the lease over. Errors: ``Lost``, which ends the block, once ``renew`` has returned False.
    """
    holder = asyncio.current_task()
    assert holder is not None
    lost = False

    async def keep() -> None:
        nonlocal lost
        wait = seconds / 3
        while not lost:
            await asyncio.sleep(wait)
            try:
                lost = not await renew()
                wait = seconds / 3
            except Exception as error:  # noqa: BLE001 - whatever a driver says, it is tried again
                LOG.warning("lease.not_renewed", name=name, error=type(error).__name__)
                wait = seconds / 20
        holder.cancel()

    keeping = asyncio.create_task(keep())
    try:
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
    except asyncio.CancelledError:
        if lost and not holder.uncancel():
            raise Lost from None
        raise
