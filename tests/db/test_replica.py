"""A real replica of PostgreSQL: what is read from it, how far behind it may be, and that it may hang or die."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator

import pytest

from db.engine import DB
from db.sql import SQL
from domain.core import replica_reads
from ops.rigs import postgres_cluster
from ops.rigs.postgres_cluster import Cluster
from tests.conftest import OpenSite
from tests.helpers.databases import Databases, Store
from tests.helpers.people import LiveNetwork, LiveSite
from tests.helpers.services import children

WHERE = SQL("SELECT pg_is_in_recovery()")
PATIENCE = 20.0


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Cluster, Cluster]]:
    """The primary and its replica."""
    with postgres_cluster.throwaway() as primary, postgres_cluster.replica(primary) as replica:
        yield primary, replica


@pytest.fixture(scope="module")
def templates(servers: tuple[Cluster, Cluster]) -> Store:
    return Databases(servers[0])


@pytest.fixture
def engine() -> str:
    return "postgresql"


@pytest.fixture
def replica(servers: tuple[Cluster, Cluster]) -> Cluster:
    return servers[1]


def beside(url: str, replica: Cluster) -> str:
    """The replica's address of a primary's database."""
    return replica.url(url.partition("@/")[2].partition("?")[0])


@pytest.fixture
async def followed(network: LiveNetwork, replica: Cluster) -> AsyncIterator[LiveNetwork]:
    async with DB.following(beside(network.settings.url, replica), 1):
        await until(asked_replica(True))
        yield network


async def from_replica() -> bool:
    with replica_reads.may_lag():
        return bool(await DB.value(WHERE))


def asked_replica(expected: bool):  # type: ignore[no-untyped-def]
    async def asked() -> bool:
        return await from_replica() is expected

    return asked


async def until(holds) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(PATIENCE):
        while not await holds():
            await asyncio.sleep(0.05)


async def looked() -> bool:
    """Whether the two have been compared twice, at least."""
    assert DB._replica is not None
    return len(DB._replica._marks) > 2


async def test_only_who_may_lag_is_sent_there(followed: LiveNetwork) -> None:
    assert await DB.value(WHERE) is False
    assert await from_replica()
    with replica_reads.may_lag():
        async with DB.writing():
            assert await DB.value(WHERE) is False, "a transaction sees itself"
        await DB.fetch(SQL("UPDATE account SET name = 'Ottilie W.' WHERE handle = 'ottilie'"))
    assert await DB.value(SQL("SELECT name FROM account WHERE handle = 'ottilie'")) == "Ottilie W."


async def test_one_that_falls_behind_is_left_alone(followed: LiveNetwork, replica: Cluster) -> None:
    replica.run_sql("SELECT pg_wal_replay_pause()")
    try:
        ana = await followed.member("ana")
        await until(asked_replica(False))
        assert DB.lag > 1
        assert (await ana.view(await ana.post("Read at once"))).text == "Read at once"
    finally:
        replica.run_sql("SELECT pg_wal_replay_resume()")
    await until(asked_replica(True))
    assert DB.lag <= 1


async def test_one_that_hangs_keeps_nobody_waiting_for_long(followed: LiveNetwork, replica: Cluster) -> None:
    frozen = [replica.pid, *children(replica.pid)]
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(PATIENCE):
            assert await from_replica() is False
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    await until(asked_replica(True))


async def test_one_that_is_not_there(network: LiveNetwork, replica: Cluster) -> None:
    gone = beside(network.settings.url, replica).replace(f"port={replica.port}", "port=1")
    async with DB.following(gone, 1):
        await until(looked)
        assert DB.lag == float("inf")
        assert await from_replica() is False


async def test_a_primary_is_no_replica(network: LiveNetwork) -> None:
    """One that was promoted has its own history, however far it has got."""
    async with DB.following(network.settings.url, 1):
        await until(looked)
        assert DB.lag == float("inf")


async def test_guests_pages_come_from_it(open_site: OpenSite, store: Store, replica: Cluster) -> None:
    """While it stands still, within its bound, a guest reads what was; a new post's own page is found all the same."""
    url = await store.copy("founded")
    site: LiveSite = await open_site(
        database_url=url, replica_url=beside(url, replica), replica_lag_seconds=600, guest_cache_ms=1
    )
    ana = await site.member("ana")
    await ana.post("Before")
    await until(asked_replica(True))

    async def caught_up() -> bool:
        return "Before" in (await site.browser().get("/public")).text

    await until(caught_up)
    replica.run_sql("SELECT pg_wal_replay_pause()")
    try:
        post = await ana.post("Meanwhile")
        assert "Meanwhile" not in (await site.browser().get("/public")).text
        assert "Meanwhile" in (await site.browser(ana).get("/public")).text
        assert "Meanwhile" in (await site.browser().get(f"/@ana/{post}")).text
        assert (await site.browser().get("/@nobody")).status_code == 404
    finally:
        replica.run_sql("SELECT pg_wal_replay_resume()")
