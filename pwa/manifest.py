"""The web app manifest: what a browser needs to know to make an app of this network."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from domain.accounts import colours, icon_rendering
from domain.accounts.network_profile import NetworkInfo
from domain.core import text_parsing
from domain.core.access import Theme
from domain.core.translatable import N_
from pwa import icons
from web import assets, i18n

ADDRESS = "/manifest.webmanifest"
# Below an icon there is room for about so many letters.
SHORT = 12


class Screen(NamedTuple):
    """A picture of the demo town in static/screens, made by e2e/screens.py."""

    file: str
    sizes: str
    form: str
    label: str


SCREENS = [
    Screen("phone-home", "780x1688", "narrow", N_("Home: what the people you follow wrote")),
    Screen("phone-thread", "780x1688", "narrow", N_("A thread with its replies")),
    Screen("phone-compose", "780x1688", "narrow", N_("Writing a post")),
    Screen("desktop-home", "1280x900", "wide", N_("Home on a wide screen")),
    Screen("desktop-profile", "1280x900", "wide", N_("A profile on a wide screen")),
]
SHORTCUTS = [
    ("compose", N_("Write"), "/compose"),
    ("notifications", N_("Notifications"), "/notifications"),
    ("profile", N_("Profile"), "/me"),
]


@lru_cache(maxsize=16)
def body(about: NetworkInfo, locale: str, theme: Theme) -> bytes:
    """The manifest in one language; ``theme`` is what the reader has chosen, for the bars around the app."""
    return msgspec.json.encode(_manifest(about, locale, theme))


def _manifest(about: NetworkInfo, locale: str, theme: Theme) -> dict[str, Any]:
    paper = colours.DARK_PAPER if theme is Theme.DARK else colours.PAPER
    return {
        "id": "/",
        "name": about.name,
        "short_name": short(about.name),
        "description": about.description,
        "lang": locale,
        "dir": i18n.direction(locale),
        "start_url": "/?from=app",
        "scope": "/",
        "display": "standalone",
        "display_override": ["standalone", "minimal-ui"],
        "launch_handler": {"client_mode": ["navigate-existing", "auto"]},
        "theme_color": paper,
        "background_color": paper,
        **({} if theme is Theme.LIGHT else _dark()),
        "categories": ["social", "news"],
        "icons": list(_icons(about)),
        "screenshots": [_screen(screen, locale) for screen in SCREENS],
        "shortcuts": [_shortcut(name, i18n.translate(locale, words), url) for name, words, url in SHORTCUTS],
        "share_target": {
            "action": "/share",
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {
                "title": "title",
                "text": "text",
                "url": "url",
                "files": [{"name": "files", "accept": ["image/*", "video/*", "audio/*"]}],
            },
        },
        "protocol_handlers": [{"protocol": "web+parvis", "url": "/go?to=%s"}],
    }


def short(name: str) -> str:
    """A name for below an icon: whole words as far as they fit, else the beginning."""
    found = ""
    for word in name.split():
        longer = f"{found} {word}".strip()
        if text_parsing.length(longer) > SHORT:
            break
        found = longer
    return found or name[:SHORT]


def _dark() -> dict[str, Any]:
    # The standard's way (w3c/manifest #1207), read by WebKit; others take a page's <meta name="theme-color">.
    return {"color_scheme_dark": {"theme_color": colours.DARK_PAPER, "background_color": colours.DARK_PAPER}}


def _icons(about: NetworkInfo) -> Iterator[dict[str, str]]:
    for name, width in icon_rendering.SIZES.items():
        purpose = {"any": "any", "maskable": "maskable", "badge": "monochrome"}.get(name.partition("-")[0])
        if purpose:
            yield {
                "src": icons.address(about, name),
                "sizes": f"{width}x{width}",
                "type": "image/png",
                "purpose": purpose,
            }


def _screen(screen: Screen, locale: str) -> dict[str, str]:
    return {
        "src": assets.address(f"screens/{screen.file}.webp"),
        "sizes": screen.sizes,
        "type": "image/webp",
        "form_factor": screen.form,
        "label": i18n.translate(locale, screen.label),
    }


def _shortcut(name: str, words: str, url: str) -> dict[str, Any]:
    picture = {"src": assets.address(f"shortcuts/{name}.png"), "sizes": "96x96", "type": "image/png"}
    return {"name": words, "url": url, "icons": [picture]}
