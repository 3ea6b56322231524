"""The first day of a network: it is opened, somebody joins, they talk; a power cut takes nothing."""

import re
import signal

import pytest
from playwright.sync_api import expect

from e2e.browser import Device
from e2e.conftest import Meet
from e2e.user import User
from tests.helpers.services import ServerProcess

BAKER = "The baker on rue des Halles reopened this morning."
QUEUE = "Forty people in the queue, and nobody looked at a phone."
HOURS = "Do you know when they close?"
ANSWER = "At seven, and on Mondays not at all."
QUOTE = "This is what I wanted from a network."
SLIP = "The libary opens again in May."
MENDED = "The library opens again in May."
RASH = "I never liked their bread."


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_first_day(fresh: ServerProcess, meet_fresh: Meet, device: Device, scripts: bool) -> None:
    ana, ben = meet_fresh("desktop", scripts), meet_fresh(device, scripts)
    _open_the_doors(ana, ben)
    _talk(ana, ben)
    _change_ones_mind(ben)
    # Open pages hold a stream, which breaks off with the server.
    with ana.watch.foreseen("/live"), ben.watch.foreseen("/live"):
        fresh.stop(signal.SIGKILL)
        fresh.start()
        for person in (ana, ben):
            person.go("/about")
    _everything_is_there(ana, ben)
    _keep_ones_distance(ana, ben)


def _open_the_doors(ana: User, ben: User) -> None:
    ana.set_up("Old Harbour", "ana", "Ana Ruiz")
    expect(ana.page.get_by_text("Your square is quiet.")).to_be_visible()
    ana.write(BAKER)
    ben.sign_up("ben", "Ben Osei")
    ben.follow("ana")
    ben.finds_at_home(BAKER)


def _talk(ana: User, ben: User) -> None:
    ben.write(QUEUE)
    ana.follow("ben")
    ana.finds_at_home(QUEUE)
    ben.home()
    ben.reply(BAKER, HOURS)
    ben.home()
    ben.vote(BAKER)
    ben.quote(BAKER, QUOTE)
    ben.home()
    ben.repost(BAKER)
    ana.home()
    ana.open_post(BAKER)
    ana.vote(HOURS, "down")
    ana.vote(HOURS, "up")
    expect(ana.post(HOURS).locator(".down")).to_have_attribute("aria-pressed", "false")
    ana.reply(HOURS, ANSWER)


def _change_ones_mind(ben: User) -> None:
    ben.home()
    ben.write(SLIP)
    ben.go("/@ben")
    ben.edit(SLIP, MENDED)
    ben.go("/@ben")
    ben.delete(QUEUE)
    ben.undo(QUEUE)
    ben.home()
    ben.write(RASH)
    ben.go("/@ben")
    ben.delete(RASH)


def _everything_is_there(ana: User, ben: User) -> None:
    ben.home()
    baker = ben.sees(BAKER)
    expect(baker.locator(".up")).to_have_attribute("aria-pressed", "true")
    expect(baker.locator(".repost")).to_have_attribute("aria-pressed", "true")
    assert (ben.figure(BAKER, "up"), ben.figure(BAKER, "repost"), ben.figure(BAKER, "acts a")) == ("1", "1", "1")
    expect(ben.sees(QUOTE).locator("a.quote")).to_contain_text(BAKER)
    ben.sees(QUEUE)
    ben.misses(RASH)
    ben.sees(MENDED).locator("a.edited").click()
    expect(ben.page.locator(".edits")).to_contain_text(SLIP)
    ana.home()
    ana.open_post(BAKER)
    expect(ana.sees(HOURS).locator(".up")).to_have_attribute("aria-pressed", "true")
    ana.sees(ANSWER)
    ana.home()
    expect(ana.page).to_have_title(re.compile("Old Harbour"))


def _keep_ones_distance(ana: User, ben: User) -> None:
    ana.mute("ben")
    ana.home()
    ana.misses(QUEUE)
    ana.block("ben")
    ben.home()
    ben.misses(BAKER)
    with ben.watch.foreseen("status: 404"):
        ben.go("/@ana")
        expect(ben.page.locator("main")).not_to_contain_text(BAKER)
