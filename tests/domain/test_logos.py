"""The network's logo: decoded where other pictures are, in a child and in turn, and never by the server itself."""

import msgspec
import pytest

from db.tables.notifications import NetworkIcon
from domain.accounts import artwork
from domain.accounts import network as networks
from domain.core.errors import Forbidden, Invalid, TooMany
from tests import cast, photos
from tests.people import Network


async def icons() -> dict[str, bytes]:
    return {row["name"]: row["body"] for row in await NetworkIcon.select()}


async def test_a_logo_and_its_colours_take_a_turn(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    operator = await network.operator()
    viewer, studio = await operator.viewer(), operator.studio
    await networks.set_logo(viewer, photos.encoded(), studio)
    before = await icons()
    assert set(before) == {artwork.LOGO, *artwork.SIZES}
    red = msgspec.structs.replace(cast.ABOUT, name="Red", hue=20)
    monkeypatch.setattr("domain.media.studio.PATIENCE", 0.05)
    async with studio.turn(operator.id):
        with pytest.raises(TooMany):
            await networks.set_logo(viewer, photos.encoded(kind="PNG"), studio)
        with pytest.raises(TooMany):
            await networks.edit(viewer, red, cast.TERMS, studio)
        assert (await icons(), (await networks.about()).name) == (before, cast.ABOUT.name), "all changes or nothing"
        await networks.edit(viewer, msgspec.structs.replace(cast.ABOUT, name="Tilly 2"), cast.TERMS, studio)
        assert await icons() == before, "the same colour has nothing drawn"
    await networks.edit(viewer, red, cast.TERMS, studio)
    after = await icons()
    assert after["maskable-192"] != before["maskable-192"]
    assert after[artwork.LOGO] == before[artwork.LOGO]


async def test_who_and_what_is_refused(network: Network) -> None:
    ana, operator = await network.member("ana"), await network.operator()
    with pytest.raises(Forbidden):
        await networks.set_logo(await ana.viewer(), photos.encoded(), ana.studio)
    for body, words in (
        (b"<svg/>", "can be read"),
        (photos.encoded(photos.photo(100, 300)), "too small"),
        (b"\0" * (artwork.MAX_BYTES + 1), "at most 2 MB"),
    ):
        with pytest.raises(Invalid) as refusal:
            await networks.set_logo(await operator.viewer(), body, operator.studio)
        assert words in str(refusal.value)
    assert await icons() == {}
