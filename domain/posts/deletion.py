"""Deleting one's own post: it is hidden at once, can be restored in the undo window, and is purged after it.

The undo window is `PARVIS_UNDO_SECONDS` of settings.py.
"""

import asyncio
import contextlib
from collections.abc import Sequence

from db.engine import DB
from db.queries import deletion as queries
from db.queries import posts, publishing, reposts, timelines
from db.queries.deletion import CountedIn
from db.queries.reposts import RepostOfPost
from domain.core import access, clock, events, permissions, signals
from domain.core.access import Viewer, member
from domain.core.errors import NotFound
from domain.core.retries import retried
from domain.media import attachments
from domain.media.storage import StorageUnavailable
from domain.posts import holds, receipts
from domain.posts.receipts import ReceiptLine

# Reposts removed per transaction.
BATCH = 20


@retried
async def delete(viewer: Viewer, post: int, undo_seconds: int) -> None:
    """Hides a post, and schedules its purge for the end of the undo window. Errors: ``NotFound``.

    Within ``undo_seconds``, :func:`restore` shows it again.
    """
    member(viewer)
    async with DB.writing():
        now = clock.now()
        author = await queries.author_of(post)
        if author is None:
            raise NotFound
        access.require(permissions.may_delete(viewer, author))
        deleted = await queries.delete(post, author, now)
        if deleted is None:
            raise NotFound
        await _count(author, deleted, -1)
        await events.record(events.PostDeleted(post=post, deleted_at=now), undo_seconds * 1000)
        _signal(post, deleted.parent)


@retried
async def restore(viewer: Viewer, post: int) -> None:
    """Undoes a deletion. Errors: ``NotFound`` once it is purged."""
    member(viewer)
    async with DB.writing():
        restored = await queries.restore(post, viewer.id)
        if restored is None:
            raise NotFound("It is too late: the post is gone.")
        await _count(viewer.id, restored, 1)
        await holds.restored(post)
        _signal(post, restored.parent)


async def _count(author: int, post: CountedIn, by: int) -> None:
    if post.counted:
        await publishing.count(author, post.parent, post.quote, by)


def _signal(post: int, parent: int | None) -> None:
    signals.send(signals.Kind.POST, post)
    if parent is not None:
        signals.send(signals.Kind.POST, parent)


async def purge(event: events.PostDeleted) -> None:
    """Removes a deleted post from every table, timeline, cache and store; a restored one is left alone.

    Errors: ``StorageUnavailable`` when a file can't be removed; the next call continues from there.
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
    # Files of a store that does not answer stay on the list of removals.
    with contextlib.suppress(StorageUnavailable):
        await receipts.finish(post)


@retried
async def _hide(author: int, post: int, deleted_at: int) -> None:
    async with DB.writing():
        if (deleted := await queries.delete(post, author, deleted_at)) is not None:
            await _count(author, deleted, -1)


async def remove(author: int, post: int, deleted_at: int) -> None:
    """Removes a hidden post from every timeline, table and cache, and writes the receipt for it.

    A widely shared post is in many timelines: its reposts are removed in transactions of their own, so that others can
    write in between.
    """
    copies = reposted = 0
    while some := await reposts.some_of(post, BATCH):
        copies += await _remove_reposts(post, some)
        reposted += len(some)
        await asyncio.sleep(0)
    await _remove_row(author, post, deleted_at, copies, reposted)


@retried
async def _remove_reposts(post: int, some: Sequence[RepostOfPost]) -> int:
    """Removes some reposts of a post. Returns how many entries of timelines went with them."""
    async with DB.writing():
        await posts.lock(post)
        copies = await timelines.withdraw_reposts([repost.id for repost in some])
        for repost in some:
            await reposts.remove(repost.account, post)
    return copies


@retried
async def _remove_row(author: int, post: int, deleted_at: int, copies: int, reposted: int) -> None:
    """Removes the post itself; ``copies`` entries of timelines and ``reposted`` reposts have been removed before."""
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
        signals.send(signals.Kind.POST, post)
        signals.send(signals.Kind.PURGED, post)
