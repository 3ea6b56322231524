"""What a driver's error says of the database itself: that it is away, or has no room."""

import sqlite3
from enum import StrEnum

import asyncpg


class Outage(StrEnum):
    """``FULL``: the disk has no room for what is to be written; ``AWAY``: nothing can be read, or nothing written, as
    while another process keeps SQLite's write lock."""

    AWAY = "away"
    FULL = "full"


class DatabaseUnreachable(Exception):
    """PostgreSQL can't be connected to. Its own errors of this kind are those of any file or socket."""


_AWAY = (
    DatabaseUnreachable,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.DatabaseDroppedError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    # A server that has become a replica takes no writes.
    asyncpg.ReadOnlySQLTransactionError,
    # A connection that was lost in the midst of a statement.
    asyncpg.InternalClientError,
)
_SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_NOMEM,
}  # fmt: skip


def of(error: BaseException) -> Outage | None:
    """The outage that an error comes from, None for an error of any other kind."""
    if isinstance(error, asyncpg.DiskFullError):
        return Outage.FULL
    if isinstance(error, _AWAY):
        return Outage.AWAY
    if isinstance(error, asyncpg.InterfaceError):
        # Also raised where a call is wrong.
        return Outage.AWAY if "closed" in str(error) else None
    code = getattr(error, "sqlite_errorcode", None)
    if not isinstance(error, sqlite3.Error) or code is None:
        return None
    # The low byte is the kind of error, the others say more of it.
    kind = code & 0xFF
    return Outage.FULL if kind == sqlite3.SQLITE_FULL else Outage.AWAY if kind in _SQLITE_AWAY else None
