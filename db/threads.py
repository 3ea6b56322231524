"""Work in a thread, which nobody leaves alone with what it has in hand."""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


async def apart(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """What the work gives, once it has ended (:func:`ended`)."""
    return await ended(begun(work, *args, **kwargs))


def begun(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "asyncio.Future[T]":
    """The work on its way, for :func:`ended`."""
    # Not a task: those are cancelled when a loop ends, and a thread goes on all the same.
    inside = partial(copy_context().run, work, *args, **kwargs)
    return asyncio.get_running_loop().run_in_executor(None, inside)


async def ended(going: "asyncio.Future[T]") -> T:
    """What begun work gives. Whoever is cancelled meanwhile, even twice, waits for its end: what is in a thread's hands
    is neither closed nor used by another.
    """
    stopped: asyncio.CancelledError | None = None
    while not going.done():
        try:
            await asyncio.wait([going])
        except asyncio.CancelledError as error:
            stopped = error
    if stopped is None:
        return going.result()
    # Its own trouble is nobody's any more.
    going.exception()
    raise stopped
