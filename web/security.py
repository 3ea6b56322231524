"""The outer wall: what a request must be before anything else looks at it, and what every response carries."""

import ipaddress
from collections import Counter
from collections.abc import MutableSequence
from functools import lru_cache

from litestar.exceptions import ClientException

from asgi import query_string
from asgi.asgi_types import App, Message, Receive, Scope, Send, header
from asgi.limits import Limit
from asgi.password_guessing import GuessLimits
from domain.accounts import icon_rendering
from domain.core.units import MB
from domain.media import attachments
from settings import Settings
from web import assets

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{media}; "
    "media-src 'self'{media}; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
]
HSTS = b"max-age=63072000"
LOGO = "/settings/network/logo"
# What is around the files in a form, in bytes.
AROUND = 128 * 1024
# The longest path and query together, in bytes.
MAX_ADDRESS = 4096
# A name of the internet has at most 253 characters, and a port five.
MAX_HOST = 260
# Reset links that are mailed for one name in an hour: each works for so long, so one of them is always at hand.
RESETS = 3
SAFE = ("GET", "HEAD", "OPTIONS")
OVERRIDES = {"PUT", "DELETE"}


def _headers(settings: Settings) -> list[tuple[bytes, bytes]]:
    media = f" {settings.media_origin}" if settings.media_origin else ""
    policy = (b"content-security-policy", CSP.format(media=media).encode())
    hsts = HSTS + b"; includeSubDomains" if settings.hsts_subdomains else HSTS
    return [policy, *HEADERS, *([(b"strict-transport-security", hsts)] if settings.secure else [])]


def _brings_files(scope: Scope) -> bool:
    """Whether a request brings files, which are streamed to disk: a form with some, or one alone."""
    if scope["path"] == "/media":
        return True
    return header(scope, b"content-type").lower().startswith(b"multipart/form-data")


class BodyTooLarge(ClientException):
    """A body over the limit; Litestar's handlers make it a page when it comes to light under them."""

    status_code = 413


class IncompleteBody(ClientException):
    """The connection ended before the whole body had come: nobody's fault here, and nobody reads the answer."""


class RequestGuardMiddleware:
    """ASGI: static files, method override, cross-origin check, size and address limits, security headers."""

    def __init__(self, app: App, settings: Settings) -> None:
        self._app = app
        self._limit = settings.body_limit_kb * 1024
        files = max(settings.image_mb * attachments.MOST, settings.video_mb, settings.audio_mb) * MB
        # Where files may come along; a post's form may be any of several addresses.
        self._files = {LOGO: icon_rendering.MAX_BYTES, "/settings/profile/": settings.image_mb * MB, "/media": files,
                       "/posts": files, "/compose": files, "/share": files}  # fmt: skip
        self._headers = _headers(settings)
        # Changes in hand of each address, which a connection through a proxy does not bound.
        self._in_hand: Counter[str] = Counter()
        self._at_once = settings.address_connections
        self._origin = settings.origin.rstrip("/").encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = self._clad(send, bodiless=scope["method"] == "HEAD")
        if refusal := _misaddressed(scope):
            await _refuse(send, *refusal)
            return
        if scope["method"] == "HEAD":
            # The same answer without its body, which nobody has to route twice; who would read it for long may look.
            scope = {**scope, "method": "GET", "state": {**scope.get("state", {}), "head": True}}
        if scope["path"].startswith(assets.PREFIX):
            asset = assets.find(scope["path"])
            await (assets.serve(asset, scope, send) if asset else assets.not_found(scope, receive, send))
        elif scope["method"] in SAFE:
            await self._enter(scope, receive, send)
        elif not self._same_origin(scope):
            await _refuse(send, 403, b"This request came from another site.")
        else:
            await self._enter_with_body(scope, receive, send)

    def _clad(self, send: Send, *, bodiless: bool) -> Send:
        """``send`` with our headers on every response; a handler's own of the same name stands for ours."""

        async def clad(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*(one for one in self._headers if one[0] not in own), *message["headers"]]
            elif bodiless:
                message = {**message, "body": b""}
            await send(message)

        return clad

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/@"):
            # Litestar's paths are made of whole parts: /@ana/1 is routed as /@/ana/1.
            scope["path"] = f"/@/{scope['path'][2:]}"
        await self._app(scope, receive, send)

    async def _enter_with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        bounded = self._bounded(scope, receive)
        if bounded is None:
            await _refuse(send, 413, b"This is too large.")
            return
        _override(scope)
        client = client_address(scope)
        if self._in_hand[client] >= self._at_once:
            await _refuse(send, 429, b"Too much at once. Wait a moment, then try again.")
            return
        self._in_hand[client] += 1
        try:
            await self._enter(scope, bounded, send)
        except BodyTooLarge:
            await _refuse(send, 413, b"This is too large.")
        except IncompleteBody:
            pass
        finally:
            self._in_hand[client] -= 1
            if not self._in_hand[client]:
                del self._in_hand[client]

    def _same_origin(self, scope: Scope) -> bool:
        """Go 1.25's CrossOriginProtection: Sec-Fetch-Site where there is one, else Origin against Host.

        A request with neither comes from no browser, and carries no cookie that a browser was tricked into sending.
        """
        site = origin = host = b""
        for name, value in scope["headers"]:
            if name == b"sec-fetch-site":
                site = value
            elif name == b"origin":
                origin = value
            elif name == b"host":
                host = value
        if site:
            return site in (b"same-origin", b"none")
        return not origin or origin == self._origin or origin.partition(b"://")[2] == host

    def _bounded(self, scope: Scope, receive: Receive) -> Receive | None:
        limit = self._limit
        for beginning, files in self._files.items():
            if scope["path"].startswith(beginning) and _brings_files(scope):
                limit = max(limit, files + AROUND)
        for name, value in scope["headers"]:
            if name == b"content-length" and (not value.isdigit() or int(value) > limit):
                return None
        seen, whole = 0, False

        async def counted() -> Message:
            nonlocal seen, whole
            message = await receive()
            if message["type"] == "http.disconnect" and not whole:
                raise IncompleteBody
            seen += len(message.get("body", b""))
            if seen > limit:
                raise BodyTooLarge
            whole = not message.get("more_body", False)
            return message

        return counted


def _misaddressed(scope: Scope) -> tuple[int, bytes] | None:
    """The status and words for an address that nothing of ours has, or None."""
    if len(scope["raw_path"]) + len(scope["query_string"]) > MAX_ADDRESS:
        return 414, b"This address is too long."
    if query_string.too_many(scope):
        return 400, b"This address can't be read."
    if len(header(scope, b"host")) > MAX_HOST:
        return 400, b"This host has no such name."
    # A browser takes a link that begins with two slashes for one to another host.
    if "//" in scope["path"] or b"//" in scope["raw_path"]:
        return 404, b"There is nothing here."
    return None


def _override(scope: Scope) -> None:
    """A form can only POST: ``?_method=PUT`` or ``DELETE`` says what is meant."""
    if scope["method"] == "POST":
        wanted = query_string.value(scope, "_method").upper()
        if wanted in OVERRIDES:
            scope["method"] = wanted


async def _refuse(send: Send, status: int, words: bytes) -> None:
    headers: MutableSequence[tuple[bytes, bytes]] = [
        (b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(words)).encode()),
        (b"connection", b"close"),
    ]  # fmt: skip
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words, "more_body": False})


class RateLimits:
    """Every limit of one process, by the settings."""

    def __init__(self, settings: Settings) -> None:
        self.signup = Limit.hourly(settings.signups_per_hour)
        self.signin = Limit.hourly(settings.signins_per_hour)
        self.guesses = GuessLimits(self.signin, settings.signins_per_hour)
        self.resets = Limit.hourly(RESETS)
        self.post = Limit.hourly(settings.posts_per_hour)
        self.upload = Limit.hourly(settings.uploads_per_hour)
        self.upload_seconds = Limit.hourly(settings.upload_seconds_per_hour)
        self.act = Limit.hourly(settings.acts_per_hour)
        self.member_reads = Limit(settings.reads_burst, settings.reads_per_minute / 60)
        self.member_day = Limit.daily(settings.reads_per_day)
        self.address_reads = Limit(settings.address_reads_burst, settings.address_reads_per_minute / 60)
        self.address_day = Limit.daily(settings.address_reads_per_day)

    def read(self, account: int, address: str) -> None:
        """One page out of a member's budget, on whatever device, or for a guest out of the address's.

        Errors: ``TooMany``.
        """
        key, now, day = (
            (str(account), self.member_reads, self.member_day)
            if account
            else (address, self.address_reads, self.address_day)
        )
        now.take(key)
        day.take(key)

    def change(self, account: int, address: str) -> None:
        """One change of a member's, or of a guest's, for whom the address counts. Errors: ``TooMany``."""
        self.act.take(str(account) if account else address)


@lru_cache(maxsize=4096)
def network_of(host: str) -> str:
    """What an address is counted by: an IPv4 address itself, of IPv6 the /64; anything else as it is."""
    try:
        parsed = ipaddress.ip_address(host)
    except ValueError:
        return host
    if parsed.version == 4:
        return host
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False))


def client_address(scope: Scope) -> str:
    """Who is on the other end; behind a trusted proxy uvicorn has put the real one there. IPv6 counts as its /64."""
    client = scope.get("client")
    return network_of(client[0]) if client else ""
