"""A jury that has decided becomes an audit: two jurors fail it in two browsers and dispute it; one dispute is turned
down by a second moderator, and the other has the audit withdrawn.
"""

import contextlib
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from selenium.webdriver import WebKitGTK
from selenium.webdriver.common.by import By

from domain.core import clock, ids
from e2e import device, old_members
from e2e.bidi import Session, until
from e2e.client import Client
from e2e.conftest import Meet
from e2e.demo_site import GENEROUS
from e2e.firefox_user import FirefoxUser
from e2e.test_jury import HANDLES, SECONDS, appealed, press, summons_of
from e2e.test_webkit import sign_in
from e2e.user import PASSWORD
from tests.helpers.services import ServerProcess, serve_process

# They opt in when the jury is over: nobody is drawn for an audit who sat on its jury.
AUDITED = ("jodi", "jago")
WHY = "Everybody could see that it is about benches."
SEAT = """
    INSERT INTO juror (id, jury, account, state, ends_at, version, audit)
    SELECT ?1, (SELECT max(jury) FROM jury_audit), id, 0, ?2, 1, 1 FROM account WHERE handle = ?3
"""


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with serve_process(**GENEROUS, private=True) as server:
        Client(server.base).found()
        old_members.add(server, *HANDLES[:5], *AUDITED)
        yield server
        print(server.tail())


def test_a_failed_and_a_disputed_audit(
    meet: Meet, fox: Session, gtk: WebKitGTK, server: ServerProcess, join: Callable[..., Client]
) -> None:
    appeal = _decided(server, join)
    mona = meet(member=Client(server.base).sign_in("mona"))
    mona.page.goto(f"/moderation/appeals/{appeal}")
    mona.page.get_by_label("Why the jury was right").fill(WHY)
    mona.page.get_by_role("button", name="Make it an audit").click()
    expect(mona.page.get_by_role("button", name="Make it an audit")).to_have_count(0)
    first, second = (_give(server, handle) for handle in AUDITED)

    # In Firefox it looks like any summons, until one has found otherwise than the jury.
    firefox = FirefoxUser(fox).sign_in("jodi")
    firefox.tab.go("/jury")
    firefox.tab.click(".verdict a")
    firefox.tab.sees("Person A says that Person B can’t count.")
    firefox.tab.click("[name=vote][value=stands]")
    firefox.tab.click("#vote button.cta")
    firefox.tab.sees("This case had been decided by a jury before.")
    firefox.tab.sees(WHY)
    firefox.tab.fill("[name=dispute]", "The person who counts is laughed at.")
    firefox.tab.click("form[action$=dispute] .cta")
    firefox.tab.sees("A moderator will look at what you say.")

    # In WebKit.
    sign_in(gtk, server.base, "jago")
    gtk.get(f"{server.base}/jury/{second}")
    press(gtk, "#vote label:has([value=stands]) span")
    press(gtk, "#vote button.cta")
    until(lambda: WHY in gtk.find_element(By.TAG_NAME, "main").text, SECONDS)
    gtk.find_element(By.NAME, "dispute").send_keys("Nobody can know what it is about.")
    press(gtk, "form[action$=dispute] .cta")
    until(lambda: "A moderator will look" in gtk.find_element(By.TAG_NAME, "main").text, SECONDS)

    # Whoever has made the audit does not say that it is right; nobody reads whose dispute it is.
    mona.page.goto("/moderation/audits")
    expect(mona.page.get_by_text("You have made this audit")).to_have_count(2)
    expect(mona.page.get_by_role("button", name="The audit is right")).to_have_count(0)
    desk = meet("phone", scripts=False, member=Client(server.base).sign_in("desk", PASSWORD))
    desk.page.goto("/moderation/audits")
    expect(desk.page.locator("main")).not_to_contain_text(re.compile(r"\b(jodi|jago)\b", re.IGNORECASE))
    one, other = (desk.page.locator(".verdict", has_text=words) for words in ("laughed at", "Nobody can know"))
    one.get_by_role("button", name="The audit is right").click()
    expect(one).to_have_count(0)
    expect(other).to_have_count(1)
    firefox.tab.go(f"/jury/{first}")
    firefox.tab.sees("A moderator has looked at what you say: the audit was right, and counts.")

    other.get_by_role("button", name="Withdraw the audit").click()
    expect(desk.page.get_by_role("heading", name="No audit is disputed.")).to_be_visible()
    gtk.get(f"{server.base}/jury/{second}")
    until(lambda: "Moderators have withdrawn this audit" in gtk.find_element(By.TAG_NAME, "main").text, SECONDS)
    firefox.tab.go(f"/jury/{first}")
    firefox.tab.sees("Moderators have withdrawn this audit: it does not count.")
    # And it is what was decided before that holds.
    eve = meet("phone", member=Client(server.base).sign_in("eve_rude"))
    eve.page.goto("/appeals")
    expect(eve.page.get_by_text("You were right: the decision was changed.")).to_be_visible()
    jodi = meet("phone", member=Client(server.base).sign_in("jodi"))
    told = jodi.page.get_by_role("link", name="There is news of a jury")

    def is_told() -> bool:
        jodi.page.goto("/notifications")
        return told.count() > 0

    device.until(jodi.page, is_told)


def _decided(server: ServerProcess, join: Callable[..., Client]) -> int:
    """A jury that took a decision back. Returns its appeal."""
    jurors = [Client(server.base).sign_in(handle) for handle in HANDLES[:5]]
    for juror in jurors:
        juror.send("/jury/settings", {"opted_in": "1"})
    appealed(server, join)
    for juror in jurors:
        # An appeal's jury is drawn as it is lodged.
        juror.send(f"{summons_of(juror)}/vote", {"version": "1", "vote": "reverse"})
    for handle in AUDITED:
        Client(server.base).sign_in(handle).send("/jury/settings", {"opted_in": "1"})
    with _database(server) as connection:
        (appeal,) = connection.execute("SELECT max(appeal) FROM jury").fetchone()
    return int(appeal)


@contextlib.contextmanager
def _database(server: ServerProcess) -> Iterator[sqlite3.Connection]:
    file = Path(server.environment["PARVIS_DATA"]) / "parvis.sqlite"
    with contextlib.closing(sqlite3.connect(file, timeout=20)) as connection:
        yield connection
        connection.commit()


def _give(server: ServerProcess, handle: str) -> int:
    """A member is given the audit, as the lot does with one summons in some. Returns the seat."""
    seat = ids.new()
    with _database(server) as connection:
        connection.execute(SEAT, (seat, clock.now() + clock.DAY_MS, handle))
    return seat
