"""Deleting one's own post: hidden at once, brought back within the undo window, gone for good after it."""

import asyncio
import contextlib
from collections.abc import Sequence

from db.engine import DB, Row
from db.queries import publishing as queries
from db.queries import timelines
from domain.core import clock, events, signals
from domain.core.access import Viewer, member
from domain.core.errors import NotFound
from domain.core.retries import retried
from domain.media import attachments
from domain.media.storage import StorageUnavailable
from domain.posts import receipts
from domain.posts.receipts import ReceiptLine

# Reposts taken back per transaction.
BATCH = 20


@retried
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


@retried
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
    signals.send(signals.POST, post)
    if parent is not None:
        signals.send(signals.POST, parent)


async def purge(event: events.PostDeleted) -> None:
    """Removes a deleted post from every table, timeline, cache and store; one that was restored is left alone.

    Errors: ``objects.Away`` when a file can't be removed; called again, it goes on there.
    """
    author = await queries.deleted_author(event.post, event.deleted_at)
    if author is not None:
        await remove(author, event.post, event.deleted_at)
    await receipts.finish(event.post)


async def purge_now(post: int) -> None:
    """Hides a post, if it is not hidden yet, and purges it at once. Safe to repeat."""
    author = await queries.author_of(post)
    if author is None:
        return
    now = clock.now()
    await _hide(author, post, now)
    await remove(author, post, now)
    # A store that is away is not waited for: its files are on the list of removals.
    with contextlib.suppress(StorageUnavailable):
        await receipts.finish(post)


@retried
async def _hide(author: int, post: int, deleted_at: int) -> None:
    async with DB.writing():
        if (row := await queries.delete(post, author, deleted_at)) is not None:
            await queries.count(author, row[0], row[1], -1)


async def remove(author: int, post: int, deleted_at: int) -> None:
    """Takes a hidden post out of every timeline, table and memory, and writes the receipt for it.

    A widely shared one is in many timelines: its reposts go in transactions of their own, and others come in between.
    """
    copies = reposted = 0
    while reposts := await queries.some_reposts_of(post, BATCH):
        copies += await _remove_reposts(post, reposts)
        reposted += len(reposts)
        await asyncio.sleep(0)
    await _remove_row(author, post, deleted_at, copies, reposted)


@retried
async def _remove_reposts(post: int, reposts: Sequence[Row]) -> int:
    """Takes back some reposts, ``(id, account)``. Returns how many timelines had one."""
    async with DB.writing():
        await queries.lock(post)
        copies = await timelines.withdraw_reposts([repost for repost, _ in reposts])
        for _, account in reposts:
            await queries.unrepost(account, post)
    return copies


@retried
async def _remove_row(author: int, post: int, deleted_at: int, copies: int, reposted: int) -> None:
    """``copies`` in timelines and reposts have been removed already."""
    async with DB.writing():
        await queries.lock_whole(post)
        lines = await receipts.counted(post)
        copies += await timelines.withdraw(author, post)
        keys = await attachments.keys_of(post)
        going = await attachments.detach(post)
        await queries.purge(post)
        lines += [ReceiptLine("timelines", copies), ReceiptLine("reposts", reposted), ReceiptLine("cache")]
        lines += receipts.files(keys, going)
        await receipts.write(author, post, deleted_at, [line for line in lines if line.count])
        signals.send(signals.POST, post)
        signals.send(signals.PURGED, post)
