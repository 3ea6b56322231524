"""Screenshots of every page: ``python -m e2e.screens --out FOLDER`` (``make screens``).

Every sight of the demo town, and of a network on its first day, on a phone and on a desktop, light and dark. Without
``--out`` only those that are kept here are made anew: the README's few and the install page for each device in
docs/screens, and what the manifest shows, in pwa/static.
"""

import argparse
import io
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from e2e.all_sights import sights
from e2e.browser import Device, close, context_for, launch
from e2e.client import Client
from e2e.demo_site import GENEROUS, DemoSite, demo, installing
from e2e.page_tour import tour
from pwa import install_guide
from tests.helpers.services import ROOT, ServerProcess

README = ROOT / "docs" / "screens"
APP = ROOT / "pwa" / "static"
DEVICES: Sequence[Device] = ("phone", "desktop")
THEMES = ("light", "dark")


class Picture(NamedTuple):
    """One of the pictures that are kept; PNG for people, WebP for the manifest."""

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
# As pwa/manifest.py lists them.
MANIFEST = [
    Picture("phone-home.webp", "home", "phone", "light"),
    Picture("phone-thread.webp", "thread", "phone", "light"),
    Picture("phone-compose.webp", "compose-sheet", "phone", "light"),
    Picture("desktop-home.webp", "home", "desktop", "light"),
    Picture("desktop-profile.webp", "profile", "desktop", "light"),
]
SHORTCUTS = {"compose": "pencil-simple-line", "notifications": "bell", "profile": "user"}
TILE = """<style>body {{ margin: 0 }} div {{ width: 96px; height: 96px; border-radius: 50%; background: #eceae4 }}
svg.sign {{ position: absolute; left: 24px; top: 24px; width: 48px; height: 48px; fill: #26323a }}</style>
<div></div>{sprite}<svg class="sign"><use href="#{name}"/></svg>"""


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
            _kept(browser, town, PICTURES, README, 1.5)
            _kept(browser, town, MANIFEST, APP / "screens", 2)
            _kept(browser, town, list(_install_pages()), README, 1)
            _shortcuts(browser)
        browser.close()


def _kept(browser: Browser, town: DemoSite, pictures: Sequence[Picture], folder: Path, phone_scale: float) -> None:
    named = {sight.name: sight for sight in sights(town)}
    for picture in pictures:
        scale = phone_scale if picture.device == "phone" else 1
        with tour(
            browser, town, picture.device, [named[picture.sight]], color_scheme=picture.theme, device_scale_factor=scale
        ) as pages:
            for _, page in pages:
                _shoot(page, folder / picture.file)


def _install_pages() -> Iterator[Picture]:
    """Each device's steps, on a screen of its size."""
    for sight in installing():
        wide = sight.name.removeprefix("install-") in install_guide.DESKTOP
        yield Picture(f"{sight.name}.png", sight.name, "desktop" if wide else "phone", "light")


def _shortcuts(browser: Browser) -> None:
    """The signs of the app's shortcuts, from the icons that pages use."""
    sprite = (ROOT / "web" / "static" / "icons.svg").read_text().replace("<svg ", '<svg width="0" height="0" ', 1)
    page = browser.new_page(viewport={"width": 96, "height": 96})
    for file, name in SHORTCUTS.items():
        page.set_content(TILE.format(sprite=sprite, name=name))
        (APP / "shortcuts" / f"{file}.png").write_bytes(page.screenshot(omit_background=True))
    page.close()


def _everything(browser: Browser, town: DemoSite, folder: Path, only: str) -> None:
    wanted = [sight for sight in sights(town) if only in sight.name]
    for device in DEVICES:
        for theme in THEMES:
            with tour(browser, town, device, wanted, color_scheme=theme) as pages:
                for sight, page in pages:
                    _shoot(page, folder / f"{device}-{theme}-{sight.name}.png")


def _shoot(page: Page, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    page.evaluate("document.fonts.ready")
    png = page.screenshot(animations="disabled", caret="hide")
    if file.suffix == ".webp":
        Image.open(io.BytesIO(png)).convert("RGB").save(file, quality=80, method=6)
    else:
        file.write_bytes(png)


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
            close(context)


def _break(database: Path) -> None:
    """A server that finds its database spoilt answers 500, in the look of every other page."""
    with sqlite3.connect(database) as connection:
        connection.execute("ALTER TABLE post RENAME TO lost")


if __name__ == "__main__":
    main()
