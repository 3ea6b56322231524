"""Piccolo's SQLite engine on held connections.

As shipped it opens a connection and a thread for every query, about 50 times the cost of the query itself.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction, TransactionType, dict_factory
from piccolo.querystring import QueryString

from db.blocking import run_blocking
from db.sqlite_readers import ReaderPool

# How long a writer waits for another process's transaction before it gives up, in seconds.
BUSY_SECONDS = 15

PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    # 64 MiB a connection, and no mmap: mapped pages are looked up in the WAL at every use, cached ones only when read
    # (a home timeline takes 117 us instead of 57 with it).
    "cache_size = -65536",
    "temp_store = MEMORY",
    # Timelines dirty many pages a second: fewer, larger checkpoints write each hot page once.
    "wal_autocheckpoint = 8000",
)
# A connection for long statements caches less: they seldom read the same pages again.
READER_CACHE = "cache_size = -16384"


# How a statement begins that changes nothing.
READS = ("SELECT", "WITH")


class Locked(sqlite3.OperationalError):
    """Another process has kept the write lock for BUSY_SECONDS."""

    sqlite_errorcode = sqlite3.SQLITE_BUSY


def in_use(path: str) -> bool:
    """Whether somebody has the database open: in WAL mode they hold a lock on it for as long as they do."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
    return False


def tables(path: str) -> set[str]:
    """The tables of a database that may not be ours: it is only looked at. Empty where it is no database at all."""
    with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        except sqlite3.DatabaseError:
            return set()


class HeldTransaction(SQLiteTransaction):
    """A writing transaction on the held connection; nested ones join it."""

    engine: "HeldSQLite"

    async def __aenter__(self) -> "HeldTransaction":
        if self._parent is not None:
            return cast("HeldTransaction", self._parent)
        await self.engine.lock.acquire()
        try:
            await self.engine.begin()
        except BaseException:
            self.engine.lock.release()
            raise
        self.connection = self.engine.writer
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> bool:
        if self._parent is not None:
            return error is None
        writer = self.engine.writer
        try:
            if error is None and not self._rolled_back:
                # The commit waits for the disk: in a thread, readers go on meanwhile.
                await run_blocking(writer.execute, "COMMIT")
        finally:
            if writer.in_transaction:
                writer.execute("ROLLBACK")
            self.engine.current_transaction.reset(self.context)
            self.engine.lock.release()
        return error is None

    async def rollback(self) -> None:
        self.engine.writer.execute("ROLLBACK")
        self._rolled_back = True


class HeldSQLite(SQLiteEngine):
    """Piccolo's SQLite engine on two held connections, and a few more for long reads.

    Short statements run on the event loop: they take tens of microseconds, a thread hop takes more (measured, see
    docs/decisions/0003-sqlite-engine.md). Commits, waiting for another process, and the statements given to
    ``readers`` run in threads.
    """

    __slots__ = ("lock", "reader", "readers", "writer")

    def __init__(self, path: str) -> None:
        self.lock = asyncio.Lock()
        super().__init__(path, detect_types=0, check_same_thread=False, cached_statements=512)
        self.writer = self._connect()
        self.reader = self._connect_reader()
        self.readers = ReaderPool(lambda: self._connect_reader(READER_CACHE))

    def _connect_reader(self, *pragmas: str) -> sqlite3.Connection:
        connection = self._connect()
        for pragma in ("query_only = ON", *pragmas):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(**self.connection_kwargs, timeout=BUSY_SECONDS)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def close(self) -> None:
        self.readers.close()
        self.reader.close()
        self.writer.close()

    async def begin(self) -> None:
        """Takes the one write lock of the file, without holding up the event loop for another process's."""
        self.writer.execute("PRAGMA busy_timeout = 0")
        try:
            self.writer.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            self.writer.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
            try:
                await run_blocking(self.writer.execute, "BEGIN IMMEDIATE")
            except sqlite3.OperationalError as late:
                raise Locked(str(late)) if "locked" in str(late) else late from None
            except asyncio.CancelledError:
                if self.writer.in_transaction:
                    self.writer.execute("ROLLBACK")
                raise

    def fetch_now(self, text: str, args: Sequence[Any]) -> list[tuple[Any, ...]] | None:
        """The rows of a statement that can run at once, or None where it has to wait for a writing transaction."""
        if self.current_transaction.get() is not None:
            return self.writer.execute(text, args).fetchall()
        if text.startswith(READS):
            return self.reader.execute(text, args).fetchall()
        return None

    def _cursor(self, connection: sqlite3.Connection) -> sqlite3.Cursor:
        cursor = connection.cursor()
        cursor.row_factory = dict_factory
        return cursor

    async def _execute(self, text: str, args: Sequence[Any] = ()) -> list[dict[str, Any]]:
        if self.current_transaction.get():
            return self._cursor(self.writer).execute(text, args).fetchall()
        if text.lstrip().startswith("SELECT"):
            return self._cursor(self.reader).execute(text, args).fetchall()
        async with self.transaction():
            rows = self._cursor(self.writer).execute(text, args).fetchall()
        return rows  # noqa: RET504 - mypy takes a return inside the block for one that may not happen

    async def run_querystring(self, querystring: QueryString, in_pool: bool = False) -> list[dict[str, Any]]:
        text, args = querystring.compile_string(engine_type="sqlite")
        return await self._execute(text, args)

    async def run_ddl(self, ddl: str, in_pool: bool = False) -> list[dict[str, Any]]:
        return await self._execute(ddl)

    def transaction(
        self, transaction_type: TransactionType = TransactionType.immediate, allow_nested: bool = True
    ) -> HeldTransaction:
        return HeldTransaction(engine=self, transaction_type=transaction_type, allow_nested=allow_nested)
