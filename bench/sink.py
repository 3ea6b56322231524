"""A push service that answers 201 to everything, so bare that it is not what is measured."""

import asyncio
import sys
from typing import Any

ACCEPTED = b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"


class Sink(asyncio.Protocol):
    """One connection; ``taken`` counts the requests of all. A GET is answered with the count."""

    taken = 0

    def __init__(self) -> None:
        self._transport: Any = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            _, mark, length = head.partition(b"content-length: ")
            whole = end + 4 + (int(length.partition(b"\r\n")[0]) if mark else 0)
            if len(self._buffer) < whole:
                return
            self._buffer = self._buffer[whole:]
            if head.startswith(b"get "):
                said = str(Sink.taken).encode()
                self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(said), said))
            else:
                Sink.taken += 1
                self._transport.write(ACCEPTED)


async def main(port: int) -> None:
    """``python -m bench.sink PORT``: takes pushes on loopback until it is told to end."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1])))
