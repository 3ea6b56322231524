"""Going through the sights of the town with one device, each person in a browser of their own."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from playwright.sync_api import Browser, Page, expect

from e2e.browser import Device, Watch, close, context_for
from e2e.demo_site import DemoSite, PageSight

# Each sight stands for itself.
FORGET_DRAFTS = """() => {
  for (const key of Object.keys(localStorage)) if (key.startsWith("draft:")) localStorage.removeItem(key);
}"""


class Tour:
    """Opens sights on a device; ``options`` are Playwright's, such as ``color_scheme``."""

    def __init__(self, browser: Browser, town: DemoSite, device: Device, **options: Any) -> None:
        self._browser, self._town, self._device, self._options = browser, town, device, options
        self._pages: dict[str, tuple[Page, Watch]] = {}

    def open(self, sight: PageSight) -> Page:
        """The page of a sight, with its act done. Errors: ``AssertionError`` for anything unforeseen."""
        page, watch = self._page(sight.who)
        foreseen = [f"status: {sight.status}"] if sight.status >= 400 else []
        with watch.foreseen(*foreseen):
            if page.url.startswith("http"):
                page.evaluate(FORGET_DRAFTS)
            page.goto(sight.address)
            if sight.act:
                sight.act(page)
            # What a wide screen fetches for its margin.
            expect(page.locator("[hx-trigger='intersect once']").locator("visible=true")).to_have_count(0)
            page.evaluate("Promise.allSettled(document.getAnimations().map((one) => one.finished))")
        assert watch.problems == [], (sight.name, watch.problems)
        return page

    def _page(self, who: str) -> tuple[Page, Watch]:
        if who not in self._pages:
            context = context_for(self._browser, self._town.base, self._device, **self._options)
            if who:
                context.add_cookies(self._town.client(who).cookies())  # type: ignore[arg-type]
            watch = Watch(context, self._town.base)
            self._pages[who] = (context.new_page(), watch)
        return self._pages[who]

    def end(self) -> None:
        for page, _ in self._pages.values():
            close(page.context)


@contextlib.contextmanager
def tour(
    browser: Browser, town: DemoSite, device: Device, sights: Sequence[PageSight], **options: Any
) -> Iterator[Iterator[tuple[PageSight, Page]]]:
    """Each sight with its page, one after the other."""
    walk = Tour(browser, town, device, **options)
    try:
        yield ((sight, walk.open(sight)) for sight in sights)
    finally:
        walk.end()
