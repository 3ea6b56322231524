"""What is counted of reading: days and numbers, and nothing else."""

import pytest

from db.queries import trust as queries
from db.queries.trust import TrustRow
from db.tables.backups import SiteState
from domain.accounts import closing
from domain.backups.handover import SITE_MODE
from domain.core.access import GUEST
from domain.core.trust import TrustLevel
from domain.posts import reads, threads
from domain.timelines import home, public
from tests.conftest import Watch
from tests.helpers.people import PASSWORD, LiveNetwork

DAY, PAUSE = 86_400, 601


async def test_pages_are_counted_a_few_times_an_hour(network: LiveNetwork, watch: Watch) -> None:
    ana, eve = await network.member("ana", trust=TrustLevel.NEW), await network.member("eve")
    posts = [await eve.post(f"Number {number}") for number in range(3)]
    await ana.follow(eve)
    await network.settle()
    await home.read(await ana.viewer())
    assert await queries.one(ana.id) == TrustRow(0, 0, 1, 3)
    # What comes within the next minutes is written later.
    await threads.read(await ana.viewer(), posts[0])
    await public.read(await ana.viewer())
    assert await queries.one(ana.id) == TrustRow(0, 0, 1, 3)
    watch.forward(PAUSE)
    await threads.read(await ana.viewer(), posts[0])
    assert await queries.one(ana.id) == TrustRow(0, 0, 1, 8)
    await public.read(GUEST)
    assert await network.count("trust") == 1


async def test_a_day_counts_once_in_all_processes(network: LiveNetwork, watch: Watch) -> None:
    ana = await network.member("ana", trust=TrustLevel.NEW)
    for days in (1, 2):
        for _ in range(2):
            await reads.count(await ana.viewer(), 5)
            reads._SEEN.clear()
        found = await queries.one(ana.id)
        assert found is not None
        assert (found.days, found.reads) == (days, days * 10)
        watch.forward(DAY)


async def test_what_is_loaded_by_the_dozen_is_not_read(network: LiveNetwork, watch: Watch) -> None:
    ana = await network.member("ana", trust=TrustLevel.NEW)
    for _ in range(10):
        await reads.count(await ana.viewer(), 20)
    watch.forward(PAUSE)
    await reads.count(await ana.viewer(), 20)
    assert await queries.one(ana.id) == TrustRow(0, 0, 1, 20 + reads.MOST_READS)


async def test_who_has_nothing_left_to_earn_is_not_counted(network: LiveNetwork) -> None:
    regular = await network.member("ana", trust=TrustLevel.REGULAR)
    await reads.count(await regular.viewer(), 20)
    assert await network.count("trust") == 0


async def test_pages_are_read_while_nothing_is_written(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await network.member("ana", trust=TrustLevel.NEW)
    with monkeypatch.context() as patch:
        patch.setattr(SITE_MODE, "state", SiteState.READ_ONLY)
        await reads.count(await ana.viewer(), 5)
    await reads.count(await ana.viewer(), 1)
    assert await queries.one(ana.id) == TrustRow(0, 0, 1, 6)


async def test_nothing_is_left_of_who_leaves(network: LiveNetwork) -> None:
    ana = await network.member("ana", trust=TrustLevel.NEW)
    await reads.count(await ana.viewer(), 5)
    await closing.leave(await ana.viewer(), "ana", PASSWORD)
    await network.settle()
    assert await network.count("trust") == 0
