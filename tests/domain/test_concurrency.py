"""Two things that happen at the same time, or one before the other's consequences: neither is lost."""

import asyncio

import pytest

from db.engine import DB
from domain.accounts import profiles
from domain.core import events
from domain.core.access import Viewer
from domain.core.errors import Conflict, NotFound
from domain.graph import follows, people
from domain.posts import deletion, editing, views
from domain.posts.views import PostView
from domain.timelines import fanout
from tests.conftest import Watch
from tests.helpers.people import LiveNetwork


async def test_crossing_the_fanout_limit_before_the_copies_are_made(network: LiveNetwork) -> None:
    ana, ben, cem = await network.members("ana", "ben", "cem")
    await ben.follow(ana)
    await network.settle()
    post = await ana.post("Just before the crowd")
    await follows.follow(await cem.viewer(), ana.id, 1)
    await network.settle()
    assert await ben.home() == [post]
    assert await cem.home() == [post]


async def test_a_large_audience_is_served_in_several_events(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "BATCH", 2)
    ana, *others = await network.members("ana", "ben", "cem", "dan", "eva", "flo")
    for other in others:
        await other.follow(ana)
    await network.settle()
    post = await ana.post("For five")
    await network.settle()
    assert [await other.home() for other in others] == [[post]] * 5


async def test_a_second_deletion_has_its_own_grace(network: LiveNetwork, watch: Watch) -> None:
    ana = await network.member("ana")
    post = await ana.post("Twice deleted")
    await ana.delete(post, undo_seconds=30)
    watch.forward(5)
    await deletion.restore(await ana.viewer(), post)
    watch.forward(20)
    await ana.delete(post, undo_seconds=30)
    watch.forward(6)
    await network.settle()
    await deletion.restore(await ana.viewer(), post)
    assert await ana.sees(post)


async def test_a_double_tap_on_save_keeps_one_revision(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    post = await ana.post("Before")
    viewer = await ana.viewer()
    done = await asyncio.gather(
        *(editing.edit(viewer, post, f"After {n}", None, 1) for n in range(4)), return_exceptions=True
    )
    assert sum(one is None for one in done) == 1
    assert all(one is None or isinstance(one, Conflict) for one in done)
    assert await network.count("revision") == 1


async def test_a_purged_post_takes_no_vote(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, ben = await network.members("ana", "ben")
    post = await ana.post("Going")
    get = views.get

    async def then_purged(viewer: Viewer, wanted: int) -> PostView:
        seen = await get(viewer, wanted)
        monkeypatch.undo()
        await ana.delete(post, undo_seconds=0)
        await network.settle()
        return seen

    monkeypatch.setattr(views, "get", then_purged)
    with pytest.raises(NotFound):
        await ben.vote(post, 1)
    assert await network.count("post") == 0


async def test_an_account_that_closes_in_time_is_asked(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    viewer = await ben.viewer()
    async with DB.writing():
        await profiles.set_private(await ana.viewer(), private=True)
        assert await follows.follow(viewer, ana.id, 100) == "requested"


async def test_a_reset_is_recorded_for_whoever_is_named(network: LiveNetwork) -> None:
    ana = await network.member("ana", email="ana@example.org")
    for who in ("ana@example.org", "nobody@example.org", "@nobody"):
        async with DB.writing():
            await events.record(events.PasswordResetRequested(who))
    assert await network.count("outbox") == 3
    await network.settle()
    assert await network.count("outbox") == 0
    assert await network.count("reset", f"account = {ana.id}") == 0, "no mail is set up"


async def test_hashtags_are_completed_from_public_posts_only(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    await ana.post("#tagpublic #tagsecond")
    await ana.post("#tagprivate", followers=True)
    gone = await ana.post("#taggone")
    await ana.delete(gone, undo_seconds=30)
    assert await people.tags(await ben.viewer(), "tag", 6) == ["tagpublic", "tagsecond"]
    await ana.block(ben)
    assert await people.tags(await ben.viewer(), "tag", 6) == []
