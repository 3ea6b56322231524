"""The HTTP/1.1 connections of a server process: bounds on the size and speed of requests, and on slow readers.

uvicorn itself bounds neither a request's headers nor the time that it takes to arrive. Everything here is looked at
once in a while (:meth:`Connection.check`), so that an ordinary request costs no timer.
"""

from enum import Enum, auto
from typing import Any, ClassVar, Protocol

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from asgi import client_address


class Bounds(msgspec.Struct, frozen=True):
    """Sizes in bytes, times in seconds, rates in bytes a second."""

    header_bytes: int = 32 * 1024
    headers: int = 100
    header_seconds: float = 15
    # A body is measured over this time: what comes more slowly than a bad mobile line is not waited for.
    body_seconds: float = 30
    body_rate: int = 512
    # All of a body must be there by then, however quickly it comes.
    body_whole_seconds: float = 900
    # A reader must take in 48 KB of what waits for it within this time, and all of it once the connection is to end.
    read_seconds: float = 60
    # Requests that wait on one connection for the one before them.
    pipelined: int = 16
    # Connections of one network (an IPv4 address, an IPv6 /64) that are waited for; the oldest is closed beyond.
    waiting: int = 200


# A body may come in chunks of one byte, each with five bytes around it.
CHUNK_OVERHEAD = 8
# Methods whose requests change nothing, and whose bodies nobody reads.
BODILESS = (b"GET", b"HEAD")


class Phase(Enum):
    HEADERS = auto()
    BODY = auto()
    ANSWER = auto()


class _Trailers(list[tuple[bytes, bytes]]):
    """Takes headers that come behind a body: none."""

    def append(self, _: tuple[bytes, bytes]) -> None:
        raise httptools.HttpParserError("trailers")


class AddressCounts(Protocol):
    """Says of an address whether it is one of them."""

    def __contains__(self, address: str, /) -> bool: ...


class Peers:
    """The connections of each network, oldest first."""

    def __init__(self, most_waiting: int, exempt: AddressCounts = ()) -> None:
        """``exempt``: addresses of proxies, which bring everybody's connections."""
        self._most, self._exempt = most_waiting, exempt
        self._of: dict[str, dict[Connection, None]] = {}

    def enter(self, connection: "Connection") -> None:
        host = connection.client[0] if connection.client else ""
        if not host or host in self._exempt:
            return
        connection.network = client_address.network_of(host)
        others = self._of.setdefault(connection.network, {})
        others[connection] = None
        if len(others) > self._most:
            waiting = [one for one in others if one.waited_for]
            if len(waiting) > self._most:
                # One that is being answered is the last to go. But it goes: readers that are slow on purpose must not
                # keep out everybody who comes.
                earlier = [one for one in waiting if one is not connection]
                idle = (one for one in earlier if not one.answering)
                (next(idle, None) or min(earlier, key=lambda one: one.stalled_since)).transport.abort()

    def leave(self, connection: "Connection") -> None:
        others = self._of.get(connection.network, {})
        others.pop(connection, None)
        if not others:
            self._of.pop(connection.network, None)


class Connection(HttpToolsProtocol):
    """uvicorn's protocol within ``bounds``; :func:`bounded` makes the class that a server uses."""

    bounds: ClassVar[Bounds]
    peers: ClassVar[Peers]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.network = ""
        self._phase = Phase.HEADERS
        self._body_since = 0.0
        # When the current phase was first found unfinished; None while nobody need look at it.
        self._since: float | None = None
        # Bytes: all that came, what had come when the body was last looked at and when the headers or the body began,
        # and the body's own.
        self._received = self._counted = self._begun = self._body = 0
        # What had come before the piece in which the request began, and with that in which the last one ended.
        self._before = self._ended = self._chunk = 0
        self._stalled_at: float | None = None
        self._refusal = 400
        # Requests not answered yet behind which another one has come.
        self._overtaken: list[RequestResponseCycle] = []

    @property
    def _answered(self) -> bool:
        """Whether no request still waits for the rest of its answer."""
        # None before the first request, which uvicorn's types do not say.
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    @property
    def answering(self) -> bool:
        """Whether a request that has come whole is being answered, or the end of an answer is still to be sent."""
        if self._phase is Phase.BODY:
            # Whoever sends a body slowly is not spared for having left an earlier answer unread.
            return False
        return (self._phase is Phase.ANSWER and not self._answered) or self.transport.get_write_buffer_size() > 0

    @property
    def stalled_since(self) -> float:
        """When its reader was first found to take nothing in, in the loop's seconds; infinite while it takes some."""
        return float("inf") if self._stalled_at is None else self._stalled_at

    @property
    def waited_for(self) -> bool:
        """Whether it is the other side that holds this connection open."""
        return self._phase is not Phase.ANSWER or self._answered or self.flow.write_paused

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._since = self.loop.time()
        self.peers.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.peers.leave(self)
        # uvicorn tells only the request that came last. One before it would write to a closed connection, or wait on.
        for cycle in self._overtaken:
            cycle.disconnected = True
            cycle.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._received += len(data)
        self._chunk = len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # There is nothing to upgrade to: it is answered as any other request.
            pass
        except httptools.HttpParserError:
            self._refuse(self._refusal)
            return
        self._note_unfinished()

    def _note_unfinished(self) -> None:
        if self._phase is Phase.ANSWER:
            if not self._answered or self.timeout_keep_alive_task is not None:
                return
            # Blank lines between two requests: uvicorn no longer waits for the next one.
            self._enter(Phase.HEADERS)
            self._begun = self._received
        if self._since is None:
            self._since, self._counted = self.loop.time(), self._received
        if self._phase is Phase.HEADERS:
            if self._received - self._begun > self.bounds.header_bytes:
                self._refuse(431)
        elif self._received - self._begun - self._body > self.bounds.header_bytes + CHUNK_OVERHEAD * self._body:
            # Neither body nor the sizes of its chunks: trailers without an end.
            self._refuse(431)

    def _enter(self, phase: Phase) -> None:
        self._phase, self._since = phase, None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._enter(Phase.HEADERS)
        self._before = self._received - self._chunk
        # Another request may have ended in the same piece, and how much of it is this one's nobody says.
        self._begun = self._received if self._ended == self._received else self._before

    def on_headers_complete(self) -> None:
        self._check_headers()
        if self.parser.get_method() not in BODILESS:
            self._check_framing()
        self._enter(Phase.BODY)
        self._body_since = self.loop.time()
        before = self.cycle
        super().on_headers_complete()
        if self.pipeline:
            self._overtaken.append(before)
        if self.parser.should_upgrade():
            # There is nothing to upgrade to. What follows can't be read any more.
            self.cycle.keep_alive = False
        self._begun, self._body = self._received, 0
        self.headers = _Trailers()

    def _check_headers(self) -> None:
        """Errors: ``httptools.HttpParserError``, which ends the connection, for more than is taken."""
        # Most requests come in one small piece, which needs no counting.
        if self._received - self._before > self.bounds.header_bytes:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > self.bounds.header_bytes:
                self._refusal = 431
                raise httptools.HttpParserError("headers")
        if len(self.headers) > self.bounds.headers:
            self._refusal = 431
            raise httptools.HttpParserError("headers")
        if len(self.pipeline) >= self.bounds.pipelined:
            raise httptools.HttpParserError("pipelined")

    def _check_framing(self) -> None:
        """Errors: ``httptools.HttpParserError`` for a body that can't be read, before anything is done for it."""
        codings = [value.strip().lower() for name, value in self.headers if name == b"transfer-encoding"]
        if codings not in ([], [b"chunked"]) or self.parser.should_upgrade():
            raise httptools.HttpParserError("framing")

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._enter(Phase.ANSWER)
        self._ended = self._received

    def on_response_complete(self) -> None:
        if self._overtaken:
            self._overtaken = [one for one in self._overtaken if not one.response_complete]
        super().on_response_complete()

    def _refuse(self, status: int) -> None:
        """Ends the connection with a short answer, unless another answer is on its way."""
        if self._answered:
            self.transport.write(STATUS_LINE[status] + b"connection: close\r\ncontent-length: 0\r\n\r\n")
        self.transport.close()

    def resume_writing(self) -> None:
        self._stalled_at = None
        super().resume_writing()

    def check(self, now: float) -> None:
        """Ends the connection if it is too slow. ``now`` is the loop's time in seconds."""
        if self.transport.is_closing() or self.flow.write_paused:
            self._check_reader(now)
        if self._since is None:
            return
        if self.flow.read_paused:
            # It is we who do not read.
            self._since, self._counted = now, self._received
        elif self._phase is Phase.HEADERS:
            if now - self._since > self.bounds.header_seconds:
                self.transport.close()
        elif now - self._body_since > self.bounds.body_whole_seconds:
            self.transport.abort()
        elif now - self._since > self.bounds.body_seconds:
            if self._received - self._counted < self.bounds.body_rate * (now - self._since):
                self.transport.abort()
            self._since, self._counted = now, self._received

    def _check_reader(self, now: float) -> None:
        if self._stalled_at is None:
            self._stalled_at = now
        elif now - self._stalled_at > self.bounds.read_seconds:
            self.transport.abort()


def bounded(bounds: Bounds, exempt: AddressCounts = ()) -> type[Connection]:
    """The class of a server's connections, which are counted together."""
    return type("BoundedConnection", (Connection,), {"bounds": bounds, "peers": Peers(bounds.waiting, exempt)})
