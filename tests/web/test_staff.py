"""Operators give and take roles in the browser, and say why."""

import re

import pytest

from domain.core.access import Role
from tests.helpers.people import LiveSite


async def test_operators_make_and_dismiss_moderators(site: LiveSite) -> None:
    ana = await site.member("Ana")
    operator = site.browser(await site.network.operator())
    assert (await site.browser(ana).get("/moderation")).status_code == 404
    made = await operator.post("/settings/staff", data={"handle": "@ana", "role": "moderator", "words": "More hands."})
    assert made.status_code == 303
    assert "@Ana" in (await operator.get("/settings/staff")).text
    assert (await site.browser(ana).get("/moderation")).status_code == 200
    unsaid = await operator.post("/settings/staff", data={"handle": "Ana", "role": "member", "words": ""})
    assert unsaid.status_code == 422
    assert '<details class="dismissal pad" open>' in unsaid.text
    await operator.post("/settings/staff", data={"handle": "ana", "role": "member", "words": "They asked to stop."})
    assert (await site.browser(ana).get("/moderation")).status_code == 404
    await site.settle()
    log = (await site.browser().get("/log?kind=role_changed")).text
    for words in ("More hands.", "They asked to stop.", "Somebody is no longer a moderator."):
        assert words in log
    assert not re.search(r"(?i)\bana\b", log[log.index('<ol class="log-entries">') :])


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        ({"handle": "nobody", "role": "moderator", "words": "More hands."}, 422, "Nobody here has this handle."),
        ({"handle": "a b", "role": "moderator"}, 422, "Nobody here has this handle."),
        ({"handle": "ana", "role": "emperor"}, 422, "Choose a role."),
        ({"handle": "ana", "role": "moderator", "words": ""}, 422, "Say why, in words that everybody will read."),
        ({"handle": "ana", "role": "moderator", "words": "Ana offered."}, 422, "whom this is about"),
        ({"handle": "ana", "role": "moderator", "words": "See https://a.example"}, 422, "Name nobody here"),
        ({"handle": "ana", "role": "moderator", "words": "x" * 301}, 422, "characters"),
        ({"handle": "ottilie", "role": "member", "words": "Less to do."}, 409, "last operator"),
        ({"handle": "ottilie", "role": "moderator", "words": "Less to do."}, 409, "last operator"),
    ],
)
async def test_a_role_that_can_not_be_given_is_refused(
    site: LiveSite, data: dict[str, str], status: int, words: str
) -> None:
    await site.member("ana")
    answer = await site.browser(await site.network.operator()).post("/settings/staff", data=data)
    assert answer.status_code == status
    assert words in answer.text
    assert f'value="{data["handle"]}"' in answer.text
    assert await site.network.count("account", "role <> 'member'") == 1


async def test_moderators_and_members_give_nobody_a_role(site: LiveSite) -> None:
    ana = await site.member("ana")
    moderator = await site.network.moderator()
    for member in (ana, moderator):
        browser = site.browser(member)
        assert (await browser.get("/settings/staff")).status_code == 403
        answer = await browser.post(
            "/settings/staff", data={"handle": member.handle, "role": Role.OPERATOR.value, "words": "More hands."}
        )
        assert answer.status_code == 403
    assert await site.network.count("account", "role = 'operator'") == 1
