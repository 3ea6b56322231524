"""Tries an action again when the database has ended its transaction because of others, as after a deadlock."""

import asyncio
import functools
from collections.abc import Callable, Coroutine
from random import random
from typing import Any, ParamSpec, TypeVar

import structlog

from db.engine import ABORTED, DB
from domain.core.errors import Busy

LOG = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

TRIES = 3
# The longest pause before the next try, in seconds; it is random, so that two that met do not meet again.
PAUSE = 0.05


def retried(action: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Has an action run up to TRIES times while the database ends its transaction.

    Only for an action that does nothing outside the database before its commit, and whose earlier transactions may be
    repeated. Within another transaction it runs once, since only all of that could be tried again. Errors: ``Busy``.
    """

    @functools.wraps(action)
    async def tried(*args: P.args, **kwargs: P.kwargs) -> T:
        if DB.in_transaction:
            return await action(*args, **kwargs)
        for left in reversed(range(TRIES)):
            try:
                return await action(*args, **kwargs)
            except ABORTED as error:
                LOG.info("transaction.aborted", action=action.__qualname__, left=left, error=type(error).__name__)
            if left:
                await asyncio.sleep(random() * PAUSE)
        raise Busy

    return tried
