"""What a first visit costs: home with nothing in the cache, as the network carries it."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from e2e.browser import close, context_for
from e2e.demo_site import DemoSite

KB = 1024


@pytest.mark.parametrize("device", ["phone", "desktop"])
@pytest.mark.parametrize("who", ["", "ana"], ids=["guest", "member"])
def test_home_is_light(browser: Browser, town: DemoSite, who: str, device: str) -> None:
    """The service worker is held back: what it puts into its cache afterwards is not the page's, and all that the page
    asks for comes by the network and is counted."""
    context = context_for(browser, town.base, device, service_workers="block")  # type: ignore[arg-type]
    if who:
        context.add_cookies(town.client(who).cookies())  # type: ignore[arg-type]
    page = context.new_page()
    kinds: dict[str, str] = {}
    bytes_of: dict[str, float] = {}
    cdp = context.new_cdp_session(page)
    cdp.send("Network.enable")

    def heard(event: dict[str, Any]) -> None:
        # What people show, such as their faces, is as much as there are people; colours in its place are no request.
        if not event["response"]["url"].startswith((f"{town.base}/media/", "data:")):
            kinds[event["requestId"]] = event["type"]

    cdp.on("Network.responseReceived", heard)
    cdp.on("Network.loadingFinished", lambda event: bytes_of.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    weight = {kind: sum(bytes_of.get(one, 0) for one, its in kinds.items() if its == kind) for kind in kinds.values()}
    print({kind: f"{size / KB:.1f} KB" for kind, size in weight.items()}, f"{len(kinds)} requests")
    assert len(kinds) <= 12, weight
    assert weight["Script"] <= 30 * KB, weight
    assert weight["Document"] + weight["Stylesheet"] + weight["Script"] <= 60 * KB, weight
    close(context)
