"""Runs an action again when the database has ended its transaction, as after a deadlock."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from db import retries
from db.engine import ABORTED, DB
from domain.core.errors import Busy

P = ParamSpec("P")
T = TypeVar("T")

TRIES = 3
# The longest pause before the next try, in seconds.
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
        try:
            return await retries.retry(lambda: action(*args, **kwargs), action.__qualname__, TRIES, PAUSE)
        except ABORTED:
            raise Busy from None

    return tried
