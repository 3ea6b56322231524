"""A private account opens: those who had asked are let in by an event, so that nothing strands them."""

import pytest

from db.engine import DB
from domain.accounts import profiles
from domain.core.events import AccountMadePublic
from domain.core.visibility import Visibility
from domain.graph import follows
from tests.helpers.people import LiveNetwork, Member

HANDLES = "ben cem dan eva flo".split()


@pytest.fixture
async def asked(network: LiveNetwork) -> tuple[Member, list[Member]]:
    """Somebody private, and five who ask to follow."""
    ana, *others = await network.members("ana", *HANDLES)
    await profiles.set_private(await ana.viewer(), private=True)
    for one in others:
        await one.follow(ana)
    await network.settle()
    return ana, others


async def test_a_crash_after_the_change_strands_nobody(
    network: LiveNetwork, asked: tuple[Member, list[Member]]
) -> None:
    ana, others = asked
    with pytest.raises(ZeroDivisionError):
        async with DB.writing():
            await profiles.set_private(await ana.viewer(), private=False)
            raise ZeroDivisionError
    await network.settle()
    assert ((await ana.viewer()).private, await network.count("follow_request")) == (True, 5)
    # The process ends right after the commit; whichever comes next does the rest.
    await profiles.set_private(await ana.viewer(), private=False)
    assert await network.count("follow_request") == 5
    await network.settle()
    assert (await network.count("follow_request"), await network.count("follow")) == (0, 5)
    post = await ana.post("For followers", visibility=Visibility.FOLLOWERS)
    await network.settle()
    assert [await one.home() for one in others] == [[post]] * 5


async def test_in_batches_and_only_while_it_is_open(
    network: LiveNetwork, asked: tuple[Member, list[Member]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, (ben, *_) = asked
    monkeypatch.setattr(follows, "BATCH", 2)
    await profiles.set_private(await ana.viewer(), private=False)
    async with DB.writing():
        await follows.grant_all(AccountMadePublic(ana.id), 100)
    assert await network.count("follow") == 2
    await profiles.set_private(await ana.viewer(), private=True)
    await network.settle()
    assert (await network.count("follow"), await network.count("follow_request")) == (2, 3)
    await ben.unfollow(ana)
    await profiles.set_private(await ana.viewer(), private=False)
    await network.settle()
    assert (await network.count("follow"), await network.count("follow_request")) == (4, 0)
