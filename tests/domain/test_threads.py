"""Threads: any depth, three orders, pages without gaps, and lines where something may not be seen."""

import pytest

from domain.accounts import profiles
from domain.core.access import GUEST
from domain.core.errors import NotFound
from domain.posts import threads
from tests.helpers.people import LiveNetwork, Member


async def chain(one: Member, length: int) -> list[int]:
    posts = [await one.post("0")]
    for depth in range(1, length):
        posts.append(await one.post(str(depth), parent=posts[-1]))
    return posts


async def test_any_depth(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    posts = await chain(ana, 36)
    top = await threads.read(GUEST, posts[0])
    assert [(node.post.id, node.depth) for node in top.replies] == [(posts[1], 0), (posts[2], 1), (posts[3], 2)]
    assert top.replies[-1].more == 1
    middle = await threads.read(GUEST, posts[5])
    assert [one and one.id for one in middle.ancestors] == posts[:5]
    assert middle.earlier is None
    deep = await threads.read(GUEST, posts[35])
    assert [one and one.id for one in deep.ancestors] == posts[5:35]
    assert deep.earlier == posts[5]
    assert deep.focus.root == posts[0]


async def pages(sort: threads.Sort, post: int) -> list[int]:
    found: list[int] = []
    cursor = ""
    while True:
        page = await threads.read(GUEST, post, sort, cursor)
        found += [node.post.id for node in page.replies if node.depth == 0]
        if not page.next:
            return found
        cursor = page.next


async def test_three_orders_over_pages(network: LiveNetwork) -> None:
    ana, ben, cem = await network.members("ana", "ben", "cem")
    root = await ana.post("Root")
    replies = [await ben.post(str(n), parent=root) for n in range(45)]
    for post in replies[::5]:
        await ana.vote(post, 1)
    for post in replies[::10]:
        await cem.vote(post, 1)
    for post in replies[1::7]:
        await cem.vote(post, -1)
    assert await pages(threads.Sort.OLDEST, root) == replies
    assert await pages(threads.Sort.NEWEST, root) == replies[::-1]
    scores = {post: (await ben.view(post)) for post in replies}
    best = sorted(replies, key=lambda post: (scores[post].ups - scores[post].downs, post), reverse=True)
    assert await pages(threads.Sort.TOP, root) == best


@pytest.mark.parametrize("cursor", ["x", "1", "1.x", ".5", "-.1", "9" * 30 + ".1", "1.-1", "٣.1", "²"])
async def test_a_broken_cursor_is_the_first_page(network: LiveNetwork, cursor: str) -> None:
    ana = await network.member("ana")
    root = await ana.post("Root")
    reply = await ana.post("Reply", parent=root)
    page = await threads.read(GUEST, root, threads.Sort.TOP, cursor)
    assert [node.post.id for node in page.replies] == [reply]


async def test_branches_are_cut_short_and_say_so(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    root = await ana.post("Root")
    reply = await ana.post("Reply", parent=root)
    below = [await ana.post(str(n), parent=reply) for n in range(5)]
    page = await threads.read(GUEST, root)
    assert [(node.post.id, node.depth, node.more) for node in page.replies] == [
        (reply, 0, 2),
        *((post, 1, 0) for post in below[:3]),
    ]


async def test_a_line_stands_for_what_may_not_be_seen(network: LiveNetwork) -> None:
    ana, ben, cem = await network.members("ana", "ben", "cem")
    await ben.follow(ana)
    root = await cem.post("Root")
    secret = await ana.post("For friends", parent=root, followers=True)
    answer = await ben.post("Interesting", parent=secret)
    seen = await cem.thread(answer)
    assert [one and one.id for one in seen.ancestors] == [root, None]
    assert [one and one.id for one in (await ben.thread(answer)).ancestors] == [root, secret]
    assert [node.post.id for node in (await cem.thread(root)).replies] == []
    with pytest.raises(NotFound):
        await cem.thread(secret)


async def test_a_line_stands_for_what_is_purged(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    root, middle = await chain(ana, 2)
    answer = await ben.post("Yes", parent=middle)
    await ana.delete(middle)
    assert [one and one.id for one in (await ben.thread(answer)).ancestors] == [root, None]
    await network.settle()
    purged = await ben.thread(answer)
    assert purged.ancestors[-1] is None
    assert [node.post.id for node in (await ben.thread(root)).replies] == []
    assert (await ben.view(root)).replies == 0


async def test_replies_from_a_private_account_stay_with_its_followers(network: LiveNetwork) -> None:
    ana, yuki, ben = await network.members("ana", "yuki", "ben")
    await ana.follow(yuki)
    await profiles.set_private(await yuki.viewer(), private=True)
    root = await ben.post("Root")
    reply = await yuki.post("Quietly", parent=root)
    assert [node.post.id for node in (await ana.thread(root)).replies] == [reply]
    assert (await ben.thread(root)).replies == (await threads.read(GUEST, root)).replies == []


async def test_new_replies_are_found_behind_a_page_of_others(network: LiveNetwork) -> None:
    """Answers elsewhere in a thread do not hide those to the post that is open."""
    ana, ben = await network.members("ana", "ben")
    root = await ana.post("The first")
    one = await ben.post("One branch", parent=root)
    other = await ben.post("Another branch", parent=root)
    for number in range(7):
        await ben.post(f"Beside {number}", parent=other)
    meant = [await ben.post(f"Here {number}", parent=one) for number in range(4)]
    found = await threads.newer(await ana.viewer(), one, root, other, 3)
    assert [reply.post.id for reply in found] == meant[:3]
    rest = await threads.newer(await ana.viewer(), one, root, meant[2], 3)
    assert [reply.post.id for reply in rest] == meant[3:]
