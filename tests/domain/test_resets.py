"""Reset links against whatever happens at the same moment."""

import asyncio

import pytest

from domain.accounts import credentials, device_cookies, sessions
from domain.core import events
from domain.core.errors import Conflict, Forbidden
from domain.core.events import PasswordResetDue
from tests.conftest import Watch
from tests.helpers.people import PASSWORD, LiveNetwork

ADDRESS = "ana@tilly.example"


async def test_no_link_slips_past_a_change(network: LiveNetwork) -> None:
    ana = await network.member("ana", email=ADDRESS)
    for number in range(20):
        viewer = await ana.viewer()
        due = PasswordResetDue(ana.id, ADDRESS, "", (await credentials.named("ana"))[0].changed_at)
        await asyncio.gather(*(credentials.answer_due(due) for _ in range(3)), sessions.end_others(viewer))
        assert await network.count("reset") == 0, number


async def test_one_link_sets_one_password(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    token = await credentials.make_reset(ana.id)
    tries = await asyncio.gather(
        *(credentials.reset(token, f"{PASSWORD} {number}") for number in range(4)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in tries) == ["Forbidden"] * 3 + ["int"]
    assert isinstance(next(one for one in tries if not isinstance(one, int)), Forbidden)
    right = next(number for number, one in enumerate(tries) if isinstance(one, int))
    assert (await credentials.prove("ana", f"{PASSWORD} {right}")).account == ana.id


async def test_a_link_that_somebody_else_asks_for_ends_none(network: LiveNetwork) -> None:
    ana = await network.member("ana", email=ADDRESS)
    due = PasswordResetDue(ana.id, ADDRESS, "", (await credentials.named("ana"))[0].changed_at)
    tokens = [await credentials.answer_due(due) for _ in range(3)]
    for token in tokens:
        assert token is not None
        assert await credentials.reset_account(token) == ana.id


async def test_a_link_goes_to_the_address_that_is_kept_now(network: LiveNetwork) -> None:
    ana = await network.member("ana", email=ADDRESS)
    assert await credentials.answer_due(PasswordResetDue(ana.id, "old@tilly.example", "")) is None
    assert await credentials.answer_due(PasswordResetDue(ana.id + 1, ADDRESS, "")) is None
    assert await network.count("reset") == 0


async def test_a_link_that_the_version_before_was_to_mail_is_mailed(network: LiveNetwork) -> None:
    ana = await network.member("ana", email=ADDRESS)
    old = events.decode("ResetDue", f'{{"account":{ana.id},"email":"{ADDRESS}","locale":"en"}}')
    assert isinstance(old, PasswordResetDue)
    assert await credentials.answer_due(old)


async def test_a_change_counts_though_the_clock_goes_back(network: LiveNetwork, watch: Watch) -> None:
    ana = await network.member("ana", email=ADDRESS)
    due = PasswordResetDue(ana.id, ADDRESS, "", (await credentials.named("ana"))[0].changed_at)
    cookie = await device_cookies.issue("", ana.id)
    watch.forward(-3600)
    proof = await credentials.prove("ana", PASSWORD)
    assert await sessions.start(proof.account, "phone", proof.changed_at), "whoever joined within that hour"
    assert await device_cookies.recognize(cookie, await credentials.named("ana"))
    await sessions.end_others(await ana.viewer())
    with pytest.raises(Conflict):
        await sessions.start(proof.account, "thief", proof.changed_at)
    assert await credentials.answer_due(due) is None
    assert await device_cookies.recognize(cookie, await credentials.named("ana")) is None
