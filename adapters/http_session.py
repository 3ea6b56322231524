"""The HTTP client behind ``adapters.http.Outgoing``: connects to public addresses only and reads little."""

import ipaddress
import socket
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver

from adapters import addresses
from adapters.addresses import NotPublic

# Connections at a time: in all, and to one host.
ALL, PER_HOST = 200, 100


class _ShortResponse(aiohttp.ClientResponse):
    """A response of which only the first ``most`` bytes are read; the connection of a longer one is closed."""

    most = 0

    async def read(self) -> bytes:
        if self._body is None:
            kept = bytearray()
            while len(kept) < self.most and (chunk := await self.content.read(self.most - len(kept))):
                kept += chunk
            self._body = bytes(kept)
            self.release() if self.content.at_eof() else self.close()
        return self._body


def create(
    resolver: AbstractResolver | None, seconds: float, most: int, *, loopback: bool = False
) -> aiohttp.ClientSession:
    """A session without cookies whose sockets refuse addresses that are not public, or with ``loopback`` those that are
    not of this machine.

    A request may take ``seconds``; of a response ``read()`` gives the first ``most`` bytes.
    """

    class Response(_ShortResponse):
        pass

    Response.most = most
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=ALL,
            limit_per_host=PER_HOST,
            resolver=resolver,
            socket_factory=_own_socket if loopback else _public_socket,
            ttl_dns_cache=60,
            keepalive_timeout=30,
        ),
        timeout=aiohttp.ClientTimeout(total=seconds, connect=seconds / 2),
        cookie_jar=aiohttp.DummyCookieJar(),
        response_class=Response,
        headers={"user-agent": "Parvis", "accept-encoding": "identity"},
        auto_decompress=False,
        max_line_size=8190,
    )


def _own_socket(info: Any) -> socket.socket:
    family, kind, protocol, _, address = info
    if not ipaddress.ip_address(address[0]).is_loopback:
        raise NotPublic
    return socket.socket(family=family, type=kind, proto=protocol)


def _public_socket(info: Any) -> socket.socket:
    family, kind, protocol, _, address = info
    if not addresses.may_connect(address[0]):
        raise NotPublic
    return socket.socket(family=family, type=kind, proto=protocol)
