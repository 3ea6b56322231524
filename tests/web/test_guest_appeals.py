"""The page on which whoever reported something without an account appeals, and the mails that lead to it and answer."""

import re

import pytest

from db.engine import DB
from db.sql import SQL
from domain.moderation import appeal_decisions, appeal_queue, guest_appeals, guest_reports
from domain.moderation.kinds import Outcome, StatementKind
from tests.conftest import OpenSite, Watch
from tests.helpers.moderation import guest_form
from tests.helpers.people import LiveSite
from tests.helpers.services import MailServer

ANSWER = "The number is in the public directory."


async def _told(site: LiveSite, kind: StatementKind = StatementKind.NO_BREACH) -> int:
    """A guest's report that is decided, with the mail on its way."""
    post = await (await site.member("eve")).post("Call 555 1234.")
    report = (await guest_reports.file(guest_form(post, hosts=frozenset({"parvis.test"})), can_mail=True)).report
    await guest_reports.confirm(await guest_reports.token(report))
    await (await site.network.moderator()).decide(await site.network.open_case(), kind, rule=7)
    await site.settle()
    return report


async def test_from_the_mail_to_the_answer(open_site: OpenSite, mail: MailServer) -> None:
    site = await open_site(smtp_url=mail.url)
    await _told(site)
    told = mail.messages[-1].get_content()
    link = re.search(r"https?://[^/]+(/notice/appeal/\S+)", told)
    assert link, told
    assert "vous pouvez former un recours jusqu’au" in " ".join(told.split())
    guest = site.browser(headers={"accept-language": "en"})
    form = await guest.get(link[1])
    assert form.status_code == 200
    assert form.headers["referrer-policy"] == "no-referrer"
    assert "what is wrong with the decision" in form.text
    assert not await site.network.count("appeal"), "a mail program that looks at the link appeals nothing"
    empty = await guest.post(link[1], data={"words": " "})
    assert empty.status_code == 422
    long = await guest.post(link[1], data={"words": "x" * 2001})
    assert long.status_code == 422
    assert "x" * 2001 in long.text
    taken = await guest.post(link[1], data={"words": "It is <b>mine</b>."})
    assert taken.status_code == 200
    assert "The answer comes by mail." in taken.text
    max_ = await site.network.moderator("max")
    free = await appeal_queue.first_free(await max_.viewer())
    assert free is not None
    page = (await site.browser(max_).get(f"/moderation/appeals/{free.id}")).text
    assert "It is &lt;b&gt;mine&lt;/b&gt;." in page
    for secret in ("zoe", "Zoé"):
        assert secret not in page
    await appeal_decisions.uphold(await max_.viewer(), free.id, ANSWER)
    before = len(mail.messages)
    await site.settle()
    (answer,) = mail.messages[before:]
    assert answer["To"] == "zoe@tilly.example"
    assert ANSWER in answer.get_content()
    for secret in ("mona", "max", "eve"):
        assert secret not in answer.get_content()


async def test_the_answer_is_the_same_whatever_the_state(site: LiveSite, watch: Watch) -> None:
    report = await _told(site)
    offered = await guest_appeals.offer(report)
    assert offered is not None
    link, guest = f"/notice/appeal/{offered.token}", site.browser()
    form, sent = (await guest.get(link)).text, (await guest.post(link, data={"words": "It is mine."})).text
    # Lodged before.
    assert (await guest.post(link, data={"words": "It is mine."})).text == sent
    assert (await guest.get(link)).text == form
    assert await site.network.count("appeal") == 1
    # Decided otherwise.
    max_ = await site.network.moderator("max")
    free = await appeal_queue.first_free(await max_.viewer())
    assert free is not None
    await appeal_decisions.uphold(await max_.viewer(), free.id, ANSWER)
    assert (await guest.post(link, data={"words": "Once more."})).text == sent
    # Too late.
    watch.ahead += 183 * 86_400_000
    assert (await guest.post(link, data={"words": "Once more."})).text == sent
    assert (await guest.get(link)).text == form
    assert await site.network.count("appeal") == 1


async def test_another_outcome_has_no_link(open_site: OpenSite, mail: MailServer) -> None:
    site = await open_site(smtp_url=mail.url)
    report = await _told(site, StatementKind.POST_REMOVAL)
    row = await guest_reports.of_report(report)
    assert row is not None
    assert guest_reports.outcome(row) is Outcome.ACTION
    assert "/notice/appeal/" not in mail.messages[-1].get_content()


@pytest.mark.parametrize("token", ["x", "17.AAAA", "1" * 300])
async def test_forged_links_are_refused_alike(site: LiveSite, token: str) -> None:
    report = await _told(site)
    guest = site.browser()
    confirming = await guest_reports.token(report)
    answers = [
        await guest.request(method, f"/notice/appeal/{one}", data={"words": "It is mine."})
        for method in ("GET", "POST")
        for one in (token, confirming)
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert not await site.network.count("appeal")


async def test_whoever_reports_it_after_an_answer_reads_the_answer(open_site: OpenSite, mail: MailServer) -> None:
    site = await open_site(smtp_url=mail.url)
    first = await _told(site)
    offer = await guest_appeals.offer(first)
    assert offer is not None
    await guest_appeals.lodge(offer.token, "It is mine.")
    max_ = await site.network.moderator("max")
    free = await appeal_queue.first_free(await max_.viewer())
    assert free is not None
    await appeal_decisions.uphold(await max_.viewer(), free.id, ANSWER)
    post = int(await DB.value(SQL("SELECT id FROM post WHERE text = 'Call 555 1234.'")))
    form = guest_form(post, email="bea@tilly.example", hosts=frozenset({"parvis.test"}))
    later = (await guest_reports.file(form, can_mail=True)).report
    await guest_reports.confirm(await guest_reports.token(later))
    await site.settle()
    told = [one.get_content() for one in mail.messages if one["To"] == "bea@tilly.example"]
    assert [ANSWER in words for words in told].count(True) == 1
    assert not any("/notice/appeal/" in words for words in told)
