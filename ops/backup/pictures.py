"""Pictures, films and sounds in a backup: each encrypted once, under its key, so that only new ones travel."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import structlog
import zstandard

from adapters.objects import Missing
from domain.media import objects
from domain.media.objects import Away as ObjectsAway
from ops.backup import errors, sealing, vault
from ops.backup.manifest import Media
from ops.backup.sealing import Recipients
from ops.backup.vault import Vault

LOG = structlog.get_logger()
# Files in hand at a time, each whole in memory: a film has 40 MB.
AT_ONCE = 4
T = TypeVar("T")


class Carrier:
    """Brings files to a vault; ``sent`` are the bytes that had to travel."""

    def __init__(self, to: Vault, recipients: Recipients) -> None:
        self._vault, self._recipients = to, recipients
        self._there: dict[str, int] = {}
        self.sent = 0

    async def learn(self) -> None:
        """Which files are there already, in one go."""
        self._there |= {path.rpartition("/")[2]: size async for path, size in self._vault.folder(vault.MEDIA)}

    def total(self, keys: Iterable[str]) -> int:
        """How many bytes files take that are there."""
        return sum(self._there[key] for key in keys)

    async def bring(self, keys: Iterable[str], on: Callable[[], None] = lambda: None) -> list[str]:
        """Copies what is not there. Returns the keys that are there now: a file that has just been deleted is not."""

        async def one(key: str) -> str:
            brought = await self._bring(key)
            on()
            return key if brought else ""

        return [key for key in await side_by_side(list(keys), one) if key]

    async def _bring(self, key: str) -> bool:
        if key in self._there:
            return True
        if (size := await self._vault.size(vault.media(key))) is not None:
            self._there[key] = size
            return True
        try:
            body = await objects.read(key)
        except Missing:
            LOG.warning("backup.picture_missing", key=key)
            return False
        except ObjectsAway:
            raise errors.Away("The pictures' own store does not answer. Run it again when it does.") from None
        sealed = await asyncio.to_thread(sealing.encrypt, body, self._recipients)
        await self._vault.put(vault.media(key), sealed)
        self._there[key] = len(sealed)
        self.sent += len(sealed)
        return True


async def side_by_side(things: list[str], work: Callable[[str], Awaitable[T]]) -> list[T]:
    """Works on some at a time, and gives the results in order. Errors: the first of the work's."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(thing: str) -> T:
        async with places:
            return await work(thing)

    tasks = [asyncio.ensure_future(one(thing)) for thing in things]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def listed(keys: Iterable[str]) -> bytes:
    """Keys as a list that a manifest names."""
    return zstandard.ZstdCompressor().compress("".join(f"{key}\n" for key in sorted(keys)).encode())


async def read_list(at: Vault, media: Media) -> list[str]:
    """The keys that a manifest names. Errors: ``Truncated``, ``Tampered``."""
    body = await piece(at, media.list.sha256, media.list.bytes)
    return zstandard.ZstdDecompressor().decompress(body).decode().split()


async def piece(at: Vault, sha256: str, size: int) -> bytes:
    """An object by its hash. Errors: ``Truncated``, ``Tampered``."""
    path = vault.part(sha256)
    return check(await at.get(path), sha256, size, path)


def check(body: bytes, sha256: str, size: int, path: str) -> bytes:
    """Errors: ``Truncated``, ``Tampered`` for what is not what its name says."""
    if len(body) < size:
        raise errors.Truncated("%(path)s has %(found)s bytes, not %(wanted)s.", path=path, found=len(body), wanted=size)
    if hashlib.sha256(body).hexdigest() != sha256:
        raise errors.Tampered("%(path)s is not what was written: its hash is another.", path=path)
    return body
