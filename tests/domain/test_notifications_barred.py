"""Who is not told of whom: oneself, the blocked and muted, strangers as one likes, and whoever has left."""

import pytest

from db.engine import DB
from domain.accounts import closing
from domain.core import ids
from domain.core.errors import NotFound
from domain.graph import blocks
from domain.notifications import bells, notices, preferences
from domain.notifications.kinds import Channel
from domain.notifications.preferences import ASIDE, DROP, Preferences
from tests.conftest import Watch
from tests.helpers.notifications import accept, closed, set_aside, told, unread
from tests.helpers.people import PASSWORD, LiveNetwork, Member


async def everything(one: Member, other: Member, post: int) -> None:
    """All that ``one`` can do about ``other`` and their post."""
    await one.post(f"@{other.handle} look")
    await one.post(f"@{other.handle} yes", parent=post)
    await one.post("See", quote=post)
    await one.vote(post, 1)
    await one.repost(post)
    await one.follow(other)


async def test_nobody_is_told_of_themselves(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    post = await ana.post("One")
    await ana.post("@ana two", parent=post, quote=post)
    await ana.vote(post, 1)
    await ana.repost(post)
    await network.settle()
    assert (await told(ana), await network.count("notice")) == ([], 0)


@pytest.mark.parametrize("settled", [True, False], ids=["after", "before"])
async def test_a_block_takes_out_both_and_lets_nothing_in(network: LiveNetwork, settled: bool) -> None:
    ana, ben, cleo = await network.members("ana", "ben", "cleo")
    post, other = await ana.post("One"), await ben.post("Two")
    await cleo.vote(post, 1)
    await network.settle()
    await everything(ben, ana, post)
    await everything(ana, ben, other)
    if settled:
        await network.settle()
        assert (await unread(ana), await unread(ben)) == (6, 6)
    await ana.block(ben)
    await network.settle()
    assert (await told(ana), await told(ben), await unread(ana), await unread(ben)) == (["vote cleo"], [], 1, 0)
    assert await network.count("notice_part") == 1
    await blocks.unblock(await ana.viewer(), ben.id)
    assert await told(ana) == ["vote cleo"]
    await ben.vote(post, 0)
    await ben.vote(post, 1)
    await network.settle()
    assert await told(ana) == ["vote ben +1"]


@pytest.mark.parametrize("settled", [True, False], ids=["after", "before"])
async def test_a_mute_takes_out_one_way(network: LiveNetwork, settled: bool) -> None:
    ana, ben, cleo = await network.members("ana", "ben", "cleo")
    post = await ana.post("One")
    other = await ben.post("Two")
    await cleo.vote(post, 1)
    await cleo.follow(ana)
    await everything(ben, ana, post)
    await ana.vote(other, 1)
    if settled:
        await network.settle()
    await ana.mute(ben)
    await network.settle()
    assert (sorted(await told(ana)), await unread(ana)) == (["follow cleo", "vote cleo"], 2)
    assert await told(ben) == ["vote ana"]
    await closed(ana)
    await ben.unfollow(ana)
    await ben.follow(ana)
    await network.settle()
    assert sorted(await told(ana)) == ["follow cleo", "vote cleo"]


async def test_the_last_name_in_a_group_is_somebody_who_stands_in_it(network: LiveNetwork) -> None:
    ana, ben, cleo, dov = await network.members("ana", "ben", "cleo", "dov")
    post = await ana.post("One")
    for one in (ben, cleo, dov):
        await one.vote(post, 1)
        await network.settle()
    await dov.vote(post, 0)
    await network.settle()
    assert await told(ana) == ["vote cleo +1"]
    await ana.block(cleo)
    assert await told(ana) == ["vote ben"]
    await ana.block(ben)
    assert (await told(ana), await unread(ana)) == ([], 0)
    await dov.vote(post, 1)
    await network.settle()
    assert (await told(ana), await unread(ana)) == (["vote dov"], 1)


async def test_only_what_one_may_see_is_told(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    root = await ana.post("One")
    await ben.post("For mine", parent=root, followers=True)
    await network.settle()
    assert await told(ana) == []
    await ben.post("For mine and @ana", parent=root, followers=True)
    await network.settle()
    assert await told(ana) == ["reply ben"]


async def test_kinds_that_are_off_make_none(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    await ana.follow(ben)
    await bells.add(await ana.viewer(), ben.id)
    off = {"vote": 0, "mention": Channel.PUSH | Channel.MAIL, "follow": 0, "bell": 0}
    await preferences.save(await ana.viewer(), Preferences(kinds=off))
    await network.settle()
    await everything(ben, ana, await ana.post("One"))
    await ben.post("A bell")
    await network.settle()
    assert sorted(await told(ana)) == ["quote ben", "reply ben", "repost ben"]


async def test_strangers_are_set_aside_let_through_or_dismissed(network: LiveNetwork) -> None:
    ana, ben, cleo, dov = await network.members("ana", "ben", "cleo", "dov")
    await ana.follow(dov)
    await preferences.save(await ana.viewer(), Preferences(strangers=ASIDE))
    post = await ana.post("One")
    for one in (ben, cleo, dov):
        await everything(one, ana, post)
        await network.settle()
    all_of_it = ["follow", "mention", "quote", "reply", "repost", "vote"]
    kept = await set_aside(ana)
    assert {who: sorted(lines) for who, lines in kept.items()} == {
        one.handle: [f"{kind} {one.handle}" for kind in all_of_it] for one in (ben, cleo)
    }
    assert sorted(await told(ana)) == [f"{kind} dov" for kind in all_of_it]
    assert (await unread(ana), await notices.people_set_aside(ana.id)) == (6, 2)
    await notices.read(await ana.viewer(), ids.LAST, "votes")
    await notices.let_through(await ana.viewer(), ben.id)
    await notices.dismiss(await ana.viewer(), cleo.id)
    assert (await set_aside(ana), await notices.people_set_aside(ana.id)) == ({}, 0)
    lines = await told(ana)
    assert sorted(lines[:6]) == ["follow ben +1", "mention ben", "quote ben", "reply ben", "repost ben +1", "vote ben"]
    assert await unread(ana) == 9, "the votes that had been read are a notice of their own"
    for one in (ben, cleo):
        await one.vote(post, 0)
        await one.vote(post, 1)
        await one.post("@ana again")
        await network.settle()
    assert (await told(ana))[0] == "mention ben"
    assert await set_aside(ana) == {"cleo": ["mention cleo"]}


async def test_requests_are_never_set_aside(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    await closed(ana)
    for policy in (ASIDE, DROP):
        await preferences.save(await ana.viewer(), Preferences(strangers=policy, newcomers=policy))
        await preferences.save(await ben.viewer(), Preferences(strangers=policy, newcomers=policy))
        other = await network.member(f"other{policy}")
        await other.follow(ana)
    await ben.follow(ana)
    await network.settle()
    assert sorted(await told(ana)) == ["request ben", "request other1", "request other2"]
    await accept(ana, ben)
    await network.settle()
    assert await told(ben) == ["accepted ana"]


async def test_newcomers_are_strangers_of_less_than_a_week(network: LiveNetwork, watch: Watch) -> None:
    ana, ben = await network.members("ana", "ben")
    watch.forward(8 * 86_400)
    cleo, dov = await network.members("cleo", "dov")
    await ana.follow(dov)
    await preferences.save(await ana.viewer(), Preferences(newcomers=DROP))
    for one in (ben, cleo, dov):
        await one.post("@ana look")
    await network.settle()
    assert sorted(await told(ana)) == ["mention ben", "mention dov"]
    await preferences.save(await ana.viewer(), Preferences(strangers=ASIDE, newcomers=DROP))
    for one in (ben, cleo, dov):
        await one.post("@ana again")
    await network.settle()
    assert await set_aside(ana) == {"ben": ["mention ben"]}
    watch.forward(8 * 86_400)
    await cleo.post("@ana at last")
    await network.settle()
    assert list(await set_aside(ana)) == ["cleo", "ben"]


async def test_what_is_set_aside_goes_with_a_block(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    await preferences.save(await ana.viewer(), Preferences(strangers=ASIDE))
    await everything(ben, ana, await ana.post("One"))
    await network.settle()
    await ana.block(ben)
    assert (await set_aside(ana), await network.count("notice"), await network.count("notice_part")) == ({}, 0, 0)
    with pytest.raises(NotFound):
        await notices.let_through(await ben.viewer(), ana.id)
    await blocks.unblock(await ana.viewer(), ben.id)
    await notices.let_through(await ana.viewer(), ben.id)
    await ben.post("@ana now")
    await network.settle()
    assert await told(ana) == ["mention ben"]


async def test_whoever_leaves_is_gone_at_once_and_for_good(network: LiveNetwork) -> None:
    ana, ben, cleo, dov = await network.members("ana", "ben", "cleo", "dov")
    post, other = await ana.post("One"), await ana.post("Two")
    for one in (cleo, dov, ben):
        await one.vote(post, 1)
        await network.settle()
    await everything(ben, ana, other)
    await network.settle()
    assert await unread(ana) == 7
    await ben.vote(await ana.post("Three"), 1)
    await closing.leave(await ben.viewer(), "ben", PASSWORD)
    assert (await told(ana))[-1] == "vote dov +2", "the count is right when the vote itself is gone"
    assert len(await told(ana)) == await unread(ana) == 1
    await network.settle()
    assert (await told(ana), await unread(ana)) == (["vote dov +1"], 1)
    assert await network.count("notice") == 1
    assert await network.count("notice_part") == 2


async def test_leaving_takes_ones_own_notices(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    await everything(ben, ana, await ana.post("One"))
    await preferences.save(await ana.viewer(), Preferences(strangers=ASIDE))
    await everything(ben, ana, await ana.post("Two"))
    await ben.vote(await ana.post("Three"), 1)
    async with DB.writing():
        await closing.leave(await ana.viewer(), "ana", PASSWORD)
    await network.settle()
    assert await network.count("notice") == 0
    assert await network.count("notice_part") == 0


async def test_who_lets_somebody_in_is_not_told_of_the_follow(network: LiveNetwork) -> None:
    """Not even one who does not want to hear of requests."""
    ana, ben = await network.members("ana", "ben")
    await closed(ana)
    await preferences.save(await ana.viewer(), Preferences(kinds={"request": 0}))
    await ben.follow(ana)
    await network.settle()
    await accept(ana, ben)
    await network.settle()
    assert await told(ana) == ["follow ben"]
    assert await unread(ana) == 0
