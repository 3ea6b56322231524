"""The handle of an account that left is held for 90 days, without being kept in clear."""

import asyncio
import json

import pytest

from app import schedule
from app.tasks import running
from db.engine import DB
from db.sql import SQL
from domain.accounts import closing, handles, signup
from domain.core import clock
from domain.core.errors import Invalid
from tests.conftest import Watch
from tests.helpers.people import PASSWORD, LiveNetwork

DAY = 86_400
POLICY = signup.SignupPolicy(True, False, 0, 0)
HELD = SQL("SELECT handle_hash, until FROM held_handle")


async def leave(network: LiveNetwork, handle: str) -> None:
    await closing.leave(await (await network.member(handle)).viewer(), handle, PASSWORD)


async def join(handle: str) -> int:
    return await signup.sign_up(signup.NewMember(handle, "Somebody", PASSWORD, accepted_terms=True), POLICY)


async def refusal(handle: str) -> str:
    with pytest.raises(Invalid) as refused:
        await join(handle)
    assert list(refused.value.fields) == ["handle"]
    return str(refused.value)


async def test_nobody_takes_it_for_90_days(network: LiveNetwork, watch: Watch) -> None:
    taken = await refusal("ottilie")
    await leave(network, "Ana_R")
    assert await refusal("ana_r") == taken, "while the account is being purged"
    await network.settle()
    assert await network.count("account", "handle_key = 'ana_r'") == 0
    for handle in ("ana_r", "ANA_R", "Ana_r"):
        assert await refusal(handle) == taken, "the same answer as for any taken handle"
    watch.forward(89 * DAY)
    await handles.forget_released()
    assert await refusal("ana_r") == taken
    watch.forward(DAY + 1)
    assert await join("ana_r")


async def test_others_are_free(network: LiveNetwork) -> None:
    await leave(network, "ana")
    await network.settle()
    assert await join("ana_")
    assert await join("an")


async def test_it_is_forgotten_afterwards(network: LiveNetwork, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    await leave(network, "ana")
    watch.forward(60 * DAY)
    await leave(network, "ben")
    watch.forward(31 * DAY)
    monkeypatch.setattr(schedule, "HOUR", 0.01)
    async with asyncio.timeout(30), running(schedule.run(network.settings)):
        while len(await DB.fetch(HELD)) > 1:
            await asyncio.sleep(0.01)
    await handles.forget_released()
    assert len(await DB.fetch(HELD)) == 1


async def test_the_table_does_not_say_whose_it_was(network: LiveNetwork) -> None:
    await leave(network, "ana")
    [(hashed, until)] = await DB.fetch(HELD)
    assert "ana" not in json.dumps(hashed)
    assert len(hashed) == 64
    assert 89 * DAY * 1000 < until - clock.now() <= 90 * DAY * 1000


async def test_leaving_that_fails_holds_nothing(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    with pytest.raises(Invalid):
        await closing.leave(await ana.viewer(), "ana", "not the password")
    assert await DB.fetch(HELD) == []
