"""Requests to addresses that strangers chose: public ones only, small answers, and every redirect looked at anew.

What counts is the address that is really connected to: a name may lead anywhere, and elsewhere a moment later.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import msgspec

from adapters import addresses
from adapters.addresses import NotPublic

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession
    from aiohttp.abc import AbstractResolver

SECONDS = 15
# Nobody reads more of an answer than this, in bytes.
MOST = 16_384
# A page may have moved this often.
HOPS = 4
MOVED = (301, 302, 303, 307, 308)


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


class Outgoing:
    """One shared session; ``post`` is what pywebpush asks of it. Use it as a context.

    ``loopback``: it fetches from this machine itself and from nowhere else, for whoever works on it; never an address
    that a stranger chose.
    """

    def __init__(self, resolver: "AbstractResolver | None" = None, *, loopback: bool = False) -> None:
        self._resolver = resolver
        self._loopback = loopback
        self._opened: ClientSession | None = None

    @property
    def _session(self) -> "ClientSession":
        """Opened when first used, since most processes never send a request and the client takes 8 MB."""
        if self._opened is None:
            from adapters import http_session

            self._opened = http_session.create(self._resolver, SECONDS, MOST, loopback=self._loopback)
        return self._opened

    async def __aenter__(self) -> "Outgoing":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._opened is not None:
            await self._opened.close()

    async def post(
        self,
        url: str,
        *,
        data: bytes | None = None,
        headers: Any = None,
        timeout: float | None = None,  # noqa: ASYNC109 - pywebpush's name
    ) -> "ClientResponse":
        """An answer, whatever its status; a redirect is one too.

        Errors: ``addresses.WrongAddress``, ``NotPublic``, ``aiohttp.ClientError``, ``TimeoutError``.
        """
        import aiohttp

        addresses.check(url)
        limit = aiohttp.ClientTimeout(total=timeout or SECONDS, connect=SECONDS / 2)
        with _plainly():
            return await self._session.post(url, data=data, headers=headers, timeout=limit, allow_redirects=False)

    async def fetch(self, url: str, most: int, seconds: float) -> Fetched:
        """The first ``most`` bytes of a page or picture, http or https, through at most HOPS redirects.

        Errors: ``Unreachable``, whatever the reason.
        """
        import aiohttp

        try:
            async with asyncio.timeout(seconds):
                return await self._follow(url, most)
        except (addresses.WrongAddress, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unreachable(type(error).__name__) from error

    async def _follow(self, url: str, most: int) -> Fetched:
        for _ in range(HOPS + 1):
            if not self._loopback:
                addresses.check(url, plain=True)
            elif not addresses.is_loopback(url):
                raise addresses.WrongAddress("redirects")
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
    import aiohttp

    try:
        yield
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, NotPublic):
            raise NotPublic from None
        raise


async def _beginning(answer: "ClientResponse", url: str, most: int) -> Fetched:
    body = bytearray()
    while len(body) <= most and (chunk := await answer.content.readany()):
        body += chunk
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Fetched(answer.status, url, kind, answer.charset or "", bytes(body[:most]), len(body) > most)
