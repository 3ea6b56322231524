"""One server process: how it serves, and how it ends without failing anybody."""

import asyncio
import contextlib
import gc
import os
import resource
import signal
import socket
import threading
import time
from multiprocessing.synchronize import Event
from types import FrameType

import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app import connections, logs, metrics
from app.asgi import create_app
from app.connections import Bounds, Connection
from asgi.asgi_types import App
from asgi.cache import BUDGET
from asgi.health import HealthMiddleware
from domain.core.units import MB
from settings import Settings
from web.live import Hub

# How often processes look after one another, in seconds.
LOOK = 0.5
GRACE = 10
# Connections are checked every so many of uvicorn's ticks, of which there are ten a second.
CHECK_TICKS = 10
# How long a process that hands over waits for its connections, in seconds; an idle one is closed after five anyway.
HAND_OVER = 7


def listen(settings: Settings) -> socket.socket:
    """A socket bound to the settings' host and port. Errors: ``OSError``."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError:
        listening.close()
        raise
    return listening


def try_metrics_ports(settings: Settings, count: int) -> None:
    """Errors: ``OSError`` when a port that the metrics of ``count`` processes need is taken."""
    for number in range(count) if settings.metrics_port else ():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", settings.metrics_port + number))


def serve(
    settings: Settings, listening: socket.socket, number: int, parent: int = 0, ready: Event | None = None
) -> None:
    """One server process; its metrics are on the metrics port plus its number. It ends with its ``parent``, if any, and
    sets ``ready`` once it serves."""
    if parent:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    logs.configure(settings)
    _allow_streams()
    # Cached pages take memory of the process, whatever its application.
    BUDGET.resize(settings.cache_mb * MB)
    hub = Hub(settings.streams)
    health = create_app(settings, hub)
    app: App = health
    if settings.metrics_port:
        app = metrics.measured(app, settings.metrics_port + number, hub)
    # What is loaded now stays; rendered posts are many and hold no cycles: a full collection is rarely worth its pause.
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 100)
    bounds = Bounds(waiting=settings.address_connections)
    server = Server(configured(app, settings, bounds), health, hub, settings.drain_seconds, ready)
    if parent:
        signal.signal(signal.SIGHUP, server.hand_over)
    # On Ctrl+C uvicorn ends as it should, and then lets the signal do what it does by itself: a traceback.
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


def configured(app: App, settings: Settings, bounds: Bounds) -> uvicorn.Config:
    """How uvicorn serves: one connection's limits are ``bounds``."""
    proxied = ProxyHeadersMiddleware(app, settings.trusted_proxies)
    return uvicorn.Config(
        proxied,
        loop="uvloop",
        http=connections.bounded(bounds, proxied.trusted_hosts),
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
    )


def _allow_streams() -> None:
    """Every open page is an open file; the usual limit of 1,024 is one that a process may lift itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Server(uvicorn.Server):
    """A server that stops without failing a request.

    On SIGTERM it goes on answering for ``drain`` seconds, while ``/readyz`` tells the proxy to send requests elsewhere.
    On a handover it accepts no more connections and finishes those it has. Then it closes the event streams of open
    pages, which would otherwise never end.
    """

    def __init__(
        self, config: uvicorn.Config, health: HealthMiddleware, hub: Hub, drain: float, ready: Event | None
    ) -> None:
        super().__init__(config)
        self._health, self._hub, self._drain, self._ready = health, hub, drain, ready
        self._until = float("inf")
        self._handing_over = self._closed = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig != signal.SIGTERM or not self._drain or self._health.draining:
            super().handle_exit(sig, frame)
            return
        self._health.draining = True
        self._until = time.monotonic() + self._drain

    def hand_over(self, _sig: int, _frame: FrameType | None) -> None:
        self._handing_over = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._ready and self.started:
            self._ready.set()

    async def on_tick(self, counter: int) -> bool:
        if self._handing_over and not self._closed:
            self._close()
        if counter % CHECK_TICKS == 0:
            self._check_connections()
        done = self._closed and not self.server_state.connections
        return await super().on_tick(counter) or done or time.monotonic() > self._until

    def _check_connections(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in tuple(self.server_state.connections):
            assert isinstance(connection, Connection)
            connection.check(now)

    def _close(self) -> None:
        """Others accept on the same socket, which the parent holds."""
        self._closed = self._health.draining = True
        self._until = time.monotonic() + HAND_OVER
        for server in self.servers:
            server.close()
        self._hub.close()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._health.draining = True
        self._hub.close()
        await super().shutdown(sockets)


def _end_with(parent: int) -> None:
    """Stops this process when its parent is gone, even by a kill that gave it no time to say so."""
    while os.getppid() == parent:
        time.sleep(LOOK)
    os.kill(os.getpid(), signal.SIGTERM)
