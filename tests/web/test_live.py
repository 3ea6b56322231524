"""Open pages are told what becomes new, all of it, and nothing that is not for their member."""

import asyncio
from typing import Any

import pytest

from db.bus import BUS
from domain.accounts import sessions
from tests.conftest import OpenSite
from tests.listening import listening
from tests.people import Member, Site
from web import live, news


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits a second for the second word."""
    monkeypatch.setattr(live, "PACE", 0.02)


async def pair(site: Site) -> tuple[Member, Member]:
    """@bea follows @ana."""
    ana, bea = await site.members("ana", "bea")
    await bea.follow(ana)
    await site.settle()
    return ana, bea


async def test_a_guest_has_no_stream(site: Site) -> None:
    async with listening(site, None) as stream:
        await asyncio.wait_for(stream.ended.wait(), 5)
    assert stream.status == 204


async def test_what_a_stream_is(site: Site) -> None:
    (ana,) = await site.members("ana")
    async with listening(site, ana) as stream:
        assert await stream.until("notices") == {"unread": 0}
    assert stream.status == 200
    assert stream.events[0] == ("hello", {})
    assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert stream.headers["cache-control"] == "no-store"
    assert stream.headers["x-accel-buffering"] == "no"
    assert "content-encoding" not in stream.headers
    assert "frame-ancestors 'none'" in stream.headers["content-security-policy"]


async def test_a_home_is_told_of_posts_and_reposts_at_once(site: Site) -> None:
    ana, bea = await pair(site)
    cleo = await site.member("cleo")
    first = await ana.post("one")
    await site.settle()
    async with listening(site, bea, "home", since=first, posts=first) as stream:
        await stream.until("notices")
        assert stream.named("feed") == []
        await ana.post("two")
        await site.settle()
        assert await stream.until("feed", count=1) == {"count": 1, "text": "1 new post"}
        await ana.repost(await cleo.post("three"))
        await site.settle()
        assert await stream.until("feed", count=2) == {"count": 2, "text": "2 new posts"}


async def test_connecting_says_what_is_new_by_then(site: Site) -> None:
    ana, bea = await pair(site)
    first = await ana.post("one")
    await ana.post("two")
    await ana.post("three")
    await site.settle()
    async with listening(site, bea, "home", since=first, posts=first) as stream:
        assert (await stream.until("feed"))["count"] == 2


async def test_what_comes_late_between_older_entries_is_counted_too(site: Site) -> None:
    """Of two posts the older may reach a home after the newer one."""
    ana, bea = await pair(site)
    cleo = await site.member("cleo")
    oldest = await ana.post("on the page")
    late = await cleo.post("late")
    newest = await ana.post("on the page too")
    await site.settle()
    page: dict[str, Any] = {"since": newest, "from": oldest, "posts": f"{oldest},{newest}"}
    async with listening(site, bea, "home", **page) as stream:
        await stream.until("notices")
        assert stream.named("feed") == []
        await bea.follow(cleo)
        await site.settle()
        assert late in await bea.home()
        await ana.post("new")
        await site.settle()
        assert (await stream.until("feed", count=2))["count"] == 2


async def test_ones_own_posts_are_no_news(site: Site) -> None:
    ana, bea = await pair(site)
    first = await ana.post("one")
    await site.settle()
    async with (
        listening(site, bea, "home", since=first, posts=first) as stream,
        listening(site, bea, "public") as other,
    ):
        await bea.post("my own")
        await bea.repost(first)
        await site.settle()
        await stream.silent("feed")
        await other.until("feed", count=1)


async def test_more_than_a_hundred_are_counted_no_further(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "MOST", 3)
    ana, bea = await pair(site)
    first = await ana.post("one")
    for number in range(5):
        await ana.post(f"and {number}")
    await site.settle()
    async with listening(site, bea, "home", since=first, posts=first) as stream:
        assert await stream.until("feed") == {"count": 3, "text": "2+ new posts"}


async def test_a_home_is_not_told_what_it_does_not_show(site: Site) -> None:
    ana, bea = await pair(site)
    cleo, dan, eve, finn = await site.members("cleo", "dan", "eve", "finn")
    await bea.follow(cleo, dan, eve)
    await site.settle()
    first = await ana.post("one")
    await site.settle()
    async with listening(site, bea, "home", since=first, posts=first) as stream:
        await stream.until("notices")
        await bea.mute(cleo)
        await dan.block(bea)
        await cleo.post("of somebody muted")
        await dan.post("of somebody who blocks")
        await eve.repost(await cleo.post("of somebody muted, by another"))
        await finn.post("of a stranger")
        await site.settle()
        await stream.silent("feed")


async def test_the_switches_of_home_hold(site: Site) -> None:
    ana, bea = await pair(site)
    first = await ana.post("one")
    await site.settle()
    browser = site.browser(bea)
    await browser.post("/settings/home?hide_reposts=1")
    await browser.post("/settings/home?hide_replies=1")
    async with listening(site, bea, "home", since=first, posts=first) as stream:
        await stream.until("notices")
        await ana.repost(await (await site.member("cleo")).post("reposted"))
        await ana.post("a reply", parent=first)
        await site.settle()
        await stream.silent("feed")
        await ana.post("a first post")
        await site.settle()
        await stream.until("feed", count=1)


async def test_the_public_timeline(site: Site) -> None:
    ana, bea = await pair(site)
    first = await ana.post("one")
    async with listening(site, bea, "public", since=first, posts=first) as stream:
        await stream.until("notices")
        await ana.post("for followers", followers=True)
        await ana.post("a reply", parent=first)
        await site.settle()
        await stream.silent("feed")
        await ana.post("two")
        await stream.until("feed", count=1)


async def test_a_thread_is_told_of_replies_wherever_they_hang(site: Site) -> None:
    ana, bea = await pair(site)
    root = await ana.post("root")
    branch = await ana.post("branch", parent=root)
    async with (
        listening(site, bea, "thread", root=root, since=branch, posts=f"{root},{branch}") as whole,
        listening(site, bea, "thread", root=branch, since=branch, posts=branch) as part,
    ):
        await whole.until("notices")
        await ana.post("deep", parent=branch)
        assert await whole.until("replies", count=1) == {"count": 1, "text": "1 new reply"}
        assert await part.until("replies", count=1)
        await ana.post("beside", parent=root)
        assert await whole.until("replies", count=2)
        await part.silent("gone")
        assert part.named("replies") == [{"count": 1, "text": "1 new reply"}]


async def test_a_thread_that_is_not_for_the_reader_tells_nothing(site: Site) -> None:
    ana, bea = await pair(site)
    cleo, dan = await site.members("cleo", "dan")
    root = await ana.post("for followers", followers=True)
    open_root = await ana.post("for all")
    await ana.block(dan)
    asked: dict[str, Any] = {"since": open_root, "posts": f"{root},{open_root}"}
    async with (
        listening(site, cleo, "thread", root=root, **asked) as stranger,
        listening(site, dan, "thread", root=open_root, **asked) as blocked,
        listening(site, bea, "thread", root=root, **asked) as follower,
    ):
        await ana.post("more", parent=root)
        await ana.post("more", parent=open_root)
        await bea.vote(root, 1)
        await bea.vote(open_root, 1)
        await follower.until("replies", count=1)
        await follower.until("post", id=str(root), votes="1")
        await stranger.silent("replies")
        await blocked.silent("replies")
        assert str(root) not in [one["id"] for one in stranger.named("post")]
        assert blocked.named("post") == []
        assert {one["id"] for one in blocked.named("gone")} == {str(root), str(open_root)}


async def test_counts_of_the_posts_on_the_page(site: Site) -> None:
    ana, bea = await pair(site)
    post = await ana.post("one")
    elsewhere = await ana.post("not on this page")
    async with listening(site, bea, posts=post, fresh=1) as stream:
        await stream.until("notices")
        assert stream.named("post") == []
        await ana.vote(elsewhere, 1)
        await ana.vote(post, 1)
        assert await stream.until("post") == {"id": str(post), "replies": "", "reposts": "", "votes": "1", "downs": ""}
        await ana.post("reply", parent=post)
        await stream.until("post", replies="1")
        await (await site.member("cleo")).repost(post)
        await stream.until("post", reposts="1")
        await ana.vote(post, 0)
        await stream.until("post", votes="", reposts="1")
        await ana.delete(post, 30)
        await stream.until("gone", id=str(post))
        assert {one["id"] for one in stream.named("post")} == {str(post)}


async def test_a_stream_that_was_cut_goes_on_where_it_was(site: Site) -> None:
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
        await again.silent("feed", "post", "notices")
    await ana.post("three")
    await bea.vote(first, 1)
    await site.settle()
    async with listening(site, bea, "home", stream.mark, **page) as last:
        await last.until("feed", count=2)
        await last.until("post", votes="2")
    assert [len(last.named(name)) for name in ("feed", "post")] == [1, 1]


@pytest.mark.parametrize("mark", ["", "1", "1.2.3", "x.y.z.", "-.-.-.-", "9" * 500, "1.1.1.1.1", "\u0661.1.1.1"])
def test_any_mark_can_be_read(mark: str) -> None:
    news.resumed(mark)


async def test_signing_out_ends_the_streams_of_that_device(site: Site) -> None:
    ana, bea = await pair(site)
    other = await site.network.device(ana.id, "ana")
    async with listening(site, ana) as here, listening(site, other) as there, listening(site, bea) as hers:
        for stream in (here, there, hers):
            await stream.until("notices")
        viewer = await ana.viewer()
        await sessions.end(viewer, viewer.session)
        await asyncio.wait_for(here.ended.wait(), 5)
        await asyncio.sleep(0.2)
        assert not there.ended.is_set()
        assert not hers.ended.is_set()


async def test_a_signal_that_was_lost_is_made_good(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT", 0.5)
    monkeypatch.setattr(BUS, "receive", lambda _: None)
    ana, bea = await pair(site)
    first = await ana.post("one")
    await site.settle()
    async with listening(site, bea, "home", since=first, posts=first) as stream:
        await stream.until("notices")
        await ana.post("two")
        await ana.vote(first, 1)
        await site.settle()
        await stream.until("feed", count=1)
        await stream.until("post", votes="1")
        viewer = await bea.viewer()
        await sessions.end(viewer, viewer.session)
        await asyncio.wait_for(stream.ended.wait(), 5)


async def test_a_member_with_too_many_pages_loses_the_oldest(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
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


async def test_a_reader_who_reads_nothing_is_owed_no_more_than_the_newest_word(site: Site) -> None:
    _, bea = await pair(site)
    stream = live.Stream(await bea.viewer(), bea.token, "en", news.Sight(), news.Told())
    for count in range(10_000):
        stream.say("feed", {"count": count})
        stream.say("post", {"id": "7", "votes": count}, 7)
    assert len(stream.said) == 2
    stream.say("gone", {"id": "7"}, 7)
    text = stream.take().decode()
    assert '{"count":9999}' in text
    assert text.endswith('event: gone\ndata: {"id":"7"}\nid: 0.0.-1.0\n\n')
    assert stream.take() == b":\n\n"


async def test_a_hub_that_closes_ends_all_and_takes_no_more(site: Site) -> None:
    (ana,) = await site.members("ana")
    hub = live.Hub(10)
    viewer = await ana.viewer()
    first = live.Stream(viewer, ana.token, "en", news.Sight("home", posts=(1, 2)), news.Told())
    second = live.Stream(viewer, ana.token, "en", news.Sight("home"), news.Told())
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
