"""How many connections one address may hold open, and which of them is closed for a new one."""

import asyncio

import pytest

from tests.helpers.connections import MEDIUM, REQUEST, Pair, Serve, Served, answer, until


@pytest.fixture
def engine() -> str:
    """Nothing here depends on the database."""
    return "sqlite"


async def idle(served: Served, count: int) -> list[Pair]:
    """Opens connections one after the other, each known to the server before the next."""
    opened = []
    for _ in range(count):
        opened.append(await served.connect())
        opened[-1][1].write(REQUEST + b"\r\n")
        await opened[-1][0].readuntil(b"\r\n\r\nok\n")
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


@pytest.mark.parametrize("next_request", [b"", b"\r\n", b"G"])
async def test_the_end_of_an_answer_is_sent(serve: Serve, next_request: bytes) -> None:
    """What is complete for the server may still wait for the reader."""
    async with serve(waiting=5, send_buffer=4096) as served:
        reader, writer = await served.connect(buffered=4096)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(b"GET /medium HTTP/1.1\r\nhost: parvis.test\r\n\r\n")
        await until(lambda: served.answers == 1)
        writer.write(next_request)
        await idle(served, 12)
        writer.transport.resume_reading()  # type: ignore[attr-defined]
        await reader.readuntil(b"\r\n\r\n")
        assert len(await reader.readexactly(MEDIUM)) == MEDIUM


async def test_readers_that_are_slow_on_purpose_keep_nobody_out(serve: Serve) -> None:
    """When each of them is being answered the one that came first goes, never the one that has just come."""
    async with serve(waiting=5, send_buffer=4096) as served:
        slow = [await served.connect(buffered=4096) for _ in range(5)]
        for number, (_, writer) in enumerate(slow, 1):
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(b"GET /medium HTTP/1.1\r\nhost: parvis.test\r\n\r\n")
            await until(lambda number=number: served.answers == number)  # type: ignore[misc]
        assert await served.is_well()
        first, *others = slow
        for _, writer in slow:
            writer.transport.resume_reading()  # type: ignore[attr-defined]
        assert len(await answer(first[0])) < MEDIUM
        for reader, _ in others:
            await reader.readuntil(b"\r\n\r\n")
            assert len(await reader.readexactly(MEDIUM)) == MEDIUM


async def test_a_proxy_brings_everybodys(serve: Serve) -> None:
    async with serve("127.0.0.1", waiting=5) as served:
        for reader, writer in await idle(served, 12):
            writer.write(b"connection: close\r\n\r\n")
            assert (await answer(reader)).startswith(b"HTTP/1.1 200 ")
