"""A push service on loopback that keeps what it is sent, and the keys of devices, so that tests can read it."""

import asyncio
import base64
import json
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import http_ece
import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from db.engine import DB
from db.sql import SQL
from domain.core import clock
from domain.notifications import preferences, subscriptions
from domain.notifications.preferences import Preferences
from domain.notifications.subscriptions import Offer
from pwa.push import Sender
from tests.helpers.people import LiveNetwork, Member
from tests.helpers.web_server import answering


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Pushed:
    """One request to the push service."""

    def __init__(self, name: str, headers: dict[str, str], body: bytes, device: "PushReceiver | None") -> None:
        self.name, self.headers, self.body, self.device = name, headers, body, device

    @property
    def said(self) -> dict[str, Any]:
        """The payload, as the browser would decrypt it."""
        assert self.device is not None
        assert self.headers["content-encoding"] == "aes128gcm"
        plain = http_ece.decrypt(self.body, private_key=self.device.private, auth_secret=self.device.auth)
        found: dict[str, Any] = json.loads(plain)
        return found

    @property
    def note(self) -> dict[str, Any]:
        note: dict[str, Any] = self.said["notification"]
        return note

    @property
    def claims(self) -> dict[str, Any]:
        """What the sender signed of itself, once the signature holds."""
        authorization = self.headers["authorization"]
        assert Vapid02.verify(authorization)
        token = authorization.partition("t=")[2].partition(",")[0]
        found: dict[str, Any] = json.loads(_unpadded(token.split(".")[1]))
        return found

    @property
    def key(self) -> str:
        return self.headers["authorization"].partition("k=")[2]


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class PushReceiver:
    """A browser's push registration."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint, self.private, self.auth = endpoint, ec.generate_private_key(ec.SECP256R1()), b"sixteen bytes ok"

    @property
    def p256dh(self) -> str:
        return b64(self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def offer(self, **fields: Any) -> Offer:
        return Offer(self.endpoint, self.p256dh, b64(self.auth), **fields)

    def json(self, **fields: Any) -> dict[str, Any]:
        return {"endpoint": self.endpoint, "keys": {"p256dh": self.p256dh, "auth": b64(self.auth)}, **fields}


class Service:
    """Takes pushes at ``/<name>``; ``answers[name]`` is (status, headers), 201 without one; those of ``slow`` never
    are answered."""

    def __init__(self) -> None:
        self.pushed: list[Pushed] = []
        self.answers: dict[str, tuple[int, dict[str, str]]] = {}
        self.devices: dict[str, PushReceiver] = {}
        self.slow: set[str] = set()
        self.port = 0

    def device(self, name: str) -> PushReceiver:
        self.devices[name] = PushReceiver(f"http://127.0.0.1:{self.port}/{name}")
        return self.devices[name]

    async def of(self, member: Member, name: str = "", **fields: Any) -> int:
        """Subscribes a member's device under a name, their handle by default."""
        offer = self.device(name or member.handle).offer(**fields)
        return await subscriptions.subscribe(await member.viewer(), offer)

    def to(self, name: str) -> list[Pushed]:
        return [push for push in self.pushed if push.name == name]

    async def take(self, request: web.Request) -> web.Response:
        name = request.match_info["path"]
        headers = {key.lower(): value for key, value in request.headers.items()}
        self.pushed.append(Pushed(name, headers, await request.read(), self.devices.get(name)))
        if name in self.slow:
            await asyncio.Event().wait()
        status, extra = self.answers.get(name, (201, {}))
        return web.Response(status=status, headers=extra)


@asynccontextmanager
async def service() -> AsyncIterator[Service]:
    """A push service that listens while the block runs."""
    made = Service()
    async with answering(made.take) as made.port:
        yield made


@contextmanager
def threaded() -> Iterator[Service]:
    """A push service for servers in processes of their own: it listens in a thread while the block runs."""
    loop, ready = asyncio.new_event_loop(), Future[Service]()
    stopping = asyncio.Event()

    async def listen() -> None:
        async with service() as running:
            ready.set_result(running)
            await stopping.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(listen(),))
    thread.start()
    try:
        yield ready.result(timeout=10)
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()


async def send(settings: Any) -> int:
    """Sends what is due now."""
    return await Sender(settings).drain()


async def told(network: LiveNetwork) -> int:
    """Works off the outbox, then sends what is due. Returns how many pushes were taken in hand."""
    await network.settle()
    return await send(network.settings)


async def waiting() -> int:
    return int(await DB.value(SQL("SELECT count(*) FROM push_delivery")))


async def choose(member: Member, **wanted: object) -> None:
    await preferences.save(await member.viewer(), msgspec.structs.replace(Preferences(), **wanted))


async def hush(member: Member) -> None:
    """Their quiet hours began five minutes ago and end in an hour."""
    minute = clock.now() // 60_000 % 1440
    await choose(member, quiet_from=(minute - 5) % 1440, quiet_to=(minute + 60) % 1440, zone="Etc/UTC")


async def problems(member: Member) -> list[tuple[int, str]]:
    return [(one.failed, one.problem) for one in await subscriptions.devices(await member.viewer())]
