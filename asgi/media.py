"""Media files over HTTP: byte ranges, long cache times, and access only for those who may see a file.

Its headers are here; those of every response are in asgi/security_headers.py.
"""

import re

import structlog

from asgi import responses
from asgi.asgi_types import App, Receive, Scope, Send, header
from asgi.cache import Budget, TtlCache
from asgi.sessions import Cookies, parse_cookies
from domain.accounts import sessions
from domain.core import errors
from domain.core.access import GUEST
from domain.core.errors import NotFound
from domain.core.outages import DATABASE_STATUS
from domain.media import serving
from domain.media.serving import ServableFile
from domain.media.storage import KEY_LENGTH, StorageUnavailable
from settings import Settings

LOG = structlog.get_logger()

# Where media files are, on the network's own host or on one of their own.
PREFIX = "/media/"
PATH = re.compile(f"{PREFIX}([A-Za-z0-9_-]{{{KEY_LENGTH}}})")
RANGE = re.compile(rb"bytes=(\d{0,15})-(\d{0,15})")
# Files are read and sent in chunks of this many bytes.
CHUNK = 512 * 1024
# Public files whose place in the store is remembered for a moment.
KEPT = 2000

# A browser may cache a public file for a year, since a changed file gets a new address; a shared proxy for an hour,
# since it may be deleted.
OPEN = b"public, max-age=31536000, s-maxage=3600, immutable"
CLOSED = b"private, max-age=86400"
# What is seen by office, such as evidence, stays on no device: it may be what nobody may have.
UNKEPT = b"no-store"
SAME = (b"cross-origin-resource-policy", b"same-origin")
HEADERS = [
    # Opened in a tab of its own, a file can run nothing.
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"accept-ranges", b"bytes"),
]


class MediaMiddleware:
    """ASGI: serves files under ``/media/``; on the media host, if the settings name one, nothing else is served."""

    def __init__(self, app: App, settings: Settings, cookies: Cookies) -> None:
        self._app = app
        self._cookies = cookies
        # For as long as guests' pages are cached: what was public a moment ago still counts as public.
        self._open: TtlCache[str, ServableFile] = TtlCache(settings.guest_cache_ms / 1000, Budget(KEPT), lambda *_: 1)
        self._host = settings.media_origin.partition("://")[2].encode()
        # A media host of its own is another site, so pages of ours must be allowed to embed its files.
        self._policy = (b"cross-origin-resource-policy", b"cross-origin" if self._host else b"same-origin")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "GET" and scope["path"].startswith(PREFIX):
            try:
                await self._serve(scope, send)
            except Exception as error:
                if (refusal := DATABASE_STATUS.refusal(error)) is None:
                    raise
                await _unavailable(send, refusal)
        elif self._host and header(scope, b"host") == self._host:
            await _answer(send, 404, b"Not found\n")
        else:
            await self._app(scope, receive, send)

    async def _serve(self, scope: Scope, send: Send) -> None:
        requested = PATH.fullmatch(scope["path"])
        found = await self._find(requested[1]) if requested else None
        how_long = found and (OPEN if found.open else await self._how_long(scope, found))
        if found is None or not how_long:
            await _answer(send, 404, b"Not found\n")
            return
        kept = [(b"cache-control", how_long), *([] if found.open else [(b"vary", b"cookie")])]
        policy, etag = self._policy if found.open else SAME, b'"' + found.key.encode() + b'"'
        headers = [*HEADERS, policy, (b"content-type", found.type.encode()), (b"etag", etag), *kept]
        if header(scope, b"if-none-match").removeprefix(b"W/") == etag:
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        await _send(found, part(found, scope), headers, send, scope["state"].get("head", False))

    async def _find(self, key: str) -> ServableFile | None:
        found = self._open.get(key)
        if found is None and (found := await serving.find(key)) is not None and found.open:
            self._open.put(key, found)
        return found

    async def _how_long(self, scope: Scope, found: ServableFile) -> bytes:
        """How long a browser may cache a file that is not public; empty where the viewer may not have it at all."""
        token = parse_cookies(header(scope, b"cookie")).get(self._cookies.session, "")
        viewer = await sessions.viewer(token) if token else GUEST
        if await serving.may_keep(viewer, found.key):
            return CLOSED
        return UNKEPT if await serving.may_inspect(viewer, found.key) else b""


def part(found: ServableFile, scope: Scope) -> range | None:
    """Returns the bytes that a request asks for: all, unless it has a Range header with one valid range.

    None means that the range lies outside the file. For a file of 1000 bytes, ``Range: bytes=-200`` gives
    ``range(800, 1000)``.
    """
    requested = RANGE.fullmatch(header(scope, b"range"))
    condition = header(scope, b"if-range")
    if (
        requested is None
        or requested.groups() == (b"", b"")
        or condition not in (b"", b'"' + found.key.encode() + b'"')
    ):
        return range(found.size)
    first, last = requested.groups()
    if not first:
        start, end = max(0, found.size - int(last)), found.size
    else:
        start, end = int(first), min(int(last) + 1, found.size) if last else found.size
    return range(start, end) if start < end else None


async def _send(
    found: ServableFile, wanted: range | None, headers: list[tuple[bytes, bytes]], send: Send, head: bool
) -> None:
    """``head``: only headers are wanted, so nothing is read."""
    if wanted is None:
        await _answer(send, 416, b"", (b"content-range", b"bytes */%d" % found.size))
        return
    try:
        end = min(wanted.stop, wanted.start + CHUNK)
        chunk = await serving.read(found, wanted.start, end) if wanted and not head else b""
    except NotFound:
        await _answer(send, 404, b"Not found\n")
        return
    except StorageUnavailable:
        LOG.warning("media.away")
        await _unavailable(send, StorageUnavailable())
        return
    status = 200
    if len(wanted) < found.size:
        status = 206
        headers.append((b"content-range", b"bytes %d-%d/%d" % (wanted.start, wanted.stop - 1, found.size)))
    headers.append((b"content-length", b"%d" % len(wanted)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    at = wanted.stop if head else wanted.start + len(chunk)
    await send({"type": "http.response.body", "body": chunk, "more_body": at < wanted.stop})
    while at < wanted.stop:
        # If the store fails now, the connection ends: half a file must not look like a whole one.
        chunk = await serving.read(found, at, min(wanted.stop, at + CHUNK))
        at += len(chunk)
        await send({"type": "http.response.body", "body": chunk, "more_body": at < wanted.stop})


async def _unavailable(send: Send, refusal: errors.ServiceUnavailable) -> None:
    await _answer(send, 503, b"Not just now\n", (b"retry-after", b"%d" % refusal.retry_after))


async def _answer(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    await responses.send_plain(send, status, body, responses.NO_STORE, *headers)
