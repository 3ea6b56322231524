"""Digests as their readers have them: subscribed to, and sent in the morning."""

import re
from email.message import EmailMessage

from domain.notifications import digests
from tests.conftest import Watch
from tests.helpers.people import LiveSite, Member
from tests.helpers.services import MailServer

HERE = "/settings/notifications/digest"
DAY = 86_400


def link_in(message: EmailMessage, what: str) -> str:
    found = re.search(rf"http://tilly\.example(/mail/{what}/\S+)", message.get_content())
    assert found
    return found[1]


async def subscribed(site: LiveSite, mail: MailServer, handle: str = "ana", **fields: str) -> Member:
    """Somebody whose address is confirmed for a daily digest; the mail box is empty again."""
    member = await site.member(handle, email=f"{handle}@tilly.example", **fields)
    answer = await site.browser(member).post(HERE, data={"digest": "daily"})
    assert "saved=asked" in answer.headers["location"]
    await site.settle()
    assert (await site.browser().post(link_in(mail.messages[-1], "confirm"))).status_code == 200
    mail.messages.clear()
    return member


async def morning(site: LiveSite, watch: Watch, days: int = 1) -> None:
    """The clock strikes, and the outbox is worked off."""
    watch.forward(days * DAY)
    await digests.record_due()
    await site.settle()
