"""A PostgreSQL replica (streaming replication), for reads that may be a little behind: never more than a bound."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import asyncpg
from asyncpg.pool import Pool

from db import postgres

# How often the two are compared, and how long the replica may take to answer, in seconds.
LOOK, PATIENCE = 0.25, 2.0
# Both as bytes since the beginning; a server that has been promoted follows nobody.
WRITTEN = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"
REPLAYED = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint END"
UNABLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)

may_lag: ContextVar[bool] = ContextVar("may_lag", default=False)
Mark = tuple[float, int]


class Replica:
    """Answers while it is known to be no more than ``most_lag`` seconds behind; otherwise nobody is sent to it."""

    def __init__(self, pool: Pool, most_lag: float) -> None:
        self._pool, self._most_lag = pool, most_lag
        # Where the primary was when; and the last of these moments that the replica has reached.
        self._marks: deque[Mark] = deque(maxlen=int(60 / LOOK))
        self._reached = float("-inf")

    @property
    def lag(self) -> float:
        """At most so many seconds behind; infinite while nothing is known."""
        return time.monotonic() - self._reached

    async def fetch(self, text: str, args: Any) -> list[Any] | None:
        """All rows; None when the primary must be asked instead."""
        if not (may_lag.get() and text.startswith(("SELECT", "WITH")) and self.lag <= self._most_lag):
            return None
        try:
            return await self._ask(text, args)
        except UNABLE:
            # It is not asked again before it is known to follow once more.
            self.lose()
            return None

    async def _ask(self, text: str, args: Any) -> list[Any]:
        """Errors: UNABLE."""
        async with asyncio.timeout(PATIENCE):
            connection = await self._pool.acquire()
        try:
            async with asyncio.timeout(PATIENCE):
                return await connection.fetch(text, *args)  # type: ignore[no-any-return]
        except TimeoutError:
            # To be given back in order it would have to answer first.
            connection.terminate()
            raise
        finally:
            await self._pool.release(connection)

    def lose(self) -> None:
        self._reached = float("-inf")

    async def watch(self, ask_primary: Callable[[str], Awaitable[int]]) -> None:
        """Compares the two for ever. Neither clock of the servers is looked at: only what of the log is there."""
        while True:
            with contextlib.suppress(*UNABLE):
                await self._look(ask_primary)
            await asyncio.sleep(LOOK)

    async def _look(self, ask_primary: Callable[[str], Awaitable[int]]) -> None:
        # The moment before the question: the log may have grown while it was answered.
        now = time.monotonic()
        self._marks.append((now, await ask_primary(WRITTEN)))
        try:
            replayed = (await self._ask(REPLAYED, ()))[0][0]
        except UNABLE:
            self.lose()
            return
        if replayed is None:
            self.lose()
            return
        while self._marks and self._marks[0][1] <= replayed:
            self._reached = self._marks.popleft()[0]

    async def close(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._pool.close()
        except UNABLE:
            self._pool.terminate()


@contextlib.asynccontextmanager
async def following(url: str, most_lag: float, ask_primary: Callable[[str], Awaitable[int]]) -> AsyncIterator[Replica]:
    """A replica that is watched while the block runs; one that is away is waited for. Errors: ``ValueError``."""
    pool = asyncpg.create_pool(**postgres.config(url), min_size=0, max_size=10, server_settings=postgres.SESSION)
    await pool
    replica = Replica(pool, most_lag)
    task = asyncio.create_task(replica.watch(ask_primary))
    try:
        yield replica
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await replica.close()
