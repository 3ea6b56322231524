"""Receipts for deleted posts: what was removed, and from where, down to each stored file."""

import msgspec

from db.engine import DB
from db.queries import objects as stored
from db.queries import receipts as queries
from domain.core import clock
from domain.core.access import Viewer, member
from domain.media import storage
from domain.media.storage import PendingRemoval

# The rows of these are counted before they go.
PARTS = ("history", "search", "marks", "notices")
KEPT_MS = 90 * 86_400_000
SHOWN = 100


class ReceiptLine(msgspec.Struct):
    """``count`` things at one place; of a stored file (``object``) its ``key``.

    ``where``: ``row`` the post, ``history`` its earlier texts, ``search`` the hashtags and mentions it was found by,
    ``marks`` votes, ``reposts``, ``notices``, ``timelines`` copies, ``cache`` drawn copies in every process's memory,
    ``object``, which lay at ``path``. ``done``: it is gone; ``kept``: somebody else's post has the same file.
    """

    where: str
    count: int = 1
    key: str = ""
    path: str = ""
    done: bool = True
    kept: bool = False


class DeletionReceipt(msgspec.Struct):
    """Times in Unix milliseconds; ``purged_at`` is None while a store has still to remove a file."""

    post: int
    deleted_at: int
    purged_at: int | None
    lines: list[ReceiptLine]


async def counted(post: int) -> list[ReceiptLine]:
    """Within the transaction that purges a post, before it does: what goes with its row."""
    found = zip(PARTS, await queries.counts(post), strict=True)
    return [ReceiptLine("row"), *(ReceiptLine(where, count) for where, count in found if count)]


async def write(account: int, post: int, deleted_at: int, lines: list[ReceiptLine]) -> None:
    """Within that transaction: keeps the receipt."""
    await queries.add(post, account, deleted_at, msgspec.json.encode(lines).decode())


def files(keys: list[str], going: list[PendingRemoval]) -> list[ReceiptLine]:
    """A line for each stored file of a post."""
    paths = {one.key: one.path for one in going}
    return [
        ReceiptLine("object", key=key, path=paths.get(key, ""), done=key not in paths, kept=key not in paths)
        for key in sorted(set(keys))
    ]


async def finish(post: int) -> None:
    """Has the files removed that the receipt still waits for. Errors: ``objects.Away``; then it is called again."""
    row = await queries.one(post)
    if row is None or row[2] is not None:
        return
    lines = msgspec.json.decode(row[3], type=list[ReceiptLine])
    for line in lines:
        if not line.done:
            for pending in await stored.removal(line.path):
                await storage.remove(PendingRemoval(pending.path, pending.store))
            line.done = True
    await queries.close(post, clock.now(), msgspec.json.encode(lines).decode())


async def finish_open() -> None:
    """Those whose files a store did not let go of in time. Errors: ``objects.Away``."""
    for post in await queries.open_ones(SHOWN):
        await finish(post)


async def of(viewer: Viewer) -> list[DeletionReceipt]:
    """The viewer's own, newest first."""
    rows = await queries.of_account(member(viewer).id, SHOWN)
    return [
        DeletionReceipt(row[0], row[1], row[2], msgspec.json.decode(row[3], type=list[ReceiptLine])) for row in rows
    ]


async def forget_old() -> None:
    """Receipts are kept for three months."""
    async with DB.writing():
        await queries.drop(clock.now() - KEPT_MS)
