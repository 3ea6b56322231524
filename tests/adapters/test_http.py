"""Addresses that strangers choose: none of them leads into our own network, whatever it calls itself."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters import addresses, http
from adapters.addresses import NotPublic, WrongAddress
from adapters.http import Outgoing
from tests.helpers.web_server import answering


class Lying(AbstractResolver):
    """A name server that says what it is told to."""

    def __init__(self, *answers: str) -> None:
        self.answers = answers

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=one, port=port, flags=0, proto=0,
                family=socket.AF_INET6 if ":" in one else socket.AF_INET,
            )
            for one in self.answers
        ]  # fmt: skip

    async def close(self) -> None:
        pass


class Target:
    """A server on loopback; ``seen`` are the paths that were asked for."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request.path)
        if request.path == "/away":
            raise web.HTTPTemporaryRedirect(f"{self.url}/taken")
        if request.path == "/slow":
            await asyncio.Event().wait()
        if request.path == "/endless":
            answer = web.StreamResponse()
            await answer.prepare(request)
            try:
                while True:
                    await answer.write(b"x" * 65_536)
            except ConnectionError:
                return answer
        return web.Response(text="fine")


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    made = Target()
    async with answering(made.answer) as made.port:
        yield made


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "0.1.2.3", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.0.0.1", "192.0.2.1",
        "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::",
        "2001:0:7f00:1::", "100::1",
        "localhost", "example.org", "", "0177.0.0.1", "127.1", "2130706433", "0x7f000001",
    ],
)  # fmt: skip
def test_what_is_not_public(address: str) -> None:
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a01:4f8::1"])
def test_what_is_public(address: str) -> None:
    assert addresses.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://push.example.org/a", "ftp://push.example.org/a", "//push.example.org/a", "push.example.org", "",
        "https://", "https:///a", "https://user:secret@push.example.org/a", "https://push.example.org@127.0.0.1/a",
        "https://localhost/a", "https://localhost./a", "https://printer/a", "https://nas.local/a",
        "https://db.internal/a", "https://127.0.0.1/a", "https://127.1/a", "https://2130706433/a",
        "https://0x7f.0.0.1/a", "https://0x7f000001/a", "https://0177.0.0.1/a", "https://[::1]/a",
        "https://[::ffff:10.0.0.1]/a", "https://[fe80::1%25eth0]/a", "https://[::/a", "https://push.example.org:22/a",
        "https://push.example.org:99999/a", "https://push.example.org/a b", "https://push.example.org/a\n",
        "https://push.example.org\\@127.0.0.1/a", "https://pu\u2215sh.example.org/a", "javascript:alert(1)",
        "file:///etc/passwd",
    ],
)  # fmt: skip
def test_addresses_that_are_refused_as_they_stand(url: str) -> None:
    with pytest.raises(WrongAddress):
        addresses.check(url)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Push.Example.org/a", "https://push.example.org"),
        ("https://push.example.org:8443/a?b=c", "https://push.example.org:8443"),
        ("https://8.8.8.8/a", "https://8.8.8.8"),
        ("https://[2606:4700:4700::1111]/a", "https://[2606:4700:4700::1111]"),
    ],
)
def test_addresses_that_are_taken(url: str, origin: str) -> None:
    assert addresses.check(url) == origin


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["::1"], ["10.0.0.1", "192.168.0.1"], ["::ffff:127.0.0.1"]])
async def test_a_name_that_leads_inside(target: Target, answers: list[str]) -> None:
    async with Outgoing(resolver=Lying(*answers)) as out:
        with pytest.raises(NotPublic):
            await out.post(f"https://push.example.org:{target.port}/a", data=b"x")
    assert target.seen == []


async def test_a_name_that_leads_elsewhere_the_next_time(target: Target) -> None:
    """Asked twice, as rebinding has it: the address that is connected to is the one that counts."""
    resolver = Lying("192.0.2.1")
    async with Outgoing(resolver=resolver) as out:
        with pytest.raises(NotPublic):
            await out.post(f"https://push.example.org:{target.port}/a", data=b"x")
        resolver.answers = ("127.0.0.1",)
        with pytest.raises(NotPublic):
            await out.post(f"https://again.example.org:{target.port}/a", data=b"x")
    assert target.seen == []


async def test_loopback_only_where_it_is_allowed(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Outgoing() as out:
        for url in (f"{target.url}/a", f"https://127.0.0.1:{target.port}/a"):
            with pytest.raises(WrongAddress):
                await out.post(url, data=b"x")
    assert target.seen == []
    monkeypatch.setattr(addresses.GUARD, "open", True)
    async with Outgoing() as out:
        assert (await out.post(f"{target.url}/a", data=b"x")).status == 200
    assert target.seen == ["/a"]


async def test_no_redirect_is_followed(target: Target, private_addresses: None) -> None:
    async with Outgoing() as out:
        assert (await out.post(f"{target.url}/away", data=b"x")).status == 307
    assert target.seen == ["/away"]


async def test_an_endless_answer_is_read_in_part(target: Target, private_addresses: None) -> None:
    async with Outgoing() as out:
        answer = await out.post(f"{target.url}/endless", data=b"x")
        assert len(await answer.text()) == http.MOST
        assert (await (await out.post(f"{target.url}/a")).text()) == "fine"


async def test_a_slow_answer_ends(target: Target, private_addresses: None) -> None:
    async with Outgoing() as out:
        with pytest.raises(TimeoutError):
            await out.post(f"{target.url}/slow", timeout=0.2)


async def test_a_certificate_must_be_right(target: Target, private_addresses: None) -> None:
    """No answer without TLS is taken on an https address."""
    async with Outgoing() as out:
        with pytest.raises((aiohttp.ClientConnectorError, ssl.SSLError)):
            await out.post(f"https://127.0.0.1:{target.port}/a", data=b"x")
    assert target.seen == []
