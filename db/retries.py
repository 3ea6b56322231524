"""Transactions that the database ended because others were in their way, as after a deadlock."""

import asyncio
from collections.abc import Awaitable, Callable
from random import random
from typing import TypeVar

import structlog

from db.engine import ABORTED

LOG = structlog.get_logger()

T = TypeVar("T")


async def retry(work: Callable[[], Awaitable[T]], name: str, tries: int, pause: float) -> T:
    """Does ``work`` again while the database ends its transaction, ``tries`` times in all.

    ``pause`` is the longest in between, in seconds; it is random, so that two that met do not meet again. Errors:
    ``ABORTED``, and those of ``work``.
    """
    for left in reversed(range(1, tries)):
        try:
            return await work()
        except ABORTED as error:
            LOG.info("transaction.aborted", action=name, left=left, error=type(error).__name__)
        await asyncio.sleep(random() * pause)
    return await work()
