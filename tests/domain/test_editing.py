"""Editing keeps what was said before; deleting takes everything, after a moment of grace."""

import json

import pytest

from asgi.guest_pages import GuestPagesMiddleware
from asgi.policy import Policy
from db.engine import DB
from db.queries import editing as queries
from db.sql import SQL
from domain.accounts import profiles
from domain.core import ids, signals
from domain.core.access import GUEST
from domain.core.cursors import SIZE
from domain.core.errors import Conflict, Invalid, NotFound
from domain.posts import deletion, editing
from domain.timelines import public
from tests.conftest import Watch
from tests.helpers.people import LiveNetwork, Member, everything, hidden
from web import page, post_rendering, templating
from web.cache_invalidation import CacheInvalidation

ENGLISH = templating.templates("en", Policy())


async def test_history(network: LiveNetwork) -> None:
    ana, _ = await network.members("ana", "ben")
    post = await ana.post("At 14:00 #choir @ben")
    await ana.edit(post, "At 15:00 #shed", cover="Time")
    await ana.edit(post, "At 16:00")
    view, history = await editing.history(GUEST, post)
    assert (view.version, history.next) == (3, "")
    assert [(one.text, one.cover, one.current) for one in history.items] == [
        ("At 16:00", None, True),
        ("At 15:00 #shed", "Time", False),
        ("At 14:00 #choir @ben", None, False),
    ]
    assert history.items[2].mentions == " ben "
    assert await network.count("mention") == await network.count("post_tag") == 0


async def test_a_long_history_comes_in_pages(network: LiveNetwork) -> None:
    """Each page reads only the versions that it shows, however many there are."""
    ana = await network.member("ana")
    post = await ana.post("Version 1")
    await ana.edit(post, "Version 2")
    await _versions(post, 3, 300)
    found: list[str] = []
    cursor = ""
    for _ in range(15):
        _, shown = await editing.history(GUEST, post, cursor)
        found += [one.text for one in shown.items]
        assert len(shown.items) == SIZE
        cursor = shown.next
    assert (found, cursor) == ([f"Version {number}" for number in range(300, 0, -1)], "")
    assert [one.text for one in (await editing.history(GUEST, post, "2"))[1].items] == ["Version 1"]
    assert (await editing.history(GUEST, post, "1"))[1].items == []
    assert len((await editing.history(GUEST, post, str(ids.LAST)))[1].items) == SIZE

    assert await _read(post, 300) <= SIZE + 1


async def _read(post: int, before: int) -> int:
    """How many revisions the engine looks at for a page; SQLite says only that it goes by the key, in its order."""
    values = (post, before, SIZE + 1)
    if DB.dialect == "sqlite":
        steps = await DB.fetch(SQL(f"EXPLAIN QUERY PLAN {queries.REVISIONS.sqlite}"), *values)
        assert [row[3] for row in steps if not row[1]] == [
            "SEARCH r USING PRIMARY KEY (post=? AND number<?)", "CORRELATED SCALAR SUBQUERY 2",
        ]  # fmt: skip
        assert all(step[3].startswith(("SEARCH", "CORRELATED")) for step in steps)
        return 0
    await DB.fetch(SQL("", "ANALYZE revision"))
    (plan,) = await DB.fetch(SQL("", f"EXPLAIN (ANALYZE, FORMAT JSON) {queries.REVISIONS.postgres}"), *values)
    (scan,) = json.loads(plan[0])[0]["Plan"]["Plans"]
    return int(scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0))


async def _versions(post: int, first: int, last: int) -> None:
    """Gives a post versions as that many edits would, in one transaction."""
    keep = SQL("INSERT INTO revision (post, number, text, mentions, written_at) VALUES (?1, ?2, ?3, '', ?4)")
    async with DB.writing():
        for number in range(first - 1, last):
            await DB.fetch(keep, post, number, f"Version {number}", number)
        await DB.fetch(SQL("UPDATE post SET text = ?2, version = ?3 WHERE id = ?1"), post, f"Version {last}", last)


async def test_nothing_changed_is_no_edit(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    post = await ana.post("Same")
    await ana.edit(post, " Same ")
    assert (await ana.view(post)).edited_at is None


async def test_only_the_author_edits(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    post = await ana.post("Mine")
    for wrong in (post, post + 1):
        with pytest.raises(NotFound):
            await ben.edit(wrong, "Yours")
    assert (await ana.view(post)).text == "Mine"
    with pytest.raises(Invalid):
        await ana.edit(post, "x" * 1001)


async def test_two_edits_at_once_do_not_overwrite_each_other(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    post = await ana.post("One")
    await ana.edit(post, "Two", version=1)
    with pytest.raises(Conflict):
        await ana.edit(post, "Three", version=1)
    assert (await ana.view(post)).text == "Two"
    assert await network.count("revision") == 1


async def test_the_history_of_what_is_hidden_is_hidden(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    post = await ana.post("One", followers=True)
    await ana.edit(post, "Two")
    for viewer in (GUEST, await ben.viewer()):
        with pytest.raises(NotFound):
            await editing.history(viewer, post)


async def counts(ana: Member) -> tuple[int, int]:
    profile = await profiles.by_handle(await ana.viewer(), "ana")
    return profile.posts, len(await everything(public.tagged, GUEST, "square"))


async def test_deleting_hides_at_once_and_can_be_undone(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    await ben.follow(ana)
    root = await ben.post("Root")
    post = await ana.post("Reply #square", parent=root)
    quote = await ana.post("Quote", quote=root)
    await network.settle()
    for one in (post, quote):
        await ana.delete(one, undo_seconds=30)
    await network.settle()
    assert await hidden(post, ana, ben)
    assert await ben.home() == [root]
    view = await ben.view(root)
    assert (view.replies, view.quotes, *await counts(ana)) == (0, 0, 0, 0)
    with pytest.raises(NotFound):
        await ana.delete(post)
    with pytest.raises(NotFound):
        await deletion.restore(await ben.viewer(), post)
    for one in (post, quote):
        await deletion.restore(await ana.viewer(), one)
    view = await ben.view(root)
    assert (view.replies, view.quotes, *await counts(ana)) == (1, 1, 2, 1)
    assert await ben.home() == [quote, post, root]


async def test_a_restored_post_survives_the_purge_that_was_planned(network: LiveNetwork, watch: Watch) -> None:
    ana = await network.member("ana")
    post = await ana.post("Wait")
    await ana.delete(post, undo_seconds=30)
    await deletion.restore(await ana.viewer(), post)
    watch.forward(60)
    await network.settle()
    assert await ana.sees(post)


async def test_after_the_grace_nothing_is_left(network: LiveNetwork, watch: Watch) -> None:
    ana, ben, cem = await network.members("ana", "ben", "cem")
    await ben.follow(ana)
    await cem.follow(ben)
    post = await ana.post("Forget me #gone @ben")
    await ana.edit(post, "Forget me not #gone @ben")
    await ben.repost(post)
    await ben.vote(post, 1)
    await network.settle()
    # What other tests have drawn is in the same memory.
    post_rendering.forget_all()
    await post_rendering.render(await ben.viewer(), [(await ben.view(post)).summary], ENGLISH)
    memory = CacheInvalidation(GuestPagesMiddleware(network.settings, page.asks_for_fragment))
    signals.listen(memory.receive)
    assert [key[1] for key in post_rendering.KEPT.entries] == [post]
    assert post_rendering.FILLED.entries
    await ana.delete(post, undo_seconds=30)
    watch.forward(29)
    await network.settle()
    assert await network.count("post") == 1
    watch.forward(2)
    await network.settle()
    for table, column in (
        ("post", "id"), ("revision", "post"), ("mention", "post"), ("post_tag", "post"), ("repost", "post"),
        ("vote", "post"), ("timeline", "post"),
    ):  # fmt: skip
        assert await network.count(table, f"{column} = {post}") == 0, table
    assert not post_rendering.KEPT.entries
    assert not post_rendering.FILLED.entries
    with pytest.raises(NotFound):
        await deletion.restore(await ana.viewer(), post)


async def test_only_the_author_deletes(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    post = await ana.post("Mine")
    with pytest.raises(NotFound):
        await ben.delete(post)
    assert await ben.sees(post)
