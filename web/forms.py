"""Forms as people send them: text fields, and files that are streamed to where the caller wants them."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl

import msgspec
import multipart
from litestar.exceptions import HTTPException

from asgi import query_string, uploads
from asgi.asgi_types import Request
from domain.core import ids
from domain.core.errors import Invalid, NotFound, Refused
from domain.core.translatable import N_
from domain.media import attachments

T = TypeVar("T")

MAX_FIELDS = 60
# All text fields of a form together, in bytes.
MAX_TEXT = 256 * 1024
# What a part, or a form, may say of its encoding: all of it is UTF-8 then.
CHARSETS = (None, "utf-8", "utf8", "us-ascii")
UNREADABLE = N_("This form can't be read.")
TOO_LONG = N_("This is too long: all the words of a form may have %(limit)s KB. Go back: they are still there.")


class Unreadable(Refused):
    """What was sent is no form, or not one in UTF-8. It is answered with 400."""

    code = "unreadable"

    def __init__(self, words: str = UNREADABLE, **params: Any) -> None:
        super().__init__(words, **params)


class Form(dict[str, str]):
    """Field names and values; a missing one is empty. The last of several with one name counts.

    ``has_files``: files came with it, whether they were kept or not; ``refusal``: why one of them was not taken.
    """

    has_files = False
    refusal: Refused | None = None

    def __missing__(self, name: str) -> str:
        return ""

    def on(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self[name] not in ("", "0", "false", "off")


class FileTarget(Protocol):
    """Takes a file of a form, piece by piece."""

    async def take(self, chunk: bytes) -> None: ...

    async def finish(self) -> None: ...


OpenFile = Callable[[], FileTarget]


async def read(request: Request, open_file: OpenFile | None = None, *, max_fields: int = MAX_FIELDS) -> Form:
    """Reads the request's form.

    Each file that is not empty is written to a target of its own, in the form's order; without ``open_file`` files are
    skipped. The first refusal of a target stands in the form, which is read to its end all the same: whoever gets it
    back finds there what they typed. Errors: ``Unreadable``, also for more than ``max_fields``; others of the targets.
    """
    form = request.scope["state"]["form"] = await _read(request, open_file, max_fields)
    return form


def received(request: Request) -> Form:
    """The form as far as it has been read, for an answer that gives it back."""
    found: Form | None = request.scope["state"].get("form")
    return Form() if found is None else found


async def read_to_return(request: Request) -> None:
    """Reads a form that nothing is done with, so that the answer can give it back; large ones are left alone."""
    length = request.headers.get("content-length", "")
    if "form" not in request.scope["state"] and length.isdecimal() and int(length[:9]) <= MAX_TEXT:
        with contextlib.suppress(Refused, HTTPException):
            await read(request)


async def _read(request: Request, open_file: OpenFile | None, max_fields: int) -> Form:
    kind, options = multipart.parse_options_header(request.headers.get("content-type", ""))
    if options.get("charset", "utf-8").lower() not in CHARSETS:
        raise Unreadable
    if kind == "multipart/form-data":
        return await _multipart(request, options.get("boundary", ""), open_file, max_fields)
    body = b"".join([chunk async for chunk in uploads.chunks(request)])
    if not body:
        return Form()
    if kind != "application/x-www-form-urlencoded":
        raise Unreadable
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=max_fields)
    except ValueError:
        raise Unreadable from None
    return Form({name: clean(value) for name, value in pairs})


async def _multipart(request: Request, boundary: str, open_file: OpenFile | None, max_fields: int) -> Form:
    reader = _Multipart(open_file)
    try:
        with multipart.PushMultipartParser(boundary, max_segment_count=max_fields + attachments.MOST) as parser:
            async for chunk in uploads.chunks(request):
                for event in parser.parse(chunk):
                    await reader.take(event)
    except (multipart.MultipartError, UnicodeError):
        raise Unreadable from None
    return reader.form


class _Multipart:
    """Puts the parts of a form where they belong as they come."""

    def __init__(self, open_file: OpenFile | None) -> None:
        self.form = Form()
        self._open_file = open_file
        self._part: multipart.MultipartSegment | None = None
        self._text = bytearray()
        self._size = 0
        self._target: FileTarget | None = None

    async def take(self, event: multipart.MultipartSegment | bytes | None) -> None:
        """Errors: ``Unreadable``, ``UnicodeError``; those of the targets that are no refusals."""
        if event is None:
            await self._finish()
        elif isinstance(event, multipart.MultipartSegment):
            self._begin(event)
        elif self._part is None or self._part.filename is None:
            self._add(event)
        else:
            await self._write(event)

    async def _write(self, chunk: bytes) -> None:
        self.form.has_files = True
        if self._open_file is not None and self.form.refusal is None:
            with self._refusal_noted():
                self._target = self._target or self._open_file()
                await self._target.take(chunk)

    @contextlib.contextmanager
    def _refusal_noted(self) -> Iterator[None]:
        try:
            yield
        except Refused as refusal:
            self.form.refusal = refusal

    def _begin(self, part: multipart.MultipartSegment) -> None:
        self._part, self._text, self._target = part, bytearray(), None
        # Only text is decoded, and nothing but UTF-8 is: some of Python's codecs take time that grows with the square
        # of the length, and some do not give text.
        if part.filename is None and (part.charset or "utf-8").lower() not in CHARSETS:
            raise Unreadable

    def _add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > MAX_TEXT:
            raise Unreadable(TOO_LONG, limit=MAX_TEXT // 1024)
        self._text += chunk

    async def _finish(self) -> None:
        assert self._part is not None
        if self._part.filename is None:
            self.form[self._part.name] = clean(self._text.decode("utf-8"))
        elif self._target is not None and self.form.refusal is None:
            with self._refusal_noted():
                await self._target.finish()


def clean(value: str) -> str:
    """A field without the null character, which PostgreSQL can't hold and no person types."""
    return value.replace("\x00", "")


async def read_json(request: Request, kind: type[T]) -> T:
    """The body of a request from a script of ours. Errors: ``Invalid``."""
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Invalid("This can't be read.") from None


def query(request: Request, name: str) -> str:
    """A value from the address, "" when there is none."""
    return clean(query_string.value(request.scope, name))


def parse_id(text: str) -> int:
    """An id from an address or a form. Errors: ``NotFound``, as for an id that nothing has."""
    identifier = ids.parse(text)
    if identifier is None:
        raise NotFound
    return identifier


def number(text: str) -> int:
    """A small whole number from a form, -1 for anything else."""
    return int(text) if text.isdecimal() and len(text) < 4 else -1


def version(text: str) -> int | None:
    """The number of a version, or of a rule, from an address or a form; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def minutes(text: str) -> int | None:
    """A time such as 22:30 as minutes of the day; None where nothing was typed, -1 for anything else."""
    if not text.strip():
        return None
    hours, _, rest = text.strip().partition(":")
    hour, minute = number(hours), number(rest[:2])
    return hour * 60 + minute if 0 <= hour < 24 and 0 <= minute < 60 and len(rest) >= 2 else -1


def clock(minutes: int | None) -> str:
    """The same the other way round."""
    return "" if minutes is None else f"{minutes // 60:02}:{minutes % 60:02}"
