"""Answers: a whole page or an htmx fragment. The only file that knows HX-* headers."""

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

import msgspec
from markupsafe import Markup, escape

from asgi import visits
from asgi.asgi_types import Request, Scope, has_header
from asgi.responses import HTML, JSON, Headers, Response
from asgi.visits import Visit
from domain.accounts.network_profile import NetworkInfo
from domain.core.access import Viewer
from domain.posts.publishing import MAX_LENGTH
from web import avatars, banner, i18n, templating
from web.templating import Stencil, Templates

LOCALES = i18n.LOCALES
VERSION = version("parvis")

# The badge is always there, so that the live stream can fill it.
BADGE = '<b class="badge" data-unread%s>%s</b>'
UNREAD = [(BADGE % ("", n) if n else BADGE % (" hidden", "")).encode() for n in (*range(100), "99+")]
HOLES = tuple(
    "title content theme saver me me_name me_handle me_avatar requests_badge unread path head banner flash".split()
)


def forget_titles() -> None:
    """Forgets the titles of pages, which people's names stand in."""
    _title.cache_clear()


def visit(request: Request) -> Visit:
    return visits.of(request)


def viewer(request: Request) -> Viewer:
    return visit(request).viewer


def locale(request: Request) -> str:
    return visit(request).locale


def is_slowed(request: Request) -> bool:
    """Whether links and pictures of the viewer's are held now, which is better known before they write."""
    return visit(request).brake.holds(viewer(request), has_links=True, has_media=True, is_reply=False)


def is_fragment(request: Request) -> bool:
    """Whether htmx or our own script asked, and takes the content without the shell."""
    return asks_for_fragment(request.scope)


def asks_for_fragment(scope: Scope) -> bool:
    """The same before there is a framework's request."""
    return has_header(scope, b"hx-request")


def is_act(request: Request) -> bool:
    """Whether an optimistic button asked, and takes JSON."""
    return has_header(request.scope, b"x-act")


def is_plain(request: Request) -> bool:
    return not (is_fragment(request) or is_act(request))


def templates(request: Request) -> Templates:
    """The templates in the request's language."""
    now = visit(request)
    return templating.templates(now.locale, now.policy)


@lru_cache(maxsize=128)
def _shell(templates: Templates, network: NetworkInfo, signup_open: bool, **shell: Any) -> Stencil:
    return templates.cut("base.html", HOLES, network=NetworkContext(network, signup_open), **shell)


class NetworkContext:
    """The network as templates know it."""

    __slots__ = ("contact", "description", "hue", "icons", "logo", "name", "open")

    def __init__(self, network: NetworkInfo, signup_open: bool) -> None:
        self.name, self.description, self.contact = network.name, network.description, network.contact
        self.hue, self.open, self.icons, self.logo = network.hue, signup_open, network.icons, network.logo


def render(request: Request, template: str, **context: Any) -> Markup:
    """A template's HTML in the request's language, with the network and the viewer."""
    now = visit(request)
    return templates(request).render(
        template,
        network=NetworkContext(now.network, now.signup_open),
        max_length=MAX_LENGTH,
        viewer=now.viewer,
        brake=now.brake,
        **context,
    )


def full_page(
    request: Request,
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
) -> Response:
    """A page: the content in the shell, or the content alone for htmx. ``content`` is rendered HTML in UTF-8."""
    fragment = is_fragment(request)
    if fragment:
        return Response(flash.encode() + content, status, (*HTML, *(headers or ())))
    now = visit(request)
    who = now.viewer
    # The suspended have nowhere to go by the navigation.
    bare = bare or who.suspended_until > 0
    moderating = request.scope["path"].startswith("/moderation/") or request.scope["path"] == "/moderation"
    made_for = {
        "signed_in": who.signed_in,
        "active": active,
        "bare": bare,
        "moving_to": now.moving_to,
        "moderating": moderating,
    }
    drawn_by = templates(request)
    address = current_address(request)
    shell = _shell(drawn_by, now.network, now.signup_open, **made_for)
    page = shell.fill(
        {
            "title": _title(title, now.network.name),
            "content": content,
            "theme": now.theme.encode(),
            "me": str(who.id).encode(),
            "me_name": str(escape(who.name)).encode(),
            "me_handle": who.handle.encode(),
            "saver": b" data-saver" if now.saver else b"",
            "me_avatar": _avatar(who, drawn_by) if who.signed_in else b"",
            "requests_badge": b'<b class="badge">%d</b>' % who.counts.requests if who.counts.requests else b"",
            "unread": UNREAD[min(who.counts.unread, 100)],
            "path": str(escape(address)).encode(),
            "head": head.encode(),
            "banner": banner.banner(drawn_by, now, address if request.scope["method"] == "GET" else "/"),
            "flash": flash.encode(),
        }
    )
    made = (*HTML, *headers) if headers else HTML
    return Response(page, status, made, shared and not who.signed_in and not flash)


def _avatar(who: Viewer, drawn_by: Templates) -> bytes:
    return avatars.avatar(who.name, who.hue, who.avatar_small, drawn_by.media_origin).encode()


@lru_cache(maxsize=256)
def _title(title: str, network: str) -> bytes:
    return str(escape(f"{title} · {network}" if title else network)).encode()


def current_address(request: Request) -> str:
    """The address that was asked for, quoted as it came."""
    query = request.scope["query_string"].decode("latin-1")
    return path(request) + (f"?{query}" if query else "")


def path(request: Request) -> str:
    """The same without its query."""
    return request.scope["raw_path"].decode("latin-1")


SHELL = ("active", "bare", "head", "flash", "shared", "headers")


def show(
    request: Request,
    template: str,
    title: str,
    *,
    status: int = 200,
    holes: Mapping[str, bytes] | None = None,
    **context: Any,
) -> Response:
    """A page from a template. ``active``, ``bare``, ``head`` and ``flash`` go to the shell, the rest to the template.

    ``holes`` are variables whose HTML is ready: they are put in as they are, after rendering.
    """
    shell = {key: context.pop(key) for key in SHELL if key in context}
    ready = holes or {}
    html = render(request, template, title=title, **{name: templating.hole(name) for name in ready}, **context)
    content = Stencil(html).fill(ready) if ready else html.encode()
    if status >= 400:
        content = _with_focus(content)
    return full_page(request, title, content, status=status, **shell)


# What a refused form marks, best first: a field, a group of choices, the words above the form.
_MARKED = (
    re.compile(rb'(?<= )aria-invalid="true"|(?<=<fieldset )(?=class="[^"]*" aria-describedby="e-)'),
    re.compile(rb'(?<=<p )class="refused" role="alert"'),
)


def _with_focus(content: bytes) -> bytes:
    """Puts the focus on the first thing that is marked in a refused form: who sees none of the page begins there."""
    for marked in _MARKED:
        if (found := marked.search(content)) is not None:
            group = b"" if found[0].startswith(b"aria") else b'tabindex="-1" '
            at = found.start()
            return content[:at] + group + b"autofocus " + content[at:]
    return content


def redirect(request: Request, address: str, headers: Headers | None = None) -> Response:
    """To another page: 303, or htmx's own way."""
    target = quote(address, safe="/?&=@#%:_-.~,+").encode()
    extra = headers or ()
    if is_fragment(request):
        return Response(b"", 200, ((b"hx-redirect", target), *HTML, *extra))
    return Response(b"", 303, ((b"location", target), *HTML, *extra))


def json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, JSON)


def event(name: str, value: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """A header that has htmx raise an event in the page."""
    return b"hx-trigger", msgspec.json.encode({name: value})


def translate(request: Request, words: str, **params: object) -> str:
    """An English source text in the request's language."""
    return i18n.translate(locale(request), words, **params)


def local_address(address: str) -> str:
    """An address to go back to, if it is one of ours; else home. Keeps forms from sending people elsewhere."""
    if address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable():
        return address
    return "/"
