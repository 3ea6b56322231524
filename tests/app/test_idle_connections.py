"""How many connections of one address a server keeps that wait for their next request."""

import asyncio
from pathlib import Path

import pytest

from tests.connections import REQUEST, Pair, Serve, Served, answer, serve_from


@pytest.fixture
def engine() -> str:
    """Nothing here depends on the database."""
    return "sqlite"


@pytest.fixture
def serve(url: str, tmp_path: Path) -> Serve:
    return serve_from(url, tmp_path)


async def idle(served: Served, count: int) -> list[Pair]:
    """Opens connections one after the other, each known to the server before the next."""
    opened = []
    for _ in range(count):
        opened.append(await served.connect())
        opened[-1][1].write(REQUEST + b"\r\n")
        await opened[-1][0].readuntil(b"ok\n\r\n0\r\n\r\n")
        opened[-1][1].write(REQUEST)
    return opened


async def test_one_address_holds_few_connections_open(serve: Serve) -> None:
    async with serve(waiting=5) as served:
        opened = await idle(served, 12)
        for reader, _ in opened[:7]:
            assert await answer(reader) == b""
        for reader, writer in opened[7:]:
            writer.write(b"connection: close\r\n\r\n")
            assert (await answer(reader)).startswith(b"HTTP/1.1 200 ")


async def test_answers_on_their_way_are_not_counted(serve: Serve) -> None:
    async with serve(waiting=5) as served:
        reader, writer = await served.connect()
        writer.write(b"GET /large HTTP/1.0\r\nhost: parvis.test\r\n\r\n")
        size = len(await reader.readexactly(100))
        reading = asyncio.create_task(reader.read())
        await idle(served, 12)
        assert size + len(await reading) > 16 * 1024 * 1024


async def test_a_proxy_brings_everybodys(serve: Serve) -> None:
    async with serve("127.0.0.1", waiting=5) as served:
        for reader, writer in await idle(served, 12):
            writer.write(b"connection: close\r\n\r\n")
            assert (await answer(reader)).startswith(b"HTTP/1.1 200 ")
