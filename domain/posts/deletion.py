"""Deleting one's own post: hidden at once, brought back within the undo window, gone for good after it."""

import asyncio

from db.engine import DB
from db.queries import publishing as queries
from db.queries import timelines
from domain.core import clock, events, signals
from domain.core.access import Viewer, member
from domain.core.errors import NotFound
from domain.media import attachments
from domain.posts import receipts
from domain.posts.receipts import Line

# Reposts taken back per transaction.
BATCH = 20


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
    """Removes a deleted post from every table, timeline, cache and store; one that was restored is left alone.

    Errors: ``objects.Away`` when a file can't be removed; called again, it goes on there.
    """
    author = await queries.deleted_author(event.post, event.deleted_at)
    if author is not None:
        await remove(author, event.post, event.deleted_at)
    await receipts.finish(event.post)


async def remove(author: int, post: int, deleted_at: int) -> None:
    """Takes a hidden post out of every timeline, table and memory, and writes the receipt for it.

    A widely shared one is in many timelines: its reposts go in transactions of their own, and others come in between.
    """
    copies = reposted = 0
    while reposts := await queries.some_reposts_of(post, BATCH):
        async with DB.writing():
            for repost, account in reposts:
                copies += await timelines.withdraw(account, repost)
                await queries.unrepost(account, post)
        reposted += len(reposts)
        await asyncio.sleep(0)
    async with DB.writing():
        lines = await receipts.counted(post)
        copies += await timelines.withdraw(author, post)
        keys = await attachments.keys_of(post)
        going = await attachments.detach(post)
        await queries.purge(post)
        lines += [Line("timelines", copies), Line("reposts", reposted), Line("cache")]
        lines += receipts.files(keys, going)
        await receipts.write(author, post, deleted_at, [line for line in lines if line.count])
        signals.tell(signals.POST, post)
        signals.tell(signals.PURGED, post)
