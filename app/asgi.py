"""Puts the parts together into the ASGI application of one process."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import structlog
from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.plugins import PluginProtocol

import pwa.routes
import web.routes
from app import background, media_processing, outbox_watch, resources
from app.tasks import running
from asgi import policy
from asgi.direct_routes import DirectRoutes
from asgi.guest_pages import GuestPagesMiddleware
from asgi.health import READY, HealthMiddleware, NotReady
from asgi.media import MediaMiddleware
from asgi.rate_limits import RateLimits
from asgi.request_guard import RequestGuardMiddleware
from asgi.sessions import Cookies, SessionMiddleware
from db import schema, signal_transports
from db.engine import DB
from db.sql import SQL
from domain.backups.handover import SITE_MODE
from domain.core.errors import Refused
from domain.core.outages import DATABASE_STATUS
from domain.domain_migration import pinned_keys
from domain.media.processor import MediaProcessor
from domain.moderation import founding, public_log
from settings import Settings
from web import assets, early_responses, errors, i18n, page, submissions, templating
from web.cache_invalidation import CacheInvalidation
from web.live import Hub
from web.routes import direct
from web.state import AppState

LOG = structlog.get_logger()

# Our responses are ASGI applications; Litestar's types require its own Response, its code only ``to_asgi_response``.
REFUSALS: dict[Any, Any] = {Refused: errors.refused, HTTPException: errors.http, Exception: errors.broken}


class _Litestar(Litestar):
    """Litestar without its plugins for pydantic, attrs and injected structs: no route uses one, and they take 10 MB.

    The method is private to Litestar. tests/app/test_serve.py fails if it is called differently one day.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return plugins


def create_app(settings: Settings, hub: Hub | None = None) -> HealthMiddleware:
    """Returns the server as an ASGI application.

    Its lifespan opens and closes the database and runs the outbox when the settings say so. ``hub`` keeps the event
    streams of open pages, for a caller who closes them before the application ends.
    """
    cookies, limits = Cookies(settings.secure), RateLimits(settings)
    guests = GuestPagesMiddleware(settings, page.asks_for_fragment)
    processor, hub = (
        media_processing.create(settings, limits.upload_seconds),
        Hub(settings.streams) if hub is None else hub,
    )
    memory = CacheInvalidation(guests)
    chosen = policy.from_settings(settings)
    litestar = _Litestar(
        route_handlers=[*web.routes.HANDLERS, *pwa.routes.HANDLERS],
        lifespan=[lambda _: _living(settings, chosen, memory, hub, processor)],
        state=State({"web": AppState(settings, chosen, cookies, limits, hub, processor)}),
        before_request=early_responses.refuse_while_moving,
        exception_handlers=REFUSALS,
        openapi_config=None,
        logging_config=None,
        request_max_body_size=settings.body_limit_kb * 1024,
    )
    guests.app = DirectRoutes(litestar, direct.find, early_responses.refuse_while_moving, REFUSALS)
    sessions = SessionMiddleware(guests, chosen, cookies, limits, early_responses.PAGES)
    media = MediaMiddleware(sessions, settings, cookies)
    guard = RequestGuardMiddleware(media, assets.app, settings, submissions.upload_paths(settings))
    return HealthMiddleware(guard, {"/healthz": schema.check, READY: _check_writable})


async def _check_writable() -> None:
    """Errors: ``NotReady`` while the database takes no writes; whatever reading it raises.

    A schema that a newer version has migrated is no reason to fail: that version is about to take over.
    """
    await DB.value(PING)
    if DATABASE_STATUS.outage:
        await DATABASE_STATUS.refresh()
    if DATABASE_STATUS.outage:
        raise NotReady(DATABASE_STATUS.outage)


PING = SQL("SELECT 1")


@contextlib.asynccontextmanager
async def _living(
    settings: Settings, chosen: policy.Policy, memory: CacheInvalidation, hub: Hub, processor: MediaProcessor
) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(resources.network(settings))
        # Created before the first request: installed apps pin them.
        await pinned_keys.public()
        _warm(chosen)
        await stack.enter_async_context(DB.following(settings.replica_url, settings.replica_lag_seconds))
        DATABASE_STATUS.watch(Path(settings.data), embedded=settings.file is not None)
        await stack.enter_async_context(running(DATABASE_STATUS.keep_fresh()))
        await stack.enter_async_context(running(memory.keep_fresh()))
        await stack.enter_async_context(running(hub.run()))
        await SITE_MODE.refresh()
        try:
            await founding.publish_missing()
        except Exception:
            # A full disk, for example: the schedule tries again every hour.
            LOG.exception("rules.not_published")
        try:
            await public_log.add_missing()
        except Exception:
            LOG.exception("public_log.not_completed")
        await stack.enter_async_context(running(SITE_MODE.keep_fresh()))
        await stack.enter_async_context(signal_transports.connected(settings.url))
        await stack.enter_async_context(running(outbox_watch.run(settings)))
        if settings.outbox_in_server:
            await stack.enter_async_context(background.working(settings, processor))
        yield


def _warm(chosen: policy.Policy) -> None:
    """Loads static files, translations and templates before the first request needs them."""
    assets.address("css/app.css")
    for locale in i18n.LOCALES:
        templating.templates(locale, chosen).load("base.html")
