"""Object storage for pictures, videos and sounds: a folder, or a bucket of S3 or of Ceph's gateway. Over obstore.

Every object is written once, under a path that says what is in it, and never changed.
"""

import asyncio
import contextlib
import mmap
import os
import re
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qs, quote, unquote, urlsplit

import obstore
from obstore import exceptions
from obstore.store import LocalStore, S3Store

# A disk of Ceph's that is lost is missed for some seconds; who waits longer than this is told so. What is large may
# take longer, on a line of this many bytes a second.
SECONDS = 12
PACE = 2 * 1024 * 1024
# Of those seconds, one request to a gateway; a second try fits into the rest.
REQUEST_SHARE = 0.75
# The only paths there are: relative, of parts that don't begin with a dot, in the letters of base64url and file names.
PATH = re.compile(r"[\w-][\w.-]{0,99}(/[\w-][\w.-]{0,99}){0,7}", re.ASCII)
# Sent in one piece up to this size, in parts of it beyond: Ceph heeds "only when there is none" in one piece alone.
PIECE = 8 * 1024 * 1024


class WrongURL(ValueError):
    """Not an address of a store; ``str(error)`` says what is wrong with it, without its keys."""


class Missing(Exception):
    """There is no such object."""


class WrongPath(Missing):
    """A path that no object can have, such as one that leads out of the store: a row may come from anywhere."""


class Down(Exception):
    """The store does not answer, or can't take what it is given; ``str(error)`` is a word or two on why."""


class Store:
    """One place for objects. Errors of every call: ``Down``; ``WrongPath``, before anything else is done."""

    def __init__(self, url: str, seconds: int = SECONDS) -> None:
        """``url`` is ``file:///folder`` or ``s3://key:secret@bucket/prefix?endpoint=https://host&region=name``.

        ``seconds`` is how long a call waits for an answer. Errors: ``WrongURL``.
        """
        self.folder = folder_of(url)
        self._beginning = f"{self.folder}/"
        self._seconds = seconds
        self._opened: LocalStore | S3Store | None = None if self.folder else _bucket(url, seconds)

    def _patience(self, size: int = 0) -> contextlib.AbstractAsyncContextManager[None]:
        return _patience(self._seconds + size / PACE)

    @property
    def _store(self) -> LocalStore | S3Store:
        """Opened when it is needed: a folder may be on a disk that is not there. Errors: ``Down``, ``OSError``."""
        if self.folder and not self.folder.is_dir():
            # Made anew it would be on another disk.
            raise Down("no such folder")
        if self._opened is None:
            self._opened = LocalStore(self.folder)
        return self._opened

    def make(self) -> None:
        """Makes the folder, of a store that begins here. Errors: ``Down``."""
        if self.folder:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise Down(_why(error)) from None

    async def put(self, path: str, body: bytes | BinaryIO) -> bool:
        """Writes an object, from the beginning of a file or from memory; one that is there already stays.

        Returns whether it was written; False also where a first try was, whose answer was lost.
        """
        check_path(path)
        with _mapped(body) as source:
            written = await self._create(path, source)
            # A power cut may have left the name and not the bytes.
            if not written and self.folder and len(source) and await self.size(path) == 0:
                await self.delete(path)
                written = await self._create(path, source)
        await self._settle(path)
        return written

    async def _create(self, path: str, source: Any) -> bool:
        """False when there is one already."""
        try:
            async with self._patience(len(source)):
                await obstore.put_async(
                    self._store, path, source, mode="create", use_multipart=len(source) > PIECE and not self.folder
                )
        except exceptions.AlreadyExistsError:
            return False
        except Missing:
            raise Down("no such bucket") from None
        return True

    async def _settle(self, path: str) -> None:
        """In a folder: an acknowledged picture survives a power cut."""
        if self.folder:
            try:
                await asyncio.to_thread(_to_disk, self.folder / path)
            except OSError as error:
                raise Down(_why(error)) from None

    async def read(self, path: str, start: int, end: int) -> bytes:
        """Bytes ``start`` to ``end`` (not included) of an object. Errors: ``Missing``."""
        if self.folder and (found := _from_memory(self._beginning + check_path(path), start, end)) is not None:
            return found
        async with self._patience():
            return bytes(await obstore.get_range_async(self._store, check_path(path), start=start, end=end))

    async def get(self, path: str) -> bytes:
        """A whole object. Errors: ``Missing``."""
        async with self._patience():
            found = await obstore.get_async(self._store, check_path(path))
        async with self._patience(found.meta["size"]):
            return bytes(await found.bytes_async())

    async def size(self, path: str) -> int:
        """How many bytes an object has. Errors: ``Missing``."""
        async with self._patience():
            return int((await obstore.head_async(self._store, check_path(path)))["size"])

    async def delete(self, path: str) -> None:
        """Removes an object; one that is not there is fine."""
        check_path(path)
        with contextlib.suppress(Missing):
            async with self._patience():
                await obstore.delete_async(self._store, path)

    async def everything(self, folder: str | None = None) -> AsyncIterator[Sequence[tuple[str, int]]]:
        """All objects with paths of ours, or those in one folder, as ``(path, bytes)``, some hundred at a time."""
        async with self._patience():
            stream = obstore.list(self._store, check_path(folder) if folder else None, chunk_size=500)
        while True:
            async with self._patience():
                found = await anext(stream, None)
            if found is None:
                return
            yield [(one["path"], one["size"]) for one in found if PATH.fullmatch(one["path"])]


@contextlib.asynccontextmanager
async def _patience(seconds: float) -> AsyncIterator[None]:
    """Turns what obstore says into our errors, and waits for so many seconds at most."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (exceptions.NotFoundError, FileNotFoundError):
        raise Missing from None
    except exceptions.AlreadyExistsError:
        raise
    except TimeoutError:
        raise Down("no answer") from None
    except (exceptions.BaseError, OSError) as error:
        raise Down(_why(error)) from None


def _why(error: Exception) -> str:
    """A word or two, never the error's own text, which may hold an address with keys."""
    said = str(error)
    if "No space left" in said or "os error 28" in said:
        return "no space"
    if isinstance(error, exceptions.PermissionDeniedError | exceptions.UnauthenticatedError | PermissionError):
        return "not allowed"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "no connection" if "error sending request" in said else type(error).__name__


@contextlib.contextmanager
def _mapped(body: bytes | BinaryIO):  # type: ignore[no-untyped-def]
    """A file as memory that the system fills while it is sent."""
    if isinstance(body, bytes):
        yield body
        return
    mapped = mmap.mmap(body.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        yield mapped
    finally:
        # What was given up on may still be held by obstore: then it is freed with it.
        with contextlib.suppress(BufferError):
            mapped.close()


def _to_disk(file: Path) -> None:
    """The file, its name, and that of its folder, are on the disk when this returns."""
    for path in (file, file.parent, file.parent.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _from_memory(file: str, start: int, end: int) -> bytes | None:
    """Part of a file that the system has in memory, without waiting for a disk; else None.

    14 us for 100 KB; obstore, which takes a thread, 195 us (measured on two busy cores). Errors: ``Missing``.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        raise Missing from None
    except OSError:
        return None
    try:
        body = bytearray(end - start)
        read = os.preadv(descriptor, [body], start, os.RWF_NOWAIT)
        return bytes(body) if read == len(body) else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def folder_of(url: str) -> Path | None:
    """The folder that an address names; None for a bucket's. Errors: ``WrongURL``."""
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path.startswith("/"):
        return Path(unquote(parts.path))
    if parts.scheme == "s3":
        return None
    raise WrongURL("must be file:///folder or s3://key:secret@bucket?endpoint=https://host")


def _bucket(url: str, seconds: int = SECONDS) -> S3Store:
    try:
        parts = urlsplit(url)
        asked = {name: values[-1] for name, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()}
        bucket = (parts.netloc.rpartition("@")[2]).lower()
        user, secret = unquote(parts.username or ""), unquote(parts.password or "")
    except ValueError:
        raise WrongURL("can't be read") from None
    if unknown := sorted(set(asked) - {"endpoint", "region"}):
        raise WrongURL(f"has {', '.join(unknown)}, which Parvis does not know")
    if not bucket:
        raise WrongURL("names no bucket")
    if not (user and secret):
        raise WrongURL("needs a key and a secret: s3://key:secret@bucket")
    endpoint = asked.get("endpoint", "")
    if endpoint and urlsplit(endpoint).scheme not in ("http", "https"):
        raise WrongURL("has an endpoint that is neither http:// nor https://")
    return S3Store(
        bucket,
        prefix=unquote(parts.path.strip("/")) or None,
        config={
            "access_key_id": user,
            "secret_access_key": secret,
            "region": asked.get("region", "us-east-1"),
            **({"endpoint": endpoint.rstrip("/")} if endpoint else {}),
            "virtual_hosted_style_request": not endpoint,
        },
        client_options={
            "allow_http": True, "connect_timeout": timedelta(seconds=2),
            "timeout": timedelta(seconds=seconds * REQUEST_SHARE),
        },
        retry_config={
            "max_retries": 3,
            "backoff": {"base": 2, "init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=1)},
            "retry_timeout": timedelta(seconds=seconds),
        },
    )  # fmt: skip


def check_path(path: str) -> str:
    """The path, if an object can have it. Errors: ``WrongPath``."""
    if PATH.fullmatch(path):
        return path
    raise WrongPath


def check(url: str) -> None:
    """Errors: ``WrongURL`` for what is no address of a store."""
    if folder_of(url) is None:
        _bucket(url)


def public(url: str) -> str:
    """An address without its key and secret, for logs, pages and comparing."""
    parts = urlsplit(url)
    if parts.scheme != "s3":
        return url
    endpoint = parse_qs(parts.query).get("endpoint", [""])[0].rstrip("/")
    place = f"s3://{parts.netloc.rpartition('@')[2].lower()}{parts.path.rstrip('/')}"
    return place + (f"?endpoint={quote(endpoint, safe=':/')}" if endpoint else "")
