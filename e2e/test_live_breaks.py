"""A page that stays open, when the connection breaks, when the server falls, in two windows, and in Firefox."""

import re
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from e2e.bidi import Session
from e2e.client import Client
from e2e.conftest import Meet
from e2e.firefox_user import FirefoxUser
from tests.helpers.services import ServerProcess

Join = Callable[..., Client]
# From the end of a cut until the browser has come back by itself.
BACK_MS = 20_000


@pytest.fixture
def pair(join: Join, request: pytest.FixtureRequest) -> tuple[Client, Client]:
    """A reader who follows a writer."""
    name = re.sub(r"\W", "", request.node.name.removeprefix("test_"))[:18]
    writer, reader = join(f"w_{name}", "Wanda Rose"), join(f"r_{name}", "Rory Finch")
    reader.follow(writer.handle)
    return reader, writer


def pill(page: Page, words: str, within_ms: int = 8000) -> None:
    """The line that new things wait behind says how many there are."""
    expect(page.locator(".pill")).to_be_visible(timeout=within_ms)
    expect(page.locator(".pill")).to_contain_text(words, timeout=within_ms)


def bring(page: Page) -> None:
    page.locator(".pill").click()
    expect(page.locator(".pill")).to_be_hidden()


def test_what_one_is_told_of(meet: Meet, pair: tuple[Client, Client]) -> None:
    reader, writer = pair
    post = reader.publish("A quiet day.")
    rory = meet("desktop", member=reader)
    rory.go("/public")
    for number in range(2):
        writer.publish(f"Not for long, {number}.", reply_to=post)
    badge = rory.page.locator("[data-unread]").locator("visible=true").first
    expect(badge).to_have_text("2")
    expect(rory.page).to_have_title(re.compile(r"^\(2\) "))
    other = rory.another_tab("/notifications")
    expect(other.get_by_text("Not for long, 1.")).to_be_visible()
    # Read in one window, read in all.
    expect(badge).to_be_hidden()
    expect(rory.page).not_to_have_title(re.compile(r"^\("))


def test_a_cut_misses_nothing(meet: Meet, pair: tuple[Client, Client]) -> None:
    reader, writer = pair
    rory = meet("desktop", member=reader)
    rory.home()
    writer.publish("Before the tunnel.")
    pill(rory.page, "1 new post")
    with rory.watch.foreseen("failed: ", "console error"):
        rory.page.context.set_offline(True)
        writer.publish("In the tunnel.")
        writer.publish("Deep in the rock.")
        rory.page.context.set_offline(False)
        pill(rory.page, "3 new posts", BACK_MS)
        bring(rory.page)
    for words in ("Before the tunnel.", "In the tunnel.", "Deep in the rock."):
        rory.sees(words)


def test_a_server_that_fell_misses_nothing(meet: Meet, server: ServerProcess, pair: tuple[Client, Client]) -> None:
    reader, writer = pair
    rory = meet("desktop", member=reader)
    rory.home()
    writer.publish("Before the fall.")
    pill(rory.page, "1 new post")
    with rory.watch.foreseen("failed: ", "console error"):
        server.stop(signal.SIGKILL)
        server.start()
        writer.publish("After the fall.")
        pill(rory.page, "2 new posts", BACK_MS)
        bring(rory.page)
    rory.sees("Before the fall.")
    rory.sees("After the fall.")


def test_in_firefox(fox: Session, pair: tuple[Client, Client]) -> None:
    reader, writer = pair
    owner = FirefoxUser(fox).sign_in(reader.handle)
    post = reader.publish("Any news?")
    writer.publish("Some news.")
    tab = owner.tab
    tab.wait("document.querySelector('.pill')?.checkVisibility()", 10)
    tab.sees("1 new post")
    tab.click(".pill")
    tab.sees("Some news.")
    writer.publish("An answer.", reply_to=post)
    tab.wait("document.title.startsWith('(1) ')")
