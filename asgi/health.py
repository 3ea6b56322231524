"""Health checks, the end of a connection while the server stops, and redirects once the network has moved."""

from collections.abc import Awaitable, Callable, Mapping

import structlog

from asgi import responses
from asgi.asgi_types import App, Message, Receive, Scope, Send
from domain.backups.handover import MOVED, SITE_MODE
from domain.core.outages import DATABASE_STATUS

LOG = structlog.get_logger()

READY = "/readyz"
# Raises what is wrong.
Check = Callable[[], Awaitable[None]]


class NotReady(Exception):
    """A check has failed; ``str(error)`` says why in a word, for the response."""


class HealthMiddleware:
    """ASGI, outermost: answers health checks, before any limit or session, and what raises before it has responded.

    ``checks`` maps paths to checks: ``{"/healthz": schema.check}`` answers 200 or, when the check raises, 503.
    ``/readyz?exclude=database`` skips the check: a proxy can send requests nowhere else while the database is
    unavailable. While ``draining`` is set, ``/readyz`` answers 503, and every response closes its connection, so that
    clients reconnect to another process. Once the network has moved, every other address redirects to its new place.
    """

    def __init__(self, app: App, checks: Mapping[str, Check]) -> None:
        self._app = app
        self._checks = checks
        self.draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _closing(send) if self.draining else send
        path = scope["path"]
        if path == READY and self.draining:
            await _plain(send, 503, b"draining\n")
        elif path == READY and scope["query_string"] == b"exclude=database":
            await _plain(send, 200, b"ok\n")
        elif path in self._checks:
            await _run(self._checks[path], send)
        elif SITE_MODE.state == MOVED:
            await _redirect(scope, send, SITE_MODE.address)
        else:
            await self._respond(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application's response; an error that no page could report (no database) becomes a plain 500."""
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            LOG.error("request.broken", method=scope["method"], exc_info=error)
            if started:
                raise
            await _plain(send, 500, b"This is our fault. Nothing was lost: try again in a moment.\n")


async def _run(check: Check, send: Send) -> None:
    try:
        await check()
        status, body = 200, b"ok\n"
    except Exception as error:  # noqa: BLE001 - whatever it is, this process is not healthy
        DATABASE_STATUS.refusal(error)
        why = str(error) if isinstance(error, NotReady) else DATABASE_STATUS.outage or type(error).__name__
        status, body = 503, f"database: {why}\n".encode()
    await _plain(send, status, body)


async def _redirect(scope: Scope, send: Send, origin: str) -> None:
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    to = origin.encode() + scope.get("raw_path", scope["path"].encode()) + query
    # Browsers keep it for an hour only: a move may be taken back.
    headers = [(b"location", to), (b"cache-control", b"max-age=3600"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 308, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _closing(send: Send) -> Send:
    """``send`` for a response that closes its connection."""

    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
        await send(message)

    return closing


async def _plain(send: Send, status: int, body: bytes) -> None:
    await responses.send_plain(send, status, body, responses.NO_STORE)
