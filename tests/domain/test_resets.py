"""Reset links against whatever happens at the same moment."""

import asyncio

from domain.accounts import credentials, sessions
from domain.core import clock
from domain.core.errors import Forbidden
from domain.core.events import ResetDue
from tests.people import PASSWORD, Network

ADDRESS = "ana@tilly.example"


async def test_no_link_slips_past_a_change(network: Network) -> None:
    ana = await network.member("ana", email=ADDRESS)
    for number in range(20):
        viewer = await ana.viewer()
        due = ResetDue(ana.id, ADDRESS, "", asked_at=clock.now())
        await asyncio.gather(*(credentials.answer_due(due) for _ in range(3)), sessions.end_others(viewer))
        assert await network.count("reset") == 0, number


async def test_one_link_sets_one_password(network: Network) -> None:
    ana = await network.member("ana")
    token = await credentials.make_reset(ana.id)
    tries = await asyncio.gather(
        *(credentials.reset(token, f"{PASSWORD} {number}") for number in range(4)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in tries) == ["Forbidden"] * 3 + ["int"]
    assert isinstance(next(one for one in tries if not isinstance(one, int)), Forbidden)
    right = next(number for number, one in enumerate(tries) if isinstance(one, int))
    assert await credentials.prove("ana", f"{PASSWORD} {right}") == ana.id


async def test_a_link_that_somebody_else_asks_for_ends_none(network: Network) -> None:
    ana = await network.member("ana", email=ADDRESS)
    tokens = [await credentials.answer_due(ResetDue(ana.id, ADDRESS, "", asked_at=clock.now() + 1)) for _ in range(3)]
    for token in tokens:
        assert token is not None
        assert await credentials.reset_account(token) == ana.id


async def test_a_link_goes_to_the_address_that_is_kept_now(network: Network) -> None:
    ana = await network.member("ana", email=ADDRESS)
    assert await credentials.answer_due(ResetDue(ana.id, "old@tilly.example", "", asked_at=clock.now() + 1)) is None
    assert await credentials.answer_due(ResetDue(ana.id + 1, ADDRESS, "", asked_at=clock.now() + 1)) is None
    assert await network.count("reset") == 0
