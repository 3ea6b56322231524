"""Pictures, films and sounds over HTTP: with ranges, kept for long, and only for those who may see them."""

import re

import structlog

from asgi import responses
from asgi.asgi_types import App, Receive, Scope, Send, header
from asgi.cache import Budget, TtlCache
from domain.accounts import sessions
from domain.core import errors
from domain.core.access import GUEST
from domain.core.errors import NotFound
from domain.core.outages import DATABASE_STATUS
from domain.media import serving
from domain.media.serving import ServableFile
from domain.media.storage import KEY_LENGTH, StorageUnavailable
from settings import Settings
from web.media_context import PREFIX
from web.session import Cookies, parse_cookies

LOG = structlog.get_logger()

PATH = re.compile(f"{PREFIX}([A-Za-z0-9_-]{{{KEY_LENGTH}}})")
RANGE = re.compile(rb"bytes=(\d{0,15})-(\d{0,15})")
# Sent in pieces of this size; what is smaller goes in one.
PIECE = 512 * 1024
# Files whose places are remembered for that moment.
KEPT = 2000

# The file may be kept by a browser for a year, since its address changes with it; by a proxy that many share for an
# hour, since it may be deleted.
OPEN = b"public, max-age=31536000, s-maxage=3600, immutable"
CLOSED = b"private, max-age=86400"
SAME = (b"cross-origin-resource-policy", b"same-origin")
HEADERS = [
    # Opened by itself it can do nothing, whatever it is.
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"accept-ranges", b"bytes"),
]


class MediaMiddleware:
    """ASGI: answers for files, before any page, and for nothing else at the host that has only them."""

    def __init__(self, app: App, settings: Settings, cookies: Cookies) -> None:
        self._app = app
        self._cookies = cookies
        # As guests' pages are: what was open a moment ago is so still.
        self._open: TtlCache[str, ServableFile] = TtlCache(settings.guest_cache_ms / 1000, Budget(KEPT), lambda *_: 1)
        self._host = settings.media_origin.partition("://")[2].encode()
        # Another name is another site: its pages must be let in.
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
                await _away(send, refusal)
        elif self._host and header(scope, b"host") == self._host:
            await _short(send, 404, b"Not found\n")
        else:
            await self._app(scope, receive, send)

    async def _serve(self, scope: Scope, send: Send) -> None:
        asked = PATH.fullmatch(scope["path"])
        found = await self._find(asked[1]) if asked else None
        if found is None or not (found.open or await self._is_for(scope, found)):
            await _short(send, 404, b"Not found\n")
            return
        kept = [(b"cache-control", OPEN)] if found.open else [(b"cache-control", CLOSED), (b"vary", b"cookie")]
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

    async def _is_for(self, scope: Scope, found: ServableFile) -> bool:
        token = parse_cookies(header(scope, b"cookie")).get(self._cookies.session, "")
        return await serving.may_have(await sessions.viewer(token) if token else GUEST, found.key)


def part(found: ServableFile, scope: Scope) -> range | None:
    """Which bytes are asked for: all of them but for one range that is understood; None for one outside."""
    asked = RANGE.fullmatch(header(scope, b"range"))
    condition = header(scope, b"if-range")
    if asked is None or asked.groups() == (b"", b"") or condition not in (b"", b'"' + found.key.encode() + b'"'):
        return range(found.size)
    first, last = asked.groups()
    if not first:
        start, end = max(0, found.size - int(last)), found.size
    else:
        start, end = int(first), min(int(last) + 1, found.size) if last else found.size
    return range(start, end) if start < end else None


async def _send(
    found: ServableFile, wanted: range | None, headers: list[tuple[bytes, bytes]], send: Send, head: bool
) -> None:
    """``head``: nothing is read for who asks for the headers alone."""
    if wanted is None:
        await _short(send, 416, b"", (b"content-range", b"bytes */%d" % found.size))
        return
    try:
        end = min(wanted.stop, wanted.start + PIECE)
        piece = await serving.read(found, wanted.start, end) if wanted and not head else b""
    except NotFound:
        await _short(send, 404, b"Not found\n")
        return
    except StorageUnavailable:
        LOG.warning("media.away")
        await _away(send, StorageUnavailable())
        return
    status = 200
    if len(wanted) < found.size:
        status = 206
        headers.append((b"content-range", b"bytes %d-%d/%d" % (wanted.start, wanted.stop - 1, found.size)))
    headers.append((b"content-length", b"%d" % len(wanted)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    at = wanted.stop if head else wanted.start + len(piece)
    await send({"type": "http.response.body", "body": piece, "more_body": at < wanted.stop})
    while at < wanted.stop:
        # A store that fails in mid-file ends the connection: half a film must not look whole.
        piece = await serving.read(found, at, min(wanted.stop, at + PIECE))
        at += len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": at < wanted.stop})


async def _away(send: Send, refusal: errors.ServiceUnavailable) -> None:
    await _short(send, 503, b"Not just now\n", (b"retry-after", b"%d" % refusal.retry_after))


async def _short(send: Send, status: int, body: bytes, *more: tuple[bytes, bytes]) -> None:
    headers = [
        (b"content-type", b"text/plain"),
        responses.NO_STORE,
        (b"content-length", str(len(body)).encode()),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
