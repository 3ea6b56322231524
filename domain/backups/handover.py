"""Handing the network over to another host: this one only reads, then leads there.

Every process heeds it within a second.
"""

import asyncio

import msgspec

from db.queries import backups as queries
from db.tables.backups import SiteState
from domain.core import clock, errors
from domain.core.outages import DATABASE_STATUS
from domain.core.translatable import N_

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

    state: SiteState = SiteState.NORMAL
    address: str = ""

    @property
    def writes_stopped(self) -> bool:
        """Whether nothing may be written, since the network is being moved or has moved."""
        return self.state is not SiteState.NORMAL

    @property
    def read_only(self) -> bool:
        """Whether this host is being left: it serves reads until the other one takes over."""
        return self.state is SiteState.READ_ONLY

    @property
    def moved(self) -> bool:
        """Whether every page redirects to ``address``."""
        return self.state is SiteState.MOVED

    async def refresh(self) -> None:
        row = await queries.site_mode()
        self.state, self.address = (SiteState(row.state), row.address) if row else (SiteState.NORMAL, "")

    async def keep_fresh(self) -> None:
        """Looks for ever."""
        while True:
            await asyncio.sleep(LOOK)
            # While the database is away, things stand as they did.
            await DATABASE_STATUS.tolerate(self.refresh(), "handover.failed")


SITE_MODE = SiteMode()


async def stop_writes() -> None:
    """Only reading, in every process within LOOK seconds."""
    await queries.set_site_mode(SiteState.READ_ONLY, "", clock.now())
    await SITE_MODE.refresh()


async def redirect_to(address: str) -> None:
    """Every page leads to the same one at another address. Errors: ``Conflict`` while this host is the network."""
    await SITE_MODE.refresh()
    if not SITE_MODE.writes_stopped:
        raise errors.Conflict("This host still takes what people write: run `parvis evacuate` first.")
    await queries.set_site_mode(SiteState.MOVED, address.rstrip("/"), clock.now())
    await SITE_MODE.refresh()


async def resume_writes() -> None:
    """As ever again."""
    await queries.reset_site_mode()
    await SITE_MODE.refresh()
