"""Which carrier a database has: on PostgreSQL signals travel by NOTIFY, on SQLite between sockets beside its file."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from db import bus_postgres, bus_sqlite
from db.bus import BUS, SignalTransport


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncIterator[None]:
    """Has this process's signals reach the others on the database at ``url``, and theirs this one."""
    carrier: SignalTransport
    if url.startswith("sqlite:"):
        carrier = bus_sqlite.Datagrams(BUS, Path(url.removeprefix("sqlite:///")))
    else:
        carrier = bus_postgres.Notifications(BUS, url)
    async with BUS.carried(carrier):
        yield
