"""The page where a member chooses what to be told of."""

import re

import pytest

from domain.notifications import preferences
from domain.notifications.kinds import EVERY_CHANNEL, Channel, NotificationKind
from domain.notifications.preferences import ASIDE, DROP
from tests.conftest import OpenSite
from tests.helpers.people import LiveSite

HERE = "/settings/notifications"
SMTP = "smtp://127.0.0.1:1"
FORM = {
    "vote_page": "1", "reply_page": "1", "reply_push": "1", "bell_push": "1",
    "strangers": "aside", "newcomers": "drop", "discreet": "1",
    "quiet": "1", "quiet_from": "22:30", "quiet_to": "06:15", "zone": "Europe/Paris",
}  # fmt: skip


def ticked(page: str) -> set[str]:
    return set(re.findall(r'name="(\w+)" value="1" checked', page))


async def test_a_stranger_is_asked_to_sign_in(site: LiveSite) -> None:
    guest = site.browser()
    assert (await guest.get(HERE)).headers["location"].startswith("/signin")
    for path in ("", "/digest", "/feed"):
        assert (await guest.post(HERE + path, data=FORM)).status_code == 401
    assert await site.network.count("notice_setting") == 0


async def test_everything_is_ticked_at_first(open_site: OpenSite) -> None:
    site = await open_site(smtp_url=SMTP)
    browser = site.browser(await site.member("ana"))
    page = (await browser.get(HERE)).text
    assert len(ticked(page)) == 27
    assert 'href="/settings/push"' in page
    assert HERE in (await browser.get("/settings")).text


async def test_choices_are_saved_and_shown(open_site: OpenSite) -> None:
    site = await open_site(smtp_url=SMTP)
    ana, ben = await site.members("ana", "ben")
    browser = site.browser(ana)
    answer = await browser.post(HERE, data=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}?saved=1")
    page = (await browser.get(answer.headers["location"])).text
    assert "Saved." in page
    assert ticked(page) == {"vote_page", "reply_page", "reply_push", "bell_push", "discreet", "quiet"}
    assert re.findall(r'name="(?:strangers|newcomers)" value="(\w+)" checked', page) == ["aside", "drop"]
    for typed in ("22:30", "06:15", "Europe/Paris"):
        assert f'value="{typed}"' in page
    chosen = await preferences.of(ana.id)
    assert (chosen.strangers, chosen.newcomers, chosen.discreet) == (ASIDE, DROP, True)
    assert (chosen.quiet_from, chosen.quiet_to) == (1350, 375)
    assert [chosen.wants(NotificationKind.VOTE, way) for way in (Channel.PAGE, Channel.PUSH, Channel.MAIL)] == [
        True,
        False,
        False,
    ]
    assert chosen.wants(NotificationKind.REPLY, Channel.PUSH)
    assert not chosen.wants(NotificationKind.BELL, Channel.PUSH)
    assert (await preferences.of(ben.id)).kinds == {}


async def test_quiet_hours_end_with_their_switch(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    await browser.post(HERE, data=FORM)
    await browser.post(HERE, data={**FORM, "quiet": "", "quiet_from": "no time"})
    chosen = await preferences.of(ana.id)
    assert (chosen.quiet_from, chosen.quiet_to) == (None, None)


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"zone": "Europe/<Tilly>"}, "zone", "This time zone is not known."),
        ({"zone": ""}, "zone", "Say in which time zone"),
        ({"quiet_from": "25:00"}, "quiet_from", "Give a time such as 22:30."),
        ({"quiet_to": "half past"}, "quiet_to", "Give a time such as 22:30."),
        ({"quiet_to": ""}, "quiet_to", "Say when quiet hours end."),
        ({"quiet_to": "22:30"}, "quiet_to", "at another time than they begin"),
        ({"strangers": "maybe"}, "strangers", "Choose one of these."),
        ({"newcomers": ""}, "newcomers", "Choose one of these."),
    ],
)
async def test_what_does_not_fit_is_said_beside_the_field(
    site: LiveSite, wrong: dict[str, str], field: str, words: str
) -> None:
    ana = await site.member("ana")
    typed = {**FORM, **wrong}
    answer = await site.browser(ana).post(HERE, data=typed)
    assert answer.status_code == 422
    assert words in re.findall(rf'id="e-{field}">(.*?)</p>', answer.text)[0]
    assert ticked(answer.text) == {"vote_page", "reply_page", "reply_push", "bell_push", "discreet", "quiet"}
    for name in ("quiet_from", "quiet_to", "zone"):
        assert f'name="{name}"' in answer.text
        assert f'value="{typed[name].replace("<", "&lt;").replace(">", "&gt;")}"' in answer.text
    assert await site.network.count("notice_setting") == 0


async def test_where_no_mail_is_sent_none_is_offered_and_the_choice_stays(site: LiveSite) -> None:
    ana = await site.member("ana", email="ana@tilly.example")
    await preferences.save(
        await ana.viewer(), preferences.Preferences(kinds={"vote": Channel.PAGE, "reply": Channel.PAGE})
    )
    browser = site.browser(ana)
    page = (await browser.get(HERE)).text
    assert "This network sends no mail." in page
    assert "_mail" not in page
    assert 'value="daily"' not in page
    await browser.post(HERE, data={**FORM, "mention_page": "1", "mention_push": "1"})
    kinds = (await preferences.of(ana.id)).kinds
    assert kinds["vote"] == Channel.PAGE
    assert kinds["reply"] == Channel.PAGE | Channel.PUSH
    assert kinds.get("mention", EVERY_CHANNEL) == EVERY_CHANNEL
    await browser.post(f"{HERE}/digest", data={"digest": "daily"})
    assert await site.network.count("notice_setting", "digest <> 0") == 0
    assert await site.network.count("outbox") == 0
