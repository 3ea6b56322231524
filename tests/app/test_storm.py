"""Everybody does everything to everybody while workers are killed: no two transactions wait for each other."""

import asyncio
import random
from pathlib import Path

import pytest

from db.engine import DB
from db.sql import SQL
from tests.app.test_notification_storm import kill_at_work, two_workers
from tests.helpers import storm
from tests.helpers.people import LiveNetwork

MEMBERS, PROCESSES, KILLS, SECONDS = 8, 2, 3, 8.0
# All of it takes fifteen seconds on a quiet machine.
PATIENCE = 300
DEADLOCKS = SQL("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
# A connection writes down its statistics at the latest when it ends.
CONNECTIONS = SQL("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
DUE = SQL("SELECT count(*) FROM outbox WHERE lane = 0")
FAILED = SQL("SELECT kind, error FROM outbox WHERE error IS NOT NULL")
MISCOUNTED = SQL("""
    SELECT (SELECT count(*) FROM account a
        WHERE a.followers <> (SELECT count(*) FROM follow f WHERE f.followee = a.id)
            OR a.following <> (SELECT count(*) FROM follow f WHERE f.follower = a.id))
        + (SELECT count(*) FROM post p
        WHERE p.reposts <> (SELECT count(*) FROM repost r WHERE r.post = p.id)
            OR p.ups <> (SELECT count(*) FROM vote v WHERE v.post = p.id AND v.value = 1)
            OR p.replies <> (SELECT count(*) FROM post r WHERE r.parent = p.id AND r.deleted_at IS NULL))
""")


@pytest.fixture
def engine() -> str:
    """SQLite lets one write at a time."""
    return "postgresql"


async def test_no_deadlocks(network: LiveNetwork, tmp_path: Path) -> None:
    members = await network.members(*(f"member{number}" for number in range(MEMBERS)))
    tokens, chance, before = [one.token for one in members], random.Random(5), await DB.value(DEADLOCKS)
    # A worker is at work only while there is some: where workers start slowly, the storm lasts longer.
    over = storm.FORKS.Event()
    async with asyncio.timeout(PATIENCE):
        with two_workers(network.settings.url, tmp_path) as (alive, others):
            running = asyncio.create_task(storm.storm(network.settings.url, tokens, PROCESSES, SECONDS, over))
            try:
                for _ in range(KILLS):
                    await kill_at_work(alive.pop(0), chance)
                    alive.append(next(others))
            finally:
                over.set()
            outcomes = await running
            while await DB.value(DUE):
                await asyncio.sleep(0.05)
    broken = {outcome: count for outcome, count in outcomes.items() if not outcome.startswith(("done", "refused"))}
    assert (broken, outcomes["refused busy"]) == ({}, 0)
    assert outcomes["done"] > 100
    assert [tuple(row) for row in await DB.fetch(FAILED)] == []
    assert await DB.value(MISCOUNTED) == 0
    await _reconnect(network)
    assert await DB.value(DEADLOCKS) == before


async def _reconnect(network: LiveNetwork) -> None:
    """Every connection of the storm has ended, this process's too."""
    await DB.close()
    await DB.open(network.settings.url)
    async with asyncio.timeout(30):
        while await DB.value(CONNECTIONS) > 1:
            await asyncio.sleep(0.02)
