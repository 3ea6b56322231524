"""What can be measured of the look: fingers fit, and nothing jumps. That nothing sticks out is in test_axe.py."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.browser import Device, close, context_for
from e2e.demo_site import DemoSite

# Fonts and pictures are there, and what they have moved has been told to whoever watches.
DRAWN = """async () => {
  await document.fonts.ready;
  await Promise.allSettled([...document.images].filter((one) => one.loading !== "lazy").map((one) => one.decode()));
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  await new Promise((done) => setTimeout(done));
}"""
WATCH_SHIFTS = """
window.shifts = [];
const named = (source) => String(source.node?.className || source.node?.nodeName);
const note = (one) => shifts.push([one.value, ...one.sources.map(named)]);
new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({type: "layout-shift", buffered: true});
"""


def _home(browser: Browser, town: DemoSite, device: Device, **options: Any) -> Page:
    context = context_for(browser, town.base, device, **options)
    context.add_cookies(town.client("ana").cookies())  # type: ignore[arg-type]
    return context.new_page()


@pytest.mark.parametrize("who", ["", "ana"], ids=["guest", "member"])
def test_fingers_fit_the_tab_bar(browser: Browser, town: DemoSite, who: str) -> None:
    page = _home(browser, town, "phone")
    if not who:
        page.context.clear_cookies()
    page.goto("/")
    targets = page.locator(".tabs a").all()
    assert len(targets) == (5 if who else 3)
    for target in targets:
        box = target.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 48, target.inner_text()
    close(page.context)


@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_home_does_not_jump(browser: Browser, town: DemoSite, device: Device) -> None:
    page = _home(browser, town, device)
    page.add_init_script(WATCH_SHIFTS)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    page.evaluate(DRAWN)
    assert page.evaluate("shifts") == []
    close(page.context)


def test_nothing_is_shown_that_needs_a_script(browser: Browser, town: DemoSite) -> None:
    page = _home(browser, town, "desktop", java_script_enabled=False)
    page.goto("/")
    expect(page.locator("article .acts").first).to_be_visible()
    assert page.locator(".js").locator("visible=true").count() == 0
    close(page.context)
