"""Pictures, films and sounds in a backup: each encrypted once, under its key, so that only new ones travel."""

from collections.abc import Callable, Iterable, Mapping

import structlog
import zstandard

from adapters.objects import Missing
from db.threads import run_blocking
from domain.core import side
from domain.media import objects
from domain.media.objects import Away as ObjectsAway
from ops.backup import errors, sealing, vault
from ops.backup.manifest import Media, Piece
from ops.backup.sealing import Recipients
from ops.backup.vault import Vault

LOG = structlog.get_logger()


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

    async def bring(self, files: Mapping[str, int], on: Callable[[], None] = lambda: None) -> list[str]:
        """Copies what is not there, or cut short there; ``files`` are keys with their bytes.

        Returns the keys that are there now: a file that has just been deleted is not.
        """

        async def one(key: str) -> str:
            brought = await self._bring(key, files[key])
            on()
            return key if brought else ""

        return [key for key in await side.by_side(list(files), one) if key]

    async def _bring(self, key: str, size: int) -> bool:
        there = self._there.get(key) or await self._vault.size(vault.media(key))
        # What is encrypted is longer than what it was.
        if there and there > size:
            self._there[key] = there
            return True
        try:
            body = await objects.read(key)
        except Missing:
            LOG.warning("backup.picture_missing", key=key)
            return False
        except ObjectsAway:
            raise errors.Away("The pictures' own store does not answer. Run it again when it does.") from None
        sealed = await run_blocking(sealing.encrypt, body, self._recipients)
        if there is not None:
            await self._vault.delete(vault.media(key))
        await self._vault.put(vault.media(key), sealed)
        self._there[key] = len(sealed)
        self.sent += len(sealed)
        return True


def listed(keys: Iterable[str]) -> bytes:
    """Keys as a list that a manifest names."""
    return zstandard.ZstdCompressor().compress("".join(f"{key}\n" for key in sorted(keys)).encode())


async def read_list(at: Vault, media: Media) -> list[str]:
    """The keys that a manifest names. Errors: ``Truncated``, ``Tampered``."""
    body = await piece(at, media.list)
    return zstandard.ZstdDecompressor().decompress(body).decode().split()


async def piece(at: Vault, wanted: Piece) -> bytes:
    """An object by its hash. Errors: ``Truncated``, ``Tampered`` for what is not what its name says."""
    path, size = vault.part(wanted.sha256), wanted.bytes
    body = await at.get(path)
    if len(body) < size:
        raise errors.Truncated("%(path)s has %(found)s bytes, not %(wanted)s.", path=path, found=len(body), wanted=size)
    if vault.digest(body) != wanted.sha256:
        raise errors.Tampered("%(path)s is not what was written: its hash is another.", path=path)
    return body
