"""Long reads on SQLite run in threads: the event loop goes on, and they see what is committed."""

import asyncio
import sqlite3

import pytest

from db import sqlite_readers
from db.engine import DB
from db.sql import SQL
from db.sqlite import HeldSQLite
from tests.helpers.people import LiveNetwork

ADD = SQL("INSERT INTO terms (version, text, published_at) VALUES (?1, '', 0)")
COUNT = SQL("SELECT count(*) FROM terms WHERE version > 1")
# As long as its parameter is large.
LONG = SQL(
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT count(*) FROM n",
    "SELECT count(*) FROM generate_series(1, ?1::bigint)",
)
STEPS = 2_000_000
ENDLESS = 10**15
sqlite_only = pytest.mark.parametrize("engine", ["sqlite"])


async def turns_during(long: asyncio.Task[int]) -> int:
    """How often the event loop comes round until the task is done."""
    turns = 0
    while not long.done():
        await asyncio.sleep(0)
        turns += 1
    return turns


async def count(steps: int) -> int:
    with DB.off_loop():
        return int(await DB.value(LONG, steps))


def readers() -> sqlite_readers.ReaderPool:
    assert isinstance(DB.engine, HeldSQLite)
    return DB.engine.readers


async def until_used(places: int) -> None:
    async with asyncio.timeout(30):
        while len(readers()._used) < places:
            await asyncio.sleep(0)


@sqlite_only
async def test_the_loop_turns_while_a_long_statement_runs(network: LiveNetwork) -> None:
    on_loop = await turns_during(asyncio.create_task(DB.value(LONG, STEPS)))
    off_loop = await turns_during(asyncio.create_task(count(STEPS)))
    assert on_loop <= 2
    assert off_loop > 10 * on_loop


async def test_it_sees_what_was_committed_before(network: LiveNetwork) -> None:
    for version in (2, 3, 4):
        await DB.fetch(ADD, version)
        with DB.off_loop():
            assert await DB.value(COUNT) == version - 1


async def test_within_a_transaction_it_sees_the_transaction(network: LiveNetwork) -> None:
    async with DB.writing():
        await DB.fetch(ADD, 2)
        with DB.off_loop():
            assert await DB.value(COUNT) == 1
    with DB.off_loop():
        await DB.fetch(ADD, 3)
        assert await DB.value(COUNT) == 2


async def test_others_do_not_see_the_transaction(network: LiveNetwork) -> None:
    written, looked = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with DB.writing():
            await DB.fetch(ADD, 2)
            written.set()
            await looked.wait()

    writing = asyncio.create_task(write())
    await written.wait()
    with DB.off_loop():
        assert await DB.value(COUNT) == 0
    looked.set()
    await writing


@sqlite_only
async def test_so_many_at_a_time_and_no_more(network: LiveNetwork) -> None:
    tasks = [asyncio.create_task(count(ENDLESS)) for _ in range(sqlite_readers.READERS)]
    await until_used(sqlite_readers.READERS)
    waiting = asyncio.create_task(count(1))
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(readers()._used) == sqlite_readers.READERS
    assert not waiting.done()
    tasks.pop().cancel()
    async with asyncio.timeout(30):
        assert await waiting == 1
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (len(readers()._used), len(readers()._free)) == (0, sqlite_readers.READERS)


@sqlite_only
async def test_a_cancelled_reader_ends_its_statement(network: LiveNetwork) -> None:
    for _ in range(2 * sqlite_readers.READERS):
        task = asyncio.create_task(count(ENDLESS))
        await until_used(1)
        task.cancel()
        async with asyncio.timeout(30):
            with pytest.raises(asyncio.CancelledError):
                await task
        assert await count(5) == 5


@sqlite_only
async def test_a_reader_cancelled_twice_serves_the_next(network: LiveNetwork) -> None:
    for _ in range(2 * sqlite_readers.READERS):
        task = asyncio.create_task(count(ENDLESS))
        await until_used(1)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        async with asyncio.timeout(30):
            with pytest.raises(asyncio.CancelledError):
                await task
    # Long enough for a connection that was left stopped to end it.
    assert await count(1_000_000) == 1_000_000


@sqlite_only
async def test_it_cannot_write(network: LiveNetwork) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await readers().fetch("INSERT INTO terms (version, text, published_at) VALUES (9, '', 0)", ())
    assert await count(5) == 5


@sqlite_only
async def test_closing_ends_what_runs(network: LiveNetwork) -> None:
    pool = readers()
    running = asyncio.create_task(count(ENDLESS))
    await until_used(1)
    await DB.close()
    async with asyncio.timeout(30):
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            await running
    assert (pool._used, pool._free) == (set(), [])
