"""Pictures of people: their own page's picture and header, cut as they wish, gone when they go."""

import pytest

from domain.accounts import profiles
from domain.core.access import GUEST
from domain.core.errors import Invalid, SignedOut
from domain.media import portraits
from tests import photos
from tests.domain.test_media import keys, may_have, stored
from tests.people import Member, Network

BLUE = (0.5, 0.0, 0.5, 1.0)


async def put(member: Member, what: portraits.What, body: bytes, box: portraits.Box | None = None) -> None:
    with member.studio.open_file() as file:
        file.write(body)
        await portraits.put(member.studio, await member.viewer(), what, file, box)


async def test_a_picture_of_oneself(network: Network) -> None:
    ana, ben = await network.members("ana", "ben")
    await put(ana, "picture", photos.with_secrets(photos.encoded(photos.photo(900, 700))), BLUE)
    await put(ana, "header", photos.encoded(photos.photo(1800, 900)))
    shown = await profiles.by_handle(await ben.viewer(), "ana")
    assert all([await may_have(None, key) for key in (shown.picture, shown.portrait, shown.header)])
    assert (await ana.viewer()).picture == shown.picture
    assert len(stored(network)) == 3
    await put(ana, "picture", photos.encoded(photos.photo(500, 500, seed=3)))
    again = await profiles.by_handle(await ben.viewer(), "ana")
    assert again.picture != shown.picture
    assert not await may_have(None, shown.picture), "the one before is gone"
    assert len(stored(network)) == 3
    for what in ("picture", "header"):
        await portraits.remove(await ana.viewer(), what)
    assert stored(network) == set()
    plain = await profiles.by_handle(await ben.viewer(), "ana")
    assert (plain.picture, plain.portrait, plain.header) == ("", "", "")


async def test_what_is_no_picture_of_oneself(network: Network) -> None:
    ana = await network.member("ana")
    with pytest.raises(Invalid, match="Take a picture"):
        await put(ana, "picture", photos.tone())
    for box in ((0.5, 0.5, 0.6, 0.2), (-0.1, 0, 0.5, 0.5), (0, 0, 0, 1), (float("nan"), 0, 1, 1)):
        with pytest.raises(Invalid, match="not in the picture"):
            await put(ana, "picture", photos.encoded(), box)
    with ana.studio.open_file() as file, pytest.raises(SignedOut):
        await portraits.put(ana.studio, GUEST, "picture", file, None)
    assert (await ana.viewer()).picture == ""


async def test_somebody_who_leaves_takes_their_pictures(network: Network) -> None:
    from domain.accounts import leaving
    from tests.people import PASSWORD

    ana, ben = await network.members("ana", "ben")
    await put(ana, "picture", photos.encoded())
    await ana.show("Mine", photos.encoded(photos.photo(80, 60)))
    await ana.send(photos.encoded(photos.photo(60, 60)))
    kept = await ben.show("Not hers", photos.encoded(photos.photo(70, 70)))
    await leaving.leave(await ana.viewer(), "ana", PASSWORD)
    await network.settle()
    assert stored(network) == keys((await ben.view(kept)).media[0])
