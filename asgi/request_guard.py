"""Checks that every request passes before anything else handles it: address, size, origin and method."""

import asyncio
from collections.abc import Mapping
from time import monotonic

from litestar.exceptions import ClientException

from asgi import query_string, responses
from asgi.asgi_types import App, Message, Receive, Scope, Send, header
from asgi.client_address import client_address
from asgi.origin_check import is_same_origin
from asgi.security_headers import SecurityHeaders
from domain.core.errors import TOO_MUCH, TooMany
from settings import Settings

STATIC_PREFIX = "/static/"
# What surrounds the files in a multipart form, in bytes.
FORM_OVERHEAD = 128 * 1024
# The longest path and query together, in bytes.
MAX_ADDRESS = 4096
# A host name has at most 253 characters, and a port five.
MAX_HOST = 260
# The shortest time that the rate of a body is measured over, in seconds: all have this long to begin.
RATE_SECONDS = 5
SAFE = ("GET", "HEAD", "OPTIONS")
OVERRIDES = {"PUT", "DELETE"}


class BodyTooLarge(ClientException):
    """A body over the limit. Litestar's exception handlers turn it into a page if a handler was reading the body."""

    status_code = 413


class IncompleteBody(ClientException):
    """The connection ended before the whole body arrived, so nobody reads the response."""


class Displaced(TooMany):
    """A body came more slowly than any other of its address, when that had as many changes in progress as it may."""


class ChangeInProgress:
    """A request that changes something, from its headers to its response."""

    __slots__ = ("_began", "_displaced", "_reader", "received")

    def __init__(self) -> None:
        self._began = monotonic()
        # Bytes of the body.
        self.received = 0
        # The task that waits for more of the body, while one does.
        self._reader: asyncio.Task[object] | None = None
        self._displaced = False

    @property
    def rate(self) -> float:
        """How quickly the body comes, in bytes a second; infinite when nobody waits for it."""
        if self._reader is None:
            return float("inf")
        # A young one is not spared: who sends nothing but new ones could displace everybody else's.
        return self.received / max(monotonic() - self._began, RATE_SECONDS)

    def displace(self) -> None:
        """Ends whatever waits for the body: that raises ``Displaced``."""
        if self._reader is not None:
            self._displaced = True
            self._reader.cancel()

    async def receive(self, receive: Receive) -> Message:
        """Errors: ``Displaced``."""
        self._reader = asyncio.current_task()
        try:
            message = await receive()
        except asyncio.CancelledError:
            # Somebody else may have cancelled the task too.
            if not self._displaced or self._reader is None or self._reader.uncancel():
                raise
            raise Displaced(TOO_MUCH, RATE_SECONDS) from None
        finally:
            self._reader = None
        self.received += len(message.get("body", b""))
        return message


class RequestGuardMiddleware:
    """ASGI: static files, method override, origin check, size and address limits, security headers."""

    def __init__(self, app: App, static: App, settings: Settings, upload_paths: Mapping[str, int]) -> None:
        """``static`` answers for addresses under ``/static/``.

        ``upload_paths`` maps the beginnings of paths that take files to the largest total of those files, in bytes:
        ``{"/settings/profile/": 20 * MB}``.
        """
        self._app = app
        self._static = static
        self._limit = settings.body_limit_kb * 1024
        self._upload_paths = upload_paths
        self._headers = SecurityHeaders(settings)
        # Changes in progress per address: connections through a proxy are not counted one by one.
        self._in_progress: dict[str, dict[ChangeInProgress, None]] = {}
        self._most_at_once = settings.address_connections
        self._origin = settings.origin.rstrip("/").encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = self._headers.added_to(send, bodiless=scope["method"] == "HEAD")
        if refusal := _invalid_address(scope):
            await _refuse(send, *refusal)
            return
        if scope["method"] == "HEAD":
            # Routed as GET, so that no handler has to know HEAD; `head` lets a handler skip an expensive body.
            scope = {**scope, "method": "GET", "state": {**scope.get("state", {}), "head": True}}
        if scope["path"].startswith(STATIC_PREFIX):
            await self._static(scope, receive, send)
        elif scope["method"] in SAFE:
            await self._enter(scope, receive, send)
        elif not is_same_origin(scope, self._origin):
            await _refuse(send, 403, b"This request came from another site.")
        else:
            await self._enter_with_body(scope, receive, send)

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/@"):
            # Litestar matches whole path components: /@ana/1 is routed as /@/ana/1.
            scope["path"] = f"/@/{scope['path'][2:]}"
        await self._app(scope, receive, send)

    async def _enter_with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        change = ChangeInProgress()
        limited = self._limited(scope, receive, change)
        if limited is None:
            await _refuse(send, 413, b"This is too large.")
            return
        _override_method(scope)
        client = client_address(scope)
        others = self._in_progress.setdefault(client, {})
        if len(others) >= self._most_at_once and not _make_room(others):
            await _refuse(send, 429, TOO_MUCH.encode())
            return
        others[change] = None
        try:
            await self._enter(scope, limited, send)
        except BodyTooLarge:
            await _refuse(send, 413, b"This is too large.")
        except Displaced:
            await _refuse(send, 429, TOO_MUCH.encode())
        except IncompleteBody:
            pass
        finally:
            others.pop(change, None)
            # One that was displaced may end long after the last of the others.
            if not others and self._in_progress.get(client) is others:
                del self._in_progress[client]

    def _limited(self, scope: Scope, receive: Receive, change: ChangeInProgress) -> Receive | None:
        """``receive`` within the size limit; None when the request announces a larger body."""
        limit = self._limit_for(scope)
        for name, value in scope["headers"]:
            if name == b"content-length" and (not value.isdigit() or int(value) > limit):
                return None
        whole = False

        async def counted() -> Message:
            nonlocal whole
            # Who waits for the other side to hang up waits for no body.
            message = await (receive() if whole else change.receive(receive))
            if message["type"] == "http.disconnect" and not whole:
                raise IncompleteBody
            if change.received > limit:
                raise BodyTooLarge
            whole = not message.get("more_body", False)
            return message

        return counted

    def _limit_for(self, scope: Scope) -> int:
        """The largest body in bytes: more where files are streamed to disk."""
        limit = self._limit
        for beginning, files in self._upload_paths.items():
            if scope["path"].startswith(beginning) and _carries_files(scope):
                limit = max(limit, files + FORM_OVERHEAD)
        return limit


def _make_room(changes: dict[ChangeInProgress, None]) -> bool:
    """Displaces the one whose body comes most slowly, so that bodies which are slow on purpose keep nobody out.

    Returns whether there was one whose body has not come whole.
    """
    slowest = min(changes, key=lambda one: one.rate)
    if slowest.rate == float("inf"):
        return False
    del changes[slowest]
    slowest.displace()
    return True


def _carries_files(scope: Scope) -> bool:
    """Whether a request may carry files: a multipart form, or a single file as its body."""
    if scope["path"] == "/media":
        return True
    return header(scope, b"content-type").lower().startswith(b"multipart/form-data")


def _invalid_address(scope: Scope) -> tuple[int, bytes] | None:
    """The status and message for an address that nothing can have, or None."""
    if len(scope["raw_path"]) + len(scope["query_string"]) > MAX_ADDRESS:
        return 414, b"This address is too long."
    if query_string.too_many(scope):
        return 400, b"This address can't be read."
    if len(header(scope, b"host")) > MAX_HOST:
        return 400, b"This host has no such name."
    if "\x00" in scope["path"]:
        # PostgreSQL takes no text with it.
        return 404, b"There is nothing here."
    # A browser takes a link that begins with two slashes for one to another host.
    if "//" in scope["path"] or b"//" in scope["raw_path"]:
        return 404, b"There is nothing here."
    return None


def _override_method(scope: Scope) -> None:
    """A form can only POST: ``?_method=PUT`` or ``?_method=DELETE`` names the method that is meant."""
    if scope["method"] == "POST":
        wanted = query_string.value(scope, "_method").upper()
        if wanted in OVERRIDES:
            scope["method"] = wanted


async def _refuse(send: Send, status: int, words: bytes) -> None:
    await responses.send_plain(send, status, words, (b"connection", b"close"))
