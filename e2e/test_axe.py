"""Axe finds nothing to say about any page: both sizes, both themes, guests and members."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from e2e.browser import Device
from e2e.looking import tour
from e2e.town import Town, sights


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_axe_finds_nothing(browser: Browser, town: Town, device: Device, theme: str) -> None:
    axe = Axe()
    found = {}
    with tour(browser, town, device, sights(town), color_scheme=theme) as pages:
        for sight, page in pages:
            violations = axe.run(page).response["violations"]
            if violations:
                found[sight.name] = [f"{one['id']}: {node['target']}" for one in violations for node in one["nodes"]]
    assert found == {}
