"""Answers: a whole page or an htmx fragment. The only file that knows HX-* headers."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request
from markupsafe import Markup, escape

from domain.accounts.network import About
from domain.core.access import Viewer
from domain.posts.publishing import MAX_LENGTH
from web import banner, faces, i18n, templating
from web.answers import HTML, JSON, Answer, Headers
from web.templating import Stencil
from web.wire import Scope, has_header

Asked = Request[Any, Any, Any]

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


def forget_titles() -> None:
    """Forgets the titles of pages, which people's names stand in."""
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
    return asks_for_fragment(request.scope)


def asks_for_fragment(scope: Scope) -> bool:
    """The same before there is a framework's request."""
    return has_header(scope, b"hx-request")


def is_act(request: Asked) -> bool:
    """Whether an optimistic button asked, and takes JSON."""
    return has_header(request.scope, b"x-act")


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
