"""Long work in the background lets others in between."""

import asyncio

import pytest

from db.engine import DB
from db.sql import SQL
from domain.accounts import closing
from domain.core import pacing
from tests.helpers.people import LiveNetwork

MANY = 200


@pytest.fixture
async def account(network: LiveNetwork) -> int:
    """Somebody whom MANY follow, and who follows as many."""
    ana = await network.member("ana")
    member = SQL("""
        INSERT INTO account (id, handle, handle_key, name, name_key, hue, terms_version, terms_at, following, followers)
        VALUES (?1, ?2, ?2, ?2, ?2, 1, 1, 1, 1, 1)
    """)
    async with DB.writing():
        for one in range(1, MANY + 1):
            await DB.fetch(member, one, f"m{one}")
            for pair in ((one, ana.id), (ana.id, one)):
                await DB.fetch(SQL("INSERT INTO follow (follower, followee) VALUES (?1, ?2)"), *pair)
    return ana.id


async def test_others_run_between_two_follows_that_end(network: LiveNetwork, account: int) -> None:
    """Pages are read on the loop on which SQLite's statements run."""
    turns = 0

    async def other_work() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other_work())
    await closing.cut_ties(account)
    beside.cancel()
    assert turns > 2 * MANY
    assert await network.count("follow") == 0
    assert await network.count("account", f"id <= {MANY} AND (followers <> 0 OR following <> 0)") == 0


async def test_others_write_between_two_batches(network: LiveNetwork, account: int) -> None:
    bob = await network.member("bob")
    left: list[int] = []

    async def writes() -> None:
        while await network.count("follow"):
            await bob.post("Meanwhile")
            left.append(await network.count("follow"))

    writing = asyncio.create_task(writes())
    await closing.cut_ties(account)
    await writing
    batches = 2 * MANY / closing.EDGES
    assert len(set(left)) > batches / 2


async def test_it_rests_as_long_as_it_worked() -> None:
    """Of a stretch of work and the rest after it, the rest is not the shorter one."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    pace = pacing.Pace()
    while (worked := loop.time()) < began + 0.02:
        pass
    await pace.rest()
    assert loop.time() - worked >= 0.9 * (worked - began)
