"""The pages on which a moderator removes pictures of a profile, and its member reads why."""

from domain.media import profile_images
from domain.media.profile_images import ProfileImage
from domain.moderation import statements
from domain.moderation.kinds import StatementKind
from tests.domain.moderation.test_profile_pictures import FACE, OTHER, media, reported
from tests.domain.test_profile_images import put
from tests.helpers.people import LiveSite
from tests.web.html_forms import fields

REASONS = {"kind": "", "sanction": "", "rule": "1.6", "facts": "It shows an insult.", "explanation": ""}


async def test_a_moderator_removes_a_picture_and_its_member_reads_why(site: LiveSite) -> None:
    _, eve, moderator, case = await reported(site.network)
    address, desk, own = f"/moderation/cases/{case}", site.browser(moderator), site.browser(eve)
    (picture,) = await media(eve, ProfileImage.PICTURE)
    page = (await desk.get(address)).text
    for words in ("Pictures of the profile", "Remove the picture", "Remove the header"):
        assert words in page
    for words in ('name="cover"', "Label above it", "Chosen after it was reported"):
        assert words not in page
    form = fields(page, f"{address}/decisions")
    chosen = {**form, **REASONS, f"media.{picture}": "1"}
    without = await desk.post(f"{address}/decisions", data={**chosen, "kind": "no_breach"})
    assert without.status_code == 422
    assert "Without a breach no picture is removed" in without.text
    assert fields(without.text, f"{address}/decisions")[f"media.{picture}"] == "1"
    assert "avatar" in (await site.browser().get("/@eve")).text
    small = (await eve.viewer()).avatar_small
    assert f"/media/{small}" in (await site.browser().get("/people")).text + (await own.get("/settings/profile")).text
    assert (await desk.post(f"{address}/decisions", data=chosen)).status_code == 303
    await site.settle()
    assert (await site.browser().get(f"/media/{small}")).status_code == 404
    assert small not in (await site.browser().get("/@eve")).text
    (made,) = (await statements.mine(await eve.viewer())).items
    said = (await own.get(f"/statements/{made.id}")).text
    for words in ("Picture removed", "Nobody sees this picture of your profile any more.", 'href="/settings/profile"',
                  "A moderator who has not decided before reads it"):  # fmt: skip
        assert words in said
    french = (await own.get(f"/statements/{made.id}", headers={"accept-language": "fr"})).text
    assert "Nobody sees" not in french
    assert "Picture removed" in (await site.browser().get("/log")).text
    for page in (said, (await site.browser().get("/log")).text):
        assert moderator.handle not in page.partition("<main")[2]
    back = await desk.post(
        f"/moderation/statements/{made.id}/reversal", data={"case": str(case), "reversal": "A painting."}
    )
    assert back.status_code == 303
    assert (await eve.viewer()).avatar_small == small
    reversal = (await statements.mine(await eve.viewer())).items[0]
    assert reversal.kind is StatementKind.REVERSAL
    assert "The picture is back on your profile" in (await own.get(f"/statements/{reversal.id}")).text


async def test_what_was_chosen_after_the_report_is_shown(site: LiveSite) -> None:
    _, eve, moderator, case = await reported(site.network)
    await put(eve, ProfileImage.PICTURE, OTHER)
    page = (await site.browser(moderator).get(f"/moderation/cases/{case}")).text
    assert "Chosen after it was reported" in page
    assert f'src="/media/{(await profile_images.shown(eve.id))[ProfileImage.PICTURE].stills[0].key}"' in page
    await profile_images.remove(await eve.viewer(), ProfileImage.PICTURE)
    await profile_images.remove(await eve.viewer(), ProfileImage.HEADER)
    assert "Pictures of the profile" not in (await site.browser(moderator).get(f"/moderation/cases/{case}")).text


async def test_a_member_is_told_that_it_can_not_be_put_back(site: LiveSite) -> None:
    _, eve, moderator, case = await reported(site.network)
    chosen = await media(eve, ProfileImage.PICTURE)
    await moderator.decide(case, None, measures=frozenset({StatementKind.MEDIA_REMOVAL}), media=chosen)
    sent = await site.browser(eve).post("/settings/profile/picture", files={"file": ("face.png", FACE)})
    assert sent.status_code == 422
    assert "Moderators have removed this from your profile" in sent.text
