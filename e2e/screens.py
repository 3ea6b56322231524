"""Screenshots of every page: ``python -m e2e.screens --out FOLDER`` (``make screens``).

Every sight of the demo town, and of a network on its first day, on a phone and on a desktop, light and dark. Without
``--out`` only the few pictures of the README are made anew, in docs/screens.
"""

import argparse
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from e2e.browser import Device, context_for, launch
from e2e.client import Client
from e2e.looking import tour
from e2e.town import GENEROUS, Town, demo, sights
from tests.services import ROOT, ServerProcess

README = ROOT / "docs" / "screens"
DEVICES: Sequence[Device] = ("phone", "desktop")
THEMES = ("light", "dark")


class Picture(NamedTuple):
    """One of the README's pictures."""

    file: str
    sight: str
    device: Device
    theme: str


PICTURES = [
    Picture("phone-home.png", "home", "phone", "light"),
    Picture("phone-thread.png", "thread", "phone", "dark"),
    Picture("phone-compose.png", "compose-sheet", "phone", "light"),
    Picture("desktop-home.png", "home", "desktop", "light"),
    Picture("desktop-profile.png", "profile", "desktop", "dark"),
]


def main() -> None:
    parser = argparse.ArgumentParser(description="Screenshots of every page")
    parser.add_argument("--out", type=Path, help="folder for all of them; without it the README's few are made")
    parser.add_argument("--only", default="", help="sights whose name has this in it")
    chosen = parser.parse_args()
    with sync_playwright() as playwright, demo() as town:
        browser = launch(playwright)
        if chosen.out:
            _everything(browser, town, chosen.out, chosen.only)
            if not chosen.only:
                _first_day(browser, chosen.out)
        else:
            _readme(browser, town)
        browser.close()


def _readme(browser: Browser, town: Town) -> None:
    named = {sight.name: sight for sight in sights(town)}
    for picture in PICTURES:
        scale = 1.5 if picture.device == "phone" else 1
        with tour(
            browser, town, picture.device, [named[picture.sight]], color_scheme=picture.theme, device_scale_factor=scale
        ) as pages:
            for _, page in pages:
                _shoot(page, README / picture.file)


def _everything(browser: Browser, town: Town, folder: Path, only: str) -> None:
    wanted = [sight for sight in sights(town) if only in sight.name]
    for device in DEVICES:
        for theme in THEMES:
            with tour(browser, town, device, wanted, color_scheme=theme) as pages:
                for sight, page in pages:
                    _shoot(page, folder / f"{device}-{theme}-{sight.name}.png")


def _shoot(page: Page, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=file, animations="disabled", caret="hide")


def _first_day(browser: Browser, folder: Path) -> None:
    """What is seen before anybody has written, and when something is wrong."""
    with tempfile.TemporaryDirectory(prefix="parvis-first-day-") as data:
        server = ServerProcess(Path(data), **GENEROUS)
        try:
            server.start()
            _shoot_all(browser, server.base, folder, "set-up", "/setup")
            client = Client(server.base).found()
            for name, address in _empty_pages():
                _shoot_all(browser, server.base, folder, name, address, client)
            _break(Path(data) / "parvis.sqlite")
            _shoot_all(browser, server.base, folder, "broken", "/public", client)
            server.stop()
            server.environment |= {"PARVIS_READS_BURST": "1", "PARVIS_READS_PER_MINUTE": "1"}
            server.start()
            client.http.get("/about")
            _shoot_all(browser, server.base, folder, "too-many", "/about", client)
        finally:
            server.stop()


def _empty_pages() -> Iterator[tuple[str, str]]:
    yield "empty-home", "/"
    yield "empty-public", "/public"
    yield "empty-people", "/people"
    yield "empty-profile", "/@desk"
    yield "empty-followers", "/@desk/followers"
    yield "empty-requests", "/requests"
    yield "empty-tag", "/tags/nothing"


def _shoot_all(
    browser: Browser, base: str, folder: Path, name: str, address: str, client: Client | None = None
) -> None:
    for device in DEVICES:
        for theme in THEMES:
            context = context_for(browser, base, device, color_scheme=theme)
            if client:
                context.add_cookies(client.cookies())  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(address)
            page.wait_for_load_state("networkidle")
            _shoot(page, folder / f"{device}-{theme}-{name}.png")
            context.close()


def _break(database: Path) -> None:
    """A server that finds its database spoilt answers 500, in the look of every other page."""
    with sqlite3.connect(database) as connection:
        connection.execute("ALTER TABLE post RENAME TO lost")


if __name__ == "__main__":
    main()
