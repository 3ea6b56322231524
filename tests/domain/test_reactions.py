"""Votes, reposts and quotes: one per person, counted right, and never a way to what is hidden."""

import asyncio

import pytest

from asgi.policy import Policy
from domain.core.access import GUEST
from domain.core.errors import Forbidden, NotFound, SignedOut
from domain.posts import reposts, votes
from tests.helpers.people import LiveNetwork, Member, hidden
from web import post_rendering, templating

ENGLISH = templating.templates("en", Policy())


async def tally(one: Member, post: int) -> tuple[int, int, int]:
    view = await one.view(post)
    return view.ups, view.downs, view.my_vote


async def test_votes_change_and_are_taken_back(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    reply = await ana.post("Reply", parent=await ana.post("Root"))
    for value, expected in ((1, (1, 0, 1)), (1, (1, 0, 1)), (-1, (0, 1, -1)), (0, (0, 0, 0)), (0, (0, 0, 0))):
        await ben.vote(reply, value)
        assert await tally(ben, reply) == expected
    await ben.vote(reply, -1)
    assert await tally(ana, reply) == (0, 1, 0)


async def test_only_replies_go_down(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    root = await ana.post("Root")
    with pytest.raises(Forbidden):
        await ben.vote(root, -1)
    await ben.vote(root, 1)
    assert await tally(ben, root) == (1, 0, 1)


async def test_votes_at_once_all_count(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    crowd = await network.members(*(f"v{n}" for n in range(12)))
    reply = await ana.post("Reply", parent=await ana.post("Root"))
    await asyncio.gather(*(one.vote(reply, 1 if n % 3 else -1) for n, one in enumerate(crowd)))
    assert (await tally(ana, reply))[:2] == (8, 4)
    await asyncio.gather(*(crowd[0].vote(reply, value) for value in (1, -1, 0, 1, -1, 1, 0, -1)))
    ups, downs, _ = await tally(ana, reply)
    mine = (await tally(crowd[0], reply))[2]
    assert (ups, downs) == (8 + (mine == 1), 3 + (mine == -1))


async def test_what_is_hidden_takes_no_votes_and_no_reposts(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    secret = await ana.post("Between us", followers=True)
    gone = await ana.post("Gone")
    await ana.delete(gone)
    for post in (secret, gone, 1):
        with pytest.raises(NotFound):
            await ben.vote(post, 1)
        with pytest.raises(NotFound):
            await ben.repost(post)
        with pytest.raises(NotFound):
            await ben.post("Look at this", quote=post)
    with pytest.raises(SignedOut):
        await votes.cast(GUEST, secret, votes.Vote.UP)
    with pytest.raises(SignedOut):
        await reposts.put(GUEST, secret)
    assert await network.count("vote") == await network.count("repost") == 0


async def test_reposts(network: LiveNetwork) -> None:
    ana, ben, cem = await network.members("ana", "ben", "cem")
    await cem.follow(ben)
    post = await ana.post("Tell everyone")
    await asyncio.gather(*(ben.repost(post) for _ in range(5)))
    await network.settle()
    view = await ben.view(post)
    assert (view.reposts, view.my_repost) == (1, 1)
    assert await cem.home() == await ben.home() == [post]
    await ben.unrepost(post)
    await ben.unrepost(post)
    assert (await cem.view(post)).reposts == 0
    assert await cem.home() == await ben.home() == []


async def test_a_repost_taken_back_before_it_spreads_does_not_spread(network: LiveNetwork) -> None:
    ana, ben, cem = await network.members("ana", "ben", "cem")
    await cem.follow(ben)
    post = await ana.post("Hm")
    await ben.repost(post)
    await ben.unrepost(post)
    await network.settle()
    assert await cem.home() == []


async def test_only_public_posts_are_passed_on(network: LiveNetwork) -> None:
    ana, ben, yuki = await network.members("ana", "ben", "yuki")
    await ben.follow(ana, yuki)
    from domain.accounts import profiles

    open_once = await yuki.post("Open")
    await profiles.set_private(await yuki.viewer(), private=True)
    for post in (await ana.post("For friends", followers=True), open_once, await yuki.post("Closed")):
        assert await ben.sees(post)
        with pytest.raises(Forbidden):
            await ben.repost(post)
        with pytest.raises(Forbidden):
            await ben.post("Look", quote=post)


async def test_what_was_passed_on_and_then_closed_is_hidden_from_strangers(network: LiveNetwork) -> None:
    ana, ben, cem = await network.members("ana", "ben", "cem")
    await cem.follow(ben)
    post = await ana.post("The quoted words")
    quote = await ben.post("Look", quote=post)
    await ben.repost(post)
    await network.settle()
    assert await cem.home() == [post, quote]
    from domain.accounts import profiles

    await profiles.set_private(await ana.viewer(), private=True)
    assert await hidden(post, cem, ben)
    assert await cem.home() == [quote]
    for viewer in (GUEST, await cem.viewer(), await ben.viewer()):
        drawn = await post_rendering.render(viewer, [(await ben.view(quote)).summary], ENGLISH)
        assert b"The quoted words" not in drawn[0]
    own = await post_rendering.render(await ana.viewer(), [(await ana.view(quote)).summary], ENGLISH)
    assert b"The quoted words" in own[0]
    again = await post_rendering.render(await cem.viewer(), [(await cem.view(quote)).summary], ENGLISH)
    assert b"The quoted words" not in again[0]


async def test_quotes_count(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    post = await ana.post("Quote me")
    quote = await ben.post("So", quote=post)
    assert ((await ana.view(post)).quotes, (await ana.view(quote)).quote) == (1, post)
    await ben.delete(quote)
    assert (await ana.view(post)).quotes == 0
