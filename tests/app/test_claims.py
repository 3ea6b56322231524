"""Leased events: claimed by a token, without which a worker that was overtaken can neither renew, end nor put off."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.worker import AT_ONCE, LEASE_MS, Worker
from db.engine import DB, Row
from db.queries import outbox
from db.queries.outbox import NewEvent
from db.sql import SQL
from db.tables.outbox import Lane
from domain.core import events, leases
from domain.core.event import Event
from domain.core.events import AccountLeft, Followed
from tests.conftest import Watch
from tests.helpers.people import LiveNetwork

ROWS = SQL("SELECT id, kind, due_at, attempts, error, lane, lease_token FROM outbox ORDER BY id")


async def rows() -> list[Row]:
    return [tuple(row) for row in await DB.fetch(ROWS)]


async def record(*some: Event) -> None:
    async with DB.writing():
        for event in some:
            await events.record(event)


class Work:
    """A reaction that stops in the middle until it is told to go on; ``ended`` says how it did."""

    def __init__(self, error: type[Exception] | None = None) -> None:
        self.begun, self.go_on, self.ended = asyncio.Event(), asyncio.Event(), ""
        self.count = 0
        self._error = error

    async def __call__(self, _: AccountLeft) -> None:
        self.count += 1
        self.begun.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise
        self.ended = "done"
        if self._error:
            raise self._error


@pytest.mark.parametrize("error", [None, ValueError])
async def test_a_worker_that_was_overtaken_writes_nothing(
    network: LiveNetwork, watch: Watch, error: type[Exception] | None
) -> None:
    slow, quick = Work(error), Work()
    first, second = Worker({AccountLeft: [slow]}), Worker({AccountLeft: [quick]})
    await record(AccountLeft(9))
    await first.drain()
    await slow.begun.wait()
    watch.forward(LEASE_MS / 1000 + 1)
    assert await second.drain() == 1
    await quick.begun.wait()
    taken_over = await rows()
    slow.go_on.set()
    await first.settle()
    assert slow.ended == "done"
    assert await rows() == taken_over
    quick.go_on.set()
    await second.settle()
    assert (await rows(), quick.count) == ([], 1)


async def test_a_worker_that_was_overtaken_stops(network: LiveNetwork, watch: Watch) -> None:
    slow, quick = Work(), Work()
    first, second = Worker({AccountLeft: [slow]}, 600), Worker({AccountLeft: [quick]})
    await record(AccountLeft(9))
    await first.drain()
    await slow.begun.wait()
    async with asyncio.timeout(10):
        while not await second.drain():
            watch.forward(1)
        await first.settle()
    assert slow.ended == "cancelled"
    quick.go_on.set()
    await second.settle()
    assert await rows() == []


@asynccontextmanager
async def outbox_away() -> AsyncIterator[None]:
    """Every statement about the outbox fails while the block runs."""
    await DB.fetch(SQL("ALTER TABLE outbox RENAME TO outbox_away"))
    try:
        yield
    finally:
        await DB.fetch(SQL("ALTER TABLE outbox_away RENAME TO outbox"))


async def test_renewals_that_fail_end_no_work(network: LiveNetwork) -> None:
    """It is renewed as soon as that is possible again; until then another renewal, as frequent, has failed thrice."""
    work, failed, lease_ms = Work(), 0, 600
    worker = Worker({AccountLeft: [work]}, lease_ms)
    await record(AccountLeft(9))
    await worker.drain()
    await work.begun.wait()

    async def fails() -> bool:
        nonlocal failed
        failed += 1
        raise OSError

    async with asyncio.timeout(30):
        async with outbox_away(), leases.renewing(fails, lease_ms / 1000, "beside"):
            while failed < 3:
                await asyncio.sleep(0.01)
        before = await rows()
        while await rows() == before:
            await asyncio.sleep(0.01)
    assert work.ended == ""
    work.go_on.set()
    await worker.settle()
    assert (work.ended, work.count, await rows()) == ("done", 1, [])


async def test_what_is_done_is_noted_when_the_database_is_back(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.worker.AGAIN_SECONDS", 0.01)
    work = Work()
    worker = Worker({AccountLeft: [work]})
    await record(AccountLeft(9))
    await worker.drain()
    await work.begun.wait()
    async with outbox_away():
        work.go_on.set()
        # What it asks of the database before these has been answered after them.
        for _ in range(20):
            async with DB.writing():
                await DB.fetch(SQL("SELECT 1"))
        assert work.ended == "done"
    async with asyncio.timeout(10):
        await worker.settle()
    assert (work.count, await rows()) == (1, [])


async def writes() -> int:
    """A number that grows with every row that this test's database has written."""
    if DB.dialect == "sqlite":
        return int(DB.engine.writer.total_changes)  # type: ignore[attr-defined]
    return int(await DB.value(SQL("SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)")))


async def test_leased_events_that_wait_are_not_touched_and_hold_up_nothing(network: LiveNetwork) -> None:
    """Ten thousand wait for four places."""
    work, seen = Work(), []

    async def note(event: Followed) -> None:
        seen.append(event.follower)

    worker = Worker({AccountLeft: [work], Followed: [note]})
    await record(*(AccountLeft(account) for account in range(10_000)))
    before = await rows()
    assert await worker.drain() == AT_ONCE
    async with asyncio.timeout(10):
        while work.count < AT_ONCE:
            await asyncio.sleep(0)
    waiting = await rows()
    assert len([1 for one, other in zip(before, waiting, strict=True) if one != other]) == AT_ONCE
    written = await writes()
    for _ in range(5):
        assert await worker.drain() == 0
    assert await writes() == written
    await record(Followed(1, 2))
    assert await worker.drain() == 1
    assert (seen, await rows()) == ([1], waiting)
    await worker.stop()


async def test_a_free_place_is_taken_at_once(network: LiveNetwork) -> None:
    done: list[int] = []

    async def note(event: AccountLeft) -> None:
        done.append(event.account)

    worker = Worker({AccountLeft: [note]})
    await record(*(AccountLeft(account) for account in range(50)))
    worker.start()
    try:
        async with asyncio.timeout(10):
            while await rows():
                await asyncio.sleep(0.01)
    finally:
        await worker.stop()
    assert sorted(done) == list(range(50))


async def test_leased_events_of_an_older_version_find_their_lane(network: LiveNetwork) -> None:
    """While servers are renewed one by one, an older one records them as it always did."""
    work = Work()
    work.go_on.set()
    worker = Worker({AccountLeft: [work]})
    await outbox.add(NewEvent(5, "AccountLeft", '{"account": 9}', 0, Lane.SHORT))
    while await worker.drain():
        await worker.settle()
    assert (work.count, await rows()) == (1, [])


async def test_an_older_version_may_go_on_with_what_it_has_taken(network: LiveNetwork, watch: Watch) -> None:
    """It moves the end of the lease and knows of no token: whoever has the claim keeps it."""
    work = Work()
    worker = Worker({AccountLeft: [work]})
    await record(AccountLeft(9))
    await worker.drain()
    await work.begun.wait()
    await DB.fetch(SQL("UPDATE outbox SET due_at = ?1, attempts = 0, error = NULL"), watch() + LEASE_MS)
    work.go_on.set()
    await worker.settle()
    assert await rows() == []


@pytest.mark.parametrize("error", [None, ValueError])
async def test_a_worker_ends_when_the_database_is_closed(network: LiveNetwork, error: type[Exception] | None) -> None:
    """What it had in hand is due again once its lease is over, wherever the database is opened next."""
    work = Work(error)
    worker = Worker({AccountLeft: [work]})
    await record(AccountLeft(9))
    await worker.drain()
    await work.begun.wait()
    before = await rows()
    await DB.close()
    try:
        work.go_on.set()
        async with asyncio.timeout(10):
            await worker.settle()
        assert work.ended == "done"
    finally:
        await DB.open(network.settings.database_url)
    assert await rows() == before
