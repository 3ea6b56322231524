"""Writes that a page can do without: it is answered all the same while nothing can be written."""

from collections.abc import Awaitable, Callable

from domain.backups.handover import SITE_MODE
from domain.core.outages import DATABASE_STATUS


async def attempt(write: Callable[[], Awaitable[object]]) -> bool:
    """Returns False while the network is moving, or its database is unavailable."""
    if SITE_MODE.writes_stopped or DATABASE_STATUS.outage:
        return False
    try:
        await write()
    except Exception as error:
        if DATABASE_STATUS.refusal(error) is None:
            raise
        return False
    return True
