"""What a stranger may do to a server with connections of their own making, in a real server with short bounds."""

import asyncio
import contextlib

import pytest

from tests.helpers.connections import REQUEST, Serve, answer, until

FORM = b"POST /signin HTTP/1.1\r\nhost: parvis.test\r\ncontent-type: application/x-www-form-urlencoded\r\n"


@pytest.fixture
def engine() -> str:
    """Nothing here depends on the database."""
    return "sqlite"


# --- size ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        b"x: " + b"a" * 40_000 + b"\r\n",
        b"x: " + b"a" * 40_000,
        b"x: " + b"a" * 4_000_000,
        b"".join(b"x%d: %b\r\n" % (n, b"a" * 500) for n in range(80)),
        b"".join(b"x%d: a\r\n" % n for n in range(150)),
        b"".join(b"x%d: a\r\n" % n for n in range(150_000)),
    ],
    ids=["a line", "half a line", "a long line", "lines", "many lines", "very many lines"],
)
async def test_headers_are_bounded(serve: Serve, headers: bytes) -> None:
    async with serve() as served:
        reader, writer = await served.connect()
        writer.write(REQUEST + headers + b"\r\n")
        # Of a long line the rest is not read: the answer may be lost with it.
        assert (await answer(reader))[:13] in (b"HTTP/1.1 431 ", b"")
        assert await served.is_well()
        assert served.connections <= 1


async def test_nothing_is_upgraded(serve: Serve) -> None:
    async with serve() as served:
        reader, writer = await served.connect()
        writer.write(REQUEST + b"connection: upgrade, close\r\nupgrade: websocket\r\n\r\n")
        assert (await answer(reader)).startswith(b"HTTP/1.1 200 ")


async def test_nothing_is_read_behind_an_upgrade(serve: Serve) -> None:
    async with serve() as served:
        reader, writer = await served.connect()
        writer.write(2 * (REQUEST + b"connection: upgrade\r\nupgrade: h2c\r\n\r\n"))
        assert (await reader.read()).count(b"HTTP/1.1 200 ") == 1
        assert await served.is_well()


@pytest.mark.parametrize(
    "headers",
    [
        b"transfer-encoding: xchunked\r\n",
        b"transfer-encoding: identity\r\n",
        b"connection: upgrade\r\nupgrade: h2c\r\ncontent-length: 3\r\n",
    ],
)
async def test_nothing_is_done_for_a_body_that_can_not_be_read(serve: Serve, headers: bytes) -> None:
    async with serve() as served:
        reader, writer = await served.connect()
        writer.write(REQUEST.replace(b"GET", b"POST", 1) + headers + b"\r\nx=1")
        assert (await answer(reader)).startswith(b"HTTP/1.1 400 ")
        assert await served.is_well()


async def test_a_long_address_is_bounded_as_a_header_is(serve: Serve) -> None:
    async with serve() as served:
        reader, writer = await served.connect()
        writer.write(b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nhost: parvis.test\r\n\r\n")
        assert (await answer(reader)).startswith(b"HTTP/1.1 431 ")


async def test_usual_headers_fit(serve: Serve) -> None:
    async with serve() as served:
        reader, writer = await served.connect()
        writer.write(REQUEST + b"cookie: " + b"a" * 8_000 + b"\r\n" + b"x: a\r\n" * 60 + b"connection: close\r\n\r\n")
        assert (await answer(reader)).startswith(b"HTTP/1.1 200 ")


async def test_a_request_behind_a_large_one_is_counted_by_itself(serve: Serve) -> None:
    """What was sent before it on the same connection is no header of its."""
    async with serve() as served:
        reader, writer = await served.connect()
        body = b"x=" + b"a" * 200_000
        large = FORM + b"content-length: %d\r\n\r\n" % len(body) + body
        writer.write(large + REQUEST + b"connection: close\r\n\r\n")
        got = await answer(reader)
        assert got.count(b"HTTP/1.1 ") == 2
        assert b"HTTP/1.1 200 " in got


@pytest.mark.parametrize("trailer", [b"x: a\r\n\r\n", b"x: " + b"a" * 4_000_000, b"x-forwarded-for: 192.0.2.9\r\n\r\n"])
async def test_nothing_comes_behind_a_body(serve: Serve, trailer: bytes) -> None:
    async with serve() as served:
        reader, writer = await served.connect()
        writer.write(FORM + b"transfer-encoding: chunked\r\n\r\n4\r\na=bc\r\n0\r\n" + trailer)
        assert (await answer(reader))[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 431", b"")
        assert await served.is_well()


async def test_a_body_in_the_smallest_chunks_is_taken(serve: Serve) -> None:
    async with serve() as served:
        reader, writer = await served.connect()
        writer.write(FORM + b"connection: close\r\ntransfer-encoding: chunked\r\n\r\nb\r\nhandle=some&\r\n"[:-3])
        writer.write(b"\r\n" + b"1\r\na\r\n" * 20_000 + b"0\r\n\r\n")
        assert (await answer(reader)).startswith(b"HTTP/1.1 422 ")


async def test_requests_do_not_pile_up_on_a_connection(serve: Serve) -> None:
    async with serve() as served:
        reader, writer = await served.connect()
        writer.write((REQUEST + b"\r\n") * 10_000)
        assert (await answer(reader)).count(b"HTTP/1.1 200 ") < 100
        assert await served.is_well()


# --- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begun", [b"", b"\r\n", b"GET / HT", REQUEST, REQUEST + b"x: a"])
async def test_headers_that_do_not_come(serve: Serve, begun: bytes) -> None:
    async with serve(header_seconds=1) as served:
        reader, writer = await served.connect()
        writer.write(begun)
        assert await answer(reader) == b""


@pytest.mark.parametrize("begun", [b"\r\n", b"GET / HT", REQUEST])
async def test_headers_of_a_second_request_that_do_not_come(serve: Serve, begun: bytes) -> None:
    """Blank lines would have uvicorn wait for ever."""
    async with serve(header_seconds=1) as served:
        reader, writer = await served.connect()
        writer.write(REQUEST + b"\r\n")
        await reader.readuntil(b"\r\n\r\nok\n")
        writer.write(begun)
        assert await answer(reader) == b""


async def test_headers_that_come_byte_by_byte(serve: Serve) -> None:
    async with serve(header_seconds=1) as served:
        reader, writer = await served.connect()

        async def drip() -> None:
            with contextlib.suppress(ConnectionError):
                for byte in REQUEST * 100:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        assert await answer(reader) == b""
        dripping.cancel()


@pytest.mark.parametrize("begun", [b"", b"handle=ana"])
async def test_bodies_that_do_not_come(serve: Serve, begun: bytes) -> None:
    async with serve(body_seconds=1) as served:
        reader, writer = await served.connect()
        writer.write(FORM + b"content-length: 1000\r\n\r\n" + begun)
        assert await answer(reader) == b""


async def test_a_body_that_comes_slowly_is_waited_for(serve: Serve) -> None:
    """As long as it comes more quickly than the floor."""
    async with serve(body_seconds=1, body_rate=1) as served:
        reader, writer = await served.connect()
        writer.write(FORM + b"connection: close\r\ncontent-length: 200\r\n\r\nhandle=")
        for _ in range(40):
            writer.write(b"a" * 4)
            await asyncio.sleep(0.1)
        writer.write(b"a" * 33)
        assert (await answer(reader)).startswith(b"HTTP/1.1 422 ")


async def test_a_body_that_takes_too_long_in_all(serve: Serve) -> None:
    """However much quicker than the floor it comes."""
    async with serve(body_whole_seconds=1) as served:
        reader, writer = await served.connect()
        writer.write(FORM + b"content-length: 200000\r\n\r\nhandle=")

        async def drip() -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    writer.write(b"a" * 500)
                    await writer.drain()
                    await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        assert await answer(reader) == b""
        dripping.cancel()


async def test_readers_that_do_not_read(serve: Serve) -> None:
    async with serve(read_seconds=1) as served:
        _, writer = await served.connect()
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(b"GET /large HTTP/1.1\r\nhost: parvis.test\r\n\r\n")
        await until(lambda: served.connections == 1)
        await until(lambda: served.connections == 0)


async def test_readers_that_read_slowly_get_all_of_it(serve: Serve) -> None:
    async with serve(read_seconds=1) as served:
        reader, writer = await served.connect()
        writer.write(b"GET /large HTTP/1.0\r\nhost: parvis.test\r\n\r\n")
        size = 0
        while piece := await reader.read(262_144):
            size += len(piece)
            await asyncio.sleep(0.05)
        assert size > 16 * 1024 * 1024


# --- several on one connection ---------------------------------------------------------------------------------------


async def test_whoever_hangs_up_is_waited_for_by_no_request(serve: Serve) -> None:
    """Also with others behind it in the same piece: from then on uvicorn reads no more until it is answered."""
    async with serve() as served:
        _, writer = await served.connect()
        writer.write(b"GET /waiting HTTP/1.1\r\nhost: parvis.test\r\n\r\n" + 3 * (REQUEST + b"\r\n"))
        await until(lambda: served.waiting == 1)
        writer.close()
        await until(lambda: served.waiting == 0)
        assert await served.is_well()
