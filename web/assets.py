"""Static files, from memory: hashed names that may be cached for a year, compressed once, never per request.

CSS is one file, put together in the order of its order.txt. Scripts are modules (web/scripts.py): templates name them
by their path in the source.
"""

import gzip
import hashlib
import mimetypes
import re
from functools import cache, cached_property
from pathlib import Path

import brotli

from asgi import responses
from asgi.asgi_types import Receive, Scope, Send
from asgi.request_guard import STATIC_PREFIX
from web import scripts

STATIC = Path(__file__).parent / "static"
APP = Path(__file__).parent.parent / "pwa" / "static"
YEAR = b"public, max-age=31536000, immutable"
HOUR = b"public, max-age=3600"
# What a page needs without a connection, and what it can do without.
SHELL = ("css/app.css", "vendor/htmx.min.js", "icons.svg", "pwa/static/pages/offline.js", "pwa/static/pages/moved.js")
SHELL_SCRIPTS = ("web/static/js/", "pwa/static/js/")
FONTS = ("instrument-sans-5.3.0-latin", "bricolage-grotesque-5.3.0-latin")
_UNSENT = re.compile(rb"/\*.*?\*/|^\s+", re.MULTILINE | re.DOTALL)
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".woff2": "font/woff2"}


class Asset:
    """One file: its bytes, its type, and its compressed forms, made when first asked for."""

    def __init__(self, name: str, body: bytes, cache: bytes = YEAR) -> None:
        suffix = Path(name).suffix
        self.body = body
        self.type = (TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream").encode()
        self.etag = f'"{digest(body)}"'.encode()
        self.cache = cache
        self.compressible = suffix in (".js", ".css", ".svg", ".txt", ".md")

    @cached_property
    def br(self) -> bytes:
        return bytes(brotli.compress(self.body))

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.body, 9, mtime=0)


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:12]


def joined(folder: Path) -> bytes:
    """The files of a folder as one, in the order of its order.txt, without comments and indents."""
    whole = b"\n".join((folder / name).read_bytes() for name in (folder / "order.txt").read_text().split())
    return _UNSENT.sub(b"", whole)


def _hashed(name: str, body: bytes) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}.{digest(body)}{dot}{suffix}"


@cache
def _all() -> tuple[dict[str, str], dict[str, Asset]]:
    """Names as templates know them -> addresses, and addresses -> files."""
    bodies = {"css/app.css": joined(STATIC / "css")}
    for folder in (STATIC, APP):
        for file in sorted(folder.rglob("*")):
            name = file.relative_to(folder).as_posix()
            if file.is_file() and not name.startswith(("css/", "js/", "pages/")):
                bodies[name] = file.read_bytes()
    addresses: dict[str, str] = {}
    files: dict[str, Asset] = {}
    for name, body in bodies.items():
        # Fonts and licences carry their version in the name: CSS and people can point at them.
        named = name.startswith("vendor/") and not name.endswith(".js")
        addresses[name] = STATIC_PREFIX + (name if named else _hashed(name, body))
        files[addresses[name]] = Asset(name, body, YEAR if not named or name.endswith(".woff2") else HOUR)
    modules = scripts.modules()
    version = digest(b"\0".join(part for name, body in modules.items() for part in (name.encode(), body)))
    for name, body in modules.items():
        addresses[name] = f"{STATIC_PREFIX}js.{version}/{name}"
        files[addresses[name]] = Asset(name, body)
    return addresses, files


def address(name: str) -> str:
    """Where a file is. Errors: ``KeyError`` for a file that there is not, so that no page is rendered without it."""
    return _all()[0][name]


def shell() -> list[str]:
    """Where that lies which the service worker keeps from the start."""
    modules = [name for name in scripts.modules() if name.startswith(SHELL_SCRIPTS)]
    return [address(name) for name in (*SHELL, *modules)]


def fonts() -> list[str]:
    return [address(f"vendor/fonts/{name}.woff2") for name in FONTS]


def find(path: str) -> Asset | None:
    return _all()[1].get(path)


async def serve(asset: Asset, scope: Scope, send: Send, *more: tuple[bytes, bytes]) -> None:
    """Answers with a file and ``more`` headers: 304 when the client has it, compressed when it may be."""
    headers = dict(scope["headers"])
    if headers.get(b"if-none-match") == asset.etag:
        await send({"type": "http.response.start", "status": 304, "headers": [(b"etag", asset.etag)]})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    answer = [(b"content-type", asset.type), (b"cache-control", asset.cache), (b"etag", asset.etag), *more]
    body = asset.body
    if asset.compressible:
        answer.append((b"vary", b"accept-encoding"))
        accept = headers.get(b"accept-encoding", b"")
        if b"br" in accept:
            body = asset.br
            answer.append((b"content-encoding", b"br"))
        elif b"gzip" in accept:
            body = asset.gzipped
            answer.append((b"content-encoding", b"gzip"))
    answer.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": 200, "headers": answer})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI: the file at the requested address, or 404."""
    if found := find(scope["path"]):
        await serve(found, scope, send)
    else:
        await responses.send_plain(send, 404, b"Not found")
