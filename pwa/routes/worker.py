"""The service worker's script, and the page for when there is no connection."""

import hashlib
from functools import cache
from pathlib import Path

import msgspec
from litestar import get
from litestar.types import ASGIApp

from asgi.asgi_types import Receive, Request, Scope, Send
from domain.core.translatable import N_
from web import assets, i18n, page, scripts, state
from web.templating import TEMPLATES

WORKER = Path(__file__).parent.parent / "worker"
NAME = "service-worker.js"
NO_CACHE = b"no-cache"
# A worker's policy is its own and not that of the page that registers it.
POLICY = (b"content-security-policy", b"default-src 'none'; script-src 'self'; connect-src 'self'")
# A notification that came for somebody else who uses this device says no more than that.
ELSEWHERE = N_("There is something new for another account on this device.")
PAGES = ("base.html", "pwa/offline.html", "pwa/moved.html")


@cache
def script() -> assets.Asset:
    """The worker with what it must know: its version, which changes with anything that it keeps, and what to keep."""
    source = scripts.minified(scripts.joined(WORKER / "main.js"))
    shell, fonts = assets.shell(), assets.fonts()
    parts = (source, *(name.encode() for name in shell + fonts), *((TEMPLATES / name).read_bytes() for name in PAGES))
    known = {
        "VERSION": hashlib.sha256(b"\0".join((page.VERSION.encode(), *parts))).hexdigest()[:12],
        "SHELL": shell,
        "FONTS": fonts,
        "ELSEWHERE": {locale: i18n.translate(locale, ELSEWHERE) for locale in i18n.LOCALES},
    }
    constants = "".join(f"const {name} = {msgspec.json.encode(value).decode()};\n" for name, value in known.items())
    return assets.Asset(NAME, constants.encode() + source, NO_CACHE)


@cache
def withdrawn() -> assets.Asset:
    """A worker that does away with itself and with all copies."""
    return assets.Asset(NAME, (WORKER / "uninstall.js").read_bytes(), NO_CACHE)


@get(f"/{NAME}")
async def service_worker(request: Request) -> ASGIApp:
    found = script() if state.of(request).settings.service_worker else withdrawn()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await assets.serve(found, scope, send, POLICY)

    return answer


@get("/offline")
async def offline(request: Request) -> ASGIApp:
    """Kept by the worker, which shows it when there is no connection and no copy; a script adds what can be read."""
    head = f'<script src="{assets.address("pwa/static/pages/offline.js")}" type="module"></script>'
    return page.show(request, "pwa/offline.html", page.translate(request, "No connection"), bare=True, head=head)


HANDLERS = [service_worker, offline]
