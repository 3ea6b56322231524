"""What newcomers may change of their profiles while the brake is on."""

import pytest

from domain.accounts import profiles
from domain.accounts.profiles import ProfileLink, ProfileOwner
from domain.core.errors import Invalid
from domain.core.trust import TrustLevel
from domain.media import profile_images
from domain.media.profile_images import ProfileImage
from domain.moderation import brake_profiles, brake_switch
from tests.helpers import media_files
from tests.helpers.people import LiveNetwork, Member

WORDS = "A wave of spam: new members wait a little."
OLD, NEW = ProfileLink("Home", "https://old.example/"), ProfileLink("Shop", "spam.example")


async def edit(member: Member, bio: str, *links: ProfileLink) -> None:
    await brake_profiles.edit(await member.viewer(), ProfileOwner("New", bio, 1, list(links)))


async def test_newcomers_add_no_links_and_keep_those_that_they_have(network: LiveNetwork) -> None:
    new, basic = [await network.member(str(level.name), trust=level) for level in (TrustLevel.NEW, TrustLevel.BASIC)]
    moderator = await network.moderator()
    await edit(new, "See https://old.example/me", OLD)
    await brake_switch.switch_on_by_command(WORDS, 6)
    await edit(new, "Still https://old.example/me", OLD, ProfileLink("", ""))
    for bio, links, fields in (
        ("See https://spam.example", (OLD,), {"bio"}),
        ("Words.", (OLD, NEW), {"links"}),
        ("https://spam.example", (NEW,), {"bio", "links"}),
    ):
        with pytest.raises(Invalid) as refused:
            await edit(new, bio, *links)
        assert set(refused.value.fields) == fields
    page = await profiles.by_handle(await new.viewer(), new.handle)
    assert (page.bio, page.links) == ("Still https://old.example/me", (OLD,))
    for other in (basic, moderator):
        await edit(other, "See https://spam.example", NEW)
    await edit(new, "Only words.")
    await brake_switch.switch_off_by_command()
    await edit(new, "See https://spam.example", NEW)


async def test_newcomers_pictures_stay_as_they_are(network: LiveNetwork) -> None:
    new = await network.member("new", trust=TrustLevel.NEW)

    async def put(what: ProfileImage) -> None:
        with new.processor.open_file() as file:
            file.write(media_files.encoded(media_files.photo(900, 700)))
            await brake_profiles.put_image(new.processor, await new.viewer(), what, file, None)

    await put(ProfileImage.PICTURE)
    before = (await profiles.by_handle(await new.viewer(), "new")).avatar_large
    await brake_switch.switch_on_by_command(WORDS, 6)
    for what in ProfileImage:
        with pytest.raises(Invalid):
            await put(what)
    assert (await profiles.by_handle(await new.viewer(), "new")).avatar_large == before
    await profile_images.remove(await new.viewer(), ProfileImage.PICTURE)
    assert (await profiles.by_handle(await new.viewer(), "new")).avatar_large == ""
