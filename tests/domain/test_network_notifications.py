"""Notices of what the network itself has done: they have no actor, and choices about people do not apply to them."""

import pytest

from domain.accounts import closing
from domain.core import ids
from domain.graph import blocks, mutes
from domain.notifications import notices, preferences
from domain.notifications.kinds import Channel, NotificationKind
from domain.notifications.preferences import DROP, Preferences
from tests.helpers.notifications import set_aside, told, unread
from tests.helpers.people import PASSWORD, LiveNetwork


async def test_it_is_shown_once_for_each_subject(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    first, second = ids.new(), ids.new()
    for subject in (first, second, first):
        await notices.from_network(ana.id, subject)
    assert (await told(ana), await unread(ana)) == (["network", "network"], 2)
    assert (await told(ben), await unread(ben)) == ([], 0)
    assert await told(ana, "follows") == await told(ana, "mentions") == []
    (line, _) = (await notices.page(await ana.viewer())).items
    assert (line.actor, line.others, line.count, line.post, line.relation) == (None, (), 0, None, "none")
    await notices.read(await ana.viewer(), line.entry)
    assert (await told(ana), await unread(ana)) == (["network", "network"], 0)
    await notices.from_network(ana.id, first)
    assert await unread(ana) == 0


async def test_it_is_about_a_post_that_its_reader_may_see(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    post = await ana.post("Looked at", followers=True)
    await network.settle()
    for member in (ana, ben):
        await notices.from_network(member.id, ids.new(), post=post)
    (line,) = (await notices.page(await ana.viewer())).items
    assert line.post is not None
    assert (line.post.id, await told(ben)) == (post, [])
    await ana.delete(post)
    assert (await told(ana), await unread(ana)) == ([], 0)
    await network.settle()
    assert await network.count("notice") == 0


async def test_choices_about_people_do_not_apply(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    nothing = {kind.key: 0 for kind in NotificationKind}
    await preferences.save(await ana.viewer(), Preferences(kinds=nothing, strangers=DROP, newcomers=DROP))
    chosen = await preferences.of(ana.id)
    assert NotificationKind.NETWORK.key not in chosen.kinds
    assert all(chosen.wants(NotificationKind.NETWORK, channel) for channel in Channel)
    await notices.from_network(ana.id, ids.new())
    viewer = await ana.viewer()
    await mutes.mute(viewer, ben.id)
    await blocks.block(viewer, ben.id)
    assert (await told(ana), await set_aside(ana)) == (["network"], {})


async def test_a_kind_of_people_is_refused(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    with pytest.raises(ValueError, match="VOTE"):
        await notices.from_network(ana.id, ids.new(), kind=NotificationKind.VOTE)
    assert await told(ana) == []


async def test_nothing_is_left_of_it_when_its_reader_leaves(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    for member in (ana, ben):
        await notices.from_network(member.id, ids.new())
    await closing.leave(await ana.viewer(), ana.handle, PASSWORD)
    await notices.from_network(ana.id, ids.new())
    await network.settle()
    assert await network.count("notice") == await network.count("notice_part") == 1
    assert await told(ben) == ["network"]
