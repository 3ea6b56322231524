"""Grants of other areas end in the transaction of the revocation: all of it is done, or none."""

import subprocess
import sys

import pytest

from domain.accounts import closing, credentials, revocation, sessions
from domain.accounts.revocation import Grant
from domain.notifications import digests, feeds, subscriptions
from tests.helpers.people import PASSWORD, LiveNetwork, Member
from tests.helpers.push_service import PushReceiver

ANOTHER = "another lamp in the window"


async def hand_out(member: Member) -> None:
    """A feed, and two devices: this browser and an address entered by hand."""
    viewer = await member.viewer()
    await feeds.renew(viewer)
    for offer, save in (("browser", subscriptions.subscribe), ("hand", subscriptions.enter)):
        await save(viewer, PushReceiver(f"https://push.example/{member.handle}/{offer}").offer())


async def granted(member: Member) -> tuple[bool, list[str]]:
    """Whether there is a feed, and where pushes go."""
    viewer = await member.viewer()
    devices = await subscriptions.devices(viewer)
    return bool(await feeds.address_of(viewer)), sorted(one.endpoint.rpartition("/")[2] for one in devices)


async def test_a_new_password_ends_them_at_once_and_only_for_its_account(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    for member in (ana, ben):
        await hand_out(member)
    assert await granted(ana) == (True, ["browser", "hand"])
    await credentials.change_password(await ana.viewer(), PASSWORD, ANOTHER)
    assert await granted(ana) == (False, ["browser"])
    assert await granted(ben) == (True, ["browser", "hand"])


async def test_other_devices_are_signed_out_with_what_was_chosen(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    await hand_out(ana)
    await sessions.end_others(await ana.viewer(), feed=False, push_addresses=False)
    assert await granted(ana) == (True, ["browser", "hand"])
    await sessions.end_others(await ana.viewer(), feed=False)
    assert await granted(ana) == (True, ["browser"])
    await sessions.end_others(await ana.viewer())
    assert await granted(ana) == (False, ["browser"])


async def test_who_leaves_gets_no_more_pushes_from_that_moment_on(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    await hand_out(ana)
    await closing.leave(await ana.viewer(), "ana", PASSWORD)
    assert await network.count("push_subscription") == 0
    assert await network.count("notice_setting") == 0, "the feed's address and that of digests go at once"


async def test_an_ending_that_fails_undoes_the_revocation(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await network.member("ana")
    other = await network.device(ana.id, "ana")
    await hand_out(ana)
    monkeypatch.delitem(revocation._endings, Grant.PUSH_ADDRESSES)
    with pytest.raises(LookupError, match="PUSH_ADDRESSES"):
        await credentials.change_password(await ana.viewer(), PASSWORD, ANOTHER)
    assert await granted(ana) == (True, ["browser", "hand"])
    assert (await other.viewer()).signed_in
    assert (await credentials.prove("ana", PASSWORD)).account == ana.id


async def test_a_confirmed_address_is_forgotten_with_another_one(network: LiveNetwork) -> None:
    ana = await network.member("ana", email="ana@tilly.example")
    await digests.choose(await ana.viewer(), digests.DAILY)
    await digests.confirm(await digests.confirm_token(ana.id, "ana@tilly.example"))
    for address, confirmed in (("ana@tilly.example", True), ("b@tilly.example", False), ("ana@tilly.example", False)):
        await credentials.change_email(await ana.viewer(), PASSWORD, address)
        assert (await digests.state(await ana.viewer())).confirmed is confirmed


@pytest.mark.parametrize("command", ["cli", "serve", "server"])
def test_every_process_knows_all_endings(command: str) -> None:
    """A server imports ``app.serve``, several of them ``app.server``, and every other command ``app.cli``."""
    code = (
        f"import app.{command}; from domain.accounts import revocation as r; print(sorted(g.name for g in r._endings))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(sorted(grant.name for grant in Grant))
