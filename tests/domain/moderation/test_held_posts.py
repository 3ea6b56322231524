"""Posts that wait for a moderator: nobody but their author knows of them, by any door, until they are let through."""

import asyncio

import pytest

from app.wiring import reactions_by_event
from app.worker import Worker
from db.queries import restrictions
from db.tables.posts import PostState
from domain.core.access import GUEST
from domain.core.errors import Conflict, NotFound
from domain.media import serving
from domain.moderation import cases, decisions, reversals
from domain.moderation.kinds import StatementKind
from domain.notifications.kinds import NotificationKind
from domain.posts import deletion, editing, views
from domain.timelines import profile_lists, public
from domain.timelines.profile_lists import Tab
from tests.helpers import written_filters
from tests.helpers.people import LiveNetwork, Member, hidden

ENDING = [StatementKind.NO_BREACH, StatementKind.WARNING]


async def _held(network: LiveNetwork) -> tuple[Member, Member, Member, Member]:
    """A moderator, somebody who is mentioned, a follower with a bell and the author."""
    mona, max_ = await written_filters.staff(network)
    ana, ben, eve = await network.members("ana", "ben", "eve")
    await ben.follow(eve)
    await network.settle()
    await written_filters.live(mona, max_)
    return mona, ana, ben, eve


async def _state(post: int) -> PostState:
    found = await restrictions.current(post)
    assert found is not None
    return PostState(found.state)


async def _notices(network: LiveNetwork, *members: Member) -> list[int]:
    return [
        await network.count("notice", f"account = {one.id} AND kind <> {NotificationKind.FOLLOW.value}")
        for one in members
    ]


async def _profile(viewer: Member, author: Member, tab: Tab) -> list[int]:
    return [one.id for one in (await profile_lists.read(await viewer.viewer(), author.id, tab)).items]


async def test_a_held_post_is_nowhere(network: LiveNetwork) -> None:
    _mona, ana, ben, eve = await _held(network)
    parent = await ana.post("Where?")
    held = await eve.post("@ana pills #offer https://pills.example", key="held and sent twice")
    reply = await eve.post("pills here", parent=parent)
    quote = await eve.post("pills as she says", quote=parent)
    shown = await eve.show("pills")
    await network.settle()
    assert await hidden(held)
    assert await hidden(held, ana, ben)
    assert await hidden(shown, ana, ben)
    assert await eve.sees(held)
    for reader in (ana, ben):
        assert not {held, reply, quote, shown} & {*await reader.home(), *await reader.public()}
        assert await _profile(reader, eve, Tab.POSTS) == []
        assert await _profile(reader, eve, Tab.REPLIES) == []
        assert await _profile(reader, eve, Tab.MEDIA) == []
        assert (await public.tagged(await reader.viewer(), "offer")).items == []
        assert (await reader.view(parent)).replies == (await reader.view(parent)).quotes == 0
        assert (await reader.thread(parent)).replies == []
    assert await network.count("account", f"id = {eve.id} AND posts = 0") == 1
    assert await _notices(network, ana, ben, eve) == [0, 0, 0]
    assert not await network.count("link_preview")
    # Her own device shows her where it is, and what became of sending it twice.
    assert held in await eve.home()
    assert held in await _profile(eve, eve, Tab.POSTS)
    assert await eve.post("@ana pills #offer https://pills.example", key="held and sent twice") == held
    picture = (await eve.view(shown)).media[0].stills[0].key
    assert (found := await serving.find(picture)) is not None
    assert not found.open
    assert await serving.may_have(await eve.viewer(), picture)
    assert not await serving.may_have(await ana.viewer(), picture)
    with pytest.raises(NotFound):
        await ana.post("I see", parent=held)
    with pytest.raises(NotFound):
        await ana.repost(held)
    with pytest.raises(NotFound):
        await ana.report(held)
    assert await network.count("mod_case") == 4


@pytest.mark.parametrize("kind", ENDING)
async def test_it_is_published_once_a_moderator_lets_it_through(network: LiveNetwork, kind: StatementKind) -> None:
    mona, ana, ben, eve = await _held(network)
    parent = await ana.post("Where?")
    held = await eve.post("@ana pills", parent=parent)
    await mona.decide(await network.open_case(), kind)
    workers = [Worker(reactions_by_event(network.settings)) for _ in range(2)]
    await asyncio.gather(*(worker.drain() for worker in workers))
    for worker in workers:
        await worker.settle()
    # She is told of the warning and of the post, of nothing twice.
    told = [1, 0, 1 + (kind is StatementKind.WARNING)]
    async with asyncio.timeout(30):
        # One worker tries again what another one was about to do.
        while await _notices(network, ana, ben, eve) != told:
            await network.settle()
    await network.settle()
    assert await _state(held) is PostState.VISIBLE
    assert not await hidden(held, ana, ben)
    assert held in await ben.home()
    assert (await ana.view(parent)).replies == 1
    assert await _notices(network, ana, ben, eve) == told
    assert not await network.count("post_hold")
    await eve.edit(held, "@ana pills, sorry")
    assert await _state(held) is PostState.HELD


async def test_removal_keeps_it_away(network: LiveNetwork) -> None:
    mona, ana, ben, eve = await _held(network)
    held = await eve.post("@ana pills")
    removed = await mona.decide(await network.open_case(), StatementKind.POST_REMOVAL)
    await network.settle()
    assert await hidden(held, ana, ben, eve)
    assert await _notices(network, ana, ben, eve) == [0, 0, 1]
    # Taken back, it is published for the first time.
    await reversals.reverse(await mona.viewer(), removed, "It was a misunderstanding.")
    await network.settle()
    assert not await hidden(held, ana, ben)
    assert held in await ben.home()
    assert await _notices(network, ana, ben) == [1, 0]


async def test_hidden_until_edited_it_is_published_by_the_edit(network: LiveNetwork) -> None:
    mona, ana, ben, eve = await _held(network)
    held = await eve.post("@ana pills")
    await mona.decide(await network.open_case(), StatementKind.HIDE_UNTIL_EDITED)
    await network.settle()
    assert await _state(held) is PostState.HIDDEN
    assert await _notices(network, ana, ben) == [0, 0]
    await eve.edit(held, "@ana sorry")
    await network.settle()
    assert not await hidden(held, ana, ben)
    assert held in await ben.home()
    assert await _notices(network, ana, ben) == [1, 0]


async def test_an_edit_is_looked_at_as_well(network: LiveNetwork) -> None:
    mona, ana, ben, eve = await _held(network)
    post = await eve.post("Hello @ana")
    # Before anybody was told, and after: what becomes of it is the same.
    for _ in range(2):
        await eve.edit(post, "Hello @ana, @ben, pills")
        await network.settle()
        assert await hidden(post, ana, ben)
        assert await eve.sees(post)
        assert await network.count("account", f"id = {eve.id} AND posts = 0") == 1
        await eve.edit(post, "Hello @ana, @ben, no goods")
        await network.settle()
        assert not await hidden(post, ana, ben)
        assert await _notices(network, ana, ben, eve) == [1, 1, 0]
    assert await network.count("account", f"id = {eve.id} AND posts = 1") == 1
    _view, history = await editing.history(GUEST, post)
    assert [one.text for one in history.items] == [
        "Hello @ana, @ben, no goods", "Hello @ana, @ben, no goods", "Hello @ana",
    ]  # fmt: skip
    # What it said is before the moderators all the same, and they see that it is there.
    view = await cases.read(await mona.viewer(), await network.open_case())
    assert {one.content.text for one in view.evidence} == {"Hello @ana, @ben, pills"}
    assert view.now is not None
    assert not view.now.held
    assert view.post == post


async def test_a_decision_about_another_revision_is_refused(network: LiveNetwork) -> None:
    mona, ana, _ben, eve = await _held(network)
    held = await eve.post("pills")
    case = await network.open_case()
    seen = await cases.read(await mona.viewer(), case)
    await eve.edit(held, "pills for all")
    late = decisions.Decision(StatementKind.NO_BREACH, seen.version)
    with pytest.raises(Conflict):
        await decisions.decide(await mona.viewer(), case, late)
    assert await hidden(held, ana)
    assert len((await cases.read(await mona.viewer(), case)).evidence) == 2


async def test_deleted_while_it_waits(network: LiveNetwork) -> None:
    mona, ana, ben, eve = await _held(network)
    held = await eve.post("@ana pills")
    await eve.delete(held, 60)
    await mona.decide(await network.open_case(), StatementKind.NO_BREACH)
    await network.settle()
    assert await hidden(held, ana, ben, eve)
    assert await _notices(network, ana, ben, eve) == [0, 0, 0]
    await deletion.restore(await eve.viewer(), held)
    await network.settle()
    assert held in await ben.home()
    assert await _notices(network, ana, ben) == [1, 0]
    assert await network.count("account", f"id = {eve.id} AND posts = 1") == 1
    gone = await eve.post("more pills")
    await deletion.purge_now(gone)
    assert not await network.count("post_hold")
    assert await network.count("mod_case", "state = 1") == 1


async def test_what_it_quotes_and_who_reposts_it(network: LiveNetwork) -> None:
    """A post that was there, and is held by an edit, is hidden in what quotes and reposts it."""
    _mona, ana, ben, eve = await _held(network)
    post = await eve.post("Look")
    quote = await ana.post("See", quote=post)
    await ana.repost(post)
    await eve.edit(post, "Look, pills")
    assert await ben.sees(quote)
    assert await views.quoted(await ben.viewer(), [post]) == {}
    assert post not in await _profile(ben, ana, Tab.POSTS)
    with pytest.raises(NotFound):
        await editing.history(GUEST, post)


async def test_a_storm_of_posts(network: LiveNetwork) -> None:
    """Many at once, each in a case of its own, half of them edited meanwhile."""
    mona, _ana, _ben, eve = await _held(network)
    posts = await asyncio.gather(*(eve.post(f"pills {number}") for number in range(30)))
    await asyncio.gather(
        *(eve.edit(post, "no goods") for post in posts[::2]), *(eve.edit(post, "pills!") for post in posts[1::2])
    )
    assert await network.count("mod_case", "state = 1") == 30
    assert await network.count("post", "state = 3") == 15
    assert await network.count("post_hold", "decided_at IS NULL") == 15
    assert await network.count("account", f"id = {eve.id} AND posts = 15") == 1
    assert await network.count("filter_hit") == 45
    for case in (await cases.queue(await mona.viewer())).cases:
        await mona.decide(case.id, StatementKind.NO_BREACH)
    await network.settle()
    assert await network.count("account", f"id = {eve.id} AND posts = 30") == 1
    assert await _notices(network, eve) == [15]


async def test_members_of_staff_are_looked_at_as_all_others(network: LiveNetwork) -> None:
    mona, _ana, _ben, _eve = await _held(network)
    held = await mona.post("pills")
    assert await _state(held) is PostState.HELD


async def test_what_its_author_can_do_with_it(network: LiveNetwork) -> None:
    """Edit and delete it. What would lead others to it waits, and says so."""
    mona, ana, _ben, eve = await _held(network)
    parent = await ana.post("Where?")
    held = await eve.post("pills", parent=parent)
    for refused in (
        eve.post("As I said", parent=held),
        eve.post("As I said", quote=held),
        eve.repost(held),
        eve.vote(held, 1),
        eve.vote(held, -1),
    ):
        with pytest.raises(Conflict, match="Nobody else sees this post yet"):
            await refused
    assert await network.count("post") == 2
    found = await eve.thread(held)
    assert isinstance(found.refusal, Conflict)
    # To others there is no such post.
    for nothing in (ana.post("So?", parent=held), ana.post("So?", quote=held), ana.repost(held), ana.vote(held, 1)):
        with pytest.raises(NotFound):
            await nothing
    await eve.edit(held, "pills and potions")
    await mona.decide(await network.open_case(), StatementKind.NO_BREACH)
    await network.settle()
    await eve.vote(held, 1)
    assert await ana.sees(await eve.post("As I said", parent=held))
    # Held again by an edit, it loses nothing; what she gave she can take back.
    await eve.edit(held, "pills again")
    await eve.vote(held, 0)
    assert (await eve.view(held)).ups == 0
    await eve.delete(held, 60)
    assert await hidden(held, eve)
