"""Every page, for guests and members: axe finds nothing on both sizes in both themes, and nothing sticks out at the
side."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from e2e.all_sights import sights
from e2e.browser import DEVICES, Device, sideways
from e2e.demo_site import DemoSite
from e2e.page_tour import tour

pytestmark = pytest.mark.tour
Theme = Literal["light", "dark"]
# A theme changes colours and nothing else: the other rules have seen the same page in the light.
COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
RULES: dict[Theme, dict[str, Any]] = {"light": {}, "dark": {"runOnly": COLOUR}}
# Ends the change from one theme to the other. What inherits a colour begins to change when its parent has changed.
CHANGED = """() => {
  const moving = () => document.getAnimations().filter((one) => one.playState === "running");
  for (let now = moving(); now.length; now = moving()) for (const one of now) one.finish();
}"""
RUN = "(options) => axe.run(options).then(({violations}) => violations)"
NARROW = (390, 320)


@dataclass
class Found:
    """What is wrong with a device's pages, by their names."""

    axe: dict[Theme, dict[str, list[str]]] = field(default_factory=lambda: {"light": {}, "dark": {}})
    sideways: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def found(launched: Callable[[], Browser], town: DemoSite) -> Callable[[Device], Found]:
    """Opening the pages takes longest: each device opens them once for all tests."""
    return functools.cache(functools.partial(_look, launched(), town))


def _look(browser: Browser, town: DemoSite, device: Device) -> Found:
    found, axe = Found(), Axe().axe_script
    with tour(browser, town, device, sights(town), color_scheme="light") as pages:
        for sight, page in pages:
            page.evaluate(axe)
            for theme, violations in found.axe.items():
                if complaints := _complaints(page, theme):
                    violations[sight.name] = complaints
            page.emulate_media(color_scheme="light")
            if device == "phone":
                found.sideways |= {f"{sight.name} at {width}": wide for width, wide in _wide(page).items()}
    return found


def _complaints(page: Page, theme: Theme) -> list[str]:
    """Those of axe, which is on the page already."""
    page.emulate_media(color_scheme=theme)
    page.evaluate(CHANGED)
    violations = page.evaluate(RUN, {"resultTypes": ["violations"], **RULES[theme]})
    return [f"{one['id']}: {node['target']}" for one in violations for node in one["nodes"]]


def _wide(page: Page) -> dict[int, list[str]]:
    """What sticks out, by the width of the screen."""
    found = {}
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 844})
        if wide := sideways(page):
            found[width] = wide
    page.set_viewport_size(DEVICES["phone"]["viewport"])
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_axe_finds_nothing(found: Callable[[Device], Found], device: Device, theme: Theme) -> None:
    assert found(device).axe[theme] == {}


def test_nothing_scrolls_sideways(found: Callable[[Device], Found]) -> None:
    assert found("phone").sideways == {}
