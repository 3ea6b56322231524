"""Axe finds nothing to say about any page: both sizes, both themes, guests and members."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from e2e.browser import Device
from e2e.demo_site import DemoSite, sights
from e2e.page_tour import tour

# A theme changes colours and nothing else: the other rules have seen the same page in the light.
COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
RULES: dict[str, dict[str, Any]] = {"light": {}, "dark": {"runOnly": COLOUR}}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_axe_finds_nothing(browser: Browser, town: DemoSite, device: Device, theme: str) -> None:
    axe, options = Axe(), {"resultTypes": ["violations"], **RULES[theme]}
    found = {}
    with tour(browser, town, device, sights(town), color_scheme=theme) as pages:
        for sight, page in pages:
            violations = axe.run(page, options=options).response["violations"]
            if violations:
                found[sight.name] = [f"{one['id']}: {node['target']}" for one in violations for node in one["nodes"]]
    assert found == {}
