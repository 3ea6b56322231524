"""Files that are made from the database, the same for everybody, and read by programs."""

import gzip
from typing import Any

from asgi.asgi_types import Receive, Scope, Send, header

TEXT, BYTES, JSON = b"text/plain; charset=utf-8", b"application/octet-stream", b"application/json"
FOR_EVER, CHECKED, PRIVATE = b"public, max-age=31536000, immutable", b"no-cache", b"no-store"
# Smaller ones are sent as they are.
WORTH = 1000


class PublicFile:
    """A response. ``kind`` is its content type and ``cache`` its Cache-Control; ``name``: it is to be saved under this
    name; without ``squeezed`` it is never compressed."""

    def __init__(
        self, body: bytes, kind: bytes, *, cache: bytes = CHECKED, name: str = "", squeezed: bool = True
    ) -> None:
        self._body, self._kind, self._cache, self._name = body, kind, cache, name
        self._squeezed = squeezed and len(body) > WORTH

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = self._body
        headers = [(b"content-type", self._kind), (b"cache-control", self._cache)]
        if self._name:
            headers.append((b"content-disposition", f'attachment; filename="{self._name}"'.encode()))
        if self._squeezed:
            headers.append((b"vary", b"accept-encoding"))
            if b"gzip" in header(scope, b"accept-encoding"):
                body = gzip.compress(body, 6, mtime=0)
                headers.append((b"content-encoding", b"gzip"))
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def to_asgi_response(self, **_: Any) -> "PublicFile":
        """Litestar calls this on what a handler returns."""
        return self
