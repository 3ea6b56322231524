"""Open pages are told what becomes new, all of it, and nothing that is not for their member."""

import asyncio
from typing import Any

import pytest

from tests.helpers.event_streams import caught_up, listening, pair
from tests.helpers.people import LiveSite
from web import live_updates

pytestmark = pytest.mark.usefixtures("quick_streams")


async def test_a_guest_has_no_stream(site: LiveSite) -> None:
    async with listening(site, None) as stream:
        await asyncio.wait_for(stream.ended.wait(), 5)
    assert stream.status == 204


async def test_a_page_of_another_member_hears_nothing(site: LiveSite) -> None:
    ana, bea = await site.members("ana", "bea")
    hers: dict[str, Any] = {"for": ana.id}
    async with listening(site, bea, **hers) as stream:
        await asyncio.wait_for(stream.ended.wait(), 5)
    assert (stream.status, stream.events) == (204, [])


async def test_what_a_stream_is(site: LiveSite) -> None:
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


async def test_a_home_is_told_of_posts_and_reposts_at_once(site: LiveSite) -> None:
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


async def test_connecting_says_what_is_new_by_then(site: LiveSite) -> None:
    ana, bea = await pair(site)
    first = await ana.post("one")
    await ana.post("two")
    await ana.post("three")
    await site.settle()
    async with listening(site, bea, "home", since=first, posts=first) as stream:
        assert (await stream.until("feed"))["count"] == 2


async def test_what_comes_late_between_older_entries_is_counted_too(site: LiveSite) -> None:
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


async def test_ones_own_posts_are_no_news(site: LiveSite) -> None:
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
        await caught_up(site, stream, first)
        assert stream.named("feed") == []
        await other.until("feed", count=1)


async def test_more_than_a_hundred_are_counted_no_further(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_updates, "MOST", 3)
    ana, bea = await pair(site)
    first = await ana.post("one")
    for number in range(5):
        await ana.post(f"and {number}")
    await site.settle()
    async with listening(site, bea, "home", since=first, posts=first) as stream:
        assert await stream.until("feed") == {"count": 3, "text": "2+ new posts"}


async def test_a_home_is_not_told_what_it_does_not_show(site: LiveSite) -> None:
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
        await caught_up(site, stream, first)
        assert stream.named("feed") == []


async def test_the_switches_of_home_hold(site: LiveSite) -> None:
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
        await caught_up(site, stream, first)
        assert stream.named("feed") == []
        await ana.post("a first post")
        await site.settle()
        await stream.until("feed", count=1)


async def test_the_public_timeline(site: LiveSite) -> None:
    ana, bea = await pair(site)
    first = await ana.post("one")
    async with listening(site, bea, "public", since=first, posts=first) as stream:
        await stream.until("notices")
        await ana.post("for followers", followers=True)
        await ana.post("a reply", parent=first)
        await site.settle()
        await caught_up(site, stream, first)
        assert stream.named("feed") == []
        await ana.post("two")
        await stream.until("feed", count=1)


async def test_a_thread_is_told_of_replies_wherever_they_hang(site: LiveSite) -> None:
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
        await caught_up(site, part, branch)
        assert part.named("gone") == []
        assert part.named("replies") == [{"count": 1, "text": "1 new reply"}]


async def test_a_thread_that_is_not_for_the_reader_tells_nothing(site: LiveSite) -> None:
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
        await caught_up(site, stranger, open_root, votes=1)
        # Who sees no post of the page is told of what concerns them.
        for unread in (1, 2):
            await cleo.post("@dan")
            await site.settle()
            await blocked.until("notices", unread=unread)
        assert stranger.named("replies") == blocked.named("replies") == []
        assert str(root) not in [one["id"] for one in stranger.named("post")]
        assert blocked.named("post") == []
        assert {one["id"] for one in blocked.named("gone")} == {str(root), str(open_root)}


async def test_counts_of_the_posts_on_the_page(site: LiveSite) -> None:
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
