"""Streams end, are cut, go on, and are bounded."""

import asyncio
from typing import Any

import pytest

from db.bus import BUS
from domain.accounts import sessions
from tests.conftest import OpenSite
from tests.helpers.event_streams import caught_up, listening, pair
from tests.helpers.people import LiveSite
from web import live, live_updates

pytestmark = pytest.mark.usefixtures("quick_streams")


async def test_a_stream_that_was_cut_goes_on_where_it_was(site: LiveSite) -> None:
    ana, bea = await pair(site)
    first = await ana.post("one")
    await site.settle()
    page: dict[str, Any] = {"since": first, "posts": first}
    async with listening(site, bea, "home", **page) as stream:
        await ana.post("two")
        await ana.vote(first, 1)
        await site.settle()
        await stream.until("feed", count=1)
        await stream.until("post", votes="1")
    async with listening(site, bea, "home", stream.mark, **page) as again:
        await caught_up(site, again, first, votes=1)
        assert (again.named("feed"), again.named("notices")) == ([], [])
        assert [told["votes"] for told in again.named("post")] == ["2", "3"], "nothing is told twice"
    await ana.post("three")
    await bea.vote(first, 1)
    await site.settle()
    async with listening(site, bea, "home", stream.mark, **page) as last:
        await last.until("feed", count=2)
        await last.until("post", votes="4")
    assert [len(last.named(name)) for name in ("feed", "post")] == [1, 1]


@pytest.mark.parametrize("mark", ["", "1", "1.2.3", "x.y.z.", "-.-.-.-", "9" * 500, "1.1.1.1.1", "\u0661.1.1.1"])
def test_any_mark_can_be_read(mark: str) -> None:
    live_updates.resumed(mark)


async def test_signing_out_ends_the_streams_of_that_device(site: LiveSite) -> None:
    ana, bea = await pair(site)
    other = await site.network.device(ana.id, "ana")
    async with listening(site, ana) as here, listening(site, other) as there, listening(site, bea) as hers:
        for stream in (here, there, hers):
            await stream.until("notices")
        viewer = await ana.viewer()
        await sessions.end(viewer, viewer.session)
        await asyncio.wait_for(here.ended.wait(), 5)
        # The others hear of what comes after.
        cleo = await site.member("cleo")
        await cleo.follow(ana, bea)
        await site.settle()
        for stream in (there, hers):
            await stream.until("notices", unread=1)
        assert not there.ended.is_set()
        assert not hers.ended.is_set()


async def test_a_signal_that_was_lost_is_made_good(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT", 0.5)
    ana, bea = await pair(site)
    first = await ana.post("one")
    await site.settle()
    async with listening(site, bea, "home", since=first, posts=first) as stream:
        await stream.until("notices")
        with monkeypatch.context() as lost:
            lost.setattr(BUS, "listeners", [])
            await ana.post("two")
            await ana.vote(first, 1)
            await site.settle()
            await stream.until("feed", count=1)
            await stream.until("post", votes="1")
            viewer = await bea.viewer()
            await sessions.end(viewer, viewer.session)
            await asyncio.wait_for(stream.ended.wait(), 5)


async def test_a_member_with_too_many_pages_loses_the_oldest(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "EACH", 2)
    ana, bea = await pair(site)
    async with listening(site, ana) as one, listening(site, ana) as two, listening(site, bea) as hers:
        await two.until("notices")
        async with listening(site, ana) as three:
            await one.until("bye")
            await asyncio.wait_for(one.ended.wait(), 5)
            await three.until("notices")
            assert not two.ended.is_set()
            assert not hers.ended.is_set()


async def test_a_process_has_so_many_streams_and_no_more(open_site: OpenSite) -> None:
    site = await open_site(streams=1)
    ana, bea = await site.members("ana", "bea")
    async with listening(site, ana) as one:
        await one.until("notices")
        async with listening(site, bea) as two:
            await asyncio.wait_for(two.ended.wait(), 5)
        assert two.status == 503
        assert two.headers["retry-after"] == "30"
    async with listening(site, bea) as three:
        await three.until("notices")


async def test_a_reader_who_reads_nothing_is_owed_no_more_than_the_newest_word(site: LiveSite) -> None:
    _, bea = await pair(site)
    stream = live.Stream(await bea.viewer(), bea.token, "en", live_updates.PageState(), live_updates.SentState())
    for count in range(10_000):
        stream.say("feed", {"count": count})
        stream.say("post", {"id": "7", "votes": count}, 7)
    assert len(stream.said) == 2
    stream.say("gone", {"id": "7"}, 7)
    text = stream.take().decode()
    assert '{"count":9999}' in text
    assert text.endswith('event: gone\ndata: {"id":"7"}\nid: 0.0.-1.0\n\n')
    assert stream.take() == b":\n\n"


async def test_a_hub_that_closes_ends_all_and_takes_no_more(site: LiveSite) -> None:
    (ana,) = await site.members("ana")
    hub = live.Hub(10)
    viewer = await ana.viewer()
    first = live.Stream(viewer, ana.token, "en", live_updates.PageState("home", posts=(1, 2)), live_updates.SentState())
    second = live.Stream(viewer, ana.token, "en", live_updates.PageState("home"), live_updates.SentState())
    hub.enter(first, 0)
    hub.close()
    hub.enter(second, 0)
    assert (first.ended, second.ended, hub.full) == (True, True, True)
    for stream in (first, second, first):
        hub.leave(stream)
    assert len(hub) == 0
    assert not hub._by_account
    assert not hub._by_home
    assert not hub._by_post
