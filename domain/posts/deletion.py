"""Deleting one's own post: hidden at once, brought back within the undo window, gone for good after it."""

import asyncio
from collections.abc import Callable

from db.engine import DB
from db.queries import publishing as queries
from db.queries import timelines
from domain.core import clock, events, signals
from domain.core.access import Viewer, member
from domain.core.errors import NotFound

# Reposts taken back per transaction.
BATCH = 20

_forgetters: list[Callable[[int], None]] = []


def on_purge(forget: Callable[[int], None]) -> None:
    """Calls ``forget(post)`` when this process purges a post, for those who keep copies in memory."""
    _forgetters.append(forget)


async def delete(viewer: Viewer, post: int, undo_seconds: int) -> None:
    """Hides a post and has it purged when the undo window is over. Errors: ``NotFound``."""
    member(viewer)
    async with DB.writing():
        now = clock.now()
        row = await queries.delete(post, viewer.id, now)
        if row is None:
            raise NotFound
        await queries.count(viewer.id, row[0], row[1], -1)
        await events.record(events.PostDeleted(post=post, deleted_at=now), undo_seconds * 1000)
        _signal(post, row[0])


async def restore(viewer: Viewer, post: int) -> None:
    """Undoes a deletion. Errors: ``NotFound`` once it is purged."""
    member(viewer)
    async with DB.writing():
        row = await queries.restore(post, viewer.id)
        if row is None:
            raise NotFound("It is too late: the post is gone.")
        await queries.count(viewer.id, row[0], row[1], 1)
        _signal(post, row[0])


def _signal(post: int, parent: int | None) -> None:
    signals.tell(signals.POST, post)
    if parent is not None:
        signals.tell(signals.POST, parent)


async def purge(event: events.PostDeleted) -> None:
    """Removes a deleted post from every table, timeline and cache; one that was restored is left alone."""
    author = await queries.deleted_author(event.post, event.deleted_at)
    if author is not None:
        await remove(author, event.post)


async def remove(author: int, post: int) -> None:
    """Takes a hidden post out of every timeline and table, and out of this process's memory.

    A widely shared one is in many timelines: its reposts go in transactions of their own, and others come in between.
    """
    while reposts := await queries.some_reposts_of(post, BATCH):
        async with DB.writing():
            for repost, account in reposts:
                await timelines.withdraw(account, repost)
                await queries.unrepost(account, post)
        await asyncio.sleep(0)
    async with DB.writing():
        await timelines.withdraw(author, post)
        await queries.purge(post)
        signals.tell(signals.POST, post)
    for forget in _forgetters:
        forget(post)
