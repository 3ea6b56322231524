"""Pictures and headers of profiles that moderators remove: gone everywhere, and back with a reversal."""

from typing import Any

import pytest

from db.queries import objects
from domain.accounts import profiles
from domain.core.access import GUEST
from domain.core.errors import Invalid, NotFound
from domain.media import profile_images
from domain.media.profile_images import ProfileImage
from domain.moderation import appeal_decisions, appeals, cases, reports, reversals, statements
from domain.moderation.jury_kinds import Hearing
from domain.moderation.kinds import AppealState, Outcome, StatementKind, SubjectKind
from domain.moderation.subjects import Subject
from domain.notifications import notices
from tests.domain.moderation.test_dsa_export import sole
from tests.domain.test_media import may_have
from tests.domain.test_profile_images import put
from tests.helpers import media_files
from tests.helpers.moderation import WORDS
from tests.helpers.people import LiveNetwork, Member

REMOVAL = StatementKind.MEDIA_REMOVAL
ONLY = frozenset({REMOVAL})
FACE = media_files.encoded(media_files.photo(500, 500))
HEADER = media_files.encoded(media_files.photo(1800, 900, seed=2))
OTHER = media_files.encoded(media_files.photo(500, 500, seed=3))


async def shown(who: str = "eve") -> tuple[str, str, str]:
    found = await profiles.by_handle(GUEST, who)
    return found.avatar_small, found.avatar_large, found.header


async def reported(network: LiveNetwork) -> tuple[Member, Member, Member, int]:
    """A reporter, a member with a picture and a header, a moderator, and the case about the account."""
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    await put(eve, ProfileImage.PICTURE, FACE)
    await put(eve, ProfileImage.HEADER, HEADER)
    await ana.report_subject(Subject(SubjectKind.ACCOUNT, eve.id))
    return ana, eve, moderator, await network.open_case()


async def media(eve: Member, *wanted: ProfileImage) -> tuple[int, ...]:
    found = await profile_images.shown(eve.id)
    return tuple(found[what].id for what in wanted or ProfileImage)


async def test_what_is_removed_is_gone_everywhere_at_once(network: LiveNetwork) -> None:
    ana, eve, moderator, case = await reported(network)
    small, large, header = await shown()
    await moderator.decide(case, None, measures=ONLY, media=await media(eve, ProfileImage.PICTURE))
    await network.settle()
    assert await shown() == ("", "", header)
    assert (await eve.viewer()).avatar_small == ""
    for key in (small, large):
        for viewer in (None, ana, eve):
            assert not await may_have(viewer, key)
    assert await may_have(moderator, large), "it is evidence"
    assert await may_have(None, header)
    (own,) = (await statements.mine(await eve.viewer())).items
    assert (own.kind, own.post, own.in_force, own.points) == (REMOVAL, None, True, 6)
    assert [one.outcome for one in (await reports.mine(await ana.viewer())).items] == [Outcome.ACTION]
    assert len((await notices.page(await eve.viewer())).items) == 1
    assert await network.count("log_entry") >= 1


async def test_picture_and_header_go_by_one_decision_and_come_back_with_its_appeal(network: LiveNetwork) -> None:
    _, eve, moderator, case = await reported(network)
    before, second = await shown(), await network.moderator("max")
    statement = await moderator.decide(case, None, measures=ONLY, media=await media(eve))
    assert await shown() == ("", "", "")
    assert len((await statements.mine(await eve.viewer())).items) == 2
    assert await statements.points(eve.id) == 6, "one breach counts once"
    appeal = await appeals.lodge(await eve.viewer(), statement, WORDS)
    await appeal_decisions.grant(await second.viewer(), appeal, "The rule does not say so.")
    await network.settle()
    assert await shown() == before
    assert await may_have(None, before[0])
    assert await statements.points(eve.id) == 0


async def test_no_jury_hears_an_appeal_about_a_face(network: LiveNetwork) -> None:
    _, eve, moderator, case = await reported(network)
    chosen = await media(eve, ProfileImage.PICTURE)
    await moderator.decide(case, None, measures=ONLY, media=chosen, sanction=StatementKind.FREEZE, days=1)
    freeze, removal = [one.id for one in (await statements.mine(await eve.viewer())).items]
    status = await appeals.of_statements(await eve.viewer(), [freeze, removal])
    assert all(one.offered and one.pictured for one in status.values())
    await appeals.lodge(await eve.viewer(), freeze, WORDS)
    (own,) = (await appeals.mine(await eve.viewer())).items
    assert (own.own.state, own.own.hearing) == (AppealState.OPEN, Hearing.MODERATOR)
    assert await network.count("jury") == 0


async def test_what_was_removed_can_not_be_put_back_by_its_member(network: LiveNetwork) -> None:
    _, eve, moderator, case = await reported(network)
    await moderator.decide(case, None, measures=ONLY, media=await media(eve, ProfileImage.PICTURE))
    with pytest.raises(Invalid, match="removed this from your profile"):
        await put(eve, ProfileImage.PICTURE, FACE)
    assert (await shown())[0] == ""
    await put(eve, ProfileImage.PICTURE, OTHER)
    await profile_images.remove(await eve.viewer(), ProfileImage.PICTURE)
    with pytest.raises(Invalid, match="removed this from your profile"):
        await put(eve, ProfileImage.PICTURE, FACE)


async def test_a_reversal_leaves_what_was_chosen_since(network: LiveNetwork) -> None:
    _, eve, moderator, case = await reported(network)
    large = (await shown())[1]
    statement = await moderator.decide(case, None, measures=ONLY, media=await media(eve, ProfileImage.PICTURE))
    await put(eve, ProfileImage.PICTURE, OTHER)
    chosen = await shown()
    await reversals.reverse(await moderator.viewer(), statement, "It was a painting.")
    assert await shown() == chosen
    assert not await may_have(None, large)
    await put(eve, ProfileImage.PICTURE, FACE)
    assert (await shown())[1] == large
    assert await objects.miscounted("", 10) == []


async def test_only_what_the_profile_shows_is_removed(network: LiveNetwork) -> None:
    ana, eve, moderator, case = await reported(network)
    await put(ana, ProfileImage.PICTURE, OTHER)
    (gone,) = await media(eve, ProfileImage.PICTURE)
    await put(eve, ProfileImage.PICTURE, media_files.encoded(media_files.photo(400, 400, seed=9)))
    for wrong in ((gone,), await media(ana, ProfileImage.PICTURE), (5,), ()):
        with pytest.raises(Invalid):
            await moderator.decide(case, None, measures=ONLY, media=wrong)
    (now,) = await media(eve, ProfileImage.PICTURE)
    assert {one.id for one in (await cases.read(await moderator.viewer(), case)).profile.values()} == {
        now, *await media(eve, ProfileImage.HEADER),
    }  # fmt: skip
    assert await network.count("statement") == 0


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (StatementKind.NO_BREACH, {}),
        (None, {"sanction": StatementKind.PERMANENT_SUSPENSION}),
        (None, {"measures": frozenset({REMOVAL, StatementKind.COVER})}),
    ],
)
async def test_what_does_not_go_together_is_refused(
    network: LiveNetwork, kind: StatementKind | None, wanted: dict[str, Any]
) -> None:
    _, eve, moderator, case = await reported(network)
    await network.moderator("max")
    before = await shown()
    with pytest.raises(Invalid):
        await moderator.decide(case, kind, **{"measures": ONLY, "media": await media(eve), **wanted})
    assert await shown() == before


async def test_a_post_case_removes_nothing_of_the_profile(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    await put(eve, ProfileImage.PICTURE, FACE)
    await ana.report(await eve.post("You will be sorry."))
    case = await network.open_case()
    with pytest.raises(Invalid):
        await moderator.decide(case, None, measures=ONLY, media=await media(eve, ProfileImage.PICTURE))


async def test_outsiders_remove_nothing(network: LiveNetwork) -> None:
    ana, eve, _moderator, case = await reported(network)
    for outsider in (ana, eve):
        with pytest.raises(NotFound):
            await outsider.decide(case, None, measures=ONLY, media=await media(eve))
    assert "" not in await shown()


async def test_the_row_for_the_union_says_picture(network: LiveNetwork) -> None:
    _, eve, moderator, case = await reported(network)
    await moderator.decide(case, None, measures=ONLY, media=await media(eve, ProfileImage.HEADER))
    row = await sole()
    assert row["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert row["content_type"] == ["CONTENT_TYPE_IMAGE"]


async def test_an_account_that_is_gone_takes_what_was_removed_along(network: LiveNetwork) -> None:
    from domain.accounts import closing
    from tests.helpers.people import PASSWORD

    _, eve, moderator, case = await reported(network)
    statement = await moderator.decide(case, None, measures=ONLY, media=await media(eve))
    await closing.leave(await eve.viewer(), "eve", PASSWORD)
    await network.settle()
    assert await network.count("media") == 0
    await reversals.reverse(await moderator.viewer(), statement, "It was a painting.")
    assert await network.count("media") == 0
