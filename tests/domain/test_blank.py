"""Texts in which there is nothing to see count as empty, wherever something must be written."""

import pytest

from domain.accounts import network_profile, profiles, signup
from domain.core import text_parsing
from domain.core.errors import Invalid
from domain.media import attachments
from domain.media.attachments import ChosenMedia
from ops.demo import cast
from tests.helpers.people import PASSWORD, LiveNetwork

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
    assert text_parsing.is_blank(BLANK[name])
    assert text_parsing.clean(BLANK[name]) == text_parsing.line(BLANK[name]) == ""


@pytest.mark.parametrize("written", SEEN, ids=ascii)
def test_what_shows_something(written: str) -> None:
    assert not text_parsing.is_blank(written)
    assert text_parsing.clean(written) == text_parsing.line(written)
    assert not text_parsing.is_blank(text_parsing.clean(written))


@pytest.mark.parametrize("name", ["Hangul filler", "zero width", "blank Braille", "lone marks", "private use"])
async def test_nobody_is_called_so(network: LiveNetwork, name: str) -> None:
    blank = BLANK[name]
    with pytest.raises(Invalid) as refused:
        await signup.sign_up(signup.NewMember("eve", blank, PASSWORD), signup.SignupPolicy(True, False, 0, 0))
    assert str(refused.value.fields["name"]) == "Give a name."
    ana = await network.member("ana")
    with pytest.raises(Invalid, match="Give a name"):
        await profiles.edit(await ana.viewer(), profiles.ProfileOwner(blank, "", 1, []))
    await profiles.edit(
        await ana.viewer(), profiles.ProfileOwner("Ana", "", 1, [profiles.ProfileLink(blank, "https://tilly.example")])
    )
    shown = await profiles.by_handle(await ana.viewer(), "ana")
    assert shown.links == (profiles.ProfileLink("", "https://tilly.example"),), "shown by its address"
    operator = await (await network.operator()).viewer()
    with pytest.raises(Invalid, match="Name the network"):
        await network_profile.edit(operator, network_profile.NetworkInfo(blank), cast.TERMS, ana.processor)
    with pytest.raises(Invalid, match="Write the terms"):
        await network_profile.edit(operator, network_profile.NetworkInfo("Tilly"), blank, ana.processor)


async def test_nothing_is_posted_that_shows_nothing(network: LiveNetwork) -> None:
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


async def test_a_description_says_something(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    await attachments.require_alt(await ana.viewer(), True)
    for blank in ("\u200b", "\u2800", "\u3164"):
        with pytest.raises(Invalid, match="Describe each picture"):
            await ana.post("Look", media=(ChosenMedia((await ana.send()).id, blank),))
