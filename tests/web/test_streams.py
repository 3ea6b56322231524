"""Streams end, are cut, go on, and are bounded."""

import asyncio
from typing import Any

import pytest

from db.bus import BUS
from domain.accounts import sessions
from domain.core.signals import Kind
from domain.moderation.kinds import StatementKind
from tests.conftest import OpenSite
from tests.helpers.event_streams import caught_up, listening, pair
from tests.helpers.people import LiveSite
from web import live, live_updates
from web.live_updates import EVERYTHING, LiveTopic, PageKind, PageState, SentState

NOTHING = LiveTopic(0)

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


async def test_a_suspension_ends_the_streams_of_the_account(site: LiveSite) -> None:
    ana, bea = await pair(site)
    moderator = await site.network.moderator()
    await ana.report(await bea.post("You will be sorry."))
    async with listening(site, bea) as theirs, listening(site, ana) as other:
        for stream in (theirs, other):
            await stream.until("notices")
        case = await site.network.open_case()
        await moderator.decide(case, StatementKind.WARNING, sanction=StatementKind.SUSPENSION, days=1)
        await asyncio.wait_for(theirs.ended.wait(), 5)
        assert not other.ended.is_set()


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
    monkeypatch.setattr(live, "STREAMS_PER_MEMBER", 2)
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
    stream = live.Stream(await bea.viewer(), bea.token, "en", PageState(), SentState())
    for count in range(10_000):
        stream.emit("feed", {"count": count})
        stream.emit("post", {"id": "7", "votes": count}, 7)
    assert len(stream.pending) == 2
    stream.emit("gone", {"id": "7"}, 7)
    text = stream.take().decode()
    assert '{"count":9999}' in text
    assert text.endswith('event: gone\ndata: {"id":"7"}\nid: 0.0.-1.0\n\n')
    assert stream.take() == b":\n\n"


async def test_a_hub_that_closes_ends_all_and_takes_no_more(site: LiveSite) -> None:
    (ana,) = await site.members("ana")
    hub = live.Hub(10)
    viewer = await ana.viewer()
    first = live.Stream(viewer, ana.token, "en", PageState(PageKind.HOME, posts=(1, 2)), SentState())
    second = live.Stream(viewer, ana.token, "en", PageState(PageKind.HOME), SentState())
    hub.enter(first, EVERYTHING)
    hub.close()
    hub.enter(second, EVERYTHING)
    assert (first.ended, second.ended, hub.full) == (True, True, True)
    for stream in (first, second, first):
        hub.leave(stream)
    assert len(hub) == 0
    assert not hub._by_account
    assert not hub._by_home
    assert not hub._by_post


# What each kind of signal marks, of three open pages: a home, a thread and the public timeline.
MARKED: dict[str, tuple[LiveTopic, LiveTopic, LiveTopic]] = {
    Kind.HOME: (NOTHING, NOTHING, NOTHING),  # first of all the followers are looked up
    Kind.PUBLIC: (NOTHING, NOTHING, LiveTopic.FEED),
    Kind.THREAD: (NOTHING, LiveTopic.REPLIES, NOTHING),
    Kind.POST: (LiveTopic.POSTS, NOTHING, NOTHING),
    Kind.NOTICES: (LiveTopic.VIEWER, LiveTopic.VIEWER, LiveTopic.VIEWER),
    Kind.VIEWER: (EVERYTHING, EVERYTHING, EVERYTHING),
    Kind.PURGED: (NOTHING, NOTHING, NOTHING),
    Kind.LEFT: (NOTHING, NOTHING, NOTHING),
    Kind.FILTERS: (NOTHING, NOTHING, NOTHING),
    Kind.MISSED: (NOTHING, NOTHING, NOTHING),  # they are all updated at their next beat, which comes sooner
    "of-a-newer-version": (NOTHING, NOTHING, NOTHING),
}


async def test_a_signal_marks_the_pages_that_it_concerns(site: LiveSite) -> None:
    assert set(Kind) < set(MARKED)
    (ana,) = await site.members("ana")
    viewer = await ana.viewer()
    pages = [PageState(PageKind.HOME, posts=(ana.id,)), PageState(PageKind.THREAD), PageState(PageKind.PUBLIC)]
    for kind, marked in MARKED.items():
        hub = live.Hub(10)
        streams = [live.Stream(viewer, "", "en", page, SentState()) for page in pages]
        streams[1].root = ana.id
        for stream in streams:
            hub.enter(stream, NOTHING)
        beats = [stream.beat_at for stream in streams]
        hub.receive(kind, ana.id, 0)
        assert tuple(stream.topics for stream in streams) == marked, kind
        sooner = all(stream.beat_at < before for stream, before in zip(streams, beats, strict=True))
        assert sooner == (kind == Kind.MISSED)
        assert bool(hub._sources) == (kind == Kind.HOME)
