"""Texts in which there is nothing to see count as empty, wherever something must be written."""

import pytest

from domain.accounts import network as networks
from domain.accounts import profiles, signup
from domain.core import text
from domain.core.errors import Invalid
from domain.media import attachments
from domain.media.attachments import Chosen
from tests import cast
from tests.people import PASSWORD, Network

BLANK = {
    "nothing": "", "spaces": " \n\t\u00a0\u3000", "Hangul filler": "\u3164", "other fillers": "\u115f\u1160\uffa0",
    "zero width": "\u200b\u200c\u200d\u2060\ufeff", "blank Braille": "\u2800", "null notehead": "\U0001d159",
    "soft hyphen": "\u00ad", "joiner": "\u034f", "Khmer inherent": "\u17b4\u17b5", "variation": "\ufe0f\U000e0101",
    "tags": "\U000e0041\U000e007f", "Mongolian": "\u180b\u180e", "lone marks": "\u0301\u0316", "private use": "\ue123",
    "object replacement": "\ufffc", "annotation": "\ufff9\ufffa\ufffb",
    "unassigned": "\u0378\U000dffff", "all of it": "\u3164 \u200b\n\u2800\u0301 \u00ad",
}  # fmt: skip
SEEN = [
    "a", "0", "!", "é", "e\u0301", "漢", "\u3131", "ก", "كـ", "\u2801", "€", "😀", "☺\ufe0f", "🇫🇷",
    "👨\u200d👩\u200d👧", "\u200ba", "\u3164x", "\U0001faff", "\ufffd", "x\ufffc",
]  # fmt: skip


@pytest.mark.parametrize("name", BLANK)
def test_what_shows_nothing(name: str) -> None:
    assert text.is_blank(BLANK[name])
    assert text.clean(BLANK[name]) == text.line(BLANK[name]) == ""


@pytest.mark.parametrize("written", SEEN, ids=ascii)
def test_what_shows_something(written: str) -> None:
    assert not text.is_blank(written)
    assert text.clean(written) == text.line(written)
    assert not text.is_blank(text.clean(written))


@pytest.mark.parametrize("name", ["Hangul filler", "zero width", "blank Braille", "lone marks", "private use"])
async def test_nobody_is_called_so(network: Network, name: str) -> None:
    blank = BLANK[name]
    with pytest.raises(Invalid) as refused:
        await signup.sign_up(signup.Person("eve", blank, PASSWORD), signup.Door(True, False, 0, 0))
    assert str(refused.value.fields["name"]) == "Give a name."
    ana = await network.member("ana")
    with pytest.raises(Invalid, match="Give a name"):
        await profiles.edit(await ana.viewer(), profiles.Person(blank, "", 1, []))
    await profiles.edit(
        await ana.viewer(), profiles.Person("Ana", "", 1, [profiles.Link(blank, "https://tilly.example")])
    )
    shown = await profiles.by_handle(await ana.viewer(), "ana")
    assert shown.links == (profiles.Link("", "https://tilly.example"),), "shown by its address"
    operator = await (await network.operator()).viewer()
    with pytest.raises(Invalid, match="Name the network"):
        await networks.edit(operator, networks.About(blank), cast.TERMS, ana.studio)
    with pytest.raises(Invalid, match="Write the terms"):
        await networks.edit(operator, networks.About("Tilly"), blank, ana.studio)


async def test_nothing_is_posted_that_shows_nothing(network: Network) -> None:
    ana = await network.member("ana")
    post = await ana.post("Something.")
    for blank in BLANK.values():
        with pytest.raises(Invalid, match="Write something"):
            await ana.post(blank)
        with pytest.raises(Invalid, match="Write something"):
            await ana.edit(post, blank)
    assert await network.count("post") == 1
    pictured = await ana.show(BLANK["zero width"], cover=BLANK["Hangul filler"])
    assert ((await ana.view(pictured)).text, (await ana.view(pictured)).cover) == ("", "")


async def test_a_description_says_something(network: Network) -> None:
    ana = await network.member("ana")
    await attachments.require_alt(await ana.viewer(), True)
    for blank in ("\u200b", "\u2800", "\u3164"):
        with pytest.raises(Invalid, match="Describe each picture"):
            await ana.post("Look", media=(Chosen((await ana.send()).id, blank),))
