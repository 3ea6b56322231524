"""What is done to posts that stay: labels, covers, limits, pictures taken out; and what is hidden until edited."""

from typing import Any

import pytest

from domain.core.access import GUEST
from domain.core.errors import Conflict, Invalid, NotFound
from domain.media import serving
from domain.media.attachments import ChosenMedia
from domain.moderation import appeal_decisions, appeals, cases, reports, reversals, statements
from domain.moderation.kinds import Outcome, StatementKind, SubjectKind
from domain.moderation.subjects import Subject
from domain.notifications import notices
from domain.posts import editing, views
from domain.posts.measures import MeasureKind, PostLabel
from domain.timelines import profile_lists, public
from domain.timelines.profile_lists import Tab
from tests.helpers import media_files
from tests.helpers.moderation import WORDS, reported
from tests.helpers.people import LiveNetwork, Member, hidden

LABEL, COVER, LIMIT = StatementKind.LABEL, StatementKind.COVER, StatementKind.LIMIT
REMOVAL, HIDING = StatementKind.MEDIA_REMOVAL, StatementKind.HIDE_UNTIL_EDITED


async def take_back(moderator: Member, statement: int) -> int:
    return await reversals.reverse(await moderator.viewer(), statement, "It was a quotation.")


def test_numbers_are_those_of_statements() -> None:
    words = {"REMOVAL": "POST_REMOVAL", "HIDING": "HIDE_UNTIL_EDITED"}
    assert {words.get(kind.name, kind.name): kind.value for kind in MeasureKind} == {
        kind.name: kind.value for kind in StatementKind if kind in (REMOVAL, HIDING, LABEL, COVER, LIMIT, 2)
    }


# --- labels and covers -----------------------------------------------------------------------------------------------


async def test_label_and_cover_of_one_decision_are_for_everybody(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    await moderator.decide(case, None, measures=frozenset({LABEL, COVER}), label=PostLabel.MISLEADING)
    await network.settle()
    for viewer in (GUEST, *[await member.viewer() for member in (ana, eve, moderator)]):
        view = await views.get(viewer, post)
        assert view.covered
        assert view.moderation.label is PostLabel.MISLEADING
        assert view.moderation.cover_rule is not None
        assert view.moderation.cover_rule.title("en") == "Harassment"
        assert view.text == "You will be sorry."
    own = (await statements.mine(await eve.viewer())).items
    assert [(one.kind, one.label, one.in_force) for one in own] == [
        (LABEL, PostLabel.MISLEADING, True), (COVER, None, True),
    ]  # fmt: skip
    assert await statements.points(eve.id) == 6, "one breach counts once"
    assert [one.outcome for one in (await reports.mine(await ana.viewer())).items] == [Outcome.ACTION]


async def test_each_measure_is_taken_back_by_itself(network: LiveNetwork) -> None:
    _, eve, moderator, post, case = await reported(network)
    before = await eve.view(post)
    await moderator.decide(case, None, measures=frozenset({LABEL, COVER}), label=PostLabel.SENSITIVE)
    label, cover = [one.id for one in (await statements.mine(await eve.viewer())).items]
    await take_back(moderator, label)
    view = await eve.view(post)
    assert (view.moderation.label, view.covered) == (None, True)
    await take_back(moderator, cover)
    assert await eve.view(post) == before


async def test_an_appeal_that_is_granted_takes_all_of_a_decision_back(network: LiveNetwork) -> None:
    _, eve, moderator, post, case = await reported(network)
    before, second = await eve.view(post), await network.moderator("max")
    wanted = frozenset({LABEL, COVER, LIMIT})
    statement = await moderator.decide(case, None, measures=wanted, label=PostLabel.UNVERIFIED)
    appeal = await appeals.lodge(await eve.viewer(), statement, WORDS)
    await appeal_decisions.grant(await second.viewer(), appeal, "It was a song.")
    assert await eve.view(post) == before
    assert post in await eve.public()
    assert await statements.points(eve.id) == 0


async def test_an_edit_leaves_label_and_cover(network: LiveNetwork) -> None:
    _, eve, moderator, post, case = await reported(network)
    await moderator.decide(case, None, measures=frozenset({LABEL, COVER}), label=PostLabel.MISLEADING)
    await eve.edit(post, "You will be happy.")
    view = await eve.view(post)
    assert (view.text, view.covered, view.moderation.label) == ("You will be happy.", True, PostLabel.MISLEADING)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (StatementKind.NO_BREACH, {"measures": frozenset({COVER})}),
        (StatementKind.POST_REMOVAL, {"measures": frozenset({COVER})}),
        (HIDING, {"measures": frozenset({LABEL}), "label": PostLabel.SENSITIVE}),
        (None, {"measures": frozenset({LABEL})}),
        (None, {"measures": frozenset({REMOVAL})}),
        (None, {"measures": frozenset({REMOVAL}), "media": (5,)}),
        (None, {"measures": frozenset({StatementKind.FREEZE})}),
        (None, {"measures": frozenset({COVER}), "sanction": StatementKind.PERMANENT_SUSPENSION}),
        (HIDING, {"sanction": StatementKind.PERMANENT_SUSPENSION}),
        (None, {}),
        (LABEL, {}),
    ],
)
async def test_what_does_not_go_together_is_refused(
    network: LiveNetwork, kind: StatementKind | None, wanted: dict[str, Any]
) -> None:
    _, _, moderator, post, case = await reported(network)
    await network.moderator("max")
    with pytest.raises(Invalid):
        await moderator.decide(case, kind, **wanted)
    assert await network.count("statement") == 0
    assert not await hidden(post)


async def test_an_account_has_no_measures(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    await ana.report_subject(Subject(SubjectKind.ACCOUNT, eve.id))
    with pytest.raises(Invalid):
        await moderator.decide(await network.open_case(), None, measures=frozenset({COVER}))


# --- pictures --------------------------------------------------------------------------------------------------------


async def pictured(network: LiveNetwork) -> tuple[Member, Member, Member, int, list[int]]:
    """A reporter, an author, a moderator, a post of three pictures, and these."""
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    post = await eve.show("Look.", *(media_files.encoded(media_files.photo(60 + size, 60)) for size in range(3)))
    return ana, eve, moderator, post, [one.id for one in (await eve.view(post)).media]


async def test_one_picture_goes_and_comes_back_at_its_place(network: LiveNetwork) -> None:
    ana, eve, moderator, post, media = await pictured(network)
    await ana.report_subject(Subject(SubjectKind.MEDIA, media[1]))
    key = (await eve.view(post)).media[1].stills[0].key
    case = await network.open_case()
    assert [one.id for one in (await cases.read(await moderator.viewer(), case)).pictures] == [media[1]]
    with pytest.raises(Invalid):
        await moderator.decide(case, None, measures=frozenset({REMOVAL}), media=(media[0],))
    statement = await moderator.decide(case, None, measures=frozenset({REMOVAL}), media=(media[1],))
    for member in (ana, eve, moderator):
        view = await member.view(post)
        assert ([one.id for one in view.media], view.attachments) == ([media[0], media[2]], 2)
        assert len(view.moderation.removed) == 1
    with pytest.raises(NotFound):
        await ana.report_subject(Subject(SubjectKind.MEDIA, media[1]))
    found = await serving.find(key)
    assert found is not None
    assert not found.open
    assert [await serving.may_have(await member.viewer(), key) for member in (ana, eve)] == [False, False]
    await eve.edit(post, "Look again.")
    await take_back(moderator, statement)
    view = await ana.view(post)
    assert ([one.id for one in view.media], view.attachments, view.moderation.removed) == (media, 3, ())
    found = await serving.find(key)
    assert found is not None
    assert found.open


async def test_a_removed_picture_keeps_its_place_and_its_author_can_not_put_it_back(network: LiveNetwork) -> None:
    ana, eve, moderator, post, media = await pictured(network)
    await ana.report(post)
    await moderator.decide(await network.open_case(), None, measures=frozenset({REMOVAL}), media=(media[0], media[1]))
    viewer = await eve.viewer()
    more = [ChosenMedia((await eve.send(media_files.encoded(media_files.photo(90, number)))).id) for number in (70, 80)]
    with pytest.raises(Conflict):
        await editing.edit(viewer, post, "Look.", None, media=[ChosenMedia(media[0])])
    with pytest.raises(Invalid):
        await editing.edit(viewer, post, "Look.", None, media=[ChosenMedia(media[2]), *more])
    await editing.edit(viewer, post, "Look.", None, media=[])
    first, second = [one.id for one in (await statements.mine(viewer)).items]
    await take_back(moderator, first)
    await take_back(moderator, second)
    assert [one.id for one in (await ana.view(post)).media] == media[:2]


async def test_a_removed_picture_is_not_sent_again(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    bodies = [media_files.encoded(media_files.photo(60 + size, 60)) for size in range(2)]
    post = await eve.show("Two", *bodies)
    await ana.report(post)
    first, second = (await eve.view(post)).media
    case = await network.open_case()
    statement = await moderator.decide(case, None, measures=frozenset({REMOVAL}), media=(first.id,))
    again = await eve.send(bodies[0])
    assert again.stills[0].key == first.stills[0].key
    kept, copy = ChosenMedia(second.id, "words"), ChosenMedia(again.id, "words")
    with pytest.raises(Invalid, match="removed this from a post of yours"):
        await editing.edit(await eve.viewer(), post, "Back", None, media=[kept, copy])
    with pytest.raises(Invalid, match="removed this from a post of yours"):
        await eve.post("Anew", media=(copy,))
    found = await serving.find(first.stills[0].key)
    assert found is not None
    assert not found.open
    # What is no copy of it, and whoever else sends it, is let through; so is its author once it is back.
    await editing.edit(await eve.viewer(), post, "One", None, media=[kept])
    assert (await eve.view(post)).text == "One"
    await ana.show("Mine", bodies[0])
    await take_back(moderator, statement)
    await eve.post("Anew", media=(copy,))


async def test_a_picture_that_is_gone_is_not_said_to_be_removed(network: LiveNetwork) -> None:
    ana, eve, moderator, post, media = await pictured(network)
    await ana.report(post)
    await editing.edit(await eve.viewer(), post, "Look.", None, media=[ChosenMedia(media[0])])
    case = await network.open_case()
    with pytest.raises(Invalid, match="no longer there"):
        await moderator.decide(case, None, measures=frozenset({REMOVAL}), media=(media[1],))
    other = (await eve.view(await eve.show("Another."))).media[0].id
    with pytest.raises(Invalid, match="no longer there"):
        await moderator.decide(case, None, measures=frozenset({REMOVAL}), media=(other,))


async def test_removed_pictures_go_with_their_post(network: LiveNetwork) -> None:
    ana, eve, moderator, post, media = await pictured(network)
    await ana.report(post)
    await moderator.decide(await network.open_case(), None, measures=frozenset({REMOVAL}), media=(media[0],))
    await eve.delete(post)
    await network.settle()
    assert await network.count("media", f"id = {media[0]}") == 0
    assert await network.count("evidence_file") == 3


# --- reach -----------------------------------------------------------------------------------------------------------


async def test_limited_reach_is_for_those_who_follow(network: LiveNetwork) -> None:
    ana, eve, ben, cem = await network.members("ana", "eve", "ben", "cem")
    moderator = await network.moderator()
    await ana.follow(eve)
    for member in (ana, cem):
        await member.follow(ben)
    post = await eve.post("You will be sorry. #Choir")
    await ben.repost(post)
    quote = await ben.post("Look at that.", quote=post)
    await network.settle()
    assert post in await cem.home()
    await ana.report(post)
    statement = await moderator.decide(await network.open_case(), None, measures=frozenset({LIMIT}))
    await network.settle()

    async def tagged(member: Member) -> list[int]:
        return [one.id for one in (await public.tagged(await member.viewer(), "choir")).items]

    async def on_profile(member: Member, account: Member) -> list[int]:
        return [one.id for one in (await profile_lists.read(await member.viewer(), account.id, Tab.POSTS)).items]

    async def is_quoted(member: Member) -> bool:
        return post in await views.quoted(await member.viewer(), [post])

    assert [post in await member.home() for member in (ana, eve, cem)] == [True, True, False]
    for member in (ana, eve, cem, ben):
        assert post not in await member.public()
        assert post not in await tagged(member)
        assert post in await on_profile(member, eve)
        assert not await hidden(post, member)
    assert [post in await on_profile(member, ben) for member in (ana, eve, cem)] == [True, True, False]
    assert [await is_quoted(member) for member in (ana, eve, cem)] == [True, True, False]
    assert not await hidden(post)
    assert quote in await cem.home()
    await take_back(moderator, statement)
    assert post in await cem.home()
    assert post in await cem.public()
    assert post in await tagged(cem)
    assert await is_quoted(cem)


async def test_an_edit_takes_a_limited_post_to_no_one_who_does_not_follow(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    cem, ben = await network.members("cem", "ben")
    await ben.follow(eve)
    statement = await moderator.decide(case, None, measures=frozenset({LIMIT}))
    await eve.edit(post, "@cem and @ben will be sorry.")
    await network.settle()

    async def notified(member: Member) -> bool:
        return any(one.post and one.post.id == post for one in (await notices.page(await member.viewer())).items)

    assert [await notified(member) for member in (ben, cem, ana)] == [True, False, False]
    await take_back(moderator, statement)
    await eve.edit(post, "@cem and @ben will not be sorry.")
    await network.settle()
    assert [await notified(member) for member in (ben, cem, ana)] == [True, True, False]
