"""Request bodies and files, streamed to disk as they arrive."""

import contextlib
import errno
import hashlib
from collections.abc import AsyncIterator
from typing import Any, BinaryIO

from asgi.asgi_types import Request
from domain.core.blocking import run_blocking
from domain.core.errors import Invalid
from domain.core.units import MB
from domain.media.processor import MIN_FREE_BYTES, DiskFull, MediaProcessor, free_bytes

# Written at a time, in bytes.
CHUNK = 64 * 1024


class IncomingFile:
    """A file that arrives with a request, written to disk in chunks without blocking the event loop.

    Use :meth:`take` for each piece that arrives, then :meth:`finish`.
    """

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        self.file, self._max_bytes = file, max_bytes
        self._waiting = bytearray()
        self._size = 0
        self.is_whole = False
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        """A short hash of what was written so far, 16 hexadecimal digits."""
        return self._hash.hexdigest()[:16]

    def read(self) -> bytes:
        """The content of a finished file."""
        self.file.seek(0)
        return self.file.read()

    async def take(self, chunk: bytes) -> None:
        """Errors: ``Invalid`` when the file is too large, ``DiskFull``."""
        self._size += len(chunk)
        if self._size > self._max_bytes:
            raise Invalid("This file is too large: at most %(limit)s MB.", limit=self._max_bytes // MB)
        self._waiting += chunk
        if len(self._waiting) >= CHUNK:
            await self._flush()

    async def finish(self) -> None:
        """Errors: ``DiskFull``."""
        await self._flush()
        self.is_whole = True

    async def _flush(self) -> None:
        waiting, self._waiting = bytes(self._waiting), bytearray()
        try:
            await run_blocking(self._write, waiting)
        except OSError:
            raise DiskFull from None

    def _write(self, piece: bytes) -> None:
        """Errors: ``OSError``."""
        if free_bytes(self.file.fileno()) < MIN_FREE_BYTES:
            raise OSError(errno.ENOSPC, "no room is left but for others")
        self._hash.update(piece)
        self.file.write(piece)
        self.file.flush()


async def chunks(request: Request) -> AsyncIterator[bytes]:
    """Yields the body as it arrives, within the size limit of `asgi.request_guard`.

    Whoever sends it may be somebody else afterwards (`asgi.sessions`): take the viewer from the visit then. Litestar's
    own reader works only within handlers; this one also works in middleware. Errors: ``Suspended``.
    """
    more = True
    while more:
        message: Any = await request.receive()
        more = message.get("more_body", False)
        if message.get("body"):
            yield message["body"]


@contextlib.asynccontextmanager
async def body_as_file(request: Request, processor: MediaProcessor) -> AsyncIterator[IncomingFile]:
    """The body of a request as a file. Errors: ``Invalid`` when it is too large, ``DiskFull``."""
    with processor.open_file() as file:
        incoming = IncomingFile(file, processor.rules.most)
        async for chunk in chunks(request):
            await incoming.take(chunk)
        await incoming.finish()
        yield incoming
