"""Following, asking, muting, blocking: what ties people, and what keeps them apart."""

import asyncio

import pytest

from domain.accounts import profiles
from domain.core.access import GUEST
from domain.core.errors import Forbidden, NotFound, SignedOut
from domain.graph import follows, people
from domain.posts import threads
from domain.timelines import profile_lists, public
from domain.timelines.profile_lists import Tab
from tests.helpers.people import LiveNetwork, Member, everything, hidden


async def figures(one: Member) -> tuple[int, int]:
    shown = await profiles.by_handle(await one.viewer(), one.handle)
    return shown.followers, shown.followings


async def test_follows_are_counted_once(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    await asyncio.gather(*(ben.follow(ana) for _ in range(4)), *(ana.follow(ben) for _ in range(4)))
    assert await figures(ana) == await figures(ben) == (1, 1)
    await ben.unfollow(ana)
    await ben.unfollow(ana)
    assert (await figures(ana), await figures(ben)) == ((0, 1), (1, 0))


async def test_one_follows_others_that_exist(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    with pytest.raises(Forbidden):
        await ana.follow(ana)
    with pytest.raises(NotFound):
        await follows.follow(await ana.viewer(), 4711, 100)
    with pytest.raises(SignedOut):
        await follows.follow(GUEST, ana.id, 100)


async def close(one: Member) -> None:
    await profiles.set_private(await one.viewer(), private=True)


async def test_a_private_account_is_asked(network: LiveNetwork) -> None:
    yuki, ana, ben, cem = await network.members("yuki", "ana", "ben", "cem")
    await close(yuki)
    post = await yuki.post("For few")
    for one in (ana, ben, cem):
        await one.follow(yuki)
        assert await hidden(post, one)
    await cem.unfollow(yuki)
    viewer = await yuki.viewer()
    assert viewer.counts.requests == 2
    assert [person.handle for person in await people.requesting(viewer)] == ["ana", "ben"]
    await follows.accept(viewer, ana.id, 100)
    await follows.decline(viewer, ben.id)
    with pytest.raises(NotFound):
        await follows.accept(viewer, cem.id, 100)
    with pytest.raises(NotFound):
        await follows.accept(viewer, ben.id, 100)
    await network.settle()
    assert await ana.home() == [post]
    assert await hidden(post, ben, cem)
    assert (await yuki.viewer()).counts.requests == 0
    await ana.unfollow(yuki)
    assert await hidden(post, ana)


async def test_when_a_private_account_opens_those_who_asked_follow(network: LiveNetwork) -> None:
    yuki, ana = await network.members("yuki", "ana")
    await close(yuki)
    await ana.follow(yuki)
    await profiles.set_private(await yuki.viewer(), private=False)
    await network.settle()
    assert await figures(yuki) == (1, 0)
    assert (await profiles.by_handle(await ana.viewer(), "yuki")).relation == "following"


async def test_lists_of_a_private_account_are_for_followers(network: LiveNetwork) -> None:
    yuki, ana, ben = await network.members("yuki", "ana", "ben")
    await ana.follow(yuki)
    await close(yuki)
    for read in (people.followers, people.following):
        await read(await ana.viewer(), "yuki")
        for viewer in (GUEST, await ben.viewer()):
            with pytest.raises(NotFound):
                await read(viewer, "yuki")


async def test_the_muted_are_not_heard_and_not_told(network: LiveNetwork) -> None:
    ana, bore, cem = await network.members("ana", "bore", "cem")
    await ana.follow(bore, cem)
    await bore.follow(ana)
    mine = await ana.post("Root")
    reply = await bore.post("Actually", parent=mine)
    said = await bore.post("Did you know #fact")
    await cem.repost(said)
    other = await cem.post("Hello #fact")
    await bore.repost(other)
    await network.settle()
    await ana.mute(bore)
    assert await ana.home() == [other, mine]
    assert await ana.public() == [other, mine]
    assert [view.id for view in await everything(public.tagged, await ana.viewer(), "fact")] == [other]
    assert (await ana.thread(mine)).replies == []
    assert await ana.sees(said), "one may go and look"
    assert [node.post.id for node in (await bore.thread(mine)).replies] == [reply]
    assert await bore.sees(mine)
    shown = await profiles.by_handle(await bore.viewer(), "ana")
    assert (shown.relation, shown.muted) == ("following", False)
    with pytest.raises(Forbidden):
        await ana.mute(ana)


async def test_a_block_is_complete_both_ways(network: LiveNetwork) -> None:
    noor, gaston, cem = await network.members("noor", "gaston", "cem")
    await noor.follow(gaston, cem)
    await gaston.follow(noor, cem)
    root = await cem.post("Root #talk")
    said = {one.handle: await one.post(f"{one.handle} says #talk @cem") for one in (noor, gaston)}
    answers = {one.handle: await one.post("Answer", parent=root) for one in (noor, gaston)}
    for post in said.values():
        await cem.repost(post)
    quote = await cem.post("Both", quote=said["noor"])
    await network.settle()
    await noor.block(gaston)
    await network.settle()
    assert await figures(noor) == await figures(gaston) == (0, 1)
    for one, other in ((noor, "gaston"), (gaston, "noor")):
        theirs = {said[other], answers[other]}
        viewer = await one.viewer()
        assert await hidden(said[other], one)
        assert await hidden(answers[other], one)
        assert not theirs & set(await one.home())
        assert not theirs & set(await one.public())
        assert not theirs & {view.id for view in await everything(public.tagged, viewer, "talk")}
        assert not theirs & {node.post.id for node in (await one.thread(root)).replies}
        assert not theirs & {view.id for view in await everything(profile_lists.read, viewer, cem.id, Tab.POSTS)}
        with pytest.raises(NotFound):
            await threads.read(viewer, said[other])
        with pytest.raises(NotFound):
            await one.post("You!", parent=said[other])
        with pytest.raises(NotFound):
            await one.post("You!", quote=said[other])
        with pytest.raises(NotFound):
            await one.vote(answers[other], -1)
        named = await one.post(f"About @{other}")
        assert (await one.view(named)).mentions == ""
        for found in (await people.matching(viewer, other), (await people.suggested(viewer)).items):
            assert other not in [person.handle for person in found]
        for read in (people.followers, people.following):
            _, page = await read(viewer, "cem")
            assert other not in [person.handle for person in page.items]
    assert not await hidden(quote, gaston)
    with pytest.raises(NotFound):
        await profiles.by_handle(await gaston.viewer(), "noor")
    with pytest.raises((NotFound, Forbidden)):
        await gaston.follow(noor)
    with pytest.raises(Forbidden):
        await noor.follow(gaston)
    assert (await profiles.by_handle(await noor.viewer(), "gaston")).relation == "blocked"
    assert await cem.sees(said["noor"])
    assert await cem.sees(said["gaston"])


async def test_a_block_ends_requests_and_does_not_come_undone(network: LiveNetwork) -> None:
    yuki, gaston = await network.members("yuki", "gaston")
    await close(yuki)
    await gaston.follow(yuki)
    await yuki.block(gaston)
    assert (await yuki.viewer()).counts.requests == 0
    with pytest.raises(NotFound):
        await follows.accept(await yuki.viewer(), gaston.id, 100)
    from domain.graph import blocks

    await blocks.unblock(await gaston.viewer(), yuki.id)
    with pytest.raises(NotFound):
        await profiles.by_handle(await gaston.viewer(), "yuki")
    await blocks.unblock(await yuki.viewer(), gaston.id)
    assert (await profiles.by_handle(await gaston.viewer(), "yuki")).relation == "none"


async def test_posts_under_way_do_not_slip_past_a_block(network: LiveNetwork) -> None:
    noor, gaston = await network.members("noor", "gaston")
    await gaston.follow(noor)
    post = await noor.post("On its way")
    await noor.block(gaston)
    await network.settle()
    assert await gaston.home() == []
    assert await network.count("timeline", f"viewer = {gaston.id} AND post = {post}") == 0
