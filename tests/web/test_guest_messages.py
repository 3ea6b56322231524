"""Moderators write to whoever reported something without an account: a mail, once the address is known to be theirs."""

import pytest

from domain.core.errors import Invalid
from domain.moderation import case_messages, guest_reports
from domain.moderation.kinds import Party
from domain.moderation.reports import NamedRule
from tests.conftest import OpenSite
from tests.helpers.moderation import guest_form
from tests.helpers.people import LiveSite, Member
from tests.helpers.services import MailServer

WORDS = "Which of the two numbers is yours?"


async def reported(site: LiveSite, **changed: object) -> int:
    """A guest's report of a post."""
    post = await (await site.member("eve")).post("Call 555 1234.")
    form = guest_form(post, hosts=frozenset({"parvis.test"}), **changed)
    return (await guest_reports.file(form, can_mail=True)).report


async def write(site: LiveSite, moderator: Member) -> None:
    case = await site.network.open_case()
    await case_messages.write(await moderator.viewer(), case, Party.REPORTER, WORDS)
    await site.settle()


async def test_a_guest_is_mailed_once_and_nobody_else_is(open_site: OpenSite, mail: MailServer) -> None:
    site = await open_site(smtp_url=mail.url)
    mona, report = await site.network.moderator(), await reported(site)
    await guest_reports.confirm(await guest_reports.token(report))
    await site.settle()
    before = len(mail.messages)
    await write(site, mona)
    (sent,) = mail.messages[before:]
    assert sent["To"] == "zoe@tilly.example"
    assert sent["Subject"].startswith("À propos de votre signalement")
    text = " ".join(sent.get_content().split())
    assert WORDS in text
    assert f"(signalement {report})" in text
    # Neither who wrote it, nor whom it is about.
    assert "@mona" not in text
    assert "@eve" not in text
    assert len(await case_messages.of_case(await site.network.open_case())) == 1


async def test_an_address_that_nobody_has_confirmed_gets_nothing(open_site: OpenSite, mail: MailServer) -> None:
    """What is urgent counts at once, whoever gave the address."""
    site = await open_site(smtp_url=mail.url)
    mona = await site.network.moderator()
    await reported(site, rule=NamedRule(1, 1))
    await site.settle()
    before = len(mail.messages)
    with pytest.raises(Invalid) as refused:
        await write(site, mona)
    assert "an address that is confirmed" in str(refused.value.fields)
    assert len(mail.messages) == before
