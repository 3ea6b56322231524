"""What gives access without a password ends when docs/architecture.md says so, and not otherwise."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from domain.accounts import closing, credentials, device_cookies, login_codes, sessions
from domain.core.errors import Forbidden, Invalid, NotFound
from domain.domain_migration import announcements, login_transfer
from domain.moderation import standing_links
from domain.notifications import digests, feeds, subscriptions
from tests.conftest import OpenSite
from tests.helpers.migration_devices import NEW, OLD, SigningDevice
from tests.helpers.people import PASSWORD, LiveSite, Member
from tests.helpers.push_service import PushReceiver
from tests.helpers.services import MailServer

ADDRESS = "ana@tilly.example"
# What the answer to a form brings: tests/web/test_guessing.py looks at that.
BROWSER = "This browser's device cookie"
OTHER = "another lamp in the window"


def table() -> dict[tuple[str, str], str]:
    """The manual's word for each action and each way in."""
    text = (Path(__file__).resolve().parents[2] / "docs" / "architecture.md").read_text()
    head, _, *rows = re.search(r"\| \| New password.*?(?=\n\n)", text, re.DOTALL)[0].splitlines()  # type: ignore[index]
    actions = [one.strip() for one in head.split("|")[2:-1]]
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows]
    return {
        (action, way): word
        for way, *words in cells
        for action, word in zip(actions, words, strict=True)
        if way != BROWSER
    }


TABLE = table()
ACTION_NAMES = list(dict.fromkeys(action for action, _ in TABLE))


class Access:
    """Everything that lets somebody in, or read, or hear of @ana, as it was handed out before an action."""

    def __init__(self, site: LiveSite, mail: MailServer, ana: Member, other: Member) -> None:
        self.site, self.mail, self.ana, self.other = site, mail, ana, other

    async def hand_out(self) -> "Access":
        viewer, there = await self.ana.viewer(), await self.other.viewer()
        self.session = there.session
        await subscriptions.subscribe(there, PushReceiver("https://push.example/there").offer())
        await subscriptions.enter(viewer, PushReceiver("https://push.example/hand").offer())
        self.key = await SigningDevice().register(self.other)
        await announcements.announce(OLD, NEW)
        self.code = await login_codes.make(viewer)
        await feeds.renew(viewer)
        self.shared = await standing_links.make(viewer, 7)
        self.feed = await feeds.address_of(viewer)
        self.confirm = await digests.confirm_token(self.ana.id, ADDRESS)
        self.stop = await digests.stop_token(self.ana.id, ADDRESS)
        self.cookie = await device_cookies.issue("", self.ana.id)
        for asked in (ADDRESS, "ana"):
            await credentials.ask_reset(asked)
        await self.site.settle()
        self.links = self.mailed()
        assert len(self.links) == 2
        self.mail.messages.clear()
        # Asked for, and not mailed yet: one of them is known to be for @ana by now, the others only name her.
        await credentials.ask_reset(ADDRESS)
        await self.site.network.worker._short()
        assert await self.site.network.count("outbox", "kind = 'PasswordResetDue'") == 1
        await credentials.ask_reset(ADDRESS)
        await credentials.ask_reset("ana")
        return self

    def mailed(self) -> list[str]:
        texts = (message.get_content() for message in self.mail.messages)
        return [link for text in texts for link in re.findall(r"/reset/(\S+)", text)]

    async def standing(self) -> dict[str, bool]:
        """What still works, by the names in the manual."""
        await self.site.settle()
        count = self.site.network.count
        return {
            "The session it is done in": (await self.ana.viewer()).signed_in,
            "Another session": (await self.other.viewer()).signed_in,
            "Pushes to its browser": bool(await count("push_subscription", f"session = '{self.session}'")),
            "Its device's key for `/arrive`": await works(login_transfer.redeem, await self.key.code(), NEW),
            "A sign-in code": await works(login_codes.redeem, self.code),
            "A reset link that was mailed": await all_or_none([await works(reset, one) for one in self.links]),
            "A reset link that was asked for": await all_or_none([await works(reset, one) for one in self.mailed()]),
            "Another browser's device cookie": await self.is_known(self.cookie),
            "The address of one's Atom feed": await works(feeds.owner, self.feed),
            "A link to one's standing": await works(standing_links.read, self.shared),
            "Push addresses entered by hand (for other programs than the app)": bool(
                await count("push_subscription", "session IS NULL")
            ),
            "A mailed link that confirms an address": await works(digests.to_confirm, self.confirm),
            "A mailed link that stops digests": await works(digests.to_stop, self.stop),
        }

    async def is_known(self, cookie: str) -> bool:
        return bool(await device_cookies.recognize(cookie, await credentials.named("ana")))


async def works(ask: Callable[..., Awaitable[object]], *args: str) -> bool:
    try:
        await ask(*args)
    except (Forbidden, Invalid, NotFound):
        return False
    return True


reset = credentials.reset_account


async def all_or_none(found: list[bool]) -> bool:
    assert len(set(found)) <= 1, found
    return any(found)


async def new_password(one: Access) -> None:
    await credentials.change_password(await one.ana.viewer(), PASSWORD, OTHER)


async def by_link(one: Access) -> None:
    await credentials.reset(one.links[-1], OTHER)


async def new_address(one: Access) -> None:
    await credentials.change_email(await one.ana.viewer(), PASSWORD, "new@tilly.example")


async def others_out(one: Access) -> None:
    await sessions.end_others(await one.ana.viewer())


async def one_out(one: Access) -> None:
    await sessions.end(await one.ana.viewer(), one.session)


async def left(one: Access) -> None:
    await closing.leave(await one.ana.viewer(), "ana", PASSWORD)


ACTIONS = dict(zip(ACTION_NAMES, (new_password, by_link, new_address, others_out, one_out, left), strict=True))


@pytest.fixture
async def access(open_site: OpenSite, mail: MailServer) -> Access:
    site = await open_site(smtp_url=mail.url, origin=NEW)
    ana = await site.member("ana", email=ADDRESS)
    return await Access(site, mail, ana, await site.network.device(ana.id, "ana", "Laptop")).hand_out()


async def test_before_all_of_it_works(access: Access) -> None:
    standing = await access.standing()
    assert set(standing) == {way for _, way in TABLE}
    assert [way for way, works in standing.items() if not works] == []


async def test_what_is_offered_may_stay(access: Access) -> None:
    await sessions.end_others(await access.ana.viewer(), feed=False, push_addresses=False)
    ends = {way for way, works in (await access.standing()).items() if not works}
    assert ends == {way for (one, way), word in TABLE.items() if one == "Other devices signed out" and word == "ends"}


@pytest.mark.parametrize("action", ACTION_NAMES)
async def test_what_ends(access: Access, action: str) -> None:
    await ACTIONS[action](access)
    ends = {way for way, works in (await access.standing()).items() if not works}
    assert ends == {way for (one, way), word in TABLE.items() if one == action and word in ("ends", "offered")}
