"""Pages behind links: asked from the open internet only, at every step, and no longer than needed."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters import addresses
from adapters.http import Outgoing, Unreachable
from tests.helpers.web_server import answering

# In these tests this one address is the open internet; every other of the loopback network is inside.
OPEN = "127.0.0.1"


class Names(AbstractResolver):
    """A name server; each answer of a name is given once, the last for ever."""

    def __init__(self, **answers: list[str]) -> None:
        self.answers = {name.replace("_", "."): list(found) for name, found in answers.items()}

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        found = self.answers[host]
        one = found.pop(0) if len(found) > 1 else found[0]
        return [ResolveResult(hostname=host, host=one, port=port, flags=0, proto=0, family=socket.AF_INET)]

    async def close(self) -> None:
        pass


class Web:
    """A server on loopback, outside and inside at once; ``seen`` are hosts and paths that were asked for."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.port = 0
        self.to = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(f"{request.url.host}{request.path}")
        if request.path == "/away":
            raise web.HTTPFound(self.to)
        if request.path == "/round":
            raise web.HTTPFound("/round")
        if request.path == "/slow":
            await asyncio.Event().wait()
        if request.path == "/large":
            return web.Response(body=b"x" * 100_000, content_type="text/html")
        answer = web.Response(text="<title>Inside</title>", content_type="text/html", charset="utf-8")
        # The next one who asks looks the name up again.
        answer.force_close()
        return answer


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Web]:
    monkeypatch.setattr(addresses, "is_public", lambda host: host == OPEN)
    made = Web()
    async with answering(made.answer, "0.0.0.0") as made.port:
        yield made


async def test_a_page_is_had(site: Web) -> None:
    async with Outgoing(resolver=Names(open_example=[OPEN])) as out:
        found = await out.fetch(f"http://open.example:{site.port}/page", 1000, 5)
    assert (found.status, found.type, found.charset, found.cut) == (200, "text/html", "utf-8", False)
    assert found.body == b"<title>Inside</title>"


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.2:{port}/secret", "http://inside.example:{port}/secret", "http://2130706434:{port}/secret",
        "http://0x7f000002:{port}/secret", "http://127.2:{port}/secret", "http://[::ffff:127.0.0.2]:{port}/secret",
        "http://localhost:{port}/secret", "file:///etc/passwd", "ftp://open.example/secret", "gopher://127.0.0.2/",
        "//127.0.0.2:{port}/secret", "http://user:password@open.example:{port}/secret", "http://open.example:22/secret",
    ],
)  # fmt: skip
async def test_a_redirect_leads_nowhere_inside(site: Web, to: str) -> None:
    site.to = to.format(port=site.port)
    names = Names(open_example=[OPEN], inside_example=["127.0.0.2"], localhost=["127.0.0.2"])
    async with Outgoing(resolver=names) as out:
        with pytest.raises(Unreachable, match=r"WrongAddress|NotPublic"):
            await out.fetch(f"http://open.example:{site.port}/away", 1000, 5)
    assert site.seen == ["open.example/away"]


async def test_a_name_that_changes_between_two_looks(site: Web) -> None:
    """Rebinding: open when it is asked first, inside when it is connected to again."""
    async with Outgoing(resolver=Names(open_example=[OPEN], twice_example=[OPEN, "127.0.0.2"])) as out:
        assert (await out.fetch(f"http://twice.example:{site.port}/page", 1000, 5)).status == 200
        # Not from what was remembered of the first look.
        out._session.connector._cached_hosts.clear()  # type: ignore[union-attr]
        with pytest.raises(Unreachable, match="NotPublic"):
            await out.fetch(f"http://twice.example:{site.port}/page", 1000, 5)
    assert len(site.seen) == 1


async def test_a_redirect_to_another_open_page(site: Web) -> None:
    site.to = "/page"
    async with Outgoing(resolver=Names(open_example=[OPEN])) as out:
        found = await out.fetch(f"http://open.example:{site.port}/away", 1000, 5)
        assert (found.status, found.url) == (200, f"http://open.example:{site.port}/page")
        with pytest.raises(Unreachable, match="WrongAddress"):
            await out.fetch(f"http://open.example:{site.port}/round", 1000, 5)
    assert len(site.seen) == 2 + 5


async def test_a_large_or_slow_page_is_left(site: Web) -> None:
    async with Outgoing(resolver=Names(open_example=[OPEN])) as out:
        found = await out.fetch(f"http://open.example:{site.port}/large", 5000, 5)
        assert (len(found.body), found.cut) == (5000, True)
        with pytest.raises(Unreachable, match="TimeoutError"):
            await out.fetch(f"http://open.example:{site.port}/slow", 1000, 0.2)
