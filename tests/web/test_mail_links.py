"""Links in mails: they confirm an address or stop the mails, without a session, and only for whom they were made."""

import pytest

from domain.notifications import digests
from tests.conftest import OpenSite, Watch
from tests.helpers.people import PASSWORD, LiveSite
from tests.helpers.services import MailServer
from tests.web.sent_mails import DAY, HERE, morning, subscribed


@pytest.fixture
async def site(open_site: OpenSite, mail: MailServer) -> LiveSite:
    return await open_site(smtp_url=mail.url, origin="http://tilly.example")


async def test_one_press_in_a_mail_program_stops_them(site: LiveSite, mail: MailServer, watch: Watch) -> None:
    ana, ben = await subscribed(site, mail), await site.member("ben")
    await ben.post("Hello @ana")
    await site.settle()
    await morning(site, watch)
    link = mail.messages[0]["List-Unsubscribe"].strip("<>").removeprefix("http://tilly.example")
    assert link in mail.messages[0].get_content()
    program = site.browser()
    del program.headers["origin"]
    assert (await program.get(link)).status_code == 200
    assert (await digests.state(await ana.viewer())).often == digests.DAILY, "looking at it changes nothing"
    for _ in range(2):
        answer = await program.post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    assert (await digests.state(await ana.viewer())).often == digests.OFF
    await ben.post("Again, @ana")
    await site.settle()
    await morning(site, watch, 8)
    assert len(mail.messages) == 1


async def test_another_address_is_confirmed_anew(site: LiveSite, mail: MailServer, watch: Watch) -> None:
    ana, ben = await subscribed(site, mail), await site.member("ben")
    old = await digests.stop_token(ana.id, "ana@tilly.example")
    browser = site.browser(ana)
    for address in ("new@tilly.example", "ana@tilly.example", "new@tilly.example"):
        await browser.post("/settings/account/email", data={"proof": PASSWORD, "email": address})
        assert not (await digests.state(await ana.viewer())).confirmed
    await ben.post("Hello @ana")
    await site.settle()
    await morning(site, watch)
    assert mail.messages == []
    assert (await site.browser().post(f"/mail/stop/{old}")).status_code == 403, "the old mailbox has no say"
    await browser.post(HERE, data={"digest": "daily"})
    await site.settle()
    assert mail.messages[-1]["To"] == "new@tilly.example"


async def test_the_same_address_stays_confirmed(site: LiveSite, mail: MailServer) -> None:
    ana = await subscribed(site, mail)
    await site.browser(ana).post("/settings/account/email", data={"proof": PASSWORD, "email": "Ana@tilly.example "})
    assert (await digests.state(await ana.viewer())).confirmed


async def test_wrong_and_old_links(site: LiveSite, mail: MailServer, watch: Watch) -> None:
    ana, ben = await site.member("ana", email="ana@tilly.example"), await site.member("ben", email="ana@tilly.example")
    good = await digests.confirm_token(ana.id, "ana@tilly.example")
    account, until, mac = good.split(".")
    wrong = [
        f"{ben.id}.{until}.{mac}", f"{account}.{int(until) + 1}.{mac}", f"{account}.0.{mac}", f"{account}.{until}.",
        f"{account}.{until}.{mac[:-1]}", f"{account}.{until}.é", f"{account}.٣.{mac}", f"{account}..{mac}", "x", "..",
        f"{account}.{'9' * 400}.{mac}", f"9999999999.{until}.{mac}",
        await digests.stop_token(ana.id, "ana@tilly.example"),
    ]  # fmt: skip
    for token in wrong:
        answer = await site.browser().post(f"/mail/confirm/{token}")
        assert answer.status_code in (403, 404), token
        assert "set-cookie" not in answer.headers
    assert (await site.browser().post(f"/mail/stop/{good}")).status_code == 403
    watch.forward(digests.CONFIRM_DAYS * DAY + 1)
    assert (await site.browser().post(f"/mail/confirm/{good}")).status_code == 403
    assert not (await digests.state(await ana.viewer())).confirmed


async def test_without_an_address_none_is_sent(site: LiveSite, mail: MailServer) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    assert "Your account has no email address." in (await browser.get("/settings/notifications")).text
    answer = await browser.post(HERE, data={"digest": "daily"})
    assert answer.status_code == 422
    assert "Add an email address to your account first." in answer.text
    assert (await browser.post(HERE, data={"digest": "hourly"})).status_code == 422
    await site.settle()
    assert mail.messages == []


async def test_links_to_confirm_are_limited(open_site: OpenSite, mail: MailServer) -> None:
    site = await open_site(smtp_url=mail.url, signins_per_hour=3)
    ana = await site.member("ana", email="victim@tilly.example")
    answers = [(await site.browser(ana).post(HERE, data={"digest": "daily"})).status_code for _ in range(5)]
    assert answers == [303, 303, 303, 429, 429]
    await site.settle()
    assert len(mail.messages) == 3
