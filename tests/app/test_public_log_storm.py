"""Workers that are killed again and again while the public log grows: it is one log, without a gap or a fork."""

import asyncio
import random
from pathlib import Path

from db.engine import DB
from domain.core.access import Role
from domain.moderation import public_log
from tests.app.test_notification_storm import two_workers
from tests.domain.moderation.test_public_log_sequencer import assert_whole
from tests.helpers.people import LiveNetwork

KILLS, ENTRIES, AT_ONCE = 6, 400, 10
SECONDS = 90


async def _waiting(network: LiveNetwork) -> int:
    return await network.count("log_entry", "leaf IS NULL")


async def test_a_log_survives_its_sequencers(network: LiveNetwork, url: str, tmp_path: Path) -> None:
    chance = random.Random(3)

    async def grow() -> None:
        for _ in range(ENTRIES // AT_ONCE):
            async with DB.writing():
                for _ in range(AT_ONCE):
                    await public_log.add_role(Role.MEMBER, Role.MODERATOR)
            while await _waiting(network) > 5 * AT_ONCE:
                await asyncio.sleep(0.005)

    async with asyncio.timeout(SECONDS):
        with two_workers(url, tmp_path) as (alive, others):
            growing = asyncio.create_task(grow())
            for _ in range(KILLS):
                fresh = next(others)
                await fresh.ready()
                while not growing.done() and not await _waiting(network):
                    await asyncio.sleep(0)
                alive.pop(chance.randrange(2)).kill()
                alive.append(fresh)
            await growing
            while await _waiting(network):
                await asyncio.sleep(0.01)
    await assert_whole(ENTRIES + 1)
