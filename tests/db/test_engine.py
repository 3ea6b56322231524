"""Transactions: all or nothing, one writer at a time, whatever fails in between."""

import asyncio
import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from db.engine import DB, ConstraintViolation, Database, Unavailable
from db.sql import SQL
from db.tables.accounts import Terms
from tests.helpers.people import LiveNetwork

ADD = SQL("INSERT INTO terms (version, text, published_at) VALUES (?1, ?2, 0)")
ALL = SQL("SELECT version FROM terms WHERE version > 1 ORDER BY version")


async def versions() -> list[int]:
    return [row[0] for row in await DB.fetch(ALL)]


async def test_a_failed_block_leaves_nothing(network: LiveNetwork) -> None:
    with pytest.raises(ZeroDivisionError):
        async with DB.writing():
            await DB.fetch(ADD, 2, "")
            await Terms.insert(Terms(version=3, text="", published_at=0))
            assert await versions() == [2, 3]
            raise ZeroDivisionError
    assert await versions() == []
    await DB.fetch(ADD, 2, "")
    assert await versions() == [2]


async def test_nested_blocks_are_one(network: LiveNetwork) -> None:
    with pytest.raises(ZeroDivisionError):
        async with DB.writing():
            async with DB.writing():
                await DB.fetch(ADD, 2, "")
            raise ZeroDivisionError
    assert await versions() == []


async def test_savepoints(network: LiveNetwork) -> None:
    async with DB.writing():
        await DB.fetch(ADD, 2, "")
        with pytest.raises(ZeroDivisionError):
            async with DB.savepoint():
                await DB.fetch(ADD, 3, "")
                raise ZeroDivisionError
        with pytest.raises(ConstraintViolation):
            async with DB.savepoint():
                await DB.fetch(ADD, 2, "again")
        await DB.fetch(ADD, 4, "")
    assert await versions() == [2, 4]


async def test_taken_keys_are_conflicts_either_way(network: LiveNetwork) -> None:
    with pytest.raises(ConstraintViolation):
        await DB.fetch(ADD, 1, "")
    with pytest.raises(ConstraintViolation):
        async with DB.unique():
            await Terms.insert(Terms(version=1, text="", published_at=0))
    await DB.fetch(ADD, 2, "")
    assert await versions() == [2]


async def test_others_do_not_see_what_is_not_committed(network: LiveNetwork) -> None:
    written, looked = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with DB.writing():
            await DB.fetch(ADD, 2, "")
            written.set()
            await looked.wait()

    task = asyncio.create_task(write())
    await written.wait()
    assert await versions() == []
    looked.set()
    await task
    assert await versions() == [2]


async def test_writers_wait_for_each_other(network: LiveNetwork) -> None:
    async def write(version: int) -> None:
        async with DB.writing():
            await DB.fetch(ADD, version, "")
            await asyncio.sleep(0)
            await Terms.update({Terms.text: "done"}).where(Terms.version == version)

    await asyncio.gather(*(write(version) for version in range(2, 42)))
    assert await versions() == list(range(2, 42))


async def test_a_cancelled_writer_gives_everything_back(network: LiveNetwork) -> None:
    for moment in ("inside", "waiting"):
        begun, go = asyncio.Event(), asyncio.Event()

        async def write(begun: asyncio.Event = begun, go: asyncio.Event = go) -> None:
            async with DB.writing():
                await DB.fetch(ADD, 2, "")
                begun.set()
                await go.wait()

        first = asyncio.create_task(write())
        await begun.wait()
        tasks = [first]
        if moment == "waiting":
            tasks = [asyncio.create_task(write()) for _ in range(3)]
            await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            tasks.append(first)
        first.cancel()
        assert all(
            isinstance(one, asyncio.CancelledError) for one in await asyncio.gather(*tasks, return_exceptions=True)
        )
        assert await versions() == []
        async with asyncio.timeout(5):
            await DB.fetch(ADD, 9, "")
            await DB.fetch(SQL("DELETE FROM terms WHERE version = 9"))


async def test_cancelled_at_any_await(network: LiveNetwork) -> None:
    """However far it has come, it is done or not done, and the next one can write."""

    async def write(version: int) -> None:
        async with DB.writing():
            await DB.fetch(ADD, version, "")
            await DB.fetch(SQL("UPDATE terms SET text = 'x' WHERE version = ?1"), version)

    for steps in range(25):
        task = asyncio.create_task(write(100 + steps))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(5):
            await DB.fetch(ADD, 200 + steps, "")
    found = await versions()
    assert [version for version in found if version >= 200] == list(range(200, 225))
    halves = await DB.fetch(SQL("SELECT version FROM terms WHERE version BETWEEN 100 AND 199 AND text <> 'x'"))
    assert halves == []


async def test_hooks_run_after_the_commit_and_only_then(network: LiveNetwork) -> None:
    seen: list[str] = []

    def hook() -> None:
        seen.append("now")

    with pytest.raises(ZeroDivisionError):
        async with DB.writing():
            DB.after_commit(hook)
            raise ZeroDivisionError
    assert seen == []
    async with DB.writing():
        DB.after_commit(hook)
        DB.after_commit(hook)
        assert seen == []
    assert seen == ["now"]


async def test_a_failed_commit_frees_the_connection(network: LiveNetwork) -> None:
    if DB.dialect == "sqlite":
        child = SQL("INSERT INTO session (id, account, agent, created_at, seen_at) VALUES ('s', 4711, '', 0, 0)")
        before = "PRAGMA defer_foreign_keys = ON"
    else:
        child = SQL("INSERT INTO deferred VALUES (4711)")
        before = "SET CONSTRAINTS ALL DEFERRED"
        await DB.fetch(SQL("CREATE TABLE deferred (a bigint REFERENCES account DEFERRABLE)"))
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        async with DB.writing():
            await DB.fetch(SQL(before))
            await DB.fetch(ADD, 2, "")
            await DB.fetch(child)
    assert await versions() == []
    for version in range(2, 20):
        async with asyncio.timeout(5), DB.writing():
            await DB.fetch(ADD, version, "")
    assert len(await versions()) == 18


def _write_many(url: str, first: int, count: int, results: Any) -> None:
    async def work() -> None:
        database = DB
        await database.open(url)
        for version in range(first, first + count):
            async with database.writing():
                highest = await database.value(SQL("SELECT coalesce(max(published_at), 0) FROM terms"))
                await database.fetch(
                    SQL("INSERT INTO terms (version, text, published_at) VALUES (?1, '', ?2)"), version, highest + 1
                )
        await database.close()

    try:
        asyncio.run(work())
        results.put("")
    except BaseException as error:
        results.put(repr(error))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_two_processes_write_one_file(network: LiveNetwork) -> None:
    """Each reads what the other has written before it writes: no lock is lost and no number given twice."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    url = network.settings.url
    writers = [context.Process(target=_write_many, args=(url, first, 40, results)) for first in (100, 200)]
    for writer in writers:
        writer.start()
    for version in range(300, 320):
        async with DB.writing():
            highest = await DB.value(SQL("SELECT coalesce(max(published_at), 0) FROM terms"))
            await DB.fetch(
                SQL("INSERT INTO terms (version, text, published_at) VALUES (?1, '', ?2)"), version, highest + 1
            )
        await asyncio.sleep(0)
    errors = [await asyncio.to_thread(results.get, True, 30) for _ in writers]
    for writer in writers:
        await asyncio.to_thread(writer.join, 10)
    assert errors == ["", ""]
    assert await DB.value(SQL("SELECT count(*) FROM terms WHERE version >= 100")) == 100
    assert await DB.value(SQL("SELECT count(DISTINCT published_at) FROM terms WHERE version >= 100")) == 100


async def test_what_cannot_be_opened_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="can't be opened"):
        await Database().open(f"sqlite:///{tmp_path}")
    (tmp_path / "text.sqlite").write_text("This is not a database, it is a letter." * 50)
    with pytest.raises(Unavailable, match=r"text\.sqlite"):
        await Database().open(f"sqlite:///{tmp_path / 'text.sqlite'}")
    with pytest.raises(Unavailable, match="PostgreSQL can't be reached"):
        await Database().open(f"postgres://nobody@/none?host={tmp_path}")
    with pytest.raises(Unavailable):
        _ = Database().engine
