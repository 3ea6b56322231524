"""Looking after stored files: whether each is there and whole, mending what can be, and carrying all to another place.

Nothing stops meanwhile: new files go to the new place from the first moment on, old ones are found wherever they are.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

import msgspec

from adapters import objects
from adapters.objects import Down, Missing, Store
from db.engine import DB
from db.queries import objects as queries
from db.queries.evidence import forget_files
from db.queries.media import unshow, with_files
from db.queries.objects import ObjectLocation, OutsideObject, UsedObject
from db.tables.media import StoreState
from domain.core import clock, concurrency, signals
from domain.core.errors import Invalid
from domain.media import attachments, storage
from domain.media.storage import StorageUnavailable
from domain.media.stores import STORES, StoragePlace

BATCH = 200
# Other processes know of a move after two seconds (stores.FRESH): so many looks without anything to do are enough. What
# is being written just now is there after more of them, as long as a store is waited for.
QUIET, LOOKS, LOOK_SECONDS = 3, 30, 1.0
WRITTEN_MS = 30_000
PROBE = "probe"
# Told of each file that is done.
Progress = Callable[[], None]


class Faults(msgspec.Struct):
    """What a check found. ``missing`` and ``damaged`` are keys; ``strays`` are files that no row names; ``miscounted``
    are keys whose number of uses is wrong; ``lost`` are those that no place has whole."""

    files: int = 0
    missing: list[str] = []
    damaged: list[str] = []
    strays: list[ObjectLocation] = []
    miscounted: list[str] = []
    lost: list[str] = []

    @property
    def none(self) -> bool:
        return not (self.missing or self.damaged or self.strays or self.miscounted or self.lost)


def quiet() -> None:
    """No progress bar."""


async def check(progress: Progress = quiet) -> Faults:
    """Reads every file and compares it with its name. Errors: ``StorageUnavailable``."""
    faults = Faults()
    secret = await storage.hashing_key()

    async def look(stored: UsedObject) -> None:
        body = await _body(stored.path, stored.store)
        if body is None:
            faults.missing.append(stored.key)
        elif storage.key_of(secret, body) != stored.key:
            faults.damaged.append(stored.key)
        faults.files += 1
        progress()

    async for rows in queries.used(BATCH):
        await concurrency.run_concurrently(rows, look)
    async for stray in _strays():
        faults.strays.append(stray)
    after = ""
    while miscounts := await queries.miscounted(after, BATCH):
        faults.miscounted += [one.key for one in miscounts]
        after = miscounts[-1].key
    return faults


async def _body(path: str, store: int) -> bytes | None:
    """A file's bytes, None when it is not there. Errors: ``StorageUnavailable``."""
    try:
        return await (await STORES.of(store)).get(path)
    except Missing:
        return None
    except Down:
        raise StorageUnavailable from None


async def _strays() -> AsyncIterator[ObjectLocation]:
    """Files in a store that no row names. Errors: ``StorageUnavailable``."""
    for place in await STORES.places():
        if place.state is StoreState.LEFT:
            continue
        store = STORES.at(place.url)
        try:
            async for found in store.everything():
                known = await queries.known(path for path, _ in found)
                for path, _ in found:
                    if (stray := ObjectLocation(path, place.id)) not in known:
                        yield stray
        except Down:
            raise StorageUnavailable from None


async def repair(faults: Faults, progress: Progress = quiet) -> Faults:
    """Mends what a check found: takes files from wherever else they are, removes strays, counts anew.

    Returns what it could not mend. Errors: ``StorageUnavailable``.
    """
    secret = await storage.hashing_key()
    left = Faults()
    for key in (*faults.missing, *faults.damaged):
        if not await _restored(key, secret):
            left.lost.append(key)
        progress()
    await _remove_strays(faults.strays)
    async with DB.writing():
        for key in faults.miscounted:
            await queries.recount(key, clock.now())
    await storage.collect()
    return left


async def _remove_strays(strays: Iterable[ObjectLocation]) -> None:
    """Has files removed that no row names; a copy of one that is known only where nothing is on its way."""
    moving = any(place.state is StoreState.LEAVING for place in await STORES.places())
    for stray in strays:
        async with DB.writing():
            known = await queries.known([stray.path])
            on_its_way = known and moving and (await STORES.place(stray.store)).state is StoreState.CURRENT
            if stray not in known and not on_its_way:
                await queries.remove_stray(stray.path, stray.store, clock.now())


async def _restored(key: str, secret: bytes) -> bool:
    """Whether some place had the file whole, and it is now where it should be."""
    row = await queries.place(key)
    if row is None:
        return True
    for place in await STORES.places():
        try:
            body = await _body(row.path, place.id)
        except StorageUnavailable:
            # One that was left long ago may be gone itself.
            if place.state is not StoreState.LEFT:
                raise
            continue
        if body is None or storage.key_of(secret, body) != key:
            continue
        if place.id != row.store:
            await _put(STORES.at((await STORES.place(row.store)).url), row.path, body)
        return True
    return False


async def _put(store: Store, path: str, body: bytes) -> None:
    try:
        # What is damaged is in the way.
        await store.delete(path)
        await store.put(path, body)
    except Down:
        raise StorageUnavailable from None


async def give_up(keys: Sequence[str]) -> None:
    """Takes pictures that are nowhere out of their posts, people, previews and evidence, with what else was made of
    them."""
    async with DB.writing():
        going = await storage.release(await forget_files(list(keys)))
    for media, post in await with_files(keys):
        async with DB.writing():
            await unshow(media, post)
            going += await attachments.drop([media])
            if post is not None:
                signals.send(signals.Kind.POST, post)
    await storage.remove_all(going)


async def lost_posts(keys: Sequence[str]) -> list[int]:
    """The posts whose pictures are lost with these files."""
    return sorted({one.post for one in await with_files(keys) if one.post is not None})


async def probe(url: str) -> None:
    """Writes, reads and removes a small file at a place. Errors: ``Invalid``, when it can't be used."""
    store = STORES.at(url)
    try:
        store.make()
        await store.delete(PROBE)
        await store.put(PROBE, b"parvis")
        if await store.get(PROBE) != b"parvis":
            raise Down("it gives back something else")
        await store.delete(PROBE)
    except (Down, Missing) as error:
        raise Invalid(f"{objects.public(url)} can't be used: {str(error) or 'what was written is not there'}") from None


async def enter(url: str) -> tuple[StoragePlace, int]:
    """New files go to ``url`` from now on. Gives the place, and how many files are elsewhere.

    Errors: ``Invalid``, and then nothing has changed.
    """
    await probe(url)
    place = await STORES.enter(url)
    return place, await queries.total_outside(place.id)


async def carry(place: StoragePlace, progress: Progress = quiet) -> list[str]:
    """Moves every file to a place that was entered, and takes it away where it was; goes on where it stopped.

    Returns the keys of files that are nowhere. Errors: ``StorageUnavailable``.
    """
    secret = await storage.hashing_key()
    gone: list[str] = []
    moved = coming = 0

    async def move(one: OutsideObject) -> None:
        nonlocal moved, coming
        body = await _body(one.path, one.store)
        if body is None or storage.key_of(secret, body) != one.key:
            # One that nothing uses is being written, or never was to its end: then it is collected.
            gone.extend([one.key] if one.uses else [])
            coming += not one.uses and clock.now() - one.touched_at < WRITTEN_MS
            return
        await _copy(STORES.at(place.url), one.path, body)
        if await queries.moved(one.key, one.path, one.store, place.id):
            moved += 1
            progress()
            await _forget(one.store, one.path)
        elif ObjectLocation(one.path, place.id) not in await queries.known([one.path]):
            # It was deleted meanwhile.
            await _forget(place.id, one.path)

    looks = 0
    while looks < (LOOKS if gone or coming else QUIET):
        gone.clear()
        moved, coming, after = 0, 0, ""
        while rows := await queries.outside(place.id, after, BATCH):
            await concurrency.run_concurrently(rows, move)
            after = rows[-1].key
        # Other processes may not know yet, and write more; what can't be had may be being written.
        looks = 0 if moved else looks + 1
        await asyncio.sleep(LOOK_SECONDS)
    await storage.collect()
    await _clear_left()
    return gone


async def _copy(store: Store, path: str, body: bytes) -> None:
    try:
        await store.put(path, body)
        if await store.get(path) != body:
            await store.delete(path)
            raise StorageUnavailable
    except (Down, Missing):
        raise StorageUnavailable from None


async def _forget(store: int, path: str) -> None:
    try:
        await (await STORES.of(store)).delete(path)
    except Down:
        raise StorageUnavailable from None


async def _clear_left() -> None:
    """Takes away what was written to a place that is being left, and copies of what was deleted on its way."""
    await _remove_strays([one async for one in _strays()])
    await storage.collect()
    await STORES.close_left()
