"""The live database: one, open for the whole process, and the only place that knows the dialect.

Piccolo's query builder and the constant SQL of ``db/queries`` run on the same connections, so they share transactions.
SQLite keeps one reader and one writer open (WAL, ``synchronous=FULL``), and a few readers for long statements, which
run in threads; PostgreSQL keeps a pool.
"""

import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal

from piccolo.engine.base import Engine

from db import postgres, replica
from db.replica import Replica
from db.sql import SQL
from db.sqlite import READS, HeldSQLite

Dialect = Literal["sqlite", "postgres"]
Row = Sequence[Any]
Hook = Callable[[], None]

_hooks: ContextVar[list[Hook] | None] = ContextVar("hooks", default=None)
_off_loop: ContextVar[bool] = ContextVar("off_loop", default=False)


# A transaction that the database ended because others were in its way, and that may succeed when it is tried again.
ABORTED: tuple[type[Exception], ...] = postgres.ABORTED


class Unavailable(Exception):
    """The database cannot be opened; ``str(error)`` says why in words for an operator."""


class ConstraintViolation(Exception):
    """A unique key is taken, or what a row points at is gone."""


class Database:
    """The process's database. ``open`` before use, ``close`` at the end; both engines answer the same calls."""

    def __init__(self) -> None:
        self.dialect: Dialect = "sqlite"
        self._engine: Engine[Any] | None = None
        self._sqlite: HeldSQLite | None = None
        self._replica: Replica | None = None

    @property
    def in_transaction(self) -> bool:
        """Whether the current task is within :meth:`writing`."""
        return bool(self.engine.transaction_exists())

    @property
    def is_open(self) -> bool:
        """Whether this process has it open; it may be away all the same."""
        return self._engine is not None

    @property
    def engine(self) -> Engine[Any]:
        """The Piccolo engine. Errors: ``Unavailable`` when the database is not open."""
        if self._engine is None:
            raise Unavailable("The database is not open")
        return self._engine

    async def open(self, url: str) -> None:
        """Opens ``sqlite:///path`` or ``postgres://...``. Errors: ``Unavailable``."""
        if url.startswith("sqlite:"):
            self.dialect = "sqlite"
            self._engine = self._sqlite = _open_sqlite(Path(url.removeprefix("sqlite:///")))
            return
        self.dialect = "postgres"
        try:
            self._engine = await postgres.connect(url)
        except postgres.UNREACHABLE as error:
            raise Unavailable(f"PostgreSQL can't be reached: {error or type(error).__name__}") from None

    async def close(self) -> None:
        """Closes every connection; harmless when none is open."""
        if self._sqlite is not None:
            self._sqlite.close()
        elif self._engine is not None:
            await self._engine.close_connection_pool()  # type: ignore[no-untyped-call]
        self._engine = self._sqlite = None

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """One transaction: all of it is on disk when the block ends, or none of it is. Nested blocks join.

        Errors: ``ABORTED``, and then it may be tried again.
        """
        if self.in_transaction:
            yield
            return
        hooks: list[Hook] = []
        token = _hooks.set(hooks)
        try:
            async with self.engine.transaction():
                yield
        finally:
            _hooks.reset(token)
        for hook in hooks:
            hook()

    def after_commit(self, hook: Hook) -> None:
        """Runs ``hook`` once the current transaction is on disk; at once when there is none."""
        hooks = _hooks.get()
        if hooks is None:
            hook()
        elif hook not in hooks:
            hooks.append(hook)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Within :meth:`writing`: what fails inside is undone alone, and the error goes on."""
        await self.fetch(SAVEPOINT)
        try:
            yield
        except BaseException:
            await self.fetch(ROLLBACK_TO)
            raise
        finally:
            await self.fetch(RELEASE)

    async def fetch(self, statement: SQL, *args: Any) -> list[Row]:
        """All rows, as tuples. Inside :meth:`writing` it sees that transaction. Errors: ``ConstraintViolation``."""
        if self._sqlite is None:
            return await self._fetch_postgres(*statement.on_postgres(args))
        if _off_loop.get() and statement.sqlite.startswith(READS) and not self.in_transaction:
            return await self._sqlite.readers.fetch(statement.sqlite, args)
        try:
            rows: list[Any] | None = self._sqlite.fetch_now(statement.sqlite, args)
            if rows is None:
                async with self.writing():
                    rows = self._sqlite.writer.execute(statement.sqlite, args).fetchall()
        except sqlite3.IntegrityError as error:
            raise ConstraintViolation(str(error)) from None
        return rows

    @contextmanager
    def off_loop(self) -> Iterator[None]:
        """Within the block, reads on SQLite run in threads, so that a long one does not hold up other requests.

        They see everything committed before they began. Inside :meth:`writing` nothing changes: only its connection
        sees the transaction. For a statement of more than about a millisecond; the hop to a thread costs 30 to 60 us.
        PostgreSQL never holds up the event loop.

            with DB.off_loop():
                return await DB.fetch(MATCHING, viewer, start)
        """
        token = _off_loop.set(True)
        try:
            yield
        finally:
            _off_loop.reset(token)

    @contextmanager
    def may_lag(self) -> Iterator[None]:
        """Within the block, reads may come from the replica: what was written a moment ago may not be there yet."""
        token = replica.may_lag.set(self._replica is not None)
        try:
            yield
        finally:
            replica.may_lag.reset(token)

    @asynccontextmanager
    async def following(self, url: str, most_lag: float) -> AsyncIterator[None]:
        """Has a replica for :meth:`may_lag` while the block runs; "" for none. PostgreSQL only."""
        if not url:
            yield
            return

        async def ask(text: str) -> int:
            return int((await self._fetch_postgres(text, ()))[0][0])

        try:
            async with replica.following(url, most_lag, ask) as self._replica:
                yield
        finally:
            self._replica = None

    @property
    def lag(self) -> float:
        """Seconds that the replica may be behind; infinite when it is away or unknown, or when there is none."""
        return self._replica.lag if self._replica else float("inf")

    async def _fetch_postgres(self, text: str, args: Sequence[Any]) -> list[Row]:
        if self._replica is not None and not self.in_transaction:
            rows = await self._replica.fetch(text, args)
            if rows is not None:
                return rows
        try:
            return await postgres.fetch(self.engine, text, args)  # type: ignore[arg-type]
        except postgres.TAKEN as error:
            raise ConstraintViolation(str(error)) from None

    async def one(self, statement: SQL, *args: Any) -> Row | None:
        """The first row or None."""
        rows = await self.fetch(statement, *args)
        return rows[0] if rows else None

    async def value(self, statement: SQL, *args: Any) -> Any:
        """The first column of the first row, or None."""
        rows = await self.fetch(statement, *args)
        return rows[0][0] if rows else None

    @asynccontextmanager
    async def unique(self) -> AsyncIterator[None]:
        """:meth:`writing`, with a taken key as ``ConstraintViolation`` whichever way the statement came."""
        try:
            async with self.writing():
                yield
        except (sqlite3.IntegrityError, *postgres.TAKEN) as error:
            raise ConstraintViolation(str(error)) from None

    def ids(self, ids: Iterable[int]) -> Any:
        """A list of ids as the one parameter that ``{ids:N}`` takes."""
        return json.dumps(list(ids)) if self._sqlite is not None else list(ids)

    def texts(self, texts: Iterable[str]) -> Any:
        """A list of texts as the one parameter that ``{texts:N}`` takes."""
        return json.dumps(list(texts)) if self._sqlite is not None else list(texts)


SAVEPOINT, ROLLBACK_TO, RELEASE = (
    SQL("SAVEPOINT part"),
    SQL("ROLLBACK TO SAVEPOINT part"),
    SQL("RELEASE SAVEPOINT part"),
)


def _open_sqlite(file: Path) -> HeldSQLite:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return HeldSQLite(str(file))
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(f"The database file {file} can't be opened: {error}") from None


DB = Database()
