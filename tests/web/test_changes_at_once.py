"""How many changes one address makes at a time, and which of them makes room for another."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from asgi import request_guard
from asgi.asgi_types import Message, Receive, Scope, Send
from asgi.request_guard import ChangeInProgress, RequestGuardMiddleware
from asgi.responses import send_plain
from settings import Settings
from tests.conftest import OpenSite
from tests.helpers.people import ORIGIN

FORM = {"content-type": "application/x-www-form-urlencoded", "origin": ORIGIN}


@pytest.fixture
def engine() -> str:
    """Nothing here depends on the database."""
    return "sqlite"


class Guarded:
    """The guard before an application that takes its time with every change once its body is there, and listens
    meanwhile for whether the other side hangs up."""

    def __init__(self, at_once: int) -> None:
        self.working = 0
        self.go_on = asyncio.Event()
        self._guard = RequestGuardMiddleware(self._app, self._app, Settings(address_connections=at_once), {})

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass

        async def hung_up() -> None:
            self.working += 1
            await receive()

        listening = asyncio.create_task(hung_up())
        await self.go_on.wait()
        listening.cancel()
        await send_plain(send, 200, b"done")

    async def send(self, address: str) -> int:
        transport = httpx.ASGITransport(self._guard, client=(address, 4444))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=FORM) as browser:
            return (await browser.post("/posts", content=b"text=x")).status_code


async def test_no_more_than_so_many_are_worked_on() -> None:
    """Behind a proxy nothing else bounds them. What has come whole is not given up for another."""
    guarded = Guarded(at_once=2)
    tasks = [asyncio.create_task(guarded.send(address)) for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    while guarded.working < 3:
        await asyncio.sleep(0)
    async with asyncio.timeout(30):
        assert await guarded.send("192.0.2.1") == 429
    guarded.go_on.set()
    assert await asyncio.gather(*tasks) == [200, 200, 200]
    assert await guarded.send("192.0.2.1") == 200


@pytest.mark.parametrize("path", ["/signin", "/posts"])
async def test_slow_bodies_keep_nobody_out(open_site: OpenSite, path: str) -> None:
    """The slowest makes room, and is told so; its place is free again."""
    site = await open_site(address_connections=2)
    browser = site.browser()
    go_on, waiting = asyncio.Event(), [asyncio.Event() for _ in range(2)]

    async def pieces(begun: asyncio.Event, first: bytes) -> AsyncIterator[bytes]:
        yield first
        begun.set()
        await go_on.wait()
        yield b"&password=x"

    async def send(begun: asyncio.Event, first: bytes) -> httpx.Response:
        return await browser.post(path, content=pieces(begun, first), headers=FORM)

    slow, quick = b"handle=ana", b"handle=ana&name=" + b"a" * 50_000
    tasks = [asyncio.create_task(send(*one)) for one in zip(waiting, (quick, slow), strict=True)]
    for begun in waiting:
        await begun.wait()
    assert (await browser.post("/signin", content=slow, headers=FORM)).status_code == 422
    displaced = await tasks[1]
    assert displaced.status_code == 429
    assert "Too much at once." in displaced.text
    assert not tasks[0].done()
    go_on.set()
    assert (await tasks[0]).status_code != 429
    answers = await asyncio.gather(*(browser.post("/signin", content=slow, headers=FORM) for _ in range(2)))
    assert [one.status_code for one in answers] == [422, 422]


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_young_body_is_measured_as_an_old_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies that are given up and begun again must not displace those that come."""
    now = 1000.0
    monkeypatch.setattr(request_guard, "monotonic", lambda: now)
    old = ChangeInProgress()
    now += 10
    young = ChangeInProgress()

    async def piece() -> Message:
        return {"type": "http.request", "body": bytes(200_000), "more_body": True}

    await old.receive(piece)
    tasks = [asyncio.create_task(one.receive(never)) for one in (old, young)]
    await asyncio.sleep(0)
    assert (young.rate, old.rate) == (0, 20_000)
    old.displace()
    with pytest.raises(request_guard.Displaced):
        await tasks[0]
    assert old.rate == float("inf"), "nobody waits for it"
    tasks[1].cancel()


@pytest.mark.parametrize("first", ["displaced", "cancelled"])
async def test_who_ends_the_task_ends_it(first: str) -> None:
    """Also when its body is displaced at the same moment."""
    change = ChangeInProgress()
    task: asyncio.Task[Any] = asyncio.create_task(change.receive(never))
    await asyncio.sleep(0)
    if first == "displaced":
        change.displace()
    task.cancel()
    change.displace()
    with pytest.raises(asyncio.CancelledError):
        await task
