"""The sequencer: each entry gets one place, whatever stops it and however many of it run."""

import asyncio
from typing import Any

import pytest

from app.wiring import reactions_by_event
from app.worker import Worker
from db.engine import DB
from db.queries import public_log as queries
from db.sql import SQL
from domain.core import clock, merkle, tlog
from domain.core.access import Role
from domain.core.events import LogEntryAdded
from domain.moderation import public_log, public_log_checks, public_log_key, public_log_sequencer
from domain.moderation.public_log_sequencer import DamagedTree
from tests.helpers import log_files
from tests.helpers.people import LiveNetwork

CHECKPOINTS = SQL("SELECT size, note FROM log_checkpoint ORDER BY size")
LEAVES = SQL("SELECT leaf FROM log_entry WHERE leaf IS NOT NULL ORDER BY leaf")
HARM = SQL("UPDATE log_tile SET hashes = ?1 WHERE level = 0")


async def add(count: int) -> None:
    async with DB.writing():
        for _ in range(count):
            await public_log.add_role(Role.MEMBER, Role.MODERATOR)


async def sequence() -> None:
    async with DB.writing():
        await public_log_sequencer.sequence(LogEntryAdded())


async def assert_whole(size: int) -> None:
    """Every entry has one place, and every checkpoint that was ever signed is of the beginning of the present log."""
    key = await public_log_key.verifier_key()
    found = await public_log_checks.verify(public_log_checks.own, key)
    assert found.size == size
    assert [row[0] for row in await DB.fetch(LEAVES)] == list(range(size))
    leaves = [merkle.leaf_hash(entry) for entry in log_files.entries_in(await log_files.own())]
    for length, note in await DB.fetch(CHECKPOINTS):
        checkpoint = tlog.read_checkpoint(note.encode(), key)
        assert (checkpoint.size, checkpoint.root) == (length, merkle.root(leaves[:length]))


@pytest.mark.parametrize("batch", [3, 600])
async def test_in_batches(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(public_log_sequencer, "BATCH", batch)
    await network.settle()
    for count in (1, 2, 7, 250, 1, 40):
        await add(count)
        await network.settle()
    await assert_whole(302)
    assert await network.count("outbox") == 0


async def test_one_that_is_stopped_in_the_middle_has_done_nothing(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sequence()
    await add(5)
    for step in ("place", "put_tiles", "add_checkpoint"):
        reached, real = asyncio.Event(), getattr(queries, step)

        async def stopping(*values: Any, real: Any = real, reached: asyncio.Event = reached) -> Any:
            await real(*values)
            reached.set()
            await asyncio.Event().wait()

        with monkeypatch.context() as patch:
            patch.setattr(queries, step, stopping)
            task = asyncio.create_task(sequence())
            await reached.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert await network.count("log_entry", "leaf IS NULL") == 5
        await assert_whole(1)
    await network.settle()
    await assert_whole(6)


async def test_two_at_once(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_log_sequencer, "AGAIN_MS", 0)
    monkeypatch.setattr(public_log_sequencer, "BATCH", 4)
    await network.settle()
    workers = [Worker(reactions_by_event(network.settings)) for _ in range(3)]
    for _ in range(5):
        await add(9)
        await asyncio.gather(*(worker.drain() for worker in workers))
    await network.settle()
    await assert_whole(46)


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_nobody_waits_for_one_that_stands_still(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    await sequence()
    await add(2)
    reached, go_on, real = asyncio.Event(), asyncio.Event(), queries.put_tiles

    async def standing(tiles: Any) -> None:
        await real(tiles)
        reached.set()
        await go_on.wait()

    with monkeypatch.context() as patch:
        patch.setattr(queries, "put_tiles", standing)
        first = asyncio.create_task(sequence())
        await reached.wait()
    await add(1)
    await network.settle()
    assert await network.count("log_entry", "leaf IS NULL") == 3
    assert await network.count("outbox", f"kind = 'LogEntryAdded' AND due_at > {clock.now() - 5000}") > 0
    go_on.set()
    await first
    monkeypatch.setattr(public_log_sequencer, "AGAIN_MS", 0)
    await sequence()
    await assert_whole(4)


async def test_a_damaged_tree_is_not_signed(network: LiveNetwork) -> None:
    await sequence()
    await DB.fetch(HARM, "ab" * 32)
    await add(1)
    with pytest.raises(DamagedTree):
        await sequence()
    assert await network.count("log_checkpoint") == 1


async def test_a_tree_of_before_that_lost_its_tile_is_not_signed(network: LiveNetwork) -> None:
    await sequence()
    await DB.fetch(SQL("DELETE FROM log_tile"))
    await add(1)
    with pytest.raises(DamagedTree):
        await sequence()
