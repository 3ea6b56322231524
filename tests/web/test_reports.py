"""Reporting, as members and guests do it in a browser, and what they see of it afterwards."""

import re

import pytest

from domain.moderation.kinds import CaseState, StatementKind
from tests.conftest import OpenSite
from tests.helpers.people import LiveSite
from tests.helpers.services import MailServer

HX = {"hx-request": "true"}


async def test_a_report_takes_two_taps(site: LiveSite) -> None:
    ana, eve = await site.members("ana", "eve")
    post = await eve.post("You will be sorry.")
    browser = site.browser(ana)
    menu = (await browser.get(f"/@eve/{post}/menu", headers=HX)).text
    (first,) = re.findall(r'href="(/report\?about=post\.\d+)" data-sheet', menu)
    form = (await browser.get(first, headers=HX)).text
    (rule,) = re.findall(r'<button name="rule" value="([\d.]+)"[^>]*>Harassment<', form)
    taken = await browser.post("/reports", data={"about": f"post.{post}", "rule": rule}, headers=HX)
    assert taken.status_code == 200
    assert "Thank you" in taken.text
    assert "within 48 hours" in taken.text
    assert await site.network.count("report", f"reporter = {ana.id}") == 1
    again = await browser.post("/reports", data={"about": f"post.{post}", "rule": rule})
    assert "already" in again.text
    assert await site.network.count("report") == 1


@pytest.mark.parametrize(("also", "table"), [("mute", "mute"), ("block", "block"), ("", ""), ("harm", "")])
async def test_a_reporter_may_mute_or_block_besides(site: LiveSite, also: str, table: str) -> None:
    ana, eve = await site.members("ana", "eve")
    post = await eve.post("You will be sorry.")
    data = {"about": f"post.{post}", "rule": "1.6", "also": also, "words": "Look."}
    answer = await site.browser(ana).post("/reports", data=data)
    assert answer.status_code == 200
    for one in ("mute", "block"):
        assert await site.network.count(one) == (one == table)


async def test_a_person_and_a_picture_can_be_reported(site: LiveSite) -> None:
    ana, eve = await site.members("ana", "eve")
    post = await eve.show("Look at this.")
    browser = site.browser(ana)
    form = (await browser.get(f"/report?about=post.{post}", headers=HX)).text
    (picture,) = re.findall(r'<option value="(media\.\d+)"', form)
    assert (await browser.post("/reports", data={"about": picture, "rule": "1.9"})).status_code == 200
    menu = (await browser.get("/@eve/menu", headers=HX)).text
    (person,) = re.findall(r"/report\?about=(account\.\d+)", menu)
    assert (await browser.post("/reports", data={"about": person, "rule": "1.8"})).status_code == 200
    assert await site.network.count("mod_case", f"state = {CaseState.OPEN}") == 2


async def test_nothing_typed_is_lost_when_a_rule_is_missing(site: LiveSite) -> None:
    ana, eve = await site.members("ana", "eve")
    post = await eve.post("You will be sorry.")
    data = {"about": f"post.{post}", "rule": "", "words": "He <b>insists</b>.", "also": "mute"}
    answer = await site.browser(ana).post("/reports", data=data)
    assert answer.status_code == 422
    assert "Choose the rule" in answer.text
    assert "He &lt;b&gt;insists&lt;/b&gt;." in answer.text
    assert '<option value="mute" selected' in answer.text
    assert await site.network.count("mute") == await site.network.count("report") == 0


@pytest.mark.parametrize("about", ["", "post", "post.", "post.x", "thing.17", "post.17", "account.17", "media.17"])
async def test_what_is_not_there_can_not_be_reported(site: LiveSite, about: str) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    assert (await browser.get(f"/report?about={about}")).status_code == 404
    assert (await browser.post("/reports", data={"about": about, "rule": "1.1"})).status_code == 404


async def test_guests_are_led_to_the_form_for_guests(site: LiveSite) -> None:
    eve = await site.member("eve")
    post = await eve.post("You will be sorry.")
    guest = site.browser()
    for page in (f"/@eve/{post}/menu", "/@eve/menu"):
        menu = (await guest.get(page)).text
        assert "/report?" not in menu
        assert "/notice?address=/%40eve" in menu or "/notice?address=/@eve" in menu
    assert (await guest.post("/reports", data={"about": f"post.{post}", "rule": "1.1"})).status_code == 401
    assert (await guest.get("/reports/mine")).headers["location"].startswith("/signin")


async def test_reports_have_a_limit(open_site: OpenSite) -> None:
    site = await open_site(reports_per_hour=2)
    ana, eve = await site.members("ana", "eve")
    posts = [await eve.post(f"Post {number}") for number in range(3)]
    browser = site.browser(ana)
    codes = [
        (await browser.post("/reports", data={"about": f"post.{post}", "rule": "1.6"})).status_code for post in posts
    ]
    assert codes == [200, 200, 429]
    assert await site.network.count("report") == 2


async def test_the_outcome_is_told_without_a_name(site: LiveSite) -> None:
    ana, eve = await site.members("ana", "eve")
    moderator = await site.network.moderator()
    post = await eve.post("You will be sorry.")
    await ana.report(post, words="Look.")
    browser = site.browser(ana)
    assert "A moderator will look at it." in (await browser.get("/reports/mine")).text
    await moderator.decide(await site.network.open_case(), StatementKind.POST_REMOVAL)
    await site.settle()
    mine = (await browser.get("/reports/mine")).text
    assert "moderators have acted on it" in mine
    assert "What you reported has been reviewed" in (await browser.get("/notifications")).text
    assert not re.search(r"(?i)\b(mona|eve)\b", re.sub(r"(?s).*<main(.*)</main>.*", r"\1", mine))


NOTICE = {
    "address": "", "rule": "1.7", "words": "This is my telephone number.", "name": "Zoé Petit",
    "email": "zoe@tilly.example", "good_faith": "1",
}  # fmt: skip


async def test_a_guests_notice_from_the_form_to_the_answer(open_site: OpenSite, mail: MailServer) -> None:
    site = await open_site(smtp_url=mail.url, origin="http://tilly.example")
    eve = await site.member("eve")
    moderator = await site.network.moderator()
    post = await eve.post("Call 555 1234.")
    guest = site.browser()
    form = (await guest.get(f"/notice?address=http://tilly.example/@eve/{post}")).text
    assert f'value="http://tilly.example/@eve/{post}"' in form
    taken = await guest.post("/notice", data=NOTICE | {"address": f"http://tilly.example/@eve/{post}"})
    assert "zoe@tilly.example" in taken.text
    assert await site.network.count("mod_case", f"state = {CaseState.OPEN}") == 0
    await site.settle()
    message = mail.wait()
    assert message["To"] == "zoe@tilly.example"
    found = re.search(r"http://tilly\.example(/notice/confirmation/\S+)", message.get_content())
    assert found
    # A mail program that looks at the link confirms nothing.
    assert (await guest.get(found[1])).status_code == 200
    assert await site.network.count("mod_case", f"state = {CaseState.OPEN}") == 0
    assert "counts now" in (await guest.post(found[1])).text
    case = await site.network.open_case()
    await moderator.decide(case, StatementKind.POST_REMOVAL, rule=7)
    await site.settle()
    answer = mail.wait(2).get_content()
    assert "It breaks the network's rules" in answer
    assert "eve" not in answer
    assert "mona" not in answer
    assert len(mail.messages) == 2


async def test_a_guests_form_comes_back_whole(open_site: OpenSite, mail: MailServer) -> None:
    site = await open_site(smtp_url=mail.url)
    eve = await site.member("eve")
    post = await eve.post("Call 555 1234.")
    wrong = NOTICE | {"address": f"/@eve/{post}", "email": "nobody", "good_faith": ""}
    answer = await site.browser().post("/notice", data=wrong)
    assert answer.status_code == 422
    for typed in ("Zoé Petit", "This is my telephone number.", f"/@eve/{post}", "nobody"):
        assert typed in answer.text
    assert re.search(r'value="1\.7" required checked', answer.text)
    assert answer.text.count('class="error"') == 2


async def test_guests_have_a_limit_and_lose_nothing(open_site: OpenSite) -> None:
    site = await open_site(guest_reports_per_hour=1)
    eve = await site.member("eve")
    post = await eve.post("You will be sorry.")
    guest = site.browser()
    threat = NOTICE | {"address": f"/@eve/{post}", "rule": "1.1", "email": ""}
    assert (await guest.post("/notice", data=threat)).status_code == 200
    refused = await guest.post("/notice", data=threat)
    assert refused.status_code == 429
    assert "This is my telephone number." in refused.text


async def test_nobodys_mailbox_is_filled(open_site: OpenSite, mail: MailServer) -> None:
    site = await open_site(smtp_url=mail.url, guest_reports_per_hour=1000)
    eve = await site.member("eve")
    codes = []
    for number in range(5):
        post = await eve.post(f"Post {number}")
        guest = site.browser(address=f"192.0.2.{number + 1}")
        answer = await guest.post(
            "/notice", data=NOTICE | {"address": f"/@eve/{post}", "email": "Victim@third.example"}
        )
        codes.append(answer.status_code)
    assert codes == [200, 200, 200, 429, 429]


async def test_forms_with_something_wrong_use_up_nobodys_mails(open_site: OpenSite, mail: MailServer) -> None:
    site = await open_site(smtp_url=mail.url)
    post = await (await site.member("eve")).post("You will be sorry.")
    stranger, victim = site.browser(address="192.0.2.66"), site.browser(address="198.51.100.7")
    for page in ("/notice", "/upstream"):
        for _ in range(4):
            assert (await stranger.post(page, data={"email": "victim@third.example"})).status_code == 422
    form = NOTICE | {"address": f"/@eve/{post}", "email": "victim@third.example"}
    assert (await victim.post("/notice", data=form)).status_code == 200


@pytest.mark.parametrize("token", ["x", "17.AAAA", "1" * 300])
async def test_forged_confirmations_are_refused(site: LiveSite, token: str) -> None:
    guest = site.browser()
    assert (await guest.get(f"/notice/confirmation/{token}")).status_code == 403
    assert (await guest.post(f"/notice/confirmation/{token}")).status_code == 403
