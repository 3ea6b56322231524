"""People with stock Firefox, on whose desktop notifications appear: what they do, in their words."""

import json
from typing import Any

from e2e.bidi import Session, Tab, until
from e2e.user import PASSWORD

ME = "document.documentElement.dataset.me"
# Who the service worker believes is here; "" while there is none, or none that knows.
KNOWN = """navigator.serviceWorker.ready.then(() => new Promise((done) => {
  const asked = indexedDB.open("parvis", 1);
  asked.onupgradeneeded = () => asked.transaction.abort();
  asked.onerror = () => done("");
  asked.onsuccess = () => {
    const found = asked.result.transaction("state").objectStore("state").get("me");
    found.onsuccess = () => { asked.result.close(); done(found.result ?? ""); };
  };
}))"""
SUBSCRIPTION = """navigator.serviceWorker.ready.then((one) => one.pushManager.getSubscription())
  .then((one) => one?.endpoint ?? "")"""
VOTE = """[...document.querySelectorAll("article.post")].find((one) => one.querySelector(".text")
  ?.innerText.includes(%s))?.querySelector(".up")?.ariaPressed"""


class FirefoxUser:
    """One person at a time has the browser; the device stays the same."""

    def __init__(self, fox: Session) -> None:
        self.fox = fox
        self.tab: Tab = fox.tab

    def sign_in(self, handle: str, password: str = PASSWORD) -> "FirefoxUser":
        self.tab.go("/signin")
        self.tab.fill("[name=handle]", handle)
        self.tab.fill("[name=password]", password)
        self.tab.click("form[action='/signin'] button.cta")
        self.tab.wait(f"location.pathname === '/' && {ME} !== '0'")
        self.tab.wait(f"({KNOWN}).then((known) => known === {ME})")
        return self

    def sign_out(self) -> None:
        self.tab.go("/settings")
        self.tab.click("button:Sign out")
        self.tab.wait(f"location.pathname !== '/settings' && {ME} === '0'")

    def me(self, tab: Tab | None = None) -> str:
        """The id of the account that a page is shown to."""
        found: str = (tab or self.tab).wait(ME)
        return found

    def turn_push_on(self) -> str:
        """By the button on the page for it. Returns the address that this browser has for pushes."""
        self.tab.go("/settings/push")
        self.tab.click("button:Turn on for this device")
        self.tab.sees("Notifications are on for this device.")
        self._in_step()
        return self.subscription()

    def launch(self) -> None:
        """Opens the network anew, in a tab of its own."""
        self.tab = self.fox.new_tab()
        self.tab.go("/")
        self._in_step()

    def _in_step(self) -> None:
        """The page has told the network what this device's address is."""
        self.tab.wait(f"sessionStorage.getItem('pushed') === {ME}")

    def subscription(self) -> str:
        """The address that this browser has for pushes, "" for none."""
        found: str = self.tab.evaluate(SUBSCRIPTION)
        return found

    def push_state(self) -> dict[str, Any]:
        """What the network knows of this device."""
        found: dict[str, Any] = self.tab.evaluate("fetch('/push/state').then((answer) => answer.json())")
        return found

    def sees_own_vote(self, text: str) -> None:
        """The post with these words has one's vote; the page is read again until it has."""
        assert until(lambda: self._voted(text), 5), self.tab.shows()

    def _voted(self, text: str) -> bool:
        self.tab.reload()
        return bool(self.tab.evaluate(VOTE % json.dumps(text)) == "true")
