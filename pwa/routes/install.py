"""Becoming an app: the manifest, the icons, the steps for each device, and a code that carries the login."""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from litestar import get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Receive, Request, Scope, Send
from asgi.responses import Response
from domain.accounts import login_codes
from domain.core.access import member
from domain.core.errors import NotFound
from domain.core.translatable import N_
from pwa import icons, install_guide, manifest, qr
from pwa.install_guide import ClientDevice
from web import assets, forms, origins, page, post_forms, state, submissions
from web.assets import Asset
from web.routes import composing

NAMES = {
    "iphone": N_("iPhone"),
    "ipad": N_("iPad"),
    "ios-other": N_("iPhone, another browser"),
    "android-chrome": N_("Android, Chrome"),
    "android-firefox": N_("Android, Firefox"),
    "android-samsung": N_("Samsung Internet"),
    "chrome": N_("Chrome"),
    "edge": N_("Edge"),
    "firefox": N_("Firefox"),
    "safari": N_("Safari on a Mac"),
}
# What a link of ours leads to: a profile, or one of its posts.
_PLACE = re.compile(r"web\+parvis:(?://)?/?@(?P<handle>[A-Za-z0-9_]{1,30})(?:/(?P<post>\d{1,20}))?/?")


class SharedFile:
    """An answer from ``web.assets``, for what is not on disk."""

    def __init__(self, asset: Asset) -> None:
        self._asset = asset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await assets.serve(self._asset, scope, send)


def _file(name: str, body: bytes, kind: bytes, cache: bytes = b"no-cache") -> SharedFile:
    asset = Asset(name, body, cache)
    asset.type = kind
    return SharedFile(asset)


@get(manifest.ADDRESS)
async def app_manifest(request: Request) -> ASGIApp:
    """In the reader's language and theme: the page's link has browsers ask with the cookie."""
    visit = page.visit(request)
    body = manifest.body(visit.network, visit.locale, visit.theme)
    return _file("manifest.webmanifest", body, b"application/manifest+json")


@get("/icons/{name:str}")
async def icon(request: Request, name: str) -> ASGIApp:
    """An icon for ever under the address that pages give; under an older one as it is now."""
    return await _icon(request, *name.removesuffix(".png").partition(".")[::2])


@get(["/apple-touch-icon.png", "/apple-touch-icon-precomposed.png"])
async def apple_icon(request: Request) -> ASGIApp:
    """Where iOS looks without being told."""
    return await _icon(request, "apple-180", "")


async def _icon(request: Request, name: str, version: str) -> SharedFile:
    about = page.visit(request).network
    body = await icons.find(about, name)
    if body is None:
        raise NotFound
    return _file(f"{name}.png", body, b"image/png", assets.YEAR if version == about.icons else b"no-cache")


def _page(request: Request, code: str = "") -> Response:
    real = install_guide.of(request.headers)
    wanted = forms.query(request, "device")
    device = install_guide.chosen(wanted, real)
    origin = origins.of(request)
    about = page.visit(request).network
    return page.show(
        request,
        "pwa/install.html",
        page.translate(request, "Install the app"),
        active="install",
        device=device,
        asked=bool(wanted),
        code=code,
        minutes=login_codes.MINUTES,
        signed_in=page.viewer(request).signed_in,
        icon_address=icons.address(about, "any-192"),
        origin=origin,
        host=urlsplit(origin).netloc,
        outside=_outside(device, origin) if origin else "",
        qr=qr.code(f"{origin}/install") if origin else "",
        choices=[(kind, page.translate(request, NAMES[kind]), kind == device.kind) for kind in install_guide.KINDS],
        head=f'<script src="{assets.address("pwa/static/pages/install.js")}" type="module"></script>',
    )


def _outside(device: ClientDevice, origin: str) -> str:
    """An address that leads from an app's own browser into the real one, "" where there is no such way."""
    if device.kind == "inside-android":
        parts = urlsplit(origin)
        back = quote(f"{origin}/install", safe="")
        return (
            f"intent://{parts.netloc}/install#Intent;scheme={parts.scheme};action=android.intent.action.VIEW;"
            f"category=android.intent.category.BROWSABLE;S.browser_fallback_url={back};end"
        )
    return f"x-safari-{origin}/install" if device.kind == "inside-ios" else ""


@get("/install")
async def install(request: Request) -> ASGIApp:
    return _page(request)


@post("/install/code", status_code=200)
async def make_code(request: Request) -> ASGIApp:
    """A code on the page, this once: only its hash is kept."""
    return _page(request, await login_codes.make(member(page.viewer(request))))


def _shared(told: Mapping[str, str]) -> str:
    """What another app hands over. Apps put the link wherever they like: it is said once."""
    parts: list[str] = []
    for name in ("title", "text", "url"):
        part = told.get(name, "").strip()
        if part and not any(part in other for other in parts):
            parts.append(part)
    return "\n".join(parts)


@get("/share")
async def share_link(request: Request) -> ASGIApp:
    """Words and a link from another app begin a post."""
    text = _shared({name: forms.query(request, name) for name in ("title", "text", "url")})
    if not page.viewer(request).signed_in:
        return post_forms.to_sign_in(request, text)
    return page.redirect(request, "/compose?text=" + quote(text, safe=""))


@post("/share", status_code=200, request_max_body_size=None)
async def share_files(request: Request) -> ASGIApp:
    """The same with files, where no service worker has taken them."""
    async with submissions.submission(request, state.of(request).processor) as sent:
        text = _shared(sent.form)
        if not page.viewer(request).signed_in:
            return post_forms.to_sign_in(request, text, with_files=sent.form.has_files)
        return await composing.begin(request, text, sent)


@get("/go")
async def follow_link(request: Request) -> ASGIApp:
    """Where a ``web+parvis:`` link leads. Errors: ``NotFound`` for any other address."""
    found = _PLACE.fullmatch(forms.query(request, "to"))
    if found is None:
        raise NotFound
    return page.redirect(request, f"/@{found['handle']}" + (f"/{found['post']}" if found["post"] else ""))


@get("/me")
async def me(request: Request) -> ASGIApp:
    """One's own profile, for the app's shortcut, which is the same for everybody."""
    return page.redirect(request, f"/@{member(page.viewer(request)).handle}")


HANDLERS = [app_manifest, icon, apple_icon, install, make_code, share_link, share_files, follow_link, me]
