"""Mails with reset links, when strangers ask for them."""

import contextlib
import re

import pytest

from asgi import limits
from domain.accounts import credentials
from domain.core.errors import Forbidden
from tests.conftest import OpenSite, Watch
from tests.helpers.people import LiveSite
from tests.helpers.services import MailServer
from tests.web.test_reading import Tick


@pytest.fixture
def engine() -> str:
    """This is about limits in memory."""
    return "sqlite"


async def ask(site: LiveSite, number: int, who: str = "ana") -> int:
    return (await site.browser(address=f"198.51.100.{number}").post("/reset", data={"email": who})).status_code


async def working(mail: MailServer) -> list[str]:
    """The mailed links that work still."""
    links = [message.get_content().partition("/reset/")[2].split()[0] for message in mail.messages]
    found = []
    for link in links:
        with contextlib.suppress(Forbidden):
            await credentials.reset_account(link)
            found.append(link)
    return found


async def test_strangers_neither_flood_a_member_nor_stop_their_links(
    open_site: OpenSite, mail: MailServer, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick = Tick()
    monkeypatch.setattr(limits, "monotonic", tick)
    site = await open_site(smtp_url=mail.url, origin="http://tilly.example")
    await site.member("ana", email="ana@tilly.example")
    assert {await ask(site, number) for number in range(12)} == {200}, "the answer is the same for each"
    await site.settle()
    assert len(mail.messages) == len(await working(mail)) == 3, "none of them ended another"
    for _ in range(8):  # four hours of it
        tick.now += 1800
        watch.forward(1800)
        for number in range(12):
            await ask(site, number)
        await site.settle()
        assert await working(mail), "there is one at hand always"
    assert len(mail.messages) <= 3 + 3 * 4


async def test_others_get_theirs(open_site: OpenSite, mail: MailServer) -> None:
    site = await open_site(smtp_url=mail.url, origin="http://tilly.example")
    await site.member("ana", email="ana@tilly.example")
    await site.member("ben", email="ben@tilly.example")
    for number in range(12):
        await ask(site, number)
    await ask(site, 1, "ben")
    await site.settle()
    assert [message["To"] for message in mail.messages].count("ben@tilly.example") == 1


async def test_one_network_asks_for_so_many(open_site: OpenSite, mail: MailServer) -> None:
    site = await open_site(smtp_url=mail.url, signins_per_hour=3)
    assert [await ask(site, 7, f"who{number}") for number in range(4)] == [200, 200, 200, 429]


async def test_each_says_which_account_it_is_for(open_site: OpenSite, mail: MailServer) -> None:
    site = await open_site(smtp_url=mail.url, origin="http://tilly.example")
    for handle in ("ana", "ben"):
        await site.member(handle, email="house@tilly.example")
    await ask(site, 1, "house@tilly.example")
    await site.settle()
    assert sorted(re.findall(r"for (@\w+) at", one.get_content()) for one in mail.messages) == [["@ana"], ["@ben"]]
