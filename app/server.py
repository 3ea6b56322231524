"""Server processes: one, or several on one socket."""

import gc
import multiprocessing
import os
import resource
import signal
import socket
import threading
import time
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

import uvicorn

from app import logs, metrics
from app.asgi import create_app
from settings import Settings
from web.live import Hub
from web.wire import App

# How often processes look after one another, in seconds.
LOOK = 0.5
GRACE = 10


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


def run(settings: Settings, listening: socket.socket, count: int) -> None:
    """Serves until told to stop, in this process or in ``count`` of its children."""
    if count == 1:
        serve(settings, listening, 0)
    else:
        _run_many(settings, listening, count)


def serve(settings: Settings, listening: socket.socket, number: int, parent: int = 0) -> None:
    """One server process; its metrics are on the metrics port plus its number. It ends with its ``parent``, if any."""
    if parent:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    logs.configure(settings)
    _allow_streams()
    health = create_app(settings)
    app: App = health
    if settings.metrics_port:
        app = metrics.measured(app, settings.metrics_port + number, health.hub)
    # What is loaded now stays; rendered posts are many and hold no cycles: a full collection is rarely worth its pause.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACE,
    )
    Server(config, health.hub).run(sockets=[listening])


def _allow_streams() -> None:
    """Every open page is an open file; the usual limit of 1,024 is one that a process may lift itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Server(uvicorn.Server):
    """Ends the open pages' streams when it stops, which would wait for them otherwise."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.close()
        await super().shutdown(sockets)


def _end_with(parent: int) -> None:
    """Stops this process when its parent is gone, even by a kill that gave it no time to say so."""
    while os.getppid() == parent:
        time.sleep(LOOK)
    os.kill(os.getpid(), signal.SIGTERM)


def _run_many(settings: Settings, listening: socket.socket, count: int) -> None:
    """Several processes on one socket; one that dies is replaced, and all end with this one."""
    context = multiprocessing.get_context("spawn")
    told: list[int] = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, _: told.append(number))

    def start(number: int) -> BaseProcess:
        process = context.Process(target=serve, args=(settings, listening, number, os.getpid()))
        process.start()
        return process

    processes = {number: start(number) for number in range(count)}
    while not told:
        wait([process.sentinel for process in processes.values()], LOOK)
        for number, process in processes.items():
            if not told and not process.is_alive():
                # Not at once: one that can't start must not be started a thousand times a second.
                time.sleep(LOOK)
                processes[number] = start(number)
    for process in processes.values():
        process.terminate()
    for process in processes.values():
        process.join(GRACE + 5)
        if process.is_alive():
            process.kill()
