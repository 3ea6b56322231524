"""What people are told of: every kind, once, and counted as it is shown."""

import pytest

from db.engine import DB
from db.queries import notification_writes
from db.queries.notification_writes import NewNotice, PartKey
from db.tables.notifications import NoticeState
from domain.core import ids
from domain.core.access import GUEST
from domain.core.errors import SignedOut
from domain.core.events import Followed, PostEdited, PostPublished, Reposted, Voted
from domain.graph import follows
from domain.notifications import bells, notices, reactions
from domain.notifications.kinds import NotificationKind
from domain.posts import deletion
from tests.helpers.notifications import accept, closed, told, unread
from tests.helpers.people import LiveNetwork


async def test_every_kind_is_told_once(network: LiveNetwork) -> None:
    ana, ben, cleo, dov = await network.members("ana", "ben", "cleo", "dov")
    await ana.follow(dov)
    await bells.add(await ana.viewer(), dov.id)
    await network.settle()
    post = await ana.post("Hello")
    await ben.post("@ana look")
    await ben.post("@ana so it is", parent=post)
    await ben.post("@ana says", quote=post)
    await ben.repost(post)
    await ben.vote(post, 1)
    await ben.follow(ana)
    first = await dov.post("News of mine")
    await dov.post("Not news", parent=first)
    await closed(cleo)
    await ana.follow(cleo)
    await network.settle()
    assert await told(cleo) == ["request ana"]
    await accept(cleo, ana)
    await network.settle()
    assert sorted(await told(ana)) == sorted(
        ["mention ben", "reply ben", "quote ben", "repost ben", "vote ben", "follow ben", "bell dov", "accepted cleo"]
    )
    assert await unread(ana) == 8
    assert sorted(await told(ana, "mentions")) == ["mention ben", "quote ben", "reply ben"]
    assert [await told(ana, tab) for tab in ("votes", "reposts")] == [["vote ben"], ["repost ben"]]
    assert sorted(await told(ana, "follows")) == ["accepted cleo", "follow ben"]
    assert await told(dov) == ["follow ana"]
    assert (await told(cleo), await unread(cleo)) == (["follow ana"], 0), "who accepts knows it"


async def test_a_post_is_told_once_whichever_ways_it_concerns_somebody(network: LiveNetwork) -> None:
    ana, ben, cleo = await network.members("ana", "ben", "cleo")
    await cleo.follow(ben)
    await bells.add(await cleo.viewer(), ben.id)
    await network.settle()
    post, other = await ana.post("One"), await cleo.post("Two")
    await ben.post("@ana @cleo both", parent=post, quote=other)
    await ben.post("@cleo look, a bell")
    await network.settle()
    assert await told(ana) == ["reply ben"]
    assert sorted(await told(cleo)) == ["mention ben", "quote ben"]


async def test_votes_reposts_and_follows_gather_until_they_are_read(network: LiveNetwork) -> None:
    ana, *others = await network.members("ana", "ben", "cleo", "dov", "eva")
    post, reply = await ana.post("One"), await ana.post("Two")
    for one in others[:3]:
        await one.vote(post, 1)
        await one.vote(reply, 1)
        await one.repost(post)
        await one.follow(ana)
        await network.settle()
    assert sorted(await told(ana)) == ["follow dov +2", "repost dov +2", "vote dov +2", "vote dov +2"]
    assert await unread(ana) == 4
    (line,) = (await notices.page(await ana.viewer(), "reposts")).items
    assert line.actor is not None
    assert [line.actor.handle, *(face.handle for face in line.others)] == ["dov", "cleo", "ben"]
    assert await notices.read(await ana.viewer(), ids.LAST) == 0
    await others[3].vote(post, 1)
    await network.settle()
    assert (await told(ana))[0] == "vote eva"
    assert (len(await told(ana)), await unread(ana)) == (5, 1)


async def test_only_votes_up_are_told(network: LiveNetwork) -> None:
    ana, ben, cleo = await network.members("ana", "ben", "cleo")
    reply = await ana.post("Reply", parent=await ana.post("Root"))
    await ben.vote(reply, -1)
    await cleo.vote(reply, 1)
    await cleo.vote(reply, -1)
    await ana.vote(reply, 1)
    await network.settle()
    assert await told(ana) == []
    await ben.vote(reply, 1)
    await network.settle()
    assert await told(ana) == ["vote ben"]
    await ben.vote(reply, -1)
    await network.settle()
    assert (await told(ana), await unread(ana)) == ([], 0)


async def test_what_is_taken_back_leaves_and_comes_back_without_a_word(network: LiveNetwork) -> None:
    ana, ben, cleo = await network.members("ana", "ben", "cleo")
    post = await ana.post("One")
    for one in (ben, cleo):
        await one.vote(post, 1)
        await one.repost(post)
        await one.follow(ana)
        await network.settle()
    await cleo.vote(post, 0)
    await cleo.unrepost(post)
    await cleo.unfollow(ana)
    await network.settle()
    assert sorted(await told(ana)) == ["follow ben", "repost ben", "vote ben"]
    await ben.vote(post, 0)
    await network.settle()
    assert sorted(await told(ana)) == ["follow ben", "repost ben"]
    assert await unread(ana) == 2
    await notices.read(await ana.viewer(), ids.LAST)
    for one in (ben, cleo):
        await one.vote(post, 1)
    await cleo.repost(post)
    await cleo.follow(ana)
    await network.settle()
    assert sorted(await told(ana)) == ["follow cleo +1", "repost cleo +1", "vote cleo +1"]
    assert await unread(ana) == 1, "those votes had all been taken back unread"
    await notices.read(await ana.viewer(), ids.LAST)
    await cleo.vote(post, 0)
    await cleo.vote(post, 1)
    await network.settle()
    assert await unread(ana) == 0


async def test_reactions_may_come_twice_late_and_in_any_order(network: LiveNetwork) -> None:
    ana, ben, cleo = await network.members("ana", "ben", "cleo")
    post = await ana.post("@ben look")
    await ben.vote(post, 1)
    await ben.follow(ana)
    await ben.repost(post)
    await network.settle()
    async with DB.writing():
        for _ in range(2):
            await reactions.followed(Followed(ben.id, ana.id))
            await reactions.voted(Voted(post, ben.id))
            await reactions.edited(PostEdited(post, ana.id))
            await reactions.published(PostPublished(post, ana.id))
            await reactions.reposted(Reposted(1, post, ana.id, ben.id))
            # What says that something was done when it was not, or not any more.
            await reactions.voted(Voted(post, cleo.id))
            await reactions.followed(Followed(cleo.id, ana.id))
            await reactions.reposted(Reposted(1, post, ana.id, cleo.id))
            for gone in (1, 2):
                await reactions.voted(Voted(gone, ben.id))
                await reactions.published(PostPublished(gone, ben.id))
    assert sorted(await told(ana)) == ["follow ben", "repost ben", "vote ben"]
    assert await told(ben) == ["mention ana"]


async def test_an_edit_tells_those_it_names_and_only_them(network: LiveNetwork) -> None:
    ana, ben, cleo = await network.members("ana", "ben", "cleo")
    post = await ana.post("@ben look")
    await network.settle()
    await ana.edit(post, "@cleo look")
    await network.settle()
    assert (await told(ben), await told(cleo)) == ([], ["mention ana"])
    await notices.read(await cleo.viewer(), ids.LAST)
    await ana.edit(post, "@cleo and @ben, look")
    await network.settle()
    assert (await told(ben), await told(cleo)) == (["mention ana"], ["mention ana"])
    assert (await unread(ben), await unread(cleo)) == (1, 0)


async def test_a_deleted_post_is_not_counted_until_it_is_back(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    post = await ana.post("One")
    reply = await ben.post("Reply", parent=post)
    await ben.vote(post, 1)
    await network.settle()
    await ben.delete(reply, undo_seconds=60)
    assert (await told(ana), await unread(ana)) == (["vote ben"], 1)
    await ana.delete(post, undo_seconds=60)
    assert (await told(ana), await unread(ana)) == ([], 0)
    await deletion.restore(await ana.viewer(), post)
    await deletion.restore(await ben.viewer(), reply)
    assert (sorted(await told(ana)), await unread(ana)) == (["reply ben", "vote ben"], 2)
    await ana.delete(post)
    await network.settle()
    assert (await told(ana), await unread(ana)) == (["reply ben"], 1)
    assert await network.count("notice_part", f"post = {post}") == 0


async def test_what_is_told_while_the_post_is_hidden_counts_when_it_is_back(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    reply = await ben.post("Reply", parent=await ana.post("One"))
    await ben.delete(reply, undo_seconds=60)
    await network.settle()
    assert (await told(ana), await unread(ana)) == ([], 0)
    await deletion.restore(await ben.viewer(), reply)
    assert (await told(ana), await unread(ana)) == (["reply ben"], 1)


async def test_an_account_that_closes_takes_its_posts_out_of_sight(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    await ben.post("No mention", quote=await ana.post("One"))
    await network.settle()
    await closed(ben)
    assert (await told(ana), await unread(ana)) == ([], 0)
    await ben.post("Hidden", parent=await ana.post("Two"))
    await network.settle()
    assert await told(ana) == []


async def test_requests_come_and_go(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    await closed(ana)
    await ben.follow(ana)
    await network.settle()
    assert (await told(ana, "follows"), await unread(ana)) == (["request ben"], 1)
    await follows.decline(await ana.viewer(), ben.id)
    assert (await told(ana), await unread(ana)) == ([], 0), "at once"
    await network.settle()
    assert (await told(ana), await told(ben)) == ([], [])
    await ben.follow(ana)
    await network.settle()
    await ben.unfollow(ana)
    await network.settle()
    assert (await told(ana), await unread(ana)) == ([], 0)


async def test_pages_follow_each_other(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    for number in range(45):
        await ben.post(f"@ana {number}")
    await ben.vote(await ana.post("One"), 1)
    await network.settle()
    found, cursor = [], ""
    while True:
        page = await notices.page(await ana.viewer(), "mentions", cursor)
        found += [view.entry for view in page.items]
        cursor = page.next
        if not cursor:
            break
    assert len(found) == 45
    assert found == sorted(set(found), reverse=True)
    assert await unread(ana) == 46
    assert await notices.read(await ana.viewer(), found[9]) == 10, "upto is an entry"
    assert await notices.read(await ana.viewer(), ids.LAST, "votes") == 9, "the list that was shown"


async def test_no_more_than_a_hundred_are_counted(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    async with DB.writing():
        for _ in range(120):
            post = ids.new()
            kind = NotificationKind.FOLLOW
            await notification_writes.insert(NewNotice(post, ana.id, kind, None, ben.id, 1, NoticeState.SHOWN))
            await notification_writes.insert_part(PartKey(ana.id, kind.rules.topic, post, ben.id), post, post)
    assert await unread(ana) == 100


async def test_others_read_nothing(network: LiveNetwork) -> None:
    ana, ben, cleo = await network.members("ana", "ben", "cleo")
    await ben.vote(await ana.post("One"), 1)
    await network.settle()
    (line,) = (await notices.page(await ana.viewer())).items
    assert await notices.one(ana.id, line.id) == line
    assert await notices.one(cleo.id, line.id) is None
    assert await notices.since(ana.id, line.entry - 1, 5) == [line]
    assert await notices.since(ana.id, line.entry, 5) == await notices.since(cleo.id, 0, 5) == []
    await notices.read(await cleo.viewer(), ids.LAST)
    assert await unread(ana) == 1
    for ask in (
        notices.page(GUEST),
        notices.read(GUEST, 1),
        notices.set_aside(GUEST),
        notices.let_through(GUEST, ben.id),
    ):
        with pytest.raises(SignedOut):
            await ask
