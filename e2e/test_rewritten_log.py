"""An operator rewrites the public log and signs it again: a device that has seen it before warns its member."""

import contextlib
import sqlite3
from pathlib import Path

from playwright.sync_api import Page, expect

from e2e import device
from e2e.client import Client
from e2e.conftest import Meet
from tests.helpers.services import ServerProcess, until

PINNED = """() => new Promise((done) => {
  const asked = indexedDB.open("parvis-beacon", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("kept");
  asked.onsuccess = () => {
    const found = asked.result.transaction("kept").objectStore("kept").get("log");
    found.onsuccess = () => { asked.result.close(); done(found.result?.size ?? -1); };
  };
})"""
# As if it had been looked at long ago.
LONG_AGO = """() => new Promise((done) => {
  const asked = indexedDB.open("parvis-beacon", 1);
  asked.onsuccess = () => {
    const change = asked.result.transaction("kept", "readwrite");
    const all = change.objectStore("kept");
    all.get("log").onsuccess = ({ target }) => all.put({ ...target.result, at: 0 }, "log");
    change.oncomplete = () => { asked.result.close(); done(); };
  };
})"""
WARNING = "The public log of this network does not continue"


def test_a_device_warns_of_a_log_that_was_rewritten(meet_fresh: Meet, fresh: ServerProcess) -> None:
    desk = Client(fresh.base).found()
    ana = meet_fresh("phone", member=Client(fresh.base).sign_up("ana"))
    ana.home()
    _wait(ana.page, 1)
    _appoint(desk, "moderator")
    _look_again(ana.page)
    _wait(ana.page, 2)
    expect(ana.page.locator("#toasts")).not_to_contain_text(WARNING)
    _rewrite(fresh)
    _appoint(desk, "member")
    _signed(desk, 3)
    _look_again(ana.page)
    toast = ana.page.locator("#toasts .toast", has_text=WARNING)
    expect(toast).to_be_visible()
    toast.get_by_role("link", name="Public log").click()
    expect(ana.page.get_by_role("heading", name="Public log", level=1)).to_be_visible()


def _appoint(desk: Client, role: str) -> None:
    desk.send("/settings/staff", {"handle": "ana", "role": role, "words": "More hands."})


def _signed(desk: Client, size: int) -> None:
    """Returns when the network has signed a log of this size."""
    until(lambda: desk.http.get("/log/checkpoint").text.splitlines()[1] == str(size))


def _look_again(page: Page) -> None:
    page.evaluate(LONG_AGO)
    page.reload()


def _wait(page: Page, size: int) -> None:
    """Returns when the device has seen a log of this size."""

    def is_seen() -> bool:
        found = page.evaluate(PINNED)
        if 0 <= found < size:
            _look_again(page)
        return bool(found == size)

    device.until(page, is_seen)


def _rewrite(server: ServerProcess) -> None:
    """Gives the first entry another commitment; the server signs all of it again with what comes next."""
    file = Path(server.environment["PARVIS_DATA"]) / "parvis.sqlite"
    with contextlib.closing(sqlite3.connect(file, timeout=30)) as connection:
        connection.execute("UPDATE log_entry SET commitment = ? WHERE leaf = 0", ("ab" * 32,))
        connection.execute("UPDATE log_entry SET leaf = NULL")
        connection.execute("DELETE FROM log_tile")
        connection.execute("DELETE FROM log_checkpoint")
        connection.commit()
