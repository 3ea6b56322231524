"""Pictures of people: their own page's picture and header, cut as they wish, gone when they go."""

import pytest

from domain.accounts import profiles
from domain.core.access import GUEST
from domain.core.errors import Invalid, SignedOut
from domain.media import profile_images
from domain.media.profile_images import ProfileImage
from tests.domain.test_media import keys, may_have, stored
from tests.helpers import media_files
from tests.helpers.people import LiveNetwork, Member

BLUE = (0.5, 0.0, 0.5, 1.0)


async def put(member: Member, what: ProfileImage, body: bytes, box: profile_images.Box | None = None) -> None:
    with member.processor.open_file() as file:
        file.write(body)
        await profile_images.put(member.processor, await member.viewer(), what, file, box)


async def test_a_picture_of_oneself(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    await put(
        ana, ProfileImage.PICTURE, media_files.with_secrets(media_files.encoded(media_files.photo(900, 700))), BLUE
    )
    await put(ana, ProfileImage.HEADER, media_files.encoded(media_files.photo(1800, 900)))
    shown = await profiles.by_handle(await ben.viewer(), "ana")
    assert all([await may_have(None, key) for key in (shown.avatar_small, shown.avatar_large, shown.header)])
    assert (await ana.viewer()).avatar_small == shown.avatar_small
    assert len(stored(network)) == 3
    await put(ana, ProfileImage.PICTURE, media_files.encoded(media_files.photo(500, 500, seed=3)))
    again = await profiles.by_handle(await ben.viewer(), "ana")
    assert again.avatar_small != shown.avatar_small
    assert not await may_have(None, shown.avatar_small), "the one before is gone"
    assert len(stored(network)) == 3
    for what in ProfileImage:
        await profile_images.remove(await ana.viewer(), what)
    assert stored(network) == set()
    plain = await profiles.by_handle(await ben.viewer(), "ana")
    assert (plain.avatar_small, plain.avatar_large, plain.header) == ("", "", "")


async def test_what_is_no_picture_of_oneself(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    with pytest.raises(Invalid, match="Choose a picture"):
        await put(ana, ProfileImage.PICTURE, media_files.tone())
    for box in ((0.5, 0.5, 0.6, 0.2), (-0.1, 0, 0.5, 0.5), (0, 0, 0, 1), (float("nan"), 0, 1, 1)):
        with pytest.raises(Invalid, match="not in the picture"):
            await put(ana, ProfileImage.PICTURE, media_files.encoded(), box)
    with ana.processor.open_file() as file, pytest.raises(SignedOut):
        await profile_images.put(ana.processor, GUEST, ProfileImage.PICTURE, file, None)
    assert (await ana.viewer()).avatar_small == ""


async def test_somebody_who_leaves_takes_their_pictures(network: LiveNetwork) -> None:
    from domain.accounts import closing
    from tests.helpers.people import PASSWORD

    ana, ben = await network.members("ana", "ben")
    await put(ana, ProfileImage.PICTURE, media_files.encoded())
    await ana.show("Mine", media_files.encoded(media_files.photo(80, 60)))
    await ana.send(media_files.encoded(media_files.photo(60, 60)))
    kept = await ben.show("Not hers", media_files.encoded(media_files.photo(70, 70)))
    await closing.leave(await ana.viewer(), "ana", PASSWORD)
    await network.settle()
    assert stored(network) == keys((await ben.view(kept)).media[0])
