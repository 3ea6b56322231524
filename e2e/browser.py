"""A real browser on loopback, which tells of everything that goes wrong in it."""

import contextlib
import shutil
from collections import Counter
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Playwright, Request, Response

from e2e.problems import Problems

Device = Literal["phone", "desktop"]

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE 127.0.0.2",
]  # fmt: skip
DEVICES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "desktop": {"viewport": {"width": 1280, "height": 900}},
}
LEAVING_TRIES = 5
# A request is dropped when the page that asked for it is left.
LEFT = "net::ERR_ABORTED"
# The response itself is reported, with its address.
REPORTED = "Failed to load resource"


def chromium() -> str:
    """Where Debian's Chromium is."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "chromium is missing: make test installs it"
    return path


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium, without a sandbox of its own and without calls home."""
    return playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)


STICKING_OUT = """() => {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  const all = [...document.querySelectorAll("body *")];
  const out = all.filter((one) => one.getBoundingClientRect().right > innerWidth + .5);
  return out.slice(0, 5).map((one) => `${one.tagName} ${one.className} to ${one.getBoundingClientRect().right}`);
}"""


class Watch(Problems):
    """What went wrong on the pages of one context."""

    def __init__(self, context: BrowserContext, base: str, scripts: bool = True) -> None:
        super().__init__()
        self._base = base
        self._scripts = scripts
        self._unanswered: Counter[str] = Counter()
        context.on("console", self._console)
        context.on("weberror", lambda error: self._note(f"error: {error.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)

    @property
    def unanswered(self) -> list[str]:
        """What was asked for and has not been answered yet: what a browser waits for that answers nothing itself."""
        return sorted(self._unanswered.elements())

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(REPORTED):
            self._note(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        self._unanswered[_named(request)] += 1
        if not request.url.startswith((self._base, "data:", "blob:")):
            self._note(f"elsewhere: {request.url}")

    def _failed(self, request: Request) -> None:
        # With scripts switched off, Chromium says of each that it is not preloaded.
        self._unanswered[_named(request)] -= 1
        unwanted = not self._scripts and request.resource_type == "script"
        if request.failure != LEFT and not unwanted:
            self._note(f"failed: {request.failure} {_named(request)}")

    def _response(self, response: Response) -> None:
        self._unanswered[_named(response.request)] -= 1
        if response.status >= 400:
            self._note(f"status: {response.status} {_named(response.request)}")


def _named(request: Request) -> str:
    return f"{request.method} {request.url}"


def context_for(browser: Browser, base: str, device: Device = "desktop", **options: Any) -> BrowserContext:
    """A fresh browser profile on a device; ``options`` are Playwright's."""
    chosen = {
        "locale": "en-GB",
        "timezone_id": "Europe/Paris",
        "reduced_motion": "reduce",
        **DEVICES[device],
        **options,
    }
    context = browser.new_context(base_url=base, **chosen)
    context.set_default_timeout(8_000)
    context.set_default_navigation_timeout(10_000)
    return context


def close(context: BrowserContext) -> None:
    """Ends a browser profile, once its pages are left.

    Chromium never ends one in which a page is being replaced just then, as when one reads itself again after having
    been without a connection. What comes in the place of such a page is left in its turn.
    """
    for page in context.pages:
        for _ in range(LEAVING_TRIES):
            with contextlib.suppress(Error):
                page.goto("about:blank")
            if page.url == "about:blank":
                break
    context.close()


def sideways(page: Page) -> list[str]:
    """What sticks out of the page at its side: elements, when the page can be scrolled sideways."""
    found: list[str] = page.evaluate(STICKING_OUT)
    return found
