"""The network's logo: decoded where other pictures are, in a child and in turn, and never by the server itself."""

import msgspec
import pytest

from db.tables.notifications import NetworkIcon
from domain.accounts import network_icons, network_profile
from domain.core.errors import Forbidden, Invalid, TooMany
from ops.demo import cast
from tests.helpers import media_files
from tests.helpers.people import LiveNetwork


async def icons() -> dict[str, bytes]:
    return {row["name"]: row["body"] for row in await NetworkIcon.select()}


async def test_a_logo_and_its_colours_take_a_turn(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    operator = await network.operator()
    viewer, processor = await operator.viewer(), operator.processor
    await network_profile.set_logo(viewer, media_files.encoded(), processor)
    before = await icons()
    assert set(before) == {network_icons.LOGO, *network_icons.SIZES}
    red = msgspec.structs.replace(cast.ABOUT, name="Red", hue=20)
    monkeypatch.setattr("domain.media.processor.PATIENCE", 0.05)
    async with processor.turn(operator.id):
        with pytest.raises(TooMany):
            await network_profile.set_logo(viewer, media_files.encoded(kind="PNG"), processor)
        with pytest.raises(TooMany):
            await network_profile.edit(viewer, red, cast.TERMS, processor)
        assert (await icons(), (await network_profile.about()).name) == (before, cast.ABOUT.name), (
            "all changes or nothing"
        )
        await network_profile.edit(viewer, msgspec.structs.replace(cast.ABOUT, name="Tilly 2"), cast.TERMS, processor)
        assert await icons() == before, "the same colour has nothing drawn"
    await network_profile.edit(viewer, red, cast.TERMS, processor)
    after = await icons()
    assert after["maskable-192"] != before["maskable-192"]
    assert after[network_icons.LOGO] == before[network_icons.LOGO]


async def test_who_and_what_is_refused(network: LiveNetwork) -> None:
    ana, operator = await network.member("ana"), await network.operator()
    with pytest.raises(Forbidden):
        await network_profile.set_logo(await ana.viewer(), media_files.encoded(), ana.processor)
    for body, words in (
        (b"<svg/>", "can be read"),
        (media_files.encoded(media_files.photo(100, 300)), "too small"),
        (b"\0" * (network_icons.MAX_BYTES + 1), "at most 2 MB"),
    ):
        with pytest.raises(Invalid) as refusal:
            await network_profile.set_logo(await operator.viewer(), body, operator.processor)
        assert words in str(refusal.value)
    assert await icons() == {}
