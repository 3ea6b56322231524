"""Runs several awaitables at a time, up to a limit."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")
# Files in hand, each whole in memory: a video has 40 MB.
AT_ONCE = 4


async def run_concurrently(things: Sequence[S], work: Callable[[S], Awaitable[T]]) -> list[T]:
    """Works on some at a time, and gives the results in order. Errors: the first of the work's; the rest is let go."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(thing: S) -> T:
        async with places:
            return await work(thing)

    tasks = [asyncio.ensure_future(one(thing)) for thing in things]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
