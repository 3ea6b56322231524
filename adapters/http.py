"""Requests to addresses that strangers chose: public ones only, small answers, and every redirect looked at anew.

What counts is the address that is really connected to: a name may lead anywhere, and elsewhere a moment later.
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver

from adapters import addresses

SECONDS = 15
# Nobody reads more of an answer than this, in bytes.
MOST = 16_384
ALL, PER_HOST = 200, 100
# A page may have moved this often.
HOPS = 4
MOVED = (301, 302, 303, 307, 308)


class NotPublic(OSError):
    """The address that a name led to is not one of the open internet."""

    def __init__(self) -> None:
        super().__init__("not a public address")


class Unreachable(Exception):
    """A page that can't be had; ``str(error)`` is the kind of error that says why."""


class Fetched(msgspec.Struct):
    """``url`` is where the page was in the end; ``type`` without parameters; ``cut``: there was more than was read."""

    status: int
    url: str
    type: str
    charset: str
    body: bytes
    cut: bool


class _Short(aiohttp.ClientResponse):
    """An answer of which only the beginning is read; the connection of a longer one is closed."""

    async def read(self) -> bytes:
        if self._body is None:
            kept = bytearray()
            while len(kept) < MOST and (chunk := await self.content.read(MOST - len(kept))):
                kept += chunk
            self._body = bytes(kept)
            self.release() if self.content.at_eof() else self.close()
        return self._body


def _public_socket(info: Any) -> socket.socket:
    family, kind, protocol, _, address = info
    if not addresses.may_connect(address[0]):
        raise NotPublic
    return socket.socket(family=family, type=kind, proto=protocol)


class Outgoing:
    """One shared session; ``post`` is what pywebpush asks of it. Use it as a context."""

    def __init__(self, resolver: AbstractResolver | None = None) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=ALL,
                limit_per_host=PER_HOST,
                resolver=resolver,
                socket_factory=_public_socket,
                ttl_dns_cache=60,
                keepalive_timeout=30,
            ),
            timeout=aiohttp.ClientTimeout(total=SECONDS, connect=SECONDS / 2),
            cookie_jar=aiohttp.DummyCookieJar(),
            response_class=_Short,
            headers={"user-agent": "Parvis", "accept-encoding": "identity"},
            auto_decompress=False,
            max_line_size=8190,
        )

    async def __aenter__(self) -> "Outgoing":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def post(
        self,
        url: str,
        *,
        data: bytes | None = None,
        headers: Any = None,
        timeout: float | None = None,  # noqa: ASYNC109 - pywebpush's name
    ) -> aiohttp.ClientResponse:
        """An answer, whatever its status; a redirect is one too.

        Errors: ``addresses.WrongAddress``, ``NotPublic``, ``aiohttp.ClientError``, ``TimeoutError``.
        """
        addresses.check(url)
        limit = aiohttp.ClientTimeout(total=timeout or SECONDS, connect=SECONDS / 2)
        with _plainly():
            return await self._session.post(url, data=data, headers=headers, timeout=limit, allow_redirects=False)

    async def fetch(self, url: str, most: int, seconds: float) -> Fetched:
        """The first ``most`` bytes of a page or picture, http or https, through at most HOPS redirects.

        Errors: ``Unreachable``, whatever the reason.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._follow(url, most)
        except (addresses.WrongAddress, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unreachable(type(error).__name__) from error

    async def _follow(self, url: str, most: int) -> Fetched:
        for _ in range(HOPS + 1):
            addresses.check(url, plain=True)
            with _plainly():
                answer = await self._session.get(url, allow_redirects=False)
            try:
                if answer.status not in MOVED or not (place := answer.headers.get("location", "")):
                    return await _beginning(answer, url, most)
                url = urljoin(url, place)
            finally:
                answer.close()
        raise addresses.WrongAddress("redirects")


@contextlib.contextmanager
def _plainly() -> Iterator[None]:
    """Takes ``NotPublic`` out of what aiohttp wraps it in."""
    try:
        yield
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, NotPublic):
            raise NotPublic from None
        raise


async def _beginning(answer: aiohttp.ClientResponse, url: str, most: int) -> Fetched:
    body = bytearray()
    while len(body) <= most and (chunk := await answer.content.readany()):
        body += chunk
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Fetched(answer.status, url, kind, answer.charset or "", bytes(body[:most]), len(body) > most)
