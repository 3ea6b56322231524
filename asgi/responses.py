"""Responses whose bytes are ready to send, and their compression."""

import gzip
import hashlib
from typing import Any

import brotli

from asgi.asgi_types import Receive, Scope, Send, header
from asgi.cache import BUDGET, ENTRY_BYTES, Cache, weight

# A tuple, never a list: one value is shared by many responses.
Headers = tuple[tuple[bytes, bytes], ...]


class Response:
    """A response whose bytes are ready; ``shared`` marks a page that is the same for every guest and may be cached."""

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
        """Litestar calls this on what a handler or an exception handler returns."""
        return self


HTML: Headers = ((b"content-type", b"text/html; charset=utf-8"),)
JSON: Headers = ((b"content-type", b"application/json"),)
NO_STORE = (b"cache-control", b"no-store")
GUEST_HEADERS: Headers = (
    (b"cache-control", b"no-cache"),
    (b"vary", b"cookie, accept-language, accept-encoding, hx-request, save-data"),
)


async def send_plain(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    """Sends a response of plain text with further ``headers``."""
    sent = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _coding(accept: bytes) -> bytes:
    return b"br" if b"br" in accept else b"gzip" if b"gzip" in accept else b""


def compress(body: bytes, coding: bytes) -> bytes:
    """At a low level: a page is compressed for each reader (figures in docs/benchmarks.md)."""
    return _squeeze(body, coding, 1, 1)


def _compressed_shared(answer: "Response", coding: bytes) -> bytes:
    """At a higher level and only once: a guest's page is sent many times."""
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
    """Drops the compressed copies of guests' pages."""
    _COMPRESSED.clear()
