"""News by mail: asked for, confirmed, and sent once."""

import asyncio
import re
from datetime import datetime

import msgspec
import pytest

from app.wiring import reactions_by_event
from app.worker import Worker
from db.engine import DB
from db.sql import SQL
from domain.core import events, ids
from domain.core.events import DigestDue
from domain.notifications import digests, notices, preferences
from domain.notifications.kinds import Channel
from domain.notifications.preferences import Preferences
from tests.conftest import OpenSite, Watch
from tests.helpers.people import PASSWORD, LiveSite
from tests.helpers.services import MailServer, mail_server
from tests.web.sent_mails import DAY, HERE, link_in, morning, subscribed


@pytest.fixture
async def site(open_site: OpenSite, mail: MailServer) -> LiveSite:
    return await open_site(smtp_url=mail.url, origin="http://tilly.example")


async def test_an_address_is_confirmed_before_anything_is_sent(site: LiveSite, mail: MailServer, watch: Watch) -> None:
    ana, ben = await site.member("ana", email="ana@tilly.example"), await site.member("ben")
    browser = site.browser(ana)
    page = await browser.get((await browser.post(HERE, data={"digest": "daily"})).headers["location"])
    assert "We have mailed you a link." in page.text
    assert "is not confirmed yet" in page.text
    await site.settle()
    assert [message["To"] for message in mail.messages] == ["ana@tilly.example"]
    await ben.post("Hello @ana")
    await site.settle()
    await morning(site, watch)
    assert len(mail.messages) == 1, "not confirmed: no digest"
    link = link_in(mail.messages[0], "confirm")
    mailbox = site.browser()
    shown = await mailbox.get(link)
    assert (shown.status_code, "Is that you?" in shown.text) == (200, True)
    assert shown.headers.get_list("referrer-policy")[-1] == "no-referrer"
    assert not (await digests.state(await ana.viewer())).confirmed, "looking at it changes nothing"
    assert "from now on" in (await mailbox.post(link)).text
    await mailbox.post(link)
    assert (await digests.state(await ana.viewer())).confirmed
    assert "is not confirmed yet" not in (await browser.get("/settings/notifications")).text
    await morning(site, watch)
    assert len(mail.messages) == 2


async def test_what_a_digest_says(site: LiveSite, mail: MailServer, watch: Watch) -> None:
    ana = await subscribed(site, mail, name="Ana Ruiz")
    ben, cem, dora = await site.members("ben", "cem", "dora")
    post = await ana.post("The lamp is mended")
    reply = await ben.post("At last, @ana!\n\nIt was dark.", parent=post)
    for voter in (ben, cem, dora):
        await voter.vote(post, 1)
    covered = await cem.post("The butler did it, @ana", cover="How the video ends")
    await dora.follow(ana)
    await site.settle()
    await morning(site, watch)
    [message] = mail.messages
    assert (message["To"], message["From"]) == ("ana@tilly.example", "noreply@tilly.example")
    text = message.get_content().replace("\r\n", "\n")
    assert message.get_content_type() == "text/plain"
    assert message["Subject"] == "4 notifications from Tilly"
    assert text.startswith("Hello Ana Ruiz,\n\nthis is new for you at Tilly:")
    assert "REPLIES\n\nBen replied to you: “At last, @ana! It was dark.”\n" in text
    assert f"http://tilly.example/@ben/{reply}\n" in text
    assert re.search(r"VOTES\n\n\w+ and 2 others voted for your post: “The lamp is mended”\n", text)
    assert "NEW FOLLOWERS\n\nDora follows you\nhttp://tilly.example/@dora\n" in text
    assert "Cem mentioned you: “How the video ends”" in text
    assert f"/@cem/{covered}" in text
    assert "butler" not in text, "a cover covers in mails too"
    assert text.index("MENTIONS") < text.index("REPLIES") < text.index("VOTES")
    assert "http://tilly.example/notifications\n" in text
    assert re.fullmatch(r"<http://tilly\.example/mail/stop/[\w.]+>", message["List-Unsubscribe"])
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Message-ID"].startswith("<digest-")


async def test_each_thing_comes_once_and_nothing_new_is_no_mail(site: LiveSite, mail: MailServer, watch: Watch) -> None:
    await subscribed(site, mail)
    ben = await site.member("ben")
    await morning(site, watch)
    assert mail.messages == []
    await ben.post("One, @ana")
    await site.settle()
    await morning(site, watch)
    await morning(site, watch)
    assert [message["Subject"] for message in mail.messages] == ["1 notification from Tilly"]
    await ben.post("Two, @ana")
    await site.settle()
    await morning(site, watch)
    assert len(mail.messages) == 2
    assert "Two" in mail.messages[1].get_content()
    assert "One" not in mail.messages[1].get_content()


async def test_what_was_before_is_not_mailed(site: LiveSite, mail: MailServer, watch: Watch) -> None:
    ana, ben = await site.member("ana", email="ana@tilly.example"), await site.member("ben")
    await ben.post("Long ago, @ana")
    await site.settle()
    watch.forward(1)
    await site.browser(ana).post(HERE, data={"digest": "daily"})
    await site.settle()
    await site.browser().post(link_in(mail.messages[0], "confirm"))
    await morning(site, watch)
    assert len(mail.messages) == 1


async def test_read_unwanted_and_hidden_things_are_left_out(site: LiveSite, mail: MailServer, watch: Watch) -> None:
    ana = await subscribed(site, mail)
    ben, cem, dora = await site.members("ben", "cem", "dora")
    await preferences.save(await ana.viewer(), Preferences(kinds={"follow": Channel.PAGE | Channel.PUSH}))
    await dora.follow(ana)
    await ben.post("Blocked, @ana")
    gone = await cem.post("Gone, @ana")
    await site.settle()
    await ana.block(ben)
    await cem.delete(gone)
    await site.settle()
    await morning(site, watch)
    assert mail.messages == []
    await cem.post("Read already, @ana")
    await site.settle()
    await notices.read(await ana.viewer(), ids.LAST)
    await morning(site, watch)
    assert mail.messages == []


async def test_weekly_digests_come_on_mondays(site: LiveSite, mail: MailServer, watch: Watch) -> None:
    ana, ben = await subscribed(site, mail), await site.member("ben")
    answer = await site.browser(ana).post(HERE, data={"digest": "weekly"})
    assert "saved=digest" in answer.headers["location"], "the address is confirmed already"
    for day in range(14):
        await ben.post(f"Day {day}, @ana")
        await site.settle()
        await morning(site, watch)
    assert len(mail.messages) == 2


@pytest.mark.parametrize(
    ("often", "zone", "now", "due"),
    [
        (digests.DAILY, "UTC", "2026-10-15T13:00", "2026-10-16T07:00"),
        (digests.DAILY, "UTC", "2026-10-15T06:59", "2026-10-15T07:00"),
        (digests.DAILY, "UTC", "2026-10-15T07:00", "2026-10-16T07:00"),
        (digests.DAILY, "", "2026-10-15T13:00", "2026-10-16T07:00"),
        (digests.DAILY, "Europe/Paris", "2026-10-15T13:00", "2026-10-16T05:00"),
        (digests.DAILY, "Europe/Paris", "2026-10-24T13:00", "2026-10-25T06:00"),
        (digests.DAILY, "Pacific/Auckland", "2026-10-15T13:00", "2026-10-15T18:00"),
        (digests.WEEKLY, "UTC", "2026-10-15T13:00", "2026-10-19T07:00"),
        (digests.WEEKLY, "UTC", "2026-10-19T07:00", "2026-10-26T07:00"),
    ],
)
def test_when_the_next_one_is_due(often: int, zone: str, now: str, due: str) -> None:
    moment, expected = (datetime.fromisoformat(f"{text}+00:00").timestamp() * 1000 for text in (now, due))
    assert digests.next_at(often, zone, int(moment)) == expected


async def test_a_digest_speaks_its_readers_language(site: LiveSite, mail: MailServer, watch: Watch) -> None:
    await subscribed(site, mail, locale="fr")
    ben = await site.member("ben")
    await ben.post("Salut @ana")
    await site.settle()
    await morning(site, watch)
    assert "Salut @ana" in mail.messages[0].get_content()


async def test_who_leaves_gets_no_more(site: LiveSite, mail: MailServer, watch: Watch) -> None:
    ana, ben = await subscribed(site, mail), await site.member("ben")
    await ben.post("Hello @ana")
    await site.settle()
    watch.forward(DAY)
    await digests.record_due()
    answer = await site.browser(ana).post("/settings/leave", data={"handle": "ana", "password": PASSWORD})
    assert answer.status_code == 303
    await site.settle()
    assert mail.messages == []
    assert await site.network.count("notice_setting") == 0


# --- once, whoever dies ----------------------------------------------------------------------------------------------


async def test_several_clocks_and_workers_send_one(site: LiveSite, mail: MailServer, watch: Watch) -> None:
    _, ben = await subscribed(site, mail), await site.member("ben")
    await ben.post("Hello @ana")
    await site.settle()
    watch.forward(DAY)
    await asyncio.gather(*(digests.record_due() for _ in range(5)))
    assert await site.network.count("outbox", "kind = 'DigestDue'") == 1
    workers = [Worker(reactions_by_event(site.network.settings)) for _ in range(3)]
    for worker in workers:
        await worker.drain()
    for worker in workers:
        await worker.settle()
    assert len(mail.messages) == 1


async def test_a_digest_whose_worker_died_is_not_sent_twice(site: LiveSite, mail: MailServer, watch: Watch) -> None:
    ana, ben = await subscribed(site, mail), await site.member("ben")
    await ben.post("Hello @ana")
    await site.settle()
    watch.forward(DAY)
    await digests.record_due()
    event = events.decode(*(await DB.fetch(SQL("SELECT kind, payload FROM outbox")))[0])
    assert isinstance(event, DigestDue)
    # It claimed, and died: nobody knows whether the mail left.
    assert await digests.claim(ana.id, event.due_at)
    await site.settle()
    assert mail.messages == []
    await morning(site, watch)
    assert len(mail.messages) == 1, "what was in it comes with the next one"
    assert "Hello @ana" in mail.messages[0].get_content()


async def test_a_mail_server_that_is_away_gets_it_later(open_site: OpenSite, watch: Watch) -> None:
    with mail_server() as mail:
        site = await open_site(smtp_url=mail.url, origin="http://tilly.example")
        await subscribed(site, mail)
        ben = await site.member("ben")
        await ben.post("Hello @ana")
        await site.settle()
    watch.forward(DAY)
    await digests.record_due()
    await site.settle()
    assert await site.network.count("outbox", "attempts = 1") == 1
    with mail_server() as mail:
        site.network.worker = Worker(
            reactions_by_event(msgspec.structs.replace(site.network.settings, smtp_url=mail.url))
        )
        watch.forward(10)
        await site.settle()
        assert len(mail.messages) == 1
    assert await site.network.count("outbox") == 0
