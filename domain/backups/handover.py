"""Handing the network over to another host: this one only reads, then leads there.

Every process heeds it within a second.
"""

import asyncio

import msgspec

from db.queries import backups as queries
from domain.core import clock, errors
from domain.core.outages import DATABASE_STATUS
from domain.core.translatable import N_

NORMAL, READ_ONLY, MOVED = 0, 1, 2
# How often each process looks, in seconds.
LOOK = 1.0
MOVING = N_("The network is moving to another machine. You can read, and write again in a few minutes.")


class NetworkMoving(errors.ServiceUnavailable):
    """Nothing can be written just now."""

    code = "moving"
    retry_after = 60

    def __init__(self) -> None:
        super().__init__(MOVING)


class SiteMode(msgspec.Struct):
    """How this process stands to the network; ``address`` is where it has gone, without a slash at the end."""

    state: int = NORMAL
    address: str = ""

    @property
    def still(self) -> bool:
        """Whether nothing may be written."""
        return self.state != NORMAL

    async def look(self) -> None:
        row = await queries.site_mode()
        self.state, self.address = row or (NORMAL, "")

    async def keep_fresh(self) -> None:
        """Looks for ever."""
        while True:
            await asyncio.sleep(LOOK)
            # While the database is away, things stand as they did.
            await DATABASE_STATUS.tolerate(self.look(), "handover.failed")


SITE_MODE = SiteMode()


async def stop_writes() -> None:
    """Only reading, in every process within LOOK seconds."""
    await queries.set_site_mode(READ_ONLY, "", clock.now())
    await SITE_MODE.look()


async def redirect_to(address: str) -> None:
    """Every page leads to the same one at another address. Errors: ``Conflict`` while this host is the network."""
    await SITE_MODE.look()
    if not SITE_MODE.still:
        raise errors.Conflict("This host still takes what people write: run `parvis evacuate` first.")
    await queries.set_site_mode(MOVED, address.rstrip("/"), clock.now())
    await SITE_MODE.look()


async def resume_writes() -> None:
    """As ever again."""
    await queries.reset_site_mode()
    await SITE_MODE.look()
