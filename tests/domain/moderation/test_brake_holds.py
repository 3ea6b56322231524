"""What newcomers post while the brake is on or in a crisis: nobody else sees it before it is over."""

import asyncio

import pytest

from domain.core.trust import TrustLevel
from domain.moderation import brake_holds, brake_switch, crisis
from domain.notifications import notices
from tests.helpers.brake import two_moderators
from tests.helpers.people import LiveNetwork, hidden

WORDS = "A wave of spam: new members wait a little."
LINK = "Look at https://spam.example/lamp"


async def declare_crisis(network: LiveNetwork) -> None:
    mona, max_ = await two_moderators(network)
    await crisis.propose(await mona.viewer(), WORDS, 24)
    found = await crisis.read(await max_.viewer())
    assert found is not None
    await crisis.agree(await max_.viewer(), found.id)


async def test_links_and_pictures_of_newcomers_wait_and_words_do_not(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    new = await network.member("new", trust=TrustLevel.NEW)
    basic = await network.member("basic", trust=TrustLevel.BASIC)
    before = await new.post(LINK)
    await brake_switch.switch_on_by_command(WORDS, 6)
    waiting = [await new.post(f"{LINK} @ana"), await new.show()]
    seen = [await new.post("Only words. spam.example is a name"), await basic.post(LINK), before]
    assert all([await ana.sees(post) for post in seen])
    for post in waiting:
        assert await hidden(post, ana)
        assert await hidden(post)
        assert await new.sees(post)
    await network.settle()
    assert (await notices.page(await ana.viewer())).items == []
    assert await network.count("mod_case") == 0


async def test_an_edit_does_not_escape(network: LiveNetwork) -> None:
    ana, new = await network.member("ana"), await network.member("new", trust=TrustLevel.NEW)
    await brake_switch.switch_on_by_command(WORDS, 6)
    post = await new.post("Only words.")
    await new.edit(post, LINK)
    assert await hidden(post, ana)
    await new.edit(post, "Only words again.")
    assert await ana.sees(post)


async def test_once_it_is_off_everything_is_shown_and_told_once(network: LiveNetwork) -> None:
    ana, new = await network.member("ana"), await network.member("new", trust=TrustLevel.NEW)
    await brake_switch.switch_on_by_command(WORDS, 6)
    posts = [await new.post(f"{LINK}/{number} @ana") for number in range(3)]
    assert await brake_holds.release() == 0
    await brake_switch.switch_off_by_command()
    assert sum(await asyncio.gather(brake_holds.release(), brake_holds.release())) >= 3
    assert await brake_holds.release() == 0
    await network.settle()
    assert all([await ana.sees(post) for post in posts])
    told = [one.post.id for one in (await notices.page(await ana.viewer())).items if one.post is not None]
    assert sorted(told) == sorted(posts)
    assert (await notices.page(await new.viewer())).items == []
    assert await network.count("post_hold") == 0


@pytest.mark.parametrize(
    ("level", "linked", "replied"),
    [(TrustLevel.NEW, True, True), (TrustLevel.BASIC, True, False), (TrustLevel.MEMBER, False, False)],
)
async def test_in_a_crisis_more_waits(network: LiveNetwork, level: TrustLevel, linked: bool, replied: bool) -> None:
    ana, member = await network.member("ana"), await network.member("new", trust=level)
    thread = await ana.post("Who has seen the cat?")
    await declare_crisis(network)
    assert await hidden(await member.post(LINK), ana) == linked
    assert await hidden(await member.post("Nobody.", parent=thread), ana) == replied
    assert not await hidden(await member.post("Good morning."), ana)


async def test_moderators_are_not_held(network: LiveNetwork) -> None:
    ana, moderator = await network.member("ana"), await network.moderator()
    await brake_switch.switch_on_by_command(WORDS, 6)
    assert await ana.sees(await moderator.post(LINK))
