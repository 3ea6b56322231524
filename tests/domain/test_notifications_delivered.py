"""Bells, several workers at a time, and devices: who hears of what is new, once."""

import asyncio

import pytest

from db.engine import DB
from domain.core import events, ids
from domain.core.access import GUEST
from domain.core.errors import Forbidden, NotFound, SignedOut
from domain.core.event import Event
from domain.core.events import PostPublished
from domain.notifications import bells, notices, reactions
from tests.helpers.notifications import told, unread
from tests.helpers.people import LiveNetwork, Member


async def test_bells_ring_for_all_in_batches(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reactions, "BATCH", 3)
    ana = await network.member("ana")
    crowd = await network.members(*(f"f{number}" for number in range(8)))
    for one in crowd:
        await one.follow(ana)
        if one is not crowd[0]:
            await bells.add(await one.viewer(), ana.id)
    await network.settle()
    await bells.remove(await crowd[1].viewer(), ana.id)
    await crowd[2].unfollow(ana)
    await crowd[3].mute(ana)
    post = await ana.post("News @f4", followers=True)
    await ana.post("More", parent=post)
    await network.settle()
    said = [[line for line in await told(one) if "ana" in line] for one in crowd]
    assert said == [[], [], [], [], ["mention ana"], ["bell ana"], ["bell ana"], ["bell ana"]]
    async with DB.writing():
        await reactions.published(PostPublished(post, ana.id))
    await network.settle()
    assert await unread(crowd[7]) == 1


async def test_a_bell_is_for_those_one_follows(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    with pytest.raises(Forbidden):
        await bells.add(await ana.viewer(), ben.id)
    with pytest.raises(SignedOut):
        await bells.add(GUEST, ben.id)
    with pytest.raises(NotFound):
        await bells.add(await ana.viewer(), 1)
    await ana.follow(ben)
    await bells.add(await ana.viewer(), ben.id)
    await bells.add(await ana.viewer(), ben.id)
    await ana.unfollow(ben)
    await ana.follow(ben)
    await ben.post("One")
    await network.settle()
    assert "bell ben" not in await told(ana), "it goes with the follow"


async def test_many_at_once_make_one_group(network: LiveNetwork) -> None:
    """Several workers at a time, as several processes have."""
    from app.wiring import reactions_by_event
    from app.worker import Worker

    ana = await network.member("ana")
    crowd = await network.members(*(f"v{number}" for number in range(15)))
    post = await ana.post("One")
    for one in crowd:
        await one.vote(post, 1)
        await one.follow(ana)
    workers = [Worker(reactions_by_event(network.settings)) for _ in range(4)]

    async def drain(worker: Worker) -> None:
        while await network.count("outbox"):
            if not await worker.drain():
                await asyncio.sleep(0.005)

    await asyncio.gather(*map(drain, workers))
    assert [line.split(" +")[1] for line in await told(ana)] == ["14", "14"]
    assert await unread(ana) == 2
    assert await network.count("notice") == 2
    assert await network.count("notice_part") == 30


async def push_to(one: Member) -> None:
    """A device that takes pushes."""
    from db.tables.notifications import PushSubscription

    await PushSubscription.insert(
        PushSubscription(id=ids.new(), account=one.id, endpoint="https://push.example/1", endpoint_key=str(one.id))
    )


async def test_devices_hear_of_what_is_new_once(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[events.Noticed] = []
    record = events.record

    async def noted(event: Event, after_ms: int = 0) -> None:
        if isinstance(event, events.Noticed):
            heard.append(event)
        await record(event, after_ms)

    monkeypatch.setattr(events, "record", noted)
    ana, ben, cleo, dov = await network.members("ana", "ben", "cleo", "dov")
    post = await ana.post("One")
    await ben.vote(post, 1)
    await network.settle()
    assert heard == [], "without a device"
    await push_to(ana)
    for one, value in ((cleo, 1), (dov, 1), (dov, 0), (dov, 1), (cleo, 0), (cleo, 1)):
        await one.vote(post, value)
        await network.settle()
    await ben.post("@ana look")
    await network.settle()
    vote, mention = (await notices.page(await ana.viewer())).items[::-1]
    assert [(event.notice, event.fresh) for event in heard] == [(vote.id, False), (vote.id, False), (mention.id, True)]
    assert heard[-1] == events.Noticed(ana.id, mention.id, mention.entry, fresh=True)
