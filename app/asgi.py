"""The parts put together: one ASGI application per process."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog
from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import HTTPException

import pwa.routes
import web.routes
from app import background, media_processing, outbox_watch, resources
from app.tasks import running
from asgi.asgi_types import App, Message, Receive, Scope, Send
from asgi.cache import BUDGET
from db import schema, signal_transports
from db.engine import DB
from db.sql import SQL
from domain.backups.handover import SITE_MODE
from domain.core.errors import Refused
from domain.core.outages import DATABASE_STATUS
from domain.core.units import MB
from domain.domain_migration import pinned_keys
from domain.media.processor import MediaProcessor
from settings import Settings
from web import assets, errors, handover, i18n, media, media_context, templating
from web.cache_invalidation import CacheInvalidation
from web.guests import GuestPagesMiddleware
from web.live import Hub
from web.security import RateLimits, RequestGuardMiddleware
from web.session import Cookies, SessionMiddleware
from web.state import AppState

LOG = structlog.get_logger()

# Our answers are ASGI applications; Litestar's types ask for its own Response, its code only for ``to_asgi_response``.
REFUSALS: dict[Any, Any] = {Refused: errors.refused, HTTPException: errors.http, Exception: errors.broken}


def create_app(settings: Settings) -> "HealthMiddleware":
    """The server as ASGI; its lifespan opens and closes the database and drains the outbox when the settings say so."""
    cookies, limits, guests = Cookies(settings.secure), RateLimits(settings), GuestPagesMiddleware(settings)
    studio = media_processing.create(settings, limits.upload_seconds)
    memory, hub = CacheInvalidation(guests), Hub(settings.streams)
    media_context.MEDIA_URLS.origin = settings.media_origin
    media_context.SIZE_LIMITS.image, media_context.SIZE_LIMITS.video, media_context.SIZE_LIMITS.audio = (
        settings.image_mb,
        settings.video_mb,
        settings.audio_mb,
    )
    BUDGET.resize(settings.cache_mb * MB)
    guests.app = Litestar(
        route_handlers=[*web.routes.HANDLERS, *pwa.routes.HANDLERS],
        lifespan=[lambda _: _living(settings, memory, hub, studio)],
        state=State({"web": AppState(settings, cookies, limits, hub, studio)}),
        before_request=handover.refuse,
        exception_handlers=REFUSALS,
        openapi_config=None,
        logging_config=None,
        request_max_body_size=settings.body_limit_kb * 1024,
    )
    pages = SessionMiddleware(guests, settings, cookies, limits)
    return HealthMiddleware(
        handover.Leading(RequestGuardMiddleware(media.MediaMiddleware(pages, settings, cookies), settings)), hub
    )


class HealthMiddleware:
    """ASGI: ``/healthz`` answers whether this process can read its database and knows its schema, ``/readyz`` whether
    to send it anybody, which needs a database that can be written; both before any limit or session. For a proxy, which
    can send people nowhere else while the database is away or full, ``/readyz?exclude=database`` leaves that out.

    ``hub`` is for the server, which closes it when it stops, as it sets ``draining``: from then on every answer is its
    connection's last, so that whoever asked goes on elsewhere.
    """

    def __init__(self, app: App, hub: Hub) -> None:
        self._app = app
        self.hub = hub
        self.draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _last(send) if self.draining else send
        if scope["path"] == "/readyz" and self.draining:
            await _plain(send, 503, b"draining\n")
        elif scope["path"] == "/readyz" and scope["query_string"] == b"exclude=database":
            await _plain(send, 200, b"ok\n")
        elif scope["path"] in LOOKS:
            await _look(send, LOOKS[scope["path"]])
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application's answer; what breaks before its pages can say so (no database) is a plain 500."""
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


class NotWritable(Exception):
    """The database takes no writes; ``str(error)`` says why in a word."""


async def _serves() -> None:
    # A schema that has become newer meanwhile is no reason to send nobody here: the next version is on its way.
    await DB.value(PING)
    if DATABASE_STATUS.outage:
        await DATABASE_STATUS.look()
    if DATABASE_STATUS.outage:
        raise NotWritable(DATABASE_STATUS.outage)


PING = SQL("SELECT 1")
LOOKS = {"/healthz": schema.check, "/readyz": _serves}


async def _look(send: Send, work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
        status, body = 200, b"ok\n"
    except Exception as error:  # noqa: BLE001 - whatever it is, we are not healthy
        DATABASE_STATUS.refusal(error)
        why = str(error) if isinstance(error, NotWritable) else DATABASE_STATUS.outage or type(error).__name__
        status, body = 503, f"database: {why}\n".encode()
    await _plain(send, status, body)


def _last(send: Send) -> Send:
    """``send`` for a connection that ends with this answer."""

    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
        await send(message)

    return closing


async def _plain(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


@contextlib.asynccontextmanager
async def _living(
    settings: Settings, memory: CacheInvalidation, hub: Hub, studio: MediaProcessor
) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(resources.network(settings))
        # From the first run on: apps pin them.
        await pinned_keys.public()
        _warm()
        await stack.enter_async_context(DB.following(settings.replica_url, settings.replica_lag_seconds))
        DATABASE_STATUS.watch(Path(settings.data), embedded=settings.file is not None)
        await stack.enter_async_context(running(DATABASE_STATUS.keep_fresh()))
        await stack.enter_async_context(running(memory.keep_fresh()))
        await stack.enter_async_context(running(hub.run()))
        await SITE_MODE.look()
        await stack.enter_async_context(running(SITE_MODE.keep_fresh()))
        await stack.enter_async_context(signal_transports.connected(settings.url))
        await stack.enter_async_context(running(outbox_watch.run(settings)))
        if settings.outbox_in_server:
            await stack.enter_async_context(background.working(settings, studio))
        yield


def _warm() -> None:
    """Reads files and languages before the first person waits for them."""
    assets.address("css/app.css")
    for locale in i18n.LOCALES:
        templating.environment(locale).get_template("base.html")
