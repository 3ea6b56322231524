"""Without a connection one reads on; what was kept for one member is never another's, and goes with the session."""

import os
import signal
from collections.abc import Callable

from playwright.sync_api import expect

from e2e import device
from e2e.client import Client
from e2e.conftest import Meet
from e2e.user import User
from tests.helpers.services import ServerProcess

Join = Callable[..., Client]
NEWS = "The ferry runs again from Monday."


def _reader(meet: Meet, join: Join, handle: str) -> User:
    """Somebody on a phone whose service worker has settled."""
    person = meet("phone", member=join(handle))
    person.home()
    device.settled(person)
    return person


def test_reading_on(meet: Meet, join: Join) -> None:
    writer = join("rhea")
    post = f"/@rhea/{writer.publish(NEWS)}"
    sam = _reader(meet, join, "sam")
    for address in (post, "/@rhea", "/public"):
        sam.go(address)
    device.settled(sam, post, "/@rhea", "/public")
    with device.offline(sam):
        device.read_copy(sam, "/?from=app", "Home")
        device.read_copy(sam, post, "Thread")
        sam.sees(NEWS)
        device.read_copy(sam, "/@rhea", "Rhea")
        sam.go("/people")
        expect(sam.page.get_by_role("heading", name="No connection")).to_be_visible()
        expect(sam.page.locator("#kept a").first).to_contain_text("Home")
        sam.page.locator("#kept a", has_text=NEWS).click()
        sam.sees(NEWS)
        # A part of a list that was paged through is not the page.
        sam.go("/?before=123456789012345678")
        expect(sam.page.get_by_role("heading", name="No connection")).to_be_visible()
        device.read_copy(sam, post, "Thread")
    sam.go(post)
    expect(sam.page.locator(".copy-line")).to_have_count(0)


def test_what_is_gone_is_not_kept(meet: Meet, join: Join) -> None:
    writer = join("gita")
    number = writer.publish("A thing said in haste.")
    sam = _reader(meet, join, "sven")
    post = f"/@gita/{number}"
    sam.go(post)
    device.settled(sam, post)
    writer.send(f"/posts/{number}?_method=DELETE")
    with sam.watch.foreseen("status: 404"):
        sam.go(post)
        device.until(sam.page, lambda: post not in device.copies(sam.page))


def test_a_bad_connection(meet: Meet, join: Join, server: ServerProcess) -> None:
    """Who waits for four seconds reads the copy meanwhile."""
    sam = _reader(meet, join, "slow")
    assert server.process
    os.killpg(server.process.pid, signal.SIGSTOP)
    try:
        device.read_copy(sam, "/", "Home")
    finally:
        os.killpg(server.process.pid, signal.SIGCONT)


def test_another_member_on_the_same_device(meet: Meet, join: Join) -> None:
    ana, secret = join("anouk"), "Only for those who follow me."
    device_of_both = meet("phone", member=ana)
    number = ana.publish(secret, visibility="followers")
    device_of_both.home()
    device.settled(device_of_both)
    device_of_both.go(f"/@anouk/{number}")
    device.settled(device_of_both, f"/@anouk/{number}")
    # Her session ends elsewhere; his begins.
    device_of_both.page.context.clear_cookies()
    device_of_both.page.context.add_cookies(join("bruno").cookies())  # type: ignore[arg-type]
    device_of_both.home()
    device.settled(device_of_both)
    assert f"/@anouk/{number}" not in device.copies(device_of_both.page)
    with device.offline(device_of_both):
        device.read_copy(device_of_both, "/", "Home")
        device_of_both.misses(secret)
        device_of_both.go(f"/@anouk/{number}")
        expect(device_of_both.page.get_by_role("heading", name="No connection")).to_be_visible()
        assert secret not in device_of_both.page.content()
        device_of_both.home()


def test_a_session_that_ended(meet: Meet, join: Join) -> None:
    """The guest's page that comes then is enough for the copies to go."""
    sam = _reader(meet, join, "sofia")
    sam.page.context.clear_cookies()
    sam.home()
    device.until(sam.page, lambda: device.copies(sam.page) == [])
    with device.offline(sam):
        sam.home()
        expect(sam.page.get_by_role("heading", name="No connection")).to_be_visible()
        expect(sam.page.locator("#kept a")).to_have_count(0)


def test_signing_out_leaves_nothing(meet: Meet, join: Join) -> None:
    sam = _reader(meet, join, "silas")
    sam.page.evaluate("localStorage.setItem('draft:new', 'Half a thought')")
    sam.go("/settings")
    sam.page.get_by_role("button", name="Sign out").click()
    expect(sam.page.get_by_role("link", name="Sign in").locator("visible=true").first).to_be_visible()
    device.until(sam.page, lambda: device.copies(sam.page) == [] and device.queue(sam.page) == [])
    assert sam.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == []
