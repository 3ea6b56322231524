"""Leases, and what an operator is shown of backups and rehearsals."""

import asyncio

import pytest

from db.engine import DB
from db.sql import SQL
from domain.backups import history
from domain.core import leases, signing
from domain.core.access import GUEST
from domain.core.errors import Forbidden, SignedOut
from domain.core.leases import Lease
from tests.conftest import Watch
from tests.helpers.people import LiveNetwork

UNTIL = SQL("SELECT until FROM lease WHERE name = 'work'")


async def test_one_at_a_time(network: LiveNetwork, watch: Watch) -> None:
    first, second = Lease("work"), Lease("work")
    assert await first.take()
    assert await first.renew(), "its holder holds on"
    assert not await second.take()
    assert await Lease("other work").take()
    watch.forward(leases.SECONDS - 1)
    assert not await second.take()
    watch.forward(2)
    assert await second.take(), "whoever had it is gone"
    assert not await first.renew()
    assert not await first.take()
    await first.give_back()
    assert await second.renew(), "nobody gives back what is another's"
    await second.give_back()
    assert not await first.renew(), "free again, but it was another's: what that did is not known here"
    async with first.held() as had:
        assert had
        async with second.held() as had_too:
            assert not had_too
    assert await second.take()


async def test_whoever_lost_it_stops(network: LiveNetwork, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that stood still, or had no database for a while, does not go on beside the next one."""
    monkeypatch.setattr(leases, "SECONDS", 0.3)
    lease, other = Lease("work"), Lease("work")
    with pytest.raises(leases.Lost):
        async with lease.held() as had:
            assert had
            taken = await DB.value(UNTIL)
            while await DB.value(UNTIL) == taken:
                await asyncio.sleep(0.01)
            watch.forward(1)
            assert await other.take(), "another has it now"
            await asyncio.wait_for(asyncio.Event().wait(), 30)
    await other.give_back()

    begun = asyncio.Event()

    async def work() -> None:
        async with lease.held() as had:
            assert had
            begun.set()
            await asyncio.Event().wait()

    working = asyncio.create_task(work())
    await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_a_renewal_that_fails_is_tried_again_sooner_than_the_next(network: LiveNetwork) -> None:
    """Of two leases of which one can't be renewed: that one is tried three times before the other a second time."""
    tries: list[str] = []
    enough = asyncio.Event()

    async def fails() -> bool:
        tries.append("fails")
        raise OSError

    async def holds() -> bool:
        tries.append("holds")
        if tries.count("holds") == 2:
            enough.set()
        return True

    async with leases.renewing(fails, 0.6, "one"), leases.renewing(holds, 0.6, "other"), asyncio.timeout(10):
        await enough.wait()
    assert tries.index("holds") < 2
    assert tries[: tries.index("holds", 2)].count("fails") >= 3


async def test_a_lost_lease_ends_the_work_and_nothing_else(network: LiveNetwork) -> None:
    async def lost() -> bool:
        return False

    with pytest.raises(leases.Lost):
        async with leases.renewing(lost, 0.03, "work"):
            await asyncio.Event().wait()
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()

    async def work() -> None:
        async with leases.renewing(lost, 30, "work"):
            begun.set()
            await asyncio.Event().wait()

    begun = asyncio.Event()
    working = asyncio.create_task(work())
    await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_what_an_operator_is_shown(network: LiveNetwork, watch: Watch) -> None:
    operator = await (await network.operator()).viewer()
    state = await history.state(operator)
    assert (state.good_at, state.copied_at, state.backups, state.rehearsals) == (0, 0, [], [])
    bad = await history.start("file:///one")
    await history.failed(bad, "no space")
    assert await history.last_success_at() == 0
    watch.forward(60)
    good = await history.start("file:///one")
    await history.done(good, 1, 1000, 10)
    await history.rehearsed(watch(), 1, 12_000, 1500, "")
    state = await history.state(operator)
    assert [(one.number, one.problem) for one in state.backups] == [(1, ""), (0, "no space")]
    assert state.good_at == state.backups[0].at
    assert await history.last_success_at("file:///other") == 0
    assert state.rehearsals[0].recovery_ms == 12_000
    with pytest.raises(SignedOut):
        await history.state(GUEST)
    with pytest.raises(Forbidden):
        await history.state(await (await network.member("ana")).viewer())


async def test_one_alarm_a_day(network: LiveNetwork, watch: Watch) -> None:
    claim = await history.may_tell("an-alarm")
    assert claim
    assert not await history.may_tell("an-alarm")
    await history.told("an-alarm", claim, 24)
    watch.forward(24 * 3600 - 1)
    assert not await history.may_tell("an-alarm")
    watch.forward(2)
    claim = await history.may_tell("an-alarm")
    assert claim, "nobody was told"
    watch.forward(history.TELLING_MS // 1000 + 1)
    assert await history.may_tell("an-alarm")
    await history.told("an-alarm", claim, 24)
    watch.forward(history.TELLING_MS // 1000 + 1)
    assert await history.may_tell("an-alarm"), "the first claim counts no more"


async def test_the_networks_signature(network: LiveNetwork) -> None:
    key = await signing.public_key()
    assert len(key) == 32
    assert await signing.public_key() == key
    signature = await signing.sign(b"words")
    assert len(signature) == 64
    assert signing.verify(key, b"words", signature)
    assert not signing.verify(key, b"other words", signature)
    assert not signing.verify(bytes(32), b"words", signature)
    assert not signing.verify(b"short", b"words", signature)
    assert not signing.verify(key, b"words", b"")
