"""That something waits for a moderator is pushed within the choices of each, without a name or a word of it."""

from domain.notifications import notices
from domain.notifications.kinds import Channel, NotificationKind
from tests.conftest import Watch
from tests.helpers.moderation import WORDS, appealed
from tests.helpers.people import LiveNetwork
from tests.helpers.push_service import Service, choose, hush, told

MINUTE = 60


async def test_it_is_pushed_as_the_moderator_has_chosen(network: LiveNetwork, pushes: Service, watch: Watch) -> None:
    *_, second, _, _ = await appealed(network)
    loud, asleep, deaf = [await network.moderator(one) for one in ("loud", "asleep", "deaf")]
    for one in (loud, asleep, deaf):
        await pushes.of(one)
    await hush(asleep)
    await choose(deaf, kinds={"work": Channel.PAGE})
    assert await told(network) == 1
    (push,) = pushes.pushed
    assert (push.name, push.note["title"]) == ("loud", "Something is waiting for a moderator")
    assert push.note["navigate"].endswith(f"/moderation?for={loud.id}")
    said = str(push.said)
    assert "eve" not in said
    assert WORDS not in said
    for member in (loud, asleep, deaf, second):
        (notice,) = (await notices.page(await member.viewer())).items
        assert (notice.kind, notice.unread) == (NotificationKind.WORK, True)
    watch.forward(65 * MINUTE)
    await told(network)
    assert {one.name for one in pushes.pushed} == {"loud", "asleep"}
