"""A push service on loopback: RFC 8030 towards who sends, Mozilla's websocket protocol towards stock Firefox."""

import asyncio
import base64
import contextlib
import re
import secrets
import threading
import time
import uuid
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from aiohttp import WSMsgType, web

from e2e import vapid
from tests.helpers.services import free_port

LARGEST = 4096
LONGEST_TTL = 30 * 86_400
URGENCIES = ("very-low", "low", "normal", "high")


class Received(NamedTuple):
    """One push that somebody sent: what it was answered, and when it came (``time.monotonic``)."""

    token: str
    status: int
    why: str
    headers: dict[str, str]
    size: int
    at: float


class Held(NamedTuple):
    """A push that waits for its browser."""

    until: float
    topic: str
    message: dict[str, Any]


@dataclass
class Channel:
    """A subscription: whose it is, the key it was made with, and the end of its address."""

    browser: str
    key: str
    token: str


class PushService:
    """Runs in a thread of its own. ``received`` and ``acknowledged`` grow while one looks."""

    def __init__(self) -> None:
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.received: list[Received] = []
        # What browsers said to each push: 100 shown to the page's worker, 101 not decrypted, 102 the worker failed.
        self.acknowledged: list[int] = []
        self._loop = asyncio.new_event_loop()
        self._channels: dict[str, Channel] = {}
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self._held: dict[str, list[Held]] = {}
        self._gone: set[str] = set()
        self._answer: tuple[int, dict[str, str]] | None = None
        self._forgetful = False

    @property
    def preferences(self) -> dict[str, Any]:
        """What makes Firefox use this one."""
        return {"dom.push.serverURL": f"ws://127.0.0.1:{self.port}/", "dom.push.testing.allowInsecureServerURL": True}

    # --- what tests do

    def endpoints(self) -> list[str]:
        """The addresses of all live subscriptions, oldest first."""
        return [self._endpoint(channel) for channel in self._channels.values()]

    def answer(self, status: int, **headers: str) -> None:
        """Answers every push like this, until ``answer(0)``."""
        self._answer = (status, headers) if status else None

    def end(self, endpoint: str) -> None:
        """The subscription is over, and its browser does not know: whoever sends to it gets 410."""
        token = endpoint.rpartition("/")[2]
        self._gone.add(token)
        self._channels = {name: one for name, one in self._channels.items() if one.token != token}

    def forget(self) -> None:
        """Knows nobody at their next hello, so that their workers get ``pushsubscriptionchange``."""
        self._forgetful = True
        self.hang_up()

    def hang_up(self) -> None:
        """Cuts every connection; browsers come back by themselves."""
        self._wait(self._close_sockets())

    def wait(self, count: int, seconds: float = 10) -> Received:
        """The newest push, once ``count`` have come. Errors: ``AssertionError`` after ``seconds``."""
        deadline = time.monotonic() + seconds
        while len(self.received) < count:
            assert time.monotonic() < deadline, f"{len(self.received)} of {count} pushes came: {self.received}"
            time.sleep(0.01)
        return self.received[-1]

    # --- its life

    def start(self) -> None:
        threading.Thread(target=self._loop.run_forever, name="push service", daemon=True).start()
        self._wait(self._listen())

    def stop(self) -> None:
        self._wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _wait(self, work: Coroutine[Any, Any, Any]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _listen(self) -> None:
        app = web.Application()
        app.add_routes([web.get("/", self._connect), web.post("/push/{token}", self._take)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def _close(self) -> None:
        await self._close_sockets()
        await self._runner.cleanup()

    async def _close_sockets(self) -> None:
        for socket in list(self._sockets.values()):
            await socket.close()

    def _endpoint(self, channel: Channel) -> str:
        return f"{self.origin}/push/{channel.token}"

    # --- towards who sends

    async def _take(self, request: web.Request) -> web.Response:
        token, body = request.match_info["token"], await request.read()
        try:
            status, why, headers = await self._judge(request, token, body), "", {}
        except _Refused as refused:
            status, why, headers = refused.status, str(refused), refused.headers
        sent = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(Received(token, status, why, sent, len(body), time.monotonic()))
        if status != 201:
            return web.json_response({"error": why}, status=status, headers=headers)
        return web.Response(status=201, headers={"Location": f"{self.origin}/messages/{secrets.token_hex(8)}"})

    async def _judge(self, request: web.Request, token: str, body: bytes) -> int:
        """Hands the push on. Returns the status. Errors: ``_Refused``."""
        if self._answer:
            raise _Refused(self._answer[0], "as the test wants", self._answer[1])
        name, channel = self._known(token)
        try:
            vapid.check(request.headers.get("Authorization", ""), self.origin, channel.key)
        except vapid.Unproved as error:
            raise _Refused(error.status, str(error)) from error
        ttl = _checked(request.headers.get("TTL", ""), request.headers.get("Urgency", "normal"))
        topic = request.headers.get("Topic", "")
        if not re.fullmatch(r"[\w-]{0,32}", topic, re.ASCII):
            raise _Refused(400, f"Topic {topic!r}")
        if len(body) > LARGEST:
            raise _Refused(413, f"{len(body)} bytes")
        if body and request.headers.get("Content-Encoding") != "aes128gcm":
            raise _Refused(400, "not aes128gcm")
        await self._hand_on(channel.browser, Held(time.time() + ttl, topic, _message(name, body)))
        return 201

    def _known(self, token: str) -> tuple[str, Channel]:
        if token in self._gone:
            raise _Refused(410, "this subscription is over")
        for name, channel in self._channels.items():
            if channel.token == token:
                return name, channel
        raise _Refused(404, "no such subscription")

    async def _hand_on(self, browser: str, push: Held) -> None:
        """At once, or when the browser is back; of those that wait, the newest of a topic (RFC 8030, 5.4)."""
        socket = self._sockets.get(browser)
        if socket and not socket.closed:
            await socket.send_json(push.message)
            return
        waiting = [one for one in self._held.get(browser, []) if not (push.topic and one.topic == push.topic)]
        self._held[browser] = [*waiting, push]

    # --- towards browsers

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("push-notification",))
        await socket.prepare(request)
        browser = ""
        async for frame in socket:
            if frame.type != WSMsgType.TEXT:
                break
            told = frame.json()
            if told.get("messageType") == "hello":
                browser = await self._welcome(socket, told.get("uaid") or "")
            else:
                await self._hear(socket, browser, told)
        if self._sockets.get(browser) is socket:
            del self._sockets[browser]
        return socket

    async def _welcome(self, socket: web.WebSocketResponse, browser: str) -> str:
        if self._forgetful or not browser:
            for channel in [one for one in self._channels.values() if one.browser == browser]:
                self.end(self._endpoint(channel))
            browser, self._forgetful = secrets.token_hex(16), False
        self._sockets[browser] = socket
        hello = {"messageType": "hello", "status": 200, "uaid": browser, "use_webpush": True, "broadcasts": {}}
        await socket.send_json(hello)
        for push in self._held.pop(browser, []):
            if push.until > time.time():
                await socket.send_json(push.message)
        return browser

    async def _hear(self, socket: web.WebSocketResponse, browser: str, told: dict[str, Any]) -> None:
        match told.get("messageType"):
            case None | "ping":
                await socket.send_str("{}")
            case "register":
                channel = self._channels[told["channelID"]] = Channel(
                    browser, told.get("key") or "", secrets.token_urlsafe(24)
                )
                await socket.send_json({**told, "status": 200, "pushEndpoint": self._endpoint(channel)})
            case "unregister":
                if known := self._channels.get(told["channelID"]):
                    self.end(self._endpoint(known))
                await socket.send_json({**told, "status": 200})
            case "ack":
                self.acknowledged += [update.get("code", 100) for update in told.get("updates", [])]
            case "nack":
                self.acknowledged.append(told.get("code", 0))


class _Refused(Exception):
    def __init__(self, status: int, why: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(why)
        self.status, self.headers = status, headers or {}


def _checked(ttl: str, urgency: str) -> int:
    """The TTL in seconds."""
    if not ttl.isdigit():
        raise _Refused(400, f"TTL {ttl!r}")
    if urgency not in URGENCIES:
        raise _Refused(400, f"Urgency {urgency!r}")
    return min(int(ttl), LONGEST_TTL)


def _message(channel: str, body: bytes) -> dict[str, Any]:
    message = {"messageType": "notification", "channelID": channel, "version": uuid.uuid4().hex}
    if not body:
        return message
    data = base64.urlsafe_b64encode(body).rstrip(b"=").decode()
    return {**message, "data": data, "headers": {"encoding": "aes128gcm"}}


@contextlib.contextmanager
def running() -> Iterator[PushService]:
    """A :class:`PushService` that is listening while the block runs."""
    service = PushService()
    service.start()
    try:
        yield service
    finally:
        service.stop()
