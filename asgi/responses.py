"""Responses with their bytes ready: what they carry, and how they are compressed."""

import gzip
import hashlib
from typing import Any

import brotli

from asgi.asgi_types import Receive, Scope, Send, header
from asgi.cache import BUDGET, ENTRY_BYTES, Cache, weight

# Never a list: what is shared by all answers must not be added to.
Headers = tuple[tuple[bytes, bytes], ...]


class Response:
    """A response with its bytes ready; ``shared`` marks a page that every guest may get from memory."""

    __slots__ = ("body", "etag", "headers", "shared", "status")

    def __init__(self, body: bytes, status: int = 200, headers: Headers | None = None, shared: bool = False) -> None:
        self.body = body
        self.status = status
        self.headers = HTML if headers is None else headers
        self.shared = shared
        self.etag = b'"' + hashlib.blake2b(body, digest_size=9).hexdigest().encode() + b'"' if shared else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent, body = [*self.headers], self.body
        if self.shared:
            sent += [*GUEST_HEADERS, (b"etag", self.etag)]
            if "guests" in scope["state"]:
                scope["state"]["guests"].keep(scope, self)
            if header(scope, b"if-none-match").removeprefix(b"W/") == self.etag:
                await send({"type": "http.response.start", "status": 304, "headers": sent})
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
        else:
            sent.append(NO_STORE)
        if len(body) > 1000 and (coding := _coding(header(scope, b"accept-encoding"))):
            body = _compressed_shared(self, coding) if self.shared else compress(body, coding)
            sent.append((b"content-encoding", coding))
        if self.status != 204:
            sent.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": sent})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def to_asgi_response(self, **_: Any) -> "Response":
        """What Litestar asks of an exception handler's response."""
        return self


HTML: Headers = ((b"content-type", b"text/html; charset=utf-8"),)
JSON: Headers = ((b"content-type", b"application/json"),)
NO_STORE = (b"cache-control", b"no-store")
GUEST_HEADERS: Headers = (
    (b"cache-control", b"no-cache"),
    (b"vary", b"cookie, accept-language, accept-encoding, hx-request, save-data"),
)


def _coding(accept: bytes) -> bytes:
    return b"br" if b"br" in accept else b"gzip" if b"gzip" in accept else b""


def compress(body: bytes, coding: bytes) -> bytes:
    """Quick levels: a page is compressed for each reader (figures in docs/benchmarks.md)."""
    return _squeeze(body, coding, 1, 1)


def _compressed_shared(answer: "Response", coding: bytes) -> bytes:
    """A guest's page is sent many times: a better level, once."""
    key = (answer.etag, coding)
    if (found := _COMPRESSED.get(key)) is None:
        found = _squeeze(answer.body, coding, 5, 6)
        _COMPRESSED.put(key, found)
    return found


_COMPRESSED: Cache[tuple[bytes, bytes], bytes] = Cache(BUDGET, lambda key, body: ENTRY_BYTES + weight(key, body))


def _squeeze(body: bytes, coding: bytes, br: int, zip_level: int) -> bytes:
    made: bytes = brotli.compress(body, quality=br) if coding == b"br" else gzip.compress(body, zip_level, mtime=0)
    return made


def forget_compressed() -> None:
    """Forgets the compressed copies of guests' pages."""
    _COMPRESSED.clear()
