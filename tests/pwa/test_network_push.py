"""A push of something that the network itself has done."""

from domain.core import clock, ids
from domain.moderation.kinds import StatementKind
from domain.notifications import notices
from tests.conftest import Watch
from tests.helpers.moderation import reported
from tests.helpers.people import LiveNetwork
from tests.helpers.push_service import Service, told


async def test_it_names_the_network_and_nobody(network: LiveNetwork, pushes: Service) -> None:
    ana, ben = await network.members("ana", "ben")
    await pushes.of(ana)
    await pushes.of(ben)
    await notices.from_network(ana.id, ids.new())
    assert await told(network) == 1
    (push,) = pushes.pushed
    assert (push.name, push.note["title"], push.note["body"]) == ("ana", "News from the network", "Tilly")
    assert (push.note["actions"], push.note["data"]["actor"], push.note["data"]["post"]) == ([], None, None)
    assert push.note["navigate"].endswith(f"/about?for={ana.id}")
    assert (push.headers["urgency"], push.headers["ttl"]) == ("normal", str(72 * 3600))


async def test_about_a_post_it_has_its_words_and_no_buttons(network: LiveNetwork, pushes: Service) -> None:
    ana = await network.member("ana")
    await pushes.of(ana)
    post = await ana.post("The lamp is mended")
    await notices.from_network(ana.id, ids.new(), post=post)
    await told(network)
    (push,) = pushes.pushed
    assert (push.note["body"], push.note["actions"]) == ("The lamp is mended", [])
    assert push.note["data"]["post"] == str(post)


async def test_of_moderators_it_tells_no_earlier_hour(network: LiveNetwork, pushes: Service, watch: Watch) -> None:
    """A push that waited says when it was sent, and not when somebody decided."""
    _, eve, moderator, _, case = await reported(network)
    await pushes.of(eve)
    await moderator.decide(case, StatementKind.WARNING)
    await network.settle()
    decided = clock.now()
    watch.forward(3600)
    await told(network)
    (push,) = pushes.pushed
    assert push.note["timestamp"] >= decided + 3_600_000
