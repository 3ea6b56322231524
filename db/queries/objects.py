"""Stored files: where each is, how many renditions and pieces of evidence use it, and which are to be removed."""

from collections.abc import AsyncIterator, Iterable
from typing import NamedTuple

from db.engine import DB
from db.sql import SQL

STORES = SQL("SELECT id, url, state FROM object_store ORDER BY id")
FIRST_STORE = SQL("INSERT INTO object_store (id, url, state, since) VALUES (1, ?1, 0, ?2) ON CONFLICT DO NOTHING")
ADD_STORE = SQL("""
    INSERT INTO object_store (id, url, state, since) SELECT max(id) + 1, ?1, 0, CAST(?2 AS bigint) FROM object_store
""")
LEAVE_STORES = SQL("UPDATE object_store SET state = 1 WHERE state = 0")
READDRESS = SQL("UPDATE object_store SET url = ?2 WHERE id = ?1")
ENTER_STORE = SQL("UPDATE object_store SET state = 0, url = ?2, since = ?3 WHERE id = ?1")
CLOSE_STORES = SQL("""
    UPDATE object_store SET state = 2 WHERE state = 1
    AND NOT EXISTS (SELECT 1 FROM stored_object o WHERE o.store = object_store.id)
    AND NOT EXISTS (SELECT 1 FROM pending_removal r WHERE r.store = object_store.id)
""")
SETTLE = (
    SQL("INSERT INTO object_store (id, url, state, since) VALUES (1, ?1, 0, ?2) ON CONFLICT (id) DO UPDATE SET"
        " url = excluded.url, state = 0, since = excluded.since"),
    SQL("UPDATE stored_object SET store = 1 WHERE store <> 1"),
    SQL("INSERT INTO pending_removal (path, store, since) SELECT path, 1, since FROM pending_removal WHERE store <> 1"
        " ON CONFLICT DO NOTHING"),
    SQL("DELETE FROM pending_removal WHERE store <> 1"),
    SQL("DELETE FROM object_store WHERE id <> 1"),
)  # fmt: skip

CLAIM = SQL("""
    INSERT INTO stored_object (key, path, store, type, bytes, touched_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (key) DO UPDATE SET touched_at = excluded.touched_at RETURNING path, store
""")
USE = SQL("UPDATE stored_object SET uses = uses + 1 WHERE key = ?1 AND path = ?2 RETURNING uses")
HOLD = SQL("UPDATE stored_object SET uses = uses + 1 WHERE key = ?1 AND uses > 0 RETURNING uses")
RELEASE = SQL("UPDATE stored_object SET uses = uses - 1, touched_at = ?2 WHERE key = ?1 RETURNING uses")
DROP = SQL("DELETE FROM stored_object WHERE key = ?1 AND uses = 0 RETURNING path, store")
REMOVE = SQL("INSERT INTO pending_removal (path, store, since) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
DROP_IDLE = SQL("DELETE FROM stored_object WHERE uses = 0 AND touched_at < ?1 RETURNING path, store")
REMOVALS = SQL("SELECT path, store FROM pending_removal WHERE store = ?1 ORDER BY since, path LIMIT ?2")
REMOVING_FROM = SQL("SELECT DISTINCT store FROM pending_removal ORDER BY store")
REMOVAL = SQL("SELECT path, store FROM pending_removal WHERE path = ?1 ORDER BY store")
REMOVED = SQL("DELETE FROM pending_removal WHERE path = ?1 AND store = ?2")
PLACE = SQL("SELECT path, store, type, bytes FROM stored_object WHERE key = ?1")

OUTSIDE = SQL(
    "SELECT key, path, store, uses, touched_at FROM stored_object WHERE store <> ?1 AND key > ?2 ORDER BY key LIMIT ?3"
)
MOVED = SQL("UPDATE stored_object SET store = ?4 WHERE key = ?1 AND path = ?2 AND store = ?3 RETURNING key")
# What nothing uses yet may be about to be written, and is collected if it is not.
AFTER = SQL("SELECT key, path, store, bytes FROM stored_object WHERE key > ?1 AND uses > 0 ORDER BY key LIMIT ?2")
TOTAL = SQL("SELECT count(*) FROM stored_object WHERE uses > 0")
TOTAL_OUTSIDE = SQL("SELECT count(*) FROM stored_object WHERE store <> ?1")
KNOWN = SQL("""
    SELECT path, store FROM stored_object WHERE path IN {texts:1}
    UNION ALL SELECT path, store FROM pending_removal WHERE path IN {texts:1}
""")
_USES = """(SELECT count(*) FROM rendition r WHERE r.key = stored_object.key)
    + (SELECT count(*) FROM evidence_file f WHERE f.key = stored_object.key)"""
MISCOUNTED = SQL(f"""
    SELECT key, uses, {_USES} FROM stored_object WHERE key > ?1 AND uses <> {_USES} ORDER BY key LIMIT ?2
""")
RECOUNT = SQL(f"UPDATE stored_object SET uses = {_USES}, touched_at = ?2 WHERE key = ?1")


class StoreRow(NamedTuple):
    """A store for objects; ``state`` as in ``db.tables.media.ObjectStore``."""

    id: int
    url: str
    state: int


class ObjectLocation(NamedTuple):
    """Where a file lies: its path in the store with this id."""

    path: str
    store: int


class NewObject(NamedTuple):
    """A row for CLAIM, in its order; ``bytes``: its size; ``touched_at``: Unix milliseconds."""

    key: str
    path: str
    store: int
    type: str
    bytes: int
    touched_at: int


class ObjectRow(NamedTuple):
    """A stored file; ``bytes``: its size."""

    path: str
    store: int
    type: str
    bytes: int


class UsedObject(NamedTuple):
    """A file that some rendition is; ``bytes``: its size."""

    key: str
    path: str
    store: int
    bytes: int


class OutsideObject(NamedTuple):
    """A file in another store than the one that was asked about; ``touched_at``: Unix milliseconds."""

    key: str
    path: str
    store: int
    uses: int
    touched_at: int


class Miscount(NamedTuple):
    """A file whose ``uses`` is not the number of what uses it, ``counted``."""

    key: str
    uses: int
    counted: int


async def stores() -> list[StoreRow]:
    """Every store there was, oldest first."""
    return [StoreRow(*row) for row in await DB.fetch(STORES)]


async def first_store(url: str, now: int) -> None:
    """Records where objects are stored, unless that is recorded already."""
    await DB.fetch(FIRST_STORE, url, now)


async def readdress(store: int, url: str) -> None:
    """Changes a store's address: other access keys for the same bucket."""
    await DB.fetch(READDRESS, store, url)


async def enter(url: str, known: int | None, now: int) -> None:
    """New objects go to ``url`` from now on, which is the ``known`` store or a new one; the others are being left."""
    await DB.fetch(LEAVE_STORES)
    if known is None:
        await DB.fetch(ADD_STORE, url, now)
    else:
        await DB.fetch(ENTER_STORE, known, url, now)


async def settle(url: str, now: int) -> None:
    """Makes one store of all, with every object in it and every pending removal."""
    await DB.fetch(SETTLE[0], url, now)
    for statement in SETTLE[1:]:
        await DB.fetch(statement)


async def close_left() -> None:
    """Marks every store that is being left, and has no objects any more, as left."""
    await DB.fetch(CLOSE_STORES)


async def claim(new: NewObject) -> ObjectLocation:
    """Where a file is to be written: where it lies already, or else as given."""
    row = await DB.one(CLAIM, *new)
    assert row is not None
    return ObjectLocation(*row)


async def hold(key: str) -> bool:
    """Counts one more use of a file that is in use; False when there is none."""
    return await DB.one(HOLD, key) is not None


async def use(key: str, path: str) -> bool:
    """Counts one more rendition; False when the file was removed since it was claimed."""
    return await DB.one(USE, key, path) is not None


async def release(key: str, now: int) -> ObjectLocation | None:
    """Counts one rendition fewer. Returns where the file lies if that was the last one: it is to be removed."""
    if await DB.value(RELEASE, key, now) != 0:
        return None
    row = await DB.one(DROP, key)
    if row is None:
        return None
    dropped = ObjectLocation(*row)
    await DB.fetch(REMOVE, *dropped, now)
    return dropped


async def drop_idle(before: int, now: int) -> None:
    """Has files removed that nothing uses, and that nobody has touched since ``before`` (Unix milliseconds)."""
    for row in await DB.fetch(DROP_IDLE, before):
        await DB.fetch(REMOVE, *ObjectLocation(*row), now)


async def removals(store: int, limit: int) -> list[ObjectLocation]:
    """The first files that are to be removed from a store, oldest first."""
    return [ObjectLocation(*row) for row in await DB.fetch(REMOVALS, store, limit)]


async def removing_from() -> list[int]:
    """The stores that something is to be removed from."""
    return [row[0] for row in await DB.fetch(REMOVING_FROM)]


async def removal(path: str) -> list[ObjectLocation]:
    """Each store that the file with this path is still to be removed from."""
    return [ObjectLocation(*row) for row in await DB.fetch(REMOVAL, path)]


async def remove_stray(path: str, store: int, now: int) -> None:
    """Has a file removed that no row names."""
    await DB.fetch(REMOVE, path, store, now)


async def removed(path: str, store: int) -> None:
    await DB.fetch(REMOVED, path, store)


async def place(key: str) -> ObjectRow | None:
    row = await DB.one(PLACE, key)
    return ObjectRow(*row) if row else None


async def outside(store: int, after: str, limit: int) -> list[OutsideObject]:
    """The next files that are not in this store, in order of their keys."""
    return [OutsideObject(*row) for row in await DB.fetch(OUTSIDE, store, after, limit)]


async def moved(key: str, path: str, old: int, new: int) -> bool:
    """Records that a file was copied to store ``new``; False when it was moved or removed meanwhile."""
    return await DB.one(MOVED, key, path, old, new) is not None


async def after(key: str, limit: int) -> list[UsedObject]:
    """The next files that are used, in order of their keys."""
    return [UsedObject(*row) for row in await DB.fetch(AFTER, key, limit)]


async def total() -> int:
    """How many files are used."""
    return int(await DB.value(TOTAL))


async def total_outside(store: int) -> int:
    """How many files are not in this store."""
    return int(await DB.value(TOTAL_OUTSIDE, store))


async def used(limit: int) -> AsyncIterator[list[UsedObject]]:
    """All files that are used, in batches of ``limit``."""
    last = ""
    while rows := await after(last, limit):
        yield rows
        last = rows[-1].key


async def known(paths: Iterable[str]) -> set[ObjectLocation]:
    """Those of the paths that a stored file or a pending removal has, with the store of each."""
    return {ObjectLocation(*row) for row in await DB.fetch(KNOWN, DB.texts(paths))}


async def miscounted(after: str, limit: int) -> list[Miscount]:
    """The next files whose count is wrong, in order of their keys."""
    return [Miscount(*row) for row in await DB.fetch(MISCOUNTED, after, limit)]


async def recount(key: str, now: int) -> None:
    await DB.fetch(RECOUNT, key, now)
