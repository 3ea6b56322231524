"""What new accounts may post within an hour: to the bound, in any number of requests at once, and by no other door."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from domain.core.access import Role
from domain.core.errors import Invalid
from domain.core.trust import DEFAULTS, TrustLevel, TrustLimits
from domain.media.attachments import ChosenMedia
from domain.posts import editing, publishing
from tests.conftest import Watch
from tests.helpers.people import LiveNetwork, Member

HOUR = 3600
NEW, BASIC, MEMBER = TrustLevel.NEW, TrustLevel.BASIC, TrustLevel.MEMBER


def links(number: int, first: int = 0) -> str:
    return "Look: " + " ".join(f"https://example.org/{first + place}" for place in range(number))


async def refused(act: Callable[[], Awaitable[object]]) -> Invalid:
    with pytest.raises(Invalid) as found:
        await act()
    assert found.value.code == "trust"
    return found.value


@pytest.fixture
async def eve(network: LiveNetwork) -> Member:
    return await network.member("eve", trust=NEW)


@pytest.mark.parametrize("level", [NEW, BASIC])
async def test_links_to_the_bound(network: LiveNetwork, level: TrustLevel, watch: Watch) -> None:
    eve = await network.member("eve", trust=level)
    limits = DEFAULTS.limits(level)
    assert limits
    await eve.post(links(limits.links - 1))
    watch.forward(59 * 60)
    problem = await refused(lambda: eve.post(links(2, 50)))
    assert problem.params == {"limit": limits.links, "minutes": 1}
    assert set(problem.fields) == {"text"}
    # What was refused does not count.
    await eve.post(links(1, 50))
    await refused(lambda: eve.post(links(1, 51)))
    await eve.post("Without one.")
    watch.forward(60)
    await eve.post(links(limits.links))
    assert "Take some out" in str(await refused(lambda: eve.post(links(limits.links + 1))))


async def test_pictures_and_mentions_to_the_bound(network: LiveNetwork, eve: Member) -> None:
    handles = [f"ana{number}" for number in range(6)]
    await network.members(*handles)
    await eve.post("Hello " + " ".join(f"@{handle}" for handle in handles[:5]) + " and @eve, @nobody")
    assert set((await refused(lambda: eve.post("And @ana5"))).fields) == {"text"}
    sent = [ChosenMedia((await eve.send(key=f"picture-{number}")).id, "words") for number in range(5)]
    await eve.post("", media=tuple(sent[:4]))
    assert set((await refused(lambda: eve.post("", media=tuple(sent[4:])))).fields) == {"media"}


async def test_whom_nothing_limits(network: LiveNetwork) -> None:
    for who in (await network.member("ana", trust=MEMBER), await network.member("ben", trust=TrustLevel.REGULAR)):
        await who.post(links(30))
    assert await network.count("trust") == 0


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.OPERATOR])
async def test_whoever_moderates_is_no_exception(network: LiveNetwork, role: Role) -> None:
    """It would tell who they are."""
    mona = await network.member("mona", role=role, trust=NEW)
    await refused(lambda: mona.post(links(30)))


async def test_neither_deletion_nor_another_send_gives_back(eve: Member) -> None:
    post = await eve.post(links(3), key="the-same-form")
    assert await eve.post(links(3), key="the-same-form") == post
    await eve.delete(post)
    await refused(lambda: eve.post(links(1)))


async def test_edits_do_not_escape(eve: Member, network: LiveNetwork) -> None:
    await network.member("ana")
    post = await eve.post(links(2))
    await eve.edit(post, f"Again: {links(2)}")
    await eve.edit(post, links(3))
    await refused(lambda: eve.edit(post, links(4)))
    await refused(lambda: eve.edit(post, links(1, 9)))
    await eve.edit(post, "Dear @ana")
    viewer = await eve.viewer()
    pictures = [ChosenMedia((await eve.send(key=f"picture-{number}")).id, "words") for number in range(4)]
    await editing.edit(viewer, post, "Look", None, media=pictures[:3])
    await editing.edit(viewer, post, "Look here", None, media=pictures[:3])
    await editing.edit(viewer, post, "Look", None, media=pictures)
    another = ChosenMedia((await eve.send(key="picture-4")).id, "words")
    await refused(lambda: editing.edit(viewer, post, "Look", None, media=[*pictures[:3], another]))


async def test_many_at_once(eve: Member) -> None:
    viewer = await eve.viewer()
    drafts = [publishing.Draft(links(1, number), f"at-once-{number}") for number in range(8)]
    made = await asyncio.gather(*(publishing.publish(viewer, draft) for draft in drafts), return_exceptions=True)
    assert sum(isinstance(one, int) for one in made) == 3
    assert sum(isinstance(one, Invalid) for one in made) == 5


async def test_settings_may_allow_none(eve: Member) -> None:
    viewer = await eve.viewer()
    policy = type(DEFAULTS)(new=TrustLimits(0, 0, 0))
    await publishing.publish(viewer, publishing.Draft("Words.", "words-alone"), policy)
    await refused(lambda: publishing.publish(viewer, publishing.Draft(links(1), "one-link"), policy))
