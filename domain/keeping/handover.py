"""Handing the network over to another host: this one only reads, then leads there.

Every process heeds it within a second.
"""

import asyncio

import msgspec

from db.queries import copies as queries
from domain.core import clock, errors
from domain.core.outages import STATUS
from domain.core.words import N_

AS_EVER, READING, GONE = 0, 1, 2
# How often each process looks, in seconds.
LOOK = 1.0
MOVING = N_("The network is moving to another machine. You can read, and write again in a few minutes.")


class Moving(errors.Away):
    """Nothing can be written just now."""

    code = "moving"
    retry_after = 60

    def __init__(self) -> None:
        super().__init__(MOVING)


class Stance(msgspec.Struct):
    """How this process stands to the network; ``address`` is where it has gone, without a slash at the end."""

    state: int = AS_EVER
    address: str = ""

    @property
    def still(self) -> bool:
        """Whether nothing may be written."""
        return self.state != AS_EVER

    async def look(self) -> None:
        row = await queries.stance()
        self.state, self.address = (row[0], row[1]) if row else (AS_EVER, "")

    async def keep_fresh(self) -> None:
        """Looks for ever."""
        while True:
            await asyncio.sleep(LOOK)
            # While the database is away, things stand as they did.
            await STATUS.tolerate(self.look(), "handover.failed")


STANCE = Stance()


async def hold_still() -> None:
    """Only reading, in every process within LOOK seconds."""
    await queries.stand(READING, "", clock.now())
    await STANCE.look()


async def leave_for(address: str) -> None:
    """Every page leads to the same one at another address. Errors: ``Conflict`` while this host is the network."""
    await STANCE.look()
    if not STANCE.still:
        raise errors.Conflict("This host still takes what people write: run `parvis evacuate` first.")
    await queries.stand(GONE, address.rstrip("/"), clock.now())
    await STANCE.look()


async def go_on() -> None:
    """As ever again."""
    await queries.stand_as_ever()
    await STANCE.look()
