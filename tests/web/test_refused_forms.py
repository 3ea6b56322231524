"""A refused form has the focus on the first thing that is wrong, with and without scripts."""

import re

from tests.helpers.people import LiveSite


def focused(text: str) -> list[str]:
    """What has the focus when the page opens, as the beginnings of tags."""
    return [one for one in re.findall(r"<[a-z][^>]*>", text) if " autofocus" in one]


async def test_the_first_wrong_field_has_the_focus(site: LiveSite) -> None:
    guest = site.browser()
    page = await guest.get("/notice")
    assert focused(page.text) == []
    refused = await guest.post("/notice", data={"address": "nowhere", "words": "", "rule": ""})
    assert refused.status_code == 422
    (one,) = focused(refused.text)
    assert 'name="address"' in one


async def test_a_group_of_choices_and_the_words_above_a_form_can_have_it(site: LiveSite) -> None:
    eve, ana = await site.member("eve"), await site.member("ana")
    mona = await site.network.moderator()
    post = await eve.post("You will be sorry.")
    await ana.report(post)
    case = await site.network.open_case()
    browser = site.browser(mona)
    await browser.put(f"/moderation/cases/{case}/claim")
    version = re.findall(r'name="version" value="(\d+)"', (await browser.get(f"/moderation/cases/{case}")).text)[0]
    where = f"/moderation/cases/{case}/decisions"
    (one,) = focused((await browser.post(where, data={"version": version})).text)
    assert 'aria-describedby="e-kind"' in one
    assert 'tabindex="-1"' in one
    conflict = await browser.post(where, data={"version": "99", "kind": "no_breach"})
    assert conflict.status_code == 409
    (one,) = focused(conflict.text)
    assert 'class="refused"' in one
