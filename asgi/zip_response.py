"""A ZIP archive that is sent while it is written: nothing of it is kept, and its size is not known before."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from time import gmtime
from typing import IO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from asgi import responses
from asgi.asgi_types import Receive, Scope, Send
from domain.core.blocking import run_blocking

# Sent as soon as so many bytes are ready.
PIECE = 128 * 1024


class _Pipe:
    """What was written and not yet sent. It can't be rewound, so that zipfile writes sizes after the files."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def write(self, data: bytes) -> int:
        self.waiting += data
        return len(data)

    def flush(self) -> None:
        """Zipfile asks for it; there is nothing to do."""

    def taken(self) -> bytes:
        found = bytes(self.waiting)
        self.waiting.clear()
        return found


class ZipWriter:
    """Writes files one after another; ``send`` gets the bytes of the archive as they come."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._send = send
        self._pipe = _Pipe()
        self._zip = ZipFile(cast("IO[bytes]", self._pipe), "w")

    async def add(self, name: str, chunks: AsyncIterator[bytes], at: int, *, packed: bool = False) -> None:
        """Adds a file that was last changed ``at`` (Unix milliseconds); ``packed``: it can't be made smaller."""
        info = ZipInfo(name, gmtime(at / 1000)[:6])
        info.compress_type = ZIP_STORED if packed else ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        with self._zip.open(info, "w", force_zip64=True) as file:
            async for chunk in chunks:
                await run_blocking(file.write, chunk)
                if len(self._pipe.waiting) >= PIECE:
                    await self._send(self._pipe.taken())

    async def close(self) -> None:
        self._zip.close()
        await self._send(self._pipe.taken())


class ZipResponse:
    """ASGI: sends what ``write`` adds to the archive as a file to be saved; ``name`` is of ASCII letters.

    Whoever goes away ends the writing. An error ends the connection: half an archive must not look like a whole one.
    """

    def __init__(self, name: str, write: Callable[[ZipWriter], Awaitable[None]]) -> None:
        self._headers = [
            (b"content-type", b"application/zip"),
            (b"content-disposition", b'attachment; filename="%s"' % name.encode()),
            responses.NO_STORE,
        ]
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        writing = asyncio.create_task(self._whole(send))
        leaving = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait((writing, leaving), return_when=asyncio.FIRST_COMPLETED)
            if writing.done():
                await writing
        finally:
            writing.cancel()
            leaving.cancel()
            await asyncio.gather(writing, leaving, return_exceptions=True)

    async def _whole(self, send: Send) -> None:
        async def forward(data: bytes) -> None:
            await send({"type": "http.response.body", "body": data, "more_body": True})

        archive = ZipWriter(forward)
        await self._write(archive)
        await archive.close()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def to_asgi_response(self, **_: object) -> "ZipResponse":
        """Litestar calls this on what a handler returns."""
        return self


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
