"""The manifest: what a browser makes an app of."""

import pytest

from domain.accounts import network_icons
from domain.accounts.network_profile import NetworkInfo
from ops.demo import cast
from pwa import manifest
from tests.conftest import OpenSite
from tests.helpers.people import LiveSite
from web import assets

HEADERS = {"accept-language": "fr"}


async def test_it_says_what_an_app_needs(site: LiveSite) -> None:
    answer = await site.browser().get(manifest.ADDRESS)
    assert answer.headers["content-type"] == "application/manifest+json"
    said = answer.json()
    assert (said["id"], said["scope"], said["start_url"], said["display"]) == ("/", "/", "/?from=app", "standalone")
    assert (said["name"], said["description"]) == (cast.ABOUT.name, cast.ABOUT.description)
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable", "monochrome"}
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in said["icons"] if icon["purpose"] == "any"}
    assert "prefer_related_applications" not in said
    assert "related_applications" not in said
    assert said["launch_handler"]["client_mode"][0] == "navigate-existing"
    target = said["share_target"]
    assert (target["action"], target["method"], target["enctype"]) == ("/share", "POST", "multipart/form-data")
    assert target["params"]["files"][0]["name"] == "files"
    assert said["protocol_handlers"][0]["url"].count("%s") == 1


async def test_whatever_it_names_is_there(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    said = (await browser.get(manifest.ADDRESS)).json()
    for shortcut in said["shortcuts"]:
        assert (await browser.get(shortcut["url"], follow_redirects=True)).status_code == 200, shortcut["url"]
    assert (await browser.get(said["start_url"])).status_code == 200
    pictures = [*said["icons"], *said["screenshots"], *(one["icons"][0] for one in said["shortcuts"])]
    for picture in pictures:
        answer = await browser.get(picture["src"])
        assert answer.headers["content-type"] == picture["type"], picture["src"]
        assert "max-age=31536000" in answer.headers["cache-control"]
        assert _size(answer.content) == picture["sizes"], picture["src"]


def _size(body: bytes) -> str:
    from io import BytesIO

    from PIL import Image

    image = Image.open(BytesIO(body))
    return f"{image.width}x{image.height}"


async def test_it_is_in_the_reader_s_language_and_theme(site: LiveSite) -> None:
    browser = site.browser(headers=HEADERS)
    french = (await browser.get(manifest.ADDRESS)).json()
    assert (french["lang"], french["dir"]) == ("fr", "ltr")
    assert french["theme_color"] == french["background_color"]
    assert french["color_scheme_dark"]["theme_color"] != french["theme_color"]
    await browser.post("/preferences", data={"theme": "dark"})
    dark = (await browser.get(manifest.ADDRESS)).json()
    assert dark["theme_color"] == french["color_scheme_dark"]["theme_color"]
    await browser.post("/preferences", data={"theme": "light"})
    assert "color_scheme_dark" not in (await browser.get(manifest.ADDRESS)).json(), "light was chosen: it stays light"


async def test_it_is_sent_again_only_when_it_changed(site: LiveSite) -> None:
    browser = site.browser(await site.network.operator())
    first = await browser.get(manifest.ADDRESS)
    again = await browser.get(manifest.ADDRESS, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    form = {"name": "Tilly and around", "description": "All of it.", "contact": "", "hue": "3", "terms": cast.TERMS}
    assert (await browser.post("/settings/network", data=form)).status_code == 303
    changed = await browser.get(manifest.ADDRESS, headers={"if-none-match": first.headers["etag"]})
    assert changed.json()["short_name"] == "Tilly and"
    assert changed.json()["icons"] != first.json()["icons"], "the arch is in another colour"


async def test_before_the_set_up_there_is_one_too(open_site: OpenSite) -> None:
    """Else the browser would take the set-up page for it, and complain."""
    site = await open_site(kind="migrated")
    answer = await site.browser().get(manifest.ADDRESS)
    assert answer.json()["name"] == NetworkInfo().name
    assert (await site.browser().get(answer.json()["icons"][0]["src"])).status_code == 200


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Tilly", "Tilly"),
        ("Old Harbour News", "Old Harbour"),
        ("Donaudampfschifffahrt", "Donaudampfsc"),
        ("La place du Tilleul", "La place du"),
    ],
)
def test_a_short_name_fits_below_an_icon(name: str, short: str) -> None:
    assert manifest.short(name) == short
    assert len(short) <= manifest.SHORT


def test_pictures_are_what_browsers_ask_for() -> None:
    """Sides from 320 to 3840 pixels, one at most 2.3 times the other, and one shape for all of a form."""
    shapes: dict[str, set[str]] = {}
    for screen in manifest.SCREENS:
        width, height = map(int, screen.sizes.split("x"))
        assert 320 <= min(width, height) <= max(width, height) <= min(3840, 2.3 * min(width, height))
        shapes.setdefault(screen.form, set()).add(screen.sizes)
        assert assets.address(f"screens/{screen.file}.webp")
    assert {form: len(sizes) for form, sizes in shapes.items()} == {"narrow": 1, "wide": 1}
    assert set(network_icons.SIZES) >= {"any-192", "any-512", "maskable-512", "badge-96"}
