"""Files as people send them: streamed to disk while they come, with or without a form around them."""

import asyncio
import contextlib
import errno
import hashlib
from collections.abc import AsyncIterator
from typing import BinaryIO

import msgspec
import multipart
from litestar.exceptions import ClientException, InternalServerException

from domain.core.errors import Invalid
from domain.media import attachments
from domain.media.studio import SPARE, Full, Studio, free
from web import forms
from web.forms import MAX_FIELDS, Form
from web.page import Asked

# Written at a time, in bytes.
PIECE = 512 * 1024
MAX_FIELD = 64 * 1024
UNREADABLE = "This form can't be read."


class Sent(msgspec.Struct):
    """A file that came with a form; ``digest`` is a word for what is in it."""

    file: BinaryIO
    digest: str = ""


class _Writer:
    """Writes a file as it comes, without holding up the pages."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self.file, self._most = file, most
        self._waiting = bytearray()
        self._size = 0
        self.hash = hashlib.sha256()

    async def take(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._most:
            raise Invalid("This file is too large: at most %(limit)s MB.", limit=self._most // 1024 // 1024)
        self._waiting += chunk
        if len(self._waiting) >= PIECE:
            await self.flush()

    async def flush(self) -> None:
        waiting, self._waiting = bytes(self._waiting), bytearray()
        try:
            await asyncio.to_thread(self._write, waiting)
        except OSError:
            raise Full from None

    def _write(self, piece: bytes) -> None:
        """Errors: ``OSError``."""
        if free(self.file.fileno()) < SPARE:
            raise OSError(errno.ENOSPC, "no room is left but for others")
        self.hash.update(piece)
        self.file.write(piece)
        self.file.flush()


async def _chunks(request: Asked) -> AsyncIterator[bytes]:
    """A body as it comes. Errors: ``ClientException`` when whoever sent it went away, which is no fault of ours."""
    try:
        async for chunk in request.stream():
            if chunk:
                yield chunk
    except InternalServerException:
        raise ClientException from None


@contextlib.asynccontextmanager
async def bare(request: Asked, studio: Studio) -> AsyncIterator[BinaryIO]:
    """The body of a request as a file. Errors: ``Invalid`` when it is too large, ``Full``."""
    with studio.open_file() as file:
        writer = _Writer(file, studio.rules.most)
        async for chunk in _chunks(request):
            await writer.take(chunk)
        await writer.flush()
        yield file


@contextlib.asynccontextmanager
async def form(request: Asked, studio: Studio, keep: bool = True) -> AsyncIterator[tuple[Form, list[Sent]]]:
    """A form and the files that came with it; empty file fields are left out, and without ``keep`` all of them.

    Errors: ``Invalid`` for what is no such form, or has too many or too large files; ``Full``.
    """
    kind, options = multipart.parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data":
        yield await forms.read(request), []
        return
    with contextlib.ExitStack() as stack:
        reader = _Reader(studio if keep else None, stack)
        try:
            with multipart.PushMultipartParser(
                options.get("boundary", ""), max_segment_count=MAX_FIELDS + attachments.MOST
            ) as parser:
                async for chunk in _chunks(request):
                    for event in parser.parse(chunk):
                        await reader.take(event)
        except (multipart.MultipartError, UnicodeDecodeError):
            raise Invalid(UNREADABLE) from None
        yield Form(reader.fields), reader.files


class _Reader:
    """Puts the parts of a form where they belong as they come."""

    def __init__(self, studio: Studio | None, stack: contextlib.ExitStack) -> None:
        self._studio, self._stack = studio, stack
        self.fields: dict[str, str] = {}
        self.files: list[Sent] = []
        self._segment: multipart.MultipartSegment | None = None
        self._text = bytearray()
        self._writer: _Writer | None = None

    async def take(self, event: multipart.MultipartSegment | bytes | None) -> None:
        if isinstance(event, multipart.MultipartSegment):
            self._segment, self._text, self._writer = event, bytearray(), None
        elif event is None:
            await self._end()
        elif self._segment is not None and self._segment.filename is not None:
            if self._studio is not None:
                await self._into_file(self._studio, event)
        else:
            self._text += event
            if len(self._text) > MAX_FIELD:
                raise Invalid("This form is not in UTF-8, or has too many fields.")

    async def _into_file(self, studio: Studio, chunk: bytes) -> None:
        if self._writer is None:
            if len(self.files) >= attachments.MOST:
                raise Invalid("At most %(limit)s pictures fit into a post.", limit=attachments.MOST)
            file = self._stack.enter_context(studio.open_file())
            self._writer = _Writer(file, studio.rules.most)
            self.files.append(Sent(file))
        await self._writer.take(chunk)

    async def _end(self) -> None:
        assert self._segment is not None
        if self._writer is not None:
            await self._writer.flush()
            self.files[-1].digest = self._writer.hash.hexdigest()[:16]
        elif self._segment.filename is None:
            self.fields[self._segment.name] = forms.clean(self._text.decode("utf-8"))
