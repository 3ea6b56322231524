"""Complaints from upstream on the pages, and the letters as a mail server gets them."""

import re

import pytest

import adapters.mail
from domain.core.access import Role
from domain.moderation import upstream
from domain.moderation.kinds import StatementKind
from tests.conftest import OpenSite
from tests.helpers import complaints
from tests.helpers.complaints import opened
from tests.helpers.people import LiveSite, Member
from tests.helpers.services import MailServer

DESK = "/moderation/upstream"
FILLED = {
    "sender": "host",
    "name": "Nordhost",
    "email": "abuse@nordhost.example",
    "reference": "AB-7",
    "words": "Take it down.",
    "locale": "fr",
}


@pytest.fixture
async def mailing(open_site: OpenSite, mail: MailServer) -> LiveSite:
    return await open_site(
        smtp_url=mail.url,
        origin="http://parvis.test",
        upstream_address="upstream@parvis.test",
        mail_from="p@parvis.test",
    )


async def moderator(site: LiveSite, handle: str = "mona") -> Member:
    return await site.member(handle, role=Role.MODERATOR)


async def test_from_the_form_to_the_answer(mailing: LiveSite, mail: MailServer) -> None:
    eve, mona = await mailing.member("eve"), await moderator(mailing)
    post = await eve.post("You will be sorry.")
    guest, browser = mailing.browser(), mailing.browser(mona)
    page = await guest.get("/upstream")
    assert (page.status_code, "upstream@parvis.test" in page.text) == (200, True)
    filled = {**FILLED, "addresses": f"http://parvis.test/@eve/{post}"}
    answer = await guest.post("/upstream", data=filled)
    assert (answer.status_code, "abuse@nordhost.example" in answer.text) == (200, True)
    await mailing.settle()
    (receipt,) = mail.messages
    found = re.search(r"http://parvis\.test(/upstream/confirmation/(\S+))", receipt.get_content())
    assert found
    link, token = found[1], found[2]
    assert receipt["Subject"] == f"Votre plainte [{token}]"
    assert (receipt["To"], receipt["Auto-Submitted"]) == ("abuse@nordhost.example", "auto-replied")
    assert receipt["Reply-To"] == f"upstream+{token}@parvis.test"
    assert "Nordhost" not in (await browser.get(DESK)).text
    assert (await guest.get(link)).headers["referrer-policy"] == "no-referrer"
    assert "Nordhost" not in (await browser.get(DESK)).text, "looking at the link confirms nothing"
    assert (await guest.post(link)).status_code == 200
    listed = (await browser.get(DESK)).text
    complaint = re.findall(rf"{DESK}/(\d+)\"", listed)[0]
    here = f"{DESK}/{complaint}"
    await browser.put(f"{here}/claim")
    assert "AB-7" in (await browser.get(here)).text
    assert (await browser.post(f"{here}/cases", data={"place.0": "1", "rule": "1.6"})).status_code == 303
    queue = (await browser.get("/moderation")).text
    assert ">upstream<" in queue
    case = re.findall(r"/moderation/cases/(\d+)", queue)[0]
    assert here in (await browser.get(f"/moderation/cases/{case}")).text
    statement = await mona.decide(int(case), StatementKind.POST_REMOVAL)
    await mailing.settle()
    text = (await browser.get(here)).text
    letter = re.findall(r"(?s)<textarea id=\"f-words\".*?>\n(.*?)</textarea>", text)[0]
    assert "la publication a été retirée" in letter
    assert str(statement) in letter
    assert "AB-7" in letter
    version = re.findall(r'name="version" value="(\d+)"', text)[0]
    sent = {"version": version, "answers": "1", "subject": "Réponse", "words": "Il est supprimé.\nC’est tout."}
    assert (await browser.post(f"{here}/closure", data=sent)).headers["location"] == "/moderation?closed=1"
    await mailing.settle()
    assert [one["Subject"] for one in mail.messages[1:]] == ["Réponse"]
    assert mail.messages[-1].get_content().splitlines()[:2] == ["Il est supprimé.", "C’est tout."]
    assert "Auto-Submitted" not in mail.messages[-1]
    proof = await browser.get(f"{here}/proof")
    assert proof.headers["content-disposition"] == f'attachment; filename="complaint-{complaint}.json"'
    assert proof.headers["cache-control"] == "no-store"
    assert [one["state"] for one in proof.json()["letters"]] == ["accepted", "accepted"]
    assert all(one["mail_server"] for one in proof.json()["letters"])
    whats = [one["what"] for one in proof.json()["trail"]]
    assert whats == [
        "received", "letter_sent", "confirmed", "claimed", "case_opened", "decided", "closed", "letter_sent",
    ]  # fmt: skip


async def test_an_answer_in_english_is_a_reply_to_their_mail(mailing: LiveSite, mail: MailServer) -> None:
    mona = await moderator(mailing)
    complaint = await opened(complaints.mail())
    await mailing.settle()
    token = await upstream.token(complaint)
    (receipt,) = mail.messages
    assert receipt["Subject"] == f"Your complaint [{token}]"
    assert receipt["In-Reply-To"] == "<1@nordhost.example>"
    assert f"complaint-{token}-" in receipt["Message-ID"]
    text = (await mailing.browser(mona).get(f"{DESK}/{complaint}")).text
    assert "Your complaint names no address of this network." in text
    kept = re.findall(rf"{DESK}/{complaint}/mails/\d+", text)[0]
    found = await mailing.browser(mona).get(kept)
    assert (found.status_code, found.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert found.headers["content-disposition"].startswith("attachment")


async def test_the_id_of_their_mail_is_written_as_it_is_and_adds_no_header(mailing: LiveSite, mail: MailServer) -> None:
    long = f"<{'x' * 100}@nordhost.example>"
    await opened(complaints.mail().as_bytes().replace(b"<1@nordhost.example>", long.encode()))
    coded = b"<=?utf-8?q?x=0aBcc:eve@b.example?=@nordhost.example>"
    await opened(complaints.mail().as_bytes().replace(b"<1@nordhost.example>", coded))
    await mailing.settle()
    # They are sent at the same time.
    second, first = sorted(mail.messages, key=lambda one: "In-Reply-To" in one)
    assert [str(first[name]) for name in ("In-Reply-To", "References")] == [long, long]
    assert not {"Bcc", "In-Reply-To"} & set(second.keys())
    with pytest.raises(ValueError, match="lines"):
        await adapters.mail.send(mail.url, "a@b.example", "c@d.example", "=?utf-8?q?x=0aBcc:eve@b.example?=", "x")


async def test_a_letter_that_no_server_takes_is_kept_as_failed(open_site: OpenSite) -> None:
    site = await open_site(smtp_url="smtp://127.0.0.1:9", origin="http://parvis.test")
    mona = await moderator(site)
    complaint = await opened(complaints.mail())
    await site.settle()
    text = (await site.browser(mona).get(f"{DESK}/{complaint}")).text
    assert "It could not be handed to the mail server so far." in text
    assert await site.network.count("outbox", "kind = 'ComplaintReceiptDue'") == 1, "it is tried again"
    assert await site.network.count("complaint_entry", "kind = 10") == 1


async def test_without_mail_the_letter_is_downloaded(site: LiveSite) -> None:
    mona = await moderator(site)
    complaint = await opened(complaints.mail(), can_mail=False)
    browser, here = site.browser(mona), f"{DESK}/{complaint}"
    sent = {"version": "1", "answers": "1", "subject": "Answer", "words": "It is gone."}
    assert (await browser.post(f"{here}/closure", data=sent)).status_code == 303
    letter = re.findall(rf"{here}/letters/\d+", (await browser.get(here)).text)[0]
    assert (await browser.get(letter)).text == "Answer\n\nIt is gone.\n"
    assert (await browser.put(f"{letter}/sent")).status_code == 303
    assert (await browser.put(f"{letter}/sent")).status_code == 409


async def test_without_mail_only_authorities_are_offered_the_form(site: LiveSite, mailing: LiveSite) -> None:
    offered = re.compile(r'name="sender" value="(\w+)"')
    assert offered.findall((await site.browser().get("/upstream")).text) == ["authority"]
    assert "trusted_flagger" in offered.findall((await mailing.browser().get("/upstream")).text)
    assert "trusted_flagger" in offered.findall((await site.browser(await moderator(site)).get(f"{DESK}/new")).text)


async def test_forms_come_back_with_what_was_typed(mailing: LiveSite) -> None:
    mona = await moderator(mailing)
    browser = mailing.browser(mona)
    for client, address in ((mailing.browser(), "/upstream"), (browser, DESK)):
        answer = await client.post(address, data={**FILLED, "words": "", "addresses": "https://a.example"})
        assert answer.status_code == 422
        assert all(one in answer.text for one in ("Nordhost", "AB-7", "https://a.example"))
    entered = await browser.post(DESK, data={**FILLED, "email": "", "received": "2026-01-01T00:00"})
    assert entered.status_code == 422
    entered = await browser.post(DESK, data={**FILLED, "email": ""})
    here = entered.headers["location"]
    for place, data in (
        ("cases", {"rule": ""}),
        ("correction", {"sender": "host", "name": "", "locale": "en"}),
        ("closure", {"version": "1", "answers": "1", "subject": "", "words": "Typed words."}),
    ):
        answer = await browser.post(f"{here}/{place}", data=data)
        assert answer.status_code == 422, place
        assert data.get("words", "") in answer.text
    sent = {"version": "9", "answers": "1", "subject": "S", "words": "Kept."}
    stale = await browser.post(f"{here}/closure", data=sent)
    assert (stale.status_code, "Kept." in stale.text) == (409, True)
    assert (await browser.put(f"{here}/verification")).status_code == 303
    assert (await browser.delete(f"{here}/claim")).headers["location"] == "/moderation"


async def test_the_form_is_limited(open_site: OpenSite, mail: MailServer) -> None:
    site = await open_site(smtp_url=mail.url, guest_reports_per_hour=2)
    browser = site.browser()
    assert [(await browser.post("/upstream", data=FILLED)).status_code for _ in range(3)] == [200, 200, 429]


async def test_strangers_and_members_find_nothing(site: LiveSite) -> None:
    eve, mona = await site.member("eve"), await moderator(site)
    complaint = await opened(complaints.mail("Take down https://parvis.test/@eve"))
    here = f"{DESK}/{complaint}"
    gets = (DESK, f"{DESK}/new", f"{DESK}/senders", here, f"{here}/proof", f"{here}/mails/1", f"{here}/letters/1")
    for client, statuses in ((site.browser(), {401, 303}), (site.browser(eve), {404})):
        for address in gets:
            answer = await client.get(address)
            assert answer.status_code in statuses, address
            assert "Nordhost" not in answer.text
        for place in ("cases", "correction", "closure"):
            assert (await client.post(f"{here}/{place}", data=FILLED)).status_code in statuses
        for method, place in (
            ("PUT", "claim"),
            ("DELETE", "claim"),
            ("PUT", "verification"),
            ("PUT", "letters/1/sent"),
        ):
            assert (await client.request(method, f"{here}/{place}")).status_code in statuses
        assert (await client.post(DESK, data=FILLED)).status_code in statuses
    assert (await site.browser(mona).get(f"{DESK}/senders")).status_code == 403, "operators keep the list"
    assert (await site.browser(mona).get(f"{here}/mails/1")).status_code == 404
    wrong = f"/upstream/confirmation/{complaint}.{'0' * 16}"
    assert [(await site.browser().request(method, wrong)).status_code for method in ("GET", "POST")] == [403, 403]


async def test_operators_keep_the_list_of_senders(site: LiveSite) -> None:
    browser = site.browser(await site.network.operator())
    address = f"{DESK}/senders"
    known = {"pattern": "nordhost.example", "name": "Nordhost", "sender": "host"}
    assert (await browser.post(address, data=known)).status_code == 303
    assert "nordhost.example" in (await browser.get(address)).text
    for field, value in (("pattern", "no domain"), ("pattern", "https://x.example"), ("name", ""), ("sender", "other")):
        assert (await browser.post(address, data={**known, field: value})).status_code == 422, field
    assert (await browser.delete(f"{address}?_=1")).status_code == 303
    assert (await browser.post(f"{address}?_method=DELETE", data=known)).status_code == 303
    assert "nordhost.example" not in (await browser.get(address)).text
