"""Files as people send them: streamed to disk while they come, with or without a form around them."""

import contextlib
import errno
import hashlib
from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO

from asgi.asgi_types import Request
from domain.core.errors import Invalid
from domain.core.threads import run_blocking
from domain.core.units import MB
from domain.media import attachments
from domain.media.processor import MIN_FREE_BYTES, DiskFull, MediaProcessor, free_bytes
from web import forms, page
from web.forms import Form

# Written at a time, in bytes.
PIECE = 64 * 1024


class IncomingFile:
    """A file that comes with a request, written to disk piece by piece without holding up the pages."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        """``most`` is the largest size, in bytes."""
        self.file, self._most = file, most
        self._waiting = bytearray()
        self._size = 0
        self.is_whole = False
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        """A word for what was written so far."""
        return self._hash.hexdigest()[:16]

    def read(self) -> bytes:
        """The whole file, once it is there."""
        self.file.seek(0)
        return self.file.read()

    async def take(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._most:
            raise Invalid("This file is too large: at most %(limit)s MB.", limit=self._most // MB)
        self._waiting += chunk
        if len(self._waiting) >= PIECE:
            await self._flush()

    async def finish(self) -> None:
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


@contextlib.asynccontextmanager
async def body_as_file(request: Request, studio: MediaProcessor) -> AsyncIterator[IncomingFile]:
    """The body of a request as a file that was sent. Errors: ``Invalid`` when it is too large, ``Full``."""
    with studio.open_file() as file:
        sent = IncomingFile(file, studio.rules.most)
        async for chunk in forms.chunks(request):
            await sent.take(chunk)
        await sent.finish()
        yield sent


class Submission:
    """A form and the files that came with it."""

    def __init__(self, form: Form, files: list[IncomingFile]) -> None:
        self.form, self._files = form, files

    def files(self) -> Iterator[IncomingFile]:
        """Those that came whole. Errors, behind them: ``Invalid`` for too many or a too large one, ``Full``."""
        yield from (file for file in self._files if file.is_whole)
        if self.form.refusal is not None:
            raise self.form.refusal

    def file(self) -> IncomingFile | None:
        """The first one. Errors: as above."""
        return next(self.files(), None)


@contextlib.asynccontextmanager
async def submission(request: Request, studio: MediaProcessor) -> AsyncIterator[Submission]:
    """A form with files; empty file fields are left out, and all of them where nobody is signed in.

    Errors: ``forms.Unreadable``.
    """
    with contextlib.ExitStack() as stack:
        files: list[IncomingFile] = []

        def open_file() -> IncomingFile:
            if len(files) >= attachments.MOST:
                raise Invalid("At most %(limit)s pictures fit into a post.", limit=attachments.MOST)
            files.append(IncomingFile(stack.enter_context(studio.open_file()), studio.rules.most))
            return files[-1]

        form = await forms.read(request, open_file if page.viewer(request).signed_in else None)
        yield Submission(form, files)
