"""Runs blocking work in a thread, and never leaves that thread alone with what it has in hand."""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


async def run_blocking(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Returns what the work returns, once it has ended (:func:`finish_blocking`)."""
    return await finish_blocking(start_blocking(work, *args, **kwargs))


def start_blocking(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "asyncio.Future[T]":
    """Starts the work, for :func:`finish_blocking`."""
    # Not a task: those are cancelled when a loop ends, and a thread goes on all the same.
    inside = partial(copy_context().run, work, *args, **kwargs)
    return asyncio.get_running_loop().run_in_executor(None, inside)


async def finish_blocking(started: "asyncio.Future[T]") -> T:
    """Returns what started work returns.

    A caller that is cancelled meanwhile, even twice, still waits for its end: what a thread has in hand (a file, a
    connection, a place) is neither closed nor given to another.
    """
    stopped: asyncio.CancelledError | None = None
    while not started.done():
        try:
            await asyncio.wait([started])
        except asyncio.CancelledError as error:
            stopped = error
    if stopped is None:
        try:
            return started.result()
        finally:
            # An error would keep what the work was about, a password perhaps, in a cycle: its traceback has this frame.
            del started
    # Nobody is left to hear of its own error.
    started.exception()
    raise stopped
