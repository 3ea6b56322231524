"""Objects in a backup: each encrypted once, under its key, so only new ones are sent."""

from collections.abc import Callable, Iterable, Mapping

import structlog
import zstandard

from adapters.objects import Missing
from db.blocking import run_blocking
from domain.core import concurrency
from domain.media import storage
from domain.media.storage import StorageUnavailable
from ops.backup import errors, repository, sealing
from ops.backup.manifest import ArchivePart, MediaList
from ops.backup.repository import Repository
from ops.backup.sealing import Recipients

LOG = structlog.get_logger()


class PictureUploader:
    """Brings files to a repository; ``sent`` are the bytes that had to travel."""

    def __init__(self, to: Repository, recipients: Recipients) -> None:
        self._repository, self._recipients = to, recipients
        self._there: dict[str, int] = {}
        self.sent = 0

    async def learn(self) -> None:
        """Which files are there already, in one go."""
        self._there |= {path.rpartition("/")[2]: size async for path, size in self._repository.folder(repository.MEDIA)}

    def total(self, keys: Iterable[str]) -> int:
        """How many bytes files take that are there."""
        return sum(self._there[key] for key in keys)

    async def bring(self, files: Mapping[str, int], on: Callable[[], None] = lambda: None) -> list[str]:
        """Copies what is not there, or cut short there; ``files`` are keys with their bytes.

        Returns the keys that are there now: a file that has just been deleted is not.
        """

        async def one(key: str) -> str:
            brought = await self._bring(key, files[key])
            on()
            return key if brought else ""

        return [key for key in await concurrency.run_concurrently(list(files), one) if key]

    async def _bring(self, key: str, size: int) -> bool:
        there = self._there.get(key) or await self._repository.size(repository.media(key))
        # What is encrypted is longer than what it was.
        if there and there > size:
            self._there[key] = there
            return True
        try:
            body = await storage.read(key)
        except Missing:
            LOG.warning("backup.picture_missing", key=key)
            return False
        except StorageUnavailable:
            raise errors.StoreUnavailable(
                "The pictures' own store does not answer. Run it again when it does."
            ) from None
        sealed = await run_blocking(sealing.encrypt, body, self._recipients)
        if there is not None:
            await self._repository.delete(repository.media(key))
        await self._repository.put(repository.media(key), sealed)
        self._there[key] = len(sealed)
        self.sent += len(sealed)
        return True


def listed(keys: Iterable[str]) -> bytes:
    """Keys as a list that a manifest names."""
    return zstandard.ZstdCompressor().compress("".join(f"{key}\n" for key in sorted(keys)).encode())


async def read_list(at: Repository, media: MediaList) -> list[str]:
    """The keys that a manifest names. Errors: ``Truncated``, ``Tampered``."""
    body = await piece(at, media.list)
    return zstandard.ZstdDecompressor().decompress(body).decode().split()


async def piece(at: Repository, wanted: ArchivePart) -> bytes:
    """An object by its hash. Errors: ``Truncated``, ``Tampered`` for what is not what its name says."""
    path, size = repository.part(wanted.sha256), wanted.bytes
    body = await at.get(path)
    if len(body) < size:
        raise errors.Truncated("%(path)s has %(found)s bytes, not %(wanted)s.", path=path, found=len(body), wanted=size)
    if repository.digest(body) != wanted.sha256:
        raise errors.Tampered("%(path)s is not what was written: its hash is another.", path=path)
    return body
