"""The layout of a repository: manifests by number, parts by hash, objects by key, segments in chains."""

import contextlib
import errno
import hashlib
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from adapters import objects
from adapters.objects import Down, Missing, Store
from db.blocking import run_blocking
from domain.core.units import MB
from ops.backup.errors import StoreFull, StoreUnavailable, Truncated

MANIFESTS, PARTS, MEDIA, SEGMENTS = "manifests", "parts", "media", "segments"
# Bytes of an archive's part: what is sent again when a connection breaks.
PART = 32 * MB
PATIENCE = 120
NO_ROOM = "This machine's disk is full: a backup needs room in the data folder while it is made."


class Repository:
    """A place for backups. Errors of every call: ``StoreUnavailable``, ``StoreFull``."""

    def __init__(self, url: str, seconds: int = PATIENCE) -> None:
        """``url`` as adapters.objects.Store has it. Errors: ``WrongURL``."""
        self.name = objects.public(url)
        self._store = Store(url, seconds)

    def make(self) -> None:
        """Makes the folder, of a place that begins here."""
        with self._speaking():
            self._store.make()

    async def put(self, path: str, body: bytes) -> bool:
        """Writes an object, unless there is one; returns whether it did."""
        with self._speaking():
            return await self._store.put(path, body)

    async def put_file(self, path: str, file: Path, size: int) -> int:
        """Writes an object of a file, in place of one of another size. Returns the bytes that had to travel."""
        there = await self.size(path)
        if there == size:
            return 0
        if there is not None:
            await self.delete(path)
        with self._speaking(), file.open("rb") as body:
            await self._store.put(path, body)
        if await self.size(path) != size:
            raise StoreUnavailable(
                "%(place)s has not kept %(path)s whole. Run it again when it does.", place=self.name, path=path
            )
        return size

    async def get(self, path: str) -> bytes:
        """Errors: ``Truncated`` when it is not there."""
        with self._speaking():
            try:
                return await self._store.get(path)
            except Missing:
                raise Truncated("%(path)s is missing at %(place)s.", path=path, place=self.name) from None

    async def find(self, path: str) -> bytes | None:
        """An object, or None."""
        with self._speaking(), contextlib.suppress(Missing):
            return await self._store.get(path)
        return None

    async def size(self, path: str) -> int | None:
        """How many bytes an object has; None when it is not there."""
        with self._speaking(), contextlib.suppress(Missing):
            return await self._store.size(path)
        return None

    async def delete(self, path: str) -> None:
        with self._speaking():
            await self._store.delete(path)

    async def folder(self, name: str) -> AsyncIterator[tuple[str, int]]:
        """``(path, bytes)`` of all objects in a folder, in no order."""
        with self._speaking():
            async for found in self._store.everything(name):
                for path, size in found:
                    yield str(path), size

    @contextlib.contextmanager
    def _speaking(self) -> Iterator[None]:
        """Turns what the store says into words for an operator."""
        try:
            yield
        except Down as error:
            if str(error) == "no space":
                raise StoreFull("There is no space left at %(place)s. Nothing is lost: make room and run it again.",
                           place=self.name) from None  # fmt: skip
            raise StoreUnavailable(
                "%(place)s can't be read or written (%(why)s). Run it again when it can.",
                place=self.name,
                why=str(error),
            ) from None

    async def segments(self, writer: str = "") -> AsyncIterator[tuple[str, int, str]]:
        """``(writer, number, path)`` of the segments of one chain, or of all."""
        async for path, _ in self.folder(f"{SEGMENTS}/{writer}" if writer else SEGMENTS):
            _, whose, number = path.rsplit("/", 2)
            if number.isdecimal():
                yield whose, int(number), path

    async def manifests(self) -> list[int]:
        """The numbers of all manifests, newest first."""
        names = [path.rpartition("/")[2] async for path, _ in self.folder(MANIFESTS)]
        return sorted((int(name) for name in names if name.isdecimal()), reverse=True)


def manifest(number: int) -> str:
    return f"{MANIFESTS}/{number:08}"


def part(sha256: str) -> str:
    return f"{PARTS}/{sha256}"


def media(key: str) -> str:
    return f"{MEDIA}/{key[:2]}/{key}"


def segment(writer: str, number: int) -> str:
    return f"{SEGMENTS}/{writer}/{number:012}"


def digest(body: bytes) -> str:
    """What a part is called."""
    return hashlib.sha256(body).hexdigest()


@contextlib.contextmanager
def room() -> Iterator[None]:
    """Says in words that this machine's disk is full. Errors: ``StoreFull``."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(NO_ROOM) from None
        raise


async def check_room(folder: Path, needed: int) -> None:
    """Errors: ``StoreFull`` when a folder has no room for so many bytes."""
    free = (await run_blocking(shutil.disk_usage, folder)).free
    if free < needed:
        words = "%(folder)s needs %(needed)s MB of free space, and has %(free)s."
        raise StoreFull(words, folder=str(folder), needed=needed // 1_000_000 + 1, free=free // 1_000_000)
