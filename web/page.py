"""Answers: a whole page or an htmx fragment. The only file that knows HX-* headers."""

import gzip
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

import brotli
import msgspec
from litestar import Request
from markupsafe import Markup, escape

from domain.accounts.network import About
from domain.core.access import Viewer
from domain.posts.publishing import MAX_LENGTH
from web import banner, faces, i18n, templating
from web.cache import BUDGET, ENTRY, Cache, weight
from web.templating import Stencil
from web.wire import Receive, Scope, Send

Asked = Request[Any, Any, Any]
# Never a list: what is shared by all answers must not be added to.
Headers = tuple[tuple[bytes, bytes], ...]

LOCALES = i18n.LOCALES
THEMES = ("light", "dark", "auto")
VERSION = version("parvis")

# The badge is always there, so that the live stream can fill it.
BADGE = '<b class="badge" data-unread%s>%s</b>'
UNREAD = [(BADGE % ("", n) if n else BADGE % (" hidden", "")).encode() for n in (*range(100), "99+")]
HOLES = tuple(
    "title content theme saver me me_name me_handle me_avatar requests_badge unread path head banner flash".split()
)


class Visit(msgspec.Struct):
    """What every request knows before its handler runs; ``web.session`` puts it into the scope."""

    viewer: Viewer
    locale: str
    theme: str
    network: About
    signup_open: bool
    # Pictures wait for a tap: the member or the browser wants it so.
    saver: bool = False
    # The address that the network moves to, "" when it stays.
    moving: str = ""
    # False while the database can't say who it is.
    identified: bool = True


class Answer:
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

    def to_asgi_response(self, **_: Any) -> "Answer":
        """What Litestar asks of an exception handler's response."""
        return self


HTML: Headers = ((b"content-type", b"text/html; charset=utf-8"),)
JSON: Headers = ((b"content-type", b"application/json"),)
NO_STORE = (b"cache-control", b"no-store")
GUEST_HEADERS: Headers = (
    (b"cache-control", b"no-cache"),
    (b"vary", b"cookie, accept-language, accept-encoding, hx-request, save-data"),
)


def header(scope: Scope, name: bytes) -> bytes:
    found: bytes = next((value for key, value in scope["headers"] if key == name), b"")
    return found


def _has(scope: Scope, name: bytes) -> bool:
    # A look at the raw headers: Litestar would build a map of them all.
    return any(key == name for key, _ in scope["headers"])


def _coding(accept: bytes) -> bytes:
    return b"br" if b"br" in accept else b"gzip" if b"gzip" in accept else b""


def compress(body: bytes, coding: bytes) -> bytes:
    """Quick levels: a page is compressed for each reader (figures in docs/benchmarks.md)."""
    return _squeeze(body, coding, 1, 1)


def _compressed_shared(answer: "Answer", coding: bytes) -> bytes:
    """A guest's page is sent many times: a better level, once."""
    key = (answer.etag, coding)
    if (found := _COMPRESSED.get(key)) is None:
        found = _squeeze(answer.body, coding, 5, 6)
        _COMPRESSED.put(key, found)
    return found


_COMPRESSED: Cache[tuple[bytes, bytes], bytes] = Cache(BUDGET, lambda key, body: ENTRY + weight(key, body))


def _squeeze(body: bytes, coding: bytes, br: int, zip_level: int) -> bytes:
    made: bytes = brotli.compress(body, quality=br) if coding == b"br" else gzip.compress(body, zip_level, mtime=0)
    return made


def forget_titles() -> None:
    """Forgets the titles of pages and the compressed copies of guests' pages."""
    _COMPRESSED.clear()
    _title.cache_clear()


def visit(request: Asked) -> Visit:
    found: Visit = request.scope["state"]["visit"]
    return found


def viewer(request: Asked) -> Viewer:
    return visit(request).viewer


def locale(request: Asked) -> str:
    return visit(request).locale


def is_fragment(request: Asked) -> bool:
    """Whether htmx or our own script asked, and takes the content without the shell."""
    return _has(request.scope, b"hx-request")


def is_act(request: Asked) -> bool:
    """Whether an optimistic button asked, and takes JSON."""
    return _has(request.scope, b"x-act")


def is_plain(request: Asked) -> bool:
    return not (is_fragment(request) or is_act(request))


@lru_cache(maxsize=128)
def _shell(locale: str, network: About, signup_open: bool, **shell: Any) -> Stencil:
    return templating.cut(locale, "base.html", HOLES, network=Named(network, signup_open), **shell)


class Named:
    """The network as templates know it."""

    __slots__ = ("contact", "description", "hue", "icons", "logo", "name", "open")

    def __init__(self, network: About, signup_open: bool) -> None:
        self.name, self.description, self.contact = network.name, network.description, network.contact
        self.hue, self.open, self.icons, self.logo = network.hue, signup_open, network.icons, network.logo


def render(request: Asked, template: str, **context: Any) -> Markup:
    """A template's HTML in the request's language, with the network and the viewer."""
    now = visit(request)
    return templating.render(
        now.locale,
        template,
        network=Named(now.network, now.signup_open),
        max_length=MAX_LENGTH,
        viewer=now.viewer,
        **context,
    )


def whole(
    request: Asked,
    title: str,
    content: bytes,
    *,
    active: str = "",
    bare: bool = False,
    status: int = 200,
    head: str = "",
    flash: str = "",
    shared: bool = False,
    headers: Headers | None = None,
) -> Answer:
    """A page: the content in the shell, or the content alone for htmx. ``content`` is rendered HTML in UTF-8."""
    fragment = is_fragment(request)
    if fragment:
        return Answer(flash.encode() + content, status, (*HTML, *(headers or ())))
    now = visit(request)
    who = now.viewer
    made_for = {"signed_in": who.signed_in, "active": active, "bare": bare, "moving": now.moving}
    shell = _shell(now.locale, now.network, now.signup_open, **made_for)
    page = shell.fill(
        {
            "title": _title(title, now.network.name),
            "content": content,
            "theme": now.theme.encode(),
            "me": str(who.id).encode(),
            "me_name": str(escape(who.name)).encode(),
            "me_handle": who.handle.encode(),
            "saver": b" data-saver" if now.saver else b"",
            "me_avatar": faces.avatar(who.name, who.hue, who.picture).encode() if who.signed_in else b"",
            "requests_badge": b'<b class="badge">%d</b>' % who.requests if who.requests else b"",
            "unread": UNREAD[min(who.unread, 100)],
            "path": str(escape(here(request))).encode(),
            "head": head.encode(),
            "banner": banner.banner(now.locale, who),
            "flash": flash.encode(),
        }
    )
    made = (*HTML, *headers) if headers else HTML
    return Answer(page, status, made, shared and not who.signed_in and not flash)


@lru_cache(maxsize=256)
def _title(title: str, network: str) -> bytes:
    return str(escape(f"{title} · {network}" if title else network)).encode()


def here(request: Asked) -> str:
    """The address that was asked for, quoted as it came."""
    query = request.scope["query_string"].decode("latin-1")
    return path(request) + (f"?{query}" if query else "")


def path(request: Asked) -> str:
    """The same without its query."""
    return request.scope["raw_path"].decode("latin-1")


SHELL = ("active", "bare", "head", "flash", "shared", "headers")


def show(
    request: Asked,
    template: str,
    title: str,
    *,
    status: int = 200,
    holes: Mapping[str, bytes] | None = None,
    **context: Any,
) -> Answer:
    """A page from a template. ``active``, ``bare``, ``head`` and ``flash`` go to the shell, the rest to the template.

    ``holes`` are variables whose HTML is ready: they are put in as they are, after rendering.
    """
    shell = {key: context.pop(key) for key in SHELL if key in context}
    ready = holes or {}
    html = render(request, template, title=title, **{name: templating.hole(name) for name in ready}, **context)
    content = Stencil(html).fill(ready) if ready else html.encode()
    return whole(request, title, content, status=status, **shell)


def go(request: Asked, address: str, headers: Headers | None = None) -> Answer:
    """To another page: 303, or htmx's own way."""
    target = quote(address, safe="/?&=@#%:_-.~,+").encode()
    extra = headers or ()
    if is_fragment(request):
        return Answer(b"", 200, ((b"hx-redirect", target), *HTML, *extra))
    return Answer(b"", 303, ((b"location", target), *HTML, *extra))


def json(value: Any, status: int = 200) -> Answer:
    return Answer(msgspec.json.encode(value), status, JSON)


def event(name: str, value: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """A header that has htmx raise an event in the page."""
    return b"hx-trigger", msgspec.json.encode({name: value})


def say(request: Asked, words: str, **params: object) -> str:
    """An English source text in the request's language."""
    return i18n.say(locale(request), words, **params)


def local(address: str) -> str:
    """An address to go back to, if it is one of ours; else home. Keeps forms from sending people elsewhere."""
    if address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable():
        return address
    return "/"
