"""A jury in three browsers: jurors vote in Chromium, Firefox and WebKit, and one who does not answer is replaced."""

import contextlib
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from selenium.webdriver import WebKitGTK
from selenium.webdriver.common.by import By

from domain.core import clock
from e2e import old_members
from e2e.bidi import Session, until
from e2e.client import Client
from e2e.conftest import Meet
from e2e.demo_site import GENEROUS
from e2e.firefox_user import FirefoxUser
from e2e.test_webkit import find, sign_in
from e2e.user import PASSWORD
from tests.helpers.services import ServerProcess, serve_process

HANDLES = ("june", "jack", "jill", "jens", "jana", "jose")
SUMMONS = re.compile(r'href="(/jury/\d+)"')
# The sweep comes once a minute; the event sooner.
SECONDS = 90
POST = "Eve Rude says that @ada_calm can’t count."


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with serve_process(**GENEROUS, private=True) as server:
        Client(server.base).found()
        old_members.add(server, *HANDLES)
        yield server
        print(server.tail())


@pytest.fixture
def members(server: ServerProcess) -> dict[str, Client]:
    """Six who have opted in: five are drawn, and one is left."""
    found = {handle: Client(server.base).sign_in(handle) for handle in HANDLES}
    for client in found.values():
        client.send("/jury/settings", {"opted_in": "1"})
    return found


def test_a_jury_in_three_browsers(
    meet: Meet,
    fox: Session,
    gtk: WebKitGTK,
    server: ServerProcess,
    join: Callable[..., Client],
    members: dict[str, Client],
) -> None:
    eve = appealed(server, join)
    reader = meet("phone", member=eve)
    reader.page.goto("/appeals")
    expect(reader.page.get_by_text("A jury hears it.")).to_be_visible()
    drawn = {handle: address for handle, client in members.items() if (address := summons_of(client))}
    assert len(drawn) == 5
    (left,) = set(members) - set(drawn)

    # In Chromium, without scripts and on a phone.
    first, second, third, fourth, late = drawn
    chromium = meet("phone", scripts=False, member=members[first])
    chromium.page.goto("/notifications")
    chromium.page.get_by_role("link", name="You have been drawn for a jury").first.click()
    chromium.page.get_by_role("link", name="Hear the appeal").click()
    expect(chromium.page.get_by_text("Person A says that Person B can’t count.")).to_be_visible()
    expect(chromium.page.locator("main")).not_to_contain_text(re.compile(r"\bEve\b"))
    chromium.page.get_by_label("No, take it back").check()
    chromium.page.get_by_label("Why").fill("It is about benches.")
    chromium.page.get_by_role("button", name="Vote", exact=True).click()
    expect(chromium.page.get_by_role("heading", name="You have voted.")).to_be_visible()

    # In Firefox.
    firefox = FirefoxUser(fox).sign_in(second)
    firefox.tab.go(drawn[second])
    firefox.tab.sees("Person A says that Person B can’t count.")
    firefox.tab.click("[name=vote][value=reverse]")
    firefox.tab.click("#vote button.cta")
    firefox.tab.sees("You have voted.")

    # In WebKit.
    sign_in(gtk, server.base, third)
    gtk.get(server.base + drawn[third])
    press(gtk, "#vote label:has([value=reverse]) span")
    press(gtk, "#vote button.cta")
    until(lambda: "You have voted." in gtk.find_element(By.TAG_NAME, "main").text, SECONDS)

    # One does not answer, and the one who was left is drawn.
    members[fourth].send(f"{drawn[fourth]}/vote", {"version": "1", "vote": "reverse"})
    _run_out(server, drawn[late])
    address = until(lambda: summons_of(members[left]), SECONDS)
    assert "Your time to answer was over" in members[late].http.get(drawn[late]).text
    assert members[late].http.post(f"{drawn[late]}/vote", data={"version": "1", "vote": "stands"}).status_code == 409
    reader.page.reload()
    expect(reader.page.get_by_text("A jury hears it.")).to_be_visible()
    members[left].send(f"{address}/vote", {"version": "1", "vote": "stands"})

    reader.page.reload()
    expect(reader.page.get_by_text("You were right: the decision was changed.")).to_be_visible()
    expect(reader.page.get_by_text("At least four of them found the decision wrong")).to_be_visible()
    firefox.tab.go("/jury/history")
    firefox.tab.sees("The jury found the decision wrong.")
    gtk.get(server.base + "/jury/history")
    until(lambda: "The jury found the decision wrong." in gtk.find_element(By.TAG_NAME, "main").text, SECONDS)


def press(gtk: WebKitGTK, selector: str) -> None:
    """WebKit's driver presses only what is on the screen."""
    element = find(gtk, selector)
    gtk.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
    element.click()


def appealed(server: ServerProcess, join: Callable[..., Client]) -> Client:
    """Somebody whose post was removed, and who has appealed."""
    eve, ada, moderator = join("eve_rude", "Eve Rude"), join("ada_calm", "Ada Calm"), join("mona", "Mona")
    Client(server.base).sign_in("desk", PASSWORD).send(
        "/settings/staff", {"handle": "mona", "role": "moderator", "words": "More hands."}
    )
    ada.send("/reports", {"about": f"post.{eve.publish(POST)}", "rule": "1.6"})
    (case,) = set(re.findall(r"/moderation/cases/(\d+)", moderator.http.get("/moderation").text))
    (version,) = re.findall(r'name="version" value="(\d+)"', moderator.http.get(f"/moderation/cases/{case}").text)
    reasons = {"rule": "1.6", "kind": "post_removal", "facts": "It mocks somebody.", "explanation": ""}
    moderator.send(f"/moderation/cases/{case}/decisions", {**reasons, "version": version})
    (statement,) = set(re.findall(r'href="/statements/(\d+)"', eve.http.get("/standing").text))
    eve.send(f"/statements/{statement}/appeal", {"words": "I, Eve Rude, meant benches."})
    return eve


def summons_of(client: Client) -> str:
    """The address of what waits for a member's answer, "" for nothing."""
    found = SUMMONS.search(client.http.get("/jury").text)
    return found.group(1) if found else ""


def _run_out(server: ServerProcess, summons: str) -> None:
    """A juror's time is over now."""
    now, juror = clock.now(), summons.rpartition("/")[2]
    file = Path(server.environment["PARVIS_DATA"]) / "parvis.sqlite"
    with contextlib.closing(sqlite3.connect(file, timeout=20)) as connection:
        connection.execute("UPDATE juror SET ends_at = ? WHERE id = ?", (now, juror))
        connection.execute(
            "UPDATE outbox SET due_at = ? WHERE kind = 'SummonsEnds' AND payload LIKE ?", (now, f"%{juror}%")
        )
        connection.commit()
