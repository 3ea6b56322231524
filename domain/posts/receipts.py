"""Receipts for deleted posts: what was removed, and from where, down to each stored file."""

import msgspec

from db.engine import DB
from db.queries import objects
from db.queries import receipts as queries
from domain.core import clock
from domain.core.access import Viewer, member
from domain.media import storage
from domain.media.storage import PendingRemoval

KEPT_MS = 90 * 86_400_000
SHOWN = 100


class ReceiptLine(msgspec.Struct):
    """How many things (``count``) were removed at one place (``where``).

    ``where``: ``row`` the post, ``history`` its earlier texts, ``search`` the hashtags and mentions it was found by,
    ``marks`` votes, ``reposts``, ``notices``, ``timelines`` copies, ``cache`` rendered copies in every process,
    ``object`` a stored file with its ``key``, which lay at ``path``. ``done``: it is removed; ``kept``: another post
    has the same file.
    """

    where: str
    count: int = 1
    key: str = ""
    path: str = ""
    done: bool = True
    kept: bool = False


class DeletionReceipt(msgspec.Struct):
    """Times in Unix milliseconds; ``purged_at`` is None while a file is still to be removed."""

    post: int
    deleted_at: int
    purged_at: int | None
    lines: list[ReceiptLine]


async def counted(post: int) -> list[ReceiptLine]:
    """What is removed with a post's row; call it in the transaction that purges the post, before it does."""
    counts = (await queries.counts(post))._asdict()
    return [ReceiptLine("row"), *(ReceiptLine(where, count) for where, count in counts.items() if count)]


async def write(account: int, post: int, deleted_at: int, lines: list[ReceiptLine]) -> None:
    """Stores a receipt, in the same transaction."""
    await queries.add(post, account, deleted_at, msgspec.json.encode(lines).decode())


def files(keys: list[str], going: list[PendingRemoval]) -> list[ReceiptLine]:
    """A line for each stored file of a post."""
    paths = {one.key: one.path for one in going}
    return [
        ReceiptLine("object", key=key, path=paths.get(key, ""), done=key not in paths, kept=key not in paths)
        for key in sorted(set(keys))
    ]


async def finish(post: int) -> None:
    """Removes the files that are left, and closes the receipt.

    Errors: ``StorageUnavailable``; the next call continues from there.
    """
    receipt = await queries.one(post)
    if receipt is None or receipt.purged_at is not None:
        return
    lines = msgspec.json.decode(receipt.lines, type=list[ReceiptLine])
    for line in lines:
        if not line.done:
            for pending in await objects.removal(line.path):
                await storage.remove(PendingRemoval(pending.path, pending.store))
            line.done = True
    await queries.close(post, clock.now(), msgspec.json.encode(lines).decode())


async def finish_open() -> None:
    """Finishes receipts whose files could not be removed at once. Errors: ``StorageUnavailable``."""
    for post in await queries.open_ones(SHOWN):
        await finish(post)


async def of(viewer: Viewer) -> list[DeletionReceipt]:
    """The viewer's receipts, newest post first."""
    rows = await queries.of_account(member(viewer).id, SHOWN)
    return [
        DeletionReceipt(row.post, row.deleted_at, row.purged_at, msgspec.json.decode(row.lines, type=list[ReceiptLine]))
        for row in rows
    ]


async def forget_old() -> None:
    """Forgets receipts that are older than three months."""
    async with DB.writing():
        await queries.drop(clock.now() - KEPT_MS)
