"""The outbox: what was recorded happens, once in effect, however often it is tried and by however many."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.wiring import reactions_by_event
from app.worker import ATTEMPTS, LEASE_MS, NEVER, Worker
from archive import export
from db.engine import DB
from db.queries import outbox
from db.queries.outbox import NewEvent
from db.sql import SQL
from db.tables.outbox import Lane
from domain.core import clock, events
from domain.core.event import Event
from domain.core.events import AccountLeft, Followed, PostPublished
from tests.conftest import Watch
from tests.helpers.people import LiveNetwork

Reaction = Callable[[Any], Awaitable[None]]


async def rows() -> list[tuple[str, int, int, str | None]]:
    found = await DB.fetch(SQL("SELECT kind, due_at, attempts, error FROM outbox ORDER BY id"))
    return [(row[0], row[1], row[2], row[3]) for row in found]


async def record(event: Event, after_ms: int = 0) -> None:
    async with DB.writing():
        await events.record(event, after_ms)


async def test_what_is_undone_is_not_recorded(network: LiveNetwork) -> None:
    with pytest.raises(ZeroDivisionError):
        async with DB.writing():
            await events.record(PostPublished(1, 1))
            raise ZeroDivisionError
    assert await rows() == []


async def test_a_failure_is_tried_again_later_and_undoes_what_it_did(network: LiveNetwork, watch: Watch) -> None:
    tries: list[int] = []

    async def fails_twice(event: PostPublished) -> None:
        await DB.fetch(SQL("INSERT INTO terms (version, text, published_at) VALUES (?1, '', 0)"), 50 + len(tries))
        tries.append(event.post)
        if len(tries) < 3:
            raise ValueError("secret words")

    worker = Worker({PostPublished: [fails_twice]})
    await record(PostPublished(7, 1))
    for wait, attempts in ((0, 1), (1.1, 2)):
        watch.forward(wait)
        assert await worker.drain() == 1
        assert await worker.drain() == 0
        ((_, due, tried, error),) = await rows()
        assert (tried, error) == (attempts, "ValueError")
        assert due > clock.now()
    assert await network.count("terms", "version >= 50") == 0
    watch.forward(4.1)
    await worker.drain()
    assert (tries, await rows()) == ([7, 7, 7], [])
    assert await network.count("terms", "version = 52") == 1


async def test_one_that_always_fails_stops_and_is_kept(network: LiveNetwork, watch: Watch) -> None:
    async def fails(_: PostPublished) -> None:
        raise ValueError

    worker = Worker({PostPublished: [fails]})
    await record(PostPublished(7, 1))
    for _ in range(ATTEMPTS):
        assert await worker.drain() == 1
        watch.forward(3601)
    assert await worker.drain() == 0
    assert [(row[1], row[2]) for row in await rows()] == [(NEVER, ATTEMPTS)]


async def test_one_failure_does_not_hold_up_the_others(network: LiveNetwork) -> None:
    done: list[int] = []

    async def some(event: PostPublished) -> None:
        if event.post == 2:
            raise ValueError
        done.append(event.post)

    for post in (1, 2, 3):
        await record(PostPublished(post, 1))
    await Worker({PostPublished: [some]}).drain()
    assert sorted(done) == [1, 3]
    assert len(await rows()) == 1


@pytest.mark.parametrize(
    ("kind", "lane"),
    [("FromTheFuture", Lane.SHORT), ("PostPublished", Lane.SHORT), ("LeasedInTheFuture", Lane.LEASED)],
)
async def test_what_is_not_understood_is_kept_for_a_newer_version(network: LiveNetwork, kind: str, lane: Lane) -> None:
    await outbox.add(NewEvent(5, kind, '{"strange": true}', 0, lane))
    worker = Worker(reactions_by_event(network.settings))
    await worker.drain()
    await worker.settle()
    assert await rows() == [(kind, NEVER, 0, "unknown event")]
    assert await worker.drain() == 0
    assert (await export.rows("outbox", [(5,)]))[5,], "wherever the network goes meanwhile"


async def test_what_is_due_later_waits(network: LiveNetwork, watch: Watch) -> None:
    seen: list[int] = []

    async def note(event: PostPublished) -> None:
        seen.append(event.post)

    worker = Worker({PostPublished: [note]})
    await record(PostPublished(1, 1), after_ms=5000)
    await worker.drain()
    assert seen == []
    watch.forward(5.1)
    await worker.drain()
    assert seen == [1]


async def test_a_lease_runs_outside_and_comes_back_when_the_worker_dies(network: LiveNetwork, watch: Watch) -> None:
    begun, seen = asyncio.Event(), []

    async def hangs(event: AccountLeft) -> None:
        assert not DB.engine.transaction_exists()
        seen.append(event.account)
        begun.set()
        if len(seen) == 1:
            await asyncio.Event().wait()

    worker, other = (Worker({AccountLeft: [hangs]}) for _ in range(2))
    await record(AccountLeft(9))
    await worker.drain()
    await begun.wait()
    assert await other.drain() == 0, "nobody takes what is leased"
    await worker.stop()
    watch.forward(LEASE_MS / 1000 + 1)
    await other.drain()
    await other.settle()
    assert (seen, await rows()) == ([9, 9], [])


async def test_several_workers_do_nothing_twice(network: LiveNetwork) -> None:
    seen: list[int] = []

    async def note(event: PostPublished) -> None:
        await asyncio.sleep(0)
        seen.append(event.post)

    async with DB.writing():
        for post in range(200):
            await events.record(PostPublished(post, 1))
    workers = [Worker({PostPublished: [note]}) for _ in range(4)]

    async def drain(worker: Worker) -> int:
        total = 0
        while (took := await worker.drain()) or await rows():
            total += took
        return total

    assert sum(await asyncio.gather(*map(drain, workers))) == 200
    assert sorted(seen) == list(range(200))


async def test_it_wakes_by_itself(network: LiveNetwork) -> None:
    seen = asyncio.Event()

    async def note(_: Followed) -> None:
        seen.set()

    worker = Worker({Followed: [note]})
    worker.start()
    try:
        await record(Followed(1, 2))
        async with asyncio.timeout(2):
            await seen.wait()
            while await rows():
                await asyncio.sleep(0.005)
    finally:
        await worker.stop()


async def test_every_event_has_its_reactions(network: LiveNetwork) -> None:
    assert set(reactions_by_event(network.settings)) == set(events.KINDS.values())
