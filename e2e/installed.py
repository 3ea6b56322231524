"""Chromium with a profile on disk, as people have it: there a network can be installed, and opens as an app."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright

from e2e.browser import ARGUMENTS, chromium

PERMISSIONS: list[dict[str, Any]] = [
    {"name": "notifications"},
    {"name": "push", "userVisibleOnly": True},
    {"name": "background-sync"},
    {"name": "periodic-background-sync"},
]
MODE = "['standalone', 'minimal-ui', 'browser'].find((one) => matchMedia(`(display-mode: ${one})`).matches)"
CONTROLLED = """() => navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller
  || new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done, {once: true})))
  .then(() => true)"""


class Profile:
    """A person's own Chromium. What needs a tap elsewhere (permissions) is granted from the start."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context = context
        self.base = base
        self.page = context.pages[0]
        for permission in PERMISSIONS:
            self._ask("Browser.setPermission", permission=permission, setting="granted", origin=base)

    def controlled(self, page: Page | None = None) -> None:
        """Returns when a service worker answers for the page."""
        (page or self.page).evaluate(CONTROLLED)

    # --- installing

    def complaints(self) -> list[str]:
        """What Chromium has against installing this page's network, and against its manifest."""
        errors = self._ask("Page.getInstallabilityErrors")["installabilityErrors"]
        manifest = self._ask("Page.getAppManifest")["errors"]
        return [one["errorId"] for one in errors] + [one["message"] for one in manifest]

    def manifest(self) -> dict[str, Any]:
        """The manifest as Chromium understood it."""
        found: dict[str, Any] = self._ask("Page.getAppManifest")["manifest"]
        return found

    def install(self) -> Page:
        """Installs the network that the page belongs to, and opens it from there. Returns the app's window."""
        app = self._app()
        self._ask("PWA.install", manifestId=app, installUrlOrBundleUrl=f"{self.base}/")
        self._ask("PWA.changeAppUserSettings", manifestId=app, displayMode="standalone")
        with self.context.expect_page() as opened:
            self._ask("PWA.launch", manifestId=app)
        opened.value.wait_for_load_state()
        return opened.value

    def uninstall(self) -> None:
        self._ask("PWA.uninstall", manifestId=self._app())

    def badge(self) -> int:
        """The number on the installed app's icon."""
        found: int = self._ask("PWA.getOsAppState", manifestId=self._app())["badgeCount"]
        return found

    @staticmethod
    def mode(page: Page) -> str:
        """The ``display-mode`` that a page is shown in."""
        found: str = page.evaluate(MODE)
        return found

    # --- what the system does

    def push(self, payload: str) -> None:
        """A push reaches the service worker, as if a push service had brought it."""
        session = self._session()
        found: list[str] = []
        session.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: found.extend(one["registrationId"] for one in event["registrations"] if not one["isDeleted"]),
        )
        session.send("ServiceWorker.enable")
        while not found:
            self.page.wait_for_timeout(20)
        told = {"origin": self.base, "registrationId": found[-1], "data": payload}
        session.send("ServiceWorker.deliverPushMessage", told)
        session.detach()

    def _app(self) -> str:
        found: str = self._ask("Page.getAppId")["appId"]
        return found

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        session = self._session()
        try:
            answer: dict[str, Any] = session.send(method, parameters)
        finally:
            session.detach()
        return answer

    def _session(self) -> CDPSession:
        return self.context.new_cdp_session(self.page)


def _surroundings(home: str) -> dict[str, str | float | bool]:
    """What is installed gets into the menus of whoever runs it: of nobody else here."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    return {**kept, "HOME": home}


@contextlib.contextmanager
def running(playwright: Playwright, base: str, **options: Any) -> Iterator[Profile]:
    """A fresh :class:`Profile`; ``options`` are Playwright's for a context."""
    chosen = {"base_url": base, "locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **options}
    with tempfile.TemporaryDirectory(prefix="parvis-profile-", ignore_cleanup_errors=True) as folder:
        context = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=chromium(),
            args=ARGUMENTS,
            ignore_default_args=["--disable-extensions"],
            env=_surroundings(folder),
            **chosen,
        )
        context.set_default_timeout(8_000)
        try:
            yield Profile(context, base)
        finally:
            context.close()
