"""Read-only SQLite connections for long statements, which run in threads instead of on the event loop."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from db.blocking import finish_blocking, start_blocking

# Connections, and so long statements at a time. The default executor has at least five threads: commits find one.
READERS = 3
# SQLite's instructions, about a millisecond, between two looks whether a statement is still wanted.
INSTRUCTIONS = 100_000

Rows = list[Any]


class Reader:
    """A connection that runs one statement at a time. ``stopped`` ends the one that runs, or that is about to."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.stopped = False
        self._connection = connection
        connection.set_progress_handler(lambda: self.stopped, INSTRUCTIONS)

    async def fetch(self, text: str, args: Sequence[Any]) -> Rows:
        """All rows. A caller that is cancelled ends its statement. Errors: ``sqlite3.Error``."""
        started = start_blocking(self._fetch, text, args)
        try:
            await asyncio.wait([started])
        except asyncio.CancelledError:
            self.stopped = True
            try:
                with contextlib.suppress(sqlite3.Error):
                    await finish_blocking(started)
            finally:
                # The statement has ended even if the caller is cancelled once more: the connection goes to the next.
                self.stopped = False
            raise
        return await finish_blocking(started)

    def _fetch(self, text: str, args: Sequence[Any]) -> Rows:
        return self._connection.execute(text, args).fetchall()

    def close(self) -> None:
        self._connection.close()


class ReaderPool:
    """At most READERS connections, each opened when it is first needed.

    In WAL mode a statement sees everything committed before it began.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._places = asyncio.Semaphore(READERS)
        self._free: list[Reader] = []
        self._used: set[Reader] = set()
        self._closed = False

    async def fetch(self, text: str, args: Sequence[Any]) -> Rows:
        """All rows, once a connection is free. Errors: ``sqlite3.Error``."""
        async with self._places:
            reader = self._free.pop() if self._free else Reader(self._connect())
            self._used.add(reader)
            try:
                return await reader.fetch(text, args)
            finally:
                self._used.discard(reader)
                self._give_back(reader)

    def _give_back(self, reader: Reader) -> None:
        if self._closed:
            reader.close()
        else:
            self._free.append(reader)

    def close(self) -> None:
        """Closes the connections; a statement that runs is ended, and its connection closed then."""
        self._closed = True
        while self._free:
            self._free.pop().close()
        for reader in self._used:
            reader.stopped = True
