"""A server on loopback with bounds of a test's own, and raw connections to it."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from app import server
from app.asgi import create_app
from app.connections import Bounds
from app.server import Server
from settings import Settings
from tests.conftest import QUICK
from web.live import Hub

# Longer than any bound below, in seconds: what has not happened by then has not been bounded.
PATIENCE = 30
# Less than what makes uvicorn wait for a reader.
MEDIUM = 60_000
REQUEST = b"GET /healthz HTTP/1.1\r\nhost: parvis.test\r\n"

Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Served:
    """A server on loopback, whose connections can be counted."""

    def __init__(self, running: Server, address: tuple[str, int]) -> None:
        self._running, self._address = running, address
        self._opened: list[asyncio.StreamWriter] = []
        # Requests for /waiting that have not been told that nobody waits for their answer.
        self.waiting = 0

    @property
    def connections(self) -> int:
        return len(self._running.server_state.connections)

    @property
    def answers(self) -> int:
        """How many have been given to their connections."""
        return self._running.server_state.total_requests

    async def connect(self, buffered: int = 0) -> Pair:
        """``buffered``: the bytes, about, that the kernel takes of an answer before the connection reads any."""
        own = socket.socket()
        if buffered:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffered)
        own.setblocking(False)
        await asyncio.get_running_loop().sock_connect(own, self._address)
        reader, writer = await asyncio.open_connection(sock=own)
        self._opened.append(writer)
        return reader, writer

    async def is_well(self) -> bool:
        reader, writer = await self.connect()
        writer.write(REQUEST + b"connection: close\r\n\r\n")
        return (await answer(reader)).startswith(b"HTTP/1.1 200")

    def close(self) -> None:
        for writer in self._opened:
            writer.close()
        self._running.should_exit = True


Serve = Callable[..., contextlib.AbstractAsyncContextManager[Served]]


def serve_from(url: str, folder: Path) -> Serve:
    """Serves a network within ``bounds``, and /large and /medium, which are 16 MB and MEDIUM bytes, and
    /waiting, which never answers."""

    @contextlib.asynccontextmanager
    async def serving(trusted: str = "", send_buffer: int = 0, **bounds: Any) -> AsyncIterator[Served]:
        settings = Settings(database_url=url, data=str(folder), port=0, trusted_proxies=trusted, **QUICK)
        hub = Hub(settings.streams)
        network = create_app(settings, hub)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            path = scope.get("path")
            if path == "/waiting":
                served.waiting += 1
                while (await receive())["type"] != "http.disconnect":
                    pass
                served.waiting -= 1
                return
            if path == "/medium":
                length = (b"content-length", b"%d" % MEDIUM)
                await send({"type": "http.response.start", "status": 200, "headers": [length]})
                await send({"type": "http.response.body", "body": bytes(MEDIUM)})
                return
            if path != "/large":
                await network(scope, receive, send)
                return
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for left in reversed(range(256)):
                await send({"type": "http.response.body", "body": bytes(65_536), "more_body": left > 0})

        listening = server.listen(settings)
        if send_buffer:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        running = Server(server.configured(app, settings, Bounds(**bounds)), network, hub, 0, None)
        task = asyncio.create_task(running._serve([listening]))
        served = Served(running, listening.getsockname())
        await until(lambda: running.started)
        try:
            yield served
        finally:
            served.close()
            await task

    return serving


async def until(true: Callable[[], bool]) -> None:
    """Errors: ``TimeoutError``."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.02)


async def answer(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the connection ends."""
    async with asyncio.timeout(PATIENCE):
        with contextlib.suppress(ConnectionError):
            return await reader.read()
    return b""
