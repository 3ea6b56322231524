"""Deleting one's own post: hidden at once, brought back within the undo window, gone for good after it."""

from collections.abc import Callable
from functools import partial

from db.engine import DB
from db.queries import publishing as queries
from db.queries import timelines
from domain.core import clock, events
from domain.core.access import Viewer, member
from domain.core.errors import NotFound

_forgetters: list[Callable[[int], None]] = []


def on_purge(forget: Callable[[int], None]) -> None:
    """Calls ``forget(post)`` when this process purges a post, for those who keep copies in memory."""
    _forgetters.append(forget)


async def delete(viewer: Viewer, post: int, undo_seconds: int) -> None:
    """Hides a post and has it purged when the undo window is over. Errors: ``NotFound``."""
    member(viewer)
    async with DB.writing():
        row = await queries.delete(post, viewer.id, clock.now())
        if row is None:
            raise NotFound
        await queries.count(viewer.id, row[0], row[1], -1)
        await events.record(events.PostDeleted(post=post), undo_seconds * 1000)


async def restore(viewer: Viewer, post: int) -> None:
    """Undoes a deletion. Errors: ``NotFound`` once it is purged."""
    member(viewer)
    async with DB.writing():
        row = await queries.restore(post, viewer.id)
        if row is None:
            raise NotFound("It is too late: the post is gone.")
        await queries.count(viewer.id, row[0], row[1], 1)


async def purge(post: int) -> None:
    """Removes a deleted post from every table, timeline and cache; one that was restored is left alone."""
    async with DB.writing():
        author = await queries.deleted_author(post)
        if author is None:
            return
        await remove(author, post)


async def remove(author: int, post: int) -> None:
    """Takes a post out of every timeline and table, and out of this process's memory; call it while writing."""
    await timelines.withdraw(author, post)
    for repost, account in await queries.reposts_of(post):
        await timelines.withdraw(account, repost)
    await queries.purge(post)
    for forget in _forgetters:
        DB.after_commit(partial(forget, post))
