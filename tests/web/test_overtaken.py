"""A moderator whose author keeps editing, and a limit on that."""

import re

import pytest

from domain.moderation.kinds import StatementKind
from tests.conftest import OpenSite
from tests.helpers.moderation import reported
from tests.helpers.people import LiveSite


def field(name: str, page: str) -> str:
    return str(re.findall(rf'name="{name}" value="(\d+)"', page)[-1])


async def test_the_form_comes_back_with_the_newest_text_and_a_way_on(site: LiveSite) -> None:
    _, eve, moderator, post, case = await reported(site.network)
    browser, address = site.browser(moderator), f"/moderation/cases/{case}"
    page = (await browser.get(address)).text
    assert 'name="newest"' not in page, "only after a conflict"
    typed = {"kind": "post_removal", "rule": "1.6", "facts": "It insults somebody.", "explanation": "Not wanted."}
    seen = {name: field(name, page) for name in ("version", "post_version")}
    await eve.edit(post, "You will be very sorry.")
    back = await browser.post(f"{address}/decisions", data=typed | seen)
    assert back.status_code == 409
    for shown in (
        "has been edited",
        "You will be very sorry.",
        "It insults somebody.",
        'name="newest"',
        "Give it back",
    ):
        assert shown in back.text
    await eve.edit(post, "You will be extremely sorry.")
    seen = {name: field(name, back.text) for name in ("version", "post_version")}
    done = await browser.post(f"{address}/decisions", data=typed | seen | {"newest": "1"})
    assert done.headers["location"] == "/moderation?decided=1"
    assert "You will be extremely sorry." in (await browser.get(address)).text
    assert (await site.browser().get(f"/@eve/{post}")).status_code == 404


async def test_so_does_the_form_of_a_proposal(site: LiveSite) -> None:
    _, eve, moderator, post, case = await reported(site.network)
    second = await site.network.moderator("max")
    await moderator.decide(case, StatementKind.POST_REMOVAL, sanction=StatementKind.PERMANENT_SUSPENSION)
    browser, address = site.browser(second), f"/moderation/cases/{case}"
    page = (await browser.get(address)).text
    seen = {name: field(name, page) for name in ("version", "post_version")}
    await eve.edit(post, "You will be very sorry.")
    back = await browser.post(f"{address}/proposal/agreement", data=seen)
    assert back.status_code == 409
    assert 'name="newest"' in back.text
    await eve.edit(post, "You will be extremely sorry.")
    done = await browser.post(f"{address}/proposal/agreement", data=seen | {"newest": "1"})
    assert done.headers["location"] == "/moderation?decided=1"


async def test_older_versions_are_behind_a_summary(site: LiveSite) -> None:
    ana, eve, moderator, post, case = await reported(site.network)
    for number in range(4):
        await eve.edit(post, f"You will be sorry {number}.")
        await ana.report(post)
    page = (await site.browser(moderator).get(f"/moderation/cases/{case}")).text
    shown, summary, behind = page.partition("2 more versions")
    assert summary
    assert "sorry 1." in shown
    assert "sorry 0." not in shown
    assert "sorry 0." in behind


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_post_is_edited_so_many_times_an_hour(open_site: OpenSite, engine: str) -> None:
    site = await open_site(edits_per_hour=2)
    ana, ben = await site.members("ana", "ben")
    post, other = await ana.post("Words 0"), await ana.post("Others")
    browser = site.browser(ana)
    assert (await site.browser(ben).put(f"/posts/{post}", data={"text": "Mine", "version": "1"})).status_code == 404
    answers = [await browser.put(f"/posts/{post}", data={"text": f"Words {n}", "version": f"{n}"}) for n in (1, 2, 3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "Words 3" in answers[2].text
    assert "many times within an hour" in answers[2].text
    assert (await ana.view(post)).text == "Words 2"
    assert (await browser.put(f"/posts/{other}", data={"text": "Other", "version": "1"})).status_code == 303
