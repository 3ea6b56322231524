"""Listening to event streams, as a browser does."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.helpers.people import LiveSite, Member

# How long news may take in tests, in seconds.
SOON = 15.0


class EventStream:
    """What has come through: ``events`` as (name, data), oldest first; ``mark`` is the last event's id."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []
        self.mark = ""
        self.status = 0
        self.headers = httpx.Headers()
        self.ended = asyncio.Event()
        self._some = asyncio.Condition()
        self._text = ""

    async def feed(self, text: str) -> None:
        """Takes the next bytes in."""
        self._text += text
        *blocks, self._text = self._text.split("\n\n")
        async with self._some:
            for block in blocks:
                self._read(dict(line.partition(": ")[::2] for line in block.split("\n") if not line.startswith(":")))
            self._some.notify_all()

    def _read(self, fields: dict[str, str]) -> None:
        if "event" in fields:
            self.events.append((fields["event"], json.loads(fields["data"])))
            self.mark = fields.get("id", self.mark)

    def last(self, name: str) -> Any:
        """The data of the newest event of that name, None without one."""
        return next((data for one, data in reversed(self.events) if one == name), None)

    def named(self, name: str) -> list[Any]:
        return [data for one, data in self.events if one == name]

    async def until(self, name: str, seconds: float = SOON, **fields: Any) -> Any:
        """Waits for an event with these fields. Errors: ``AssertionError`` when it does not come."""

        def found() -> Any:
            return next((d for n, d in self.events if n == name and fields.items() <= d.items()), None)

        async with self._some:
            try:
                await asyncio.wait_for(self._some.wait_for(lambda: found() is not None), seconds)
            except TimeoutError:
                raise AssertionError(f"no {name} {fields} in {self.events}") from None
        return found()


@asynccontextmanager
async def listening(
    site: LiveSite, member: Member | None, at: str = "none", mark: str = "", **asked: Any
) -> AsyncIterator[EventStream]:
    """A stream of a site in this process, until the block ends."""
    stream, gone = EventStream(), asyncio.Event()
    headers = [(b"host", b"parvis.test"), (b"accept", b"text/event-stream")]
    if member:
        headers.append((b"cookie", f"parvis={member.token}".encode()))
    if mark:
        headers.append((b"last-event-id", mark.encode()))
    path = "/live?" + urlencode({"at": at, **asked})
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/live", "raw_path": b"/live", "root_path": "", "query_string": path.partition("?")[2].encode(),
        "headers": headers, "client": ("192.0.2.1", 4444), "server": ("parvis.test", 80),
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            stream.status = message["status"]
            stream.headers = httpx.Headers(message["headers"])
        else:
            await stream.feed(message["body"].decode())
            if not message.get("more_body"):
                stream.ended.set()

    task = asyncio.create_task(site.app(scope, receive, send))
    try:
        yield stream
    finally:
        gone.set()
        await asyncio.wait_for(task, SOON)


@asynccontextmanager
async def connected(
    base: str, cookie: str, at: str = "none", mark: str = "", **asked: Any
) -> AsyncIterator[EventStream]:
    """A stream of a server in another process; it ends without an error when its connection does."""
    stream = EventStream()
    headers = {"cookie": cookie, "accept": "text/event-stream"} | ({"last-event-id": mark} if mark else {})

    async def read(response: httpx.Response) -> None:
        try:
            async for text in response.aiter_text():
                await stream.feed(text)
        except httpx.TransportError:
            pass
        finally:
            stream.ended.set()

    async with (
        httpx.AsyncClient(base_url=base, timeout=httpx.Timeout(20, read=None)) as client,
        client.stream("GET", "/live", params={"at": at, **asked}, headers=headers) as response,
    ):
        stream.status, stream.headers = response.status_code, response.headers
        task = asyncio.create_task(read(response))
        try:
            yield stream
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def caught_up(site: LiveSite, stream: EventStream, post: int, votes: int = 0) -> None:
    """Returns when a stream has told all that it had to tell: it has told of a vote for a post on its page, which is
    the last that it looks for, and then of another. ``votes`` are those that the post had."""
    for count in (1, 2):
        voter = await site.member(f"voter{secrets.token_hex(4)}")
        await voter.vote(post, 1)
        await stream.until("post", id=str(post), votes=str(votes + count))


async def pair(site: LiveSite) -> tuple[Member, Member]:
    """@bea follows @ana."""
    ana, bea = await site.members("ana", "bea")
    await bea.follow(ana)
    await site.settle()
    return ana, bea
