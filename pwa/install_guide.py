"""Which device and browser somebody has, as far as installing goes. A guess, which one can correct."""

import re
from collections.abc import Mapping

import msgspec

# As the chooser lists them. "inside-…" is a browser within an app, which can't install anything.
KINDS = (
    "iphone", "ipad", "ios-other", "android-chrome", "android-firefox", "android-samsung",
    "chrome", "edge", "firefox", "safari",
)  # fmt: skip
DESKTOP = ("chrome", "edge", "firefox", "safari")
INSIDE = ("inside-ios", "inside-android")

# Apps that open links in a browser of their own, by what they add to its name; the first that occurs counts.
APPS = (
    ("Instagram", "Instagram"), ("Barcelona", "Threads"), ("MicroMessenger", "WeChat"), ("Messenger", "Messenger"),
    ("FB_IAB", "Facebook"), ("FBAN", "Facebook"), ("FBAV", "Facebook"), ("Twitter", "X"), ("musical_ly", "TikTok"),
    ("TikTok", "TikTok"), ("BytedanceWebview", "TikTok"), ("trill", "TikTok"), ("LinkedInApp", "LinkedIn"),
    ("Snapchat", "Snapchat"), ("Telegram", "Telegram"), ("Pinterest", "Pinterest"), ("Line/", "LINE"),
    ("KAKAOTALK", "KakaoTalk"), ("Reddit/", "Reddit"), ("Discord", "Discord"), ("WhatsApp", "WhatsApp"),
    ("Bluesky", "Bluesky"), ("GSA/", "Google"),
)  # fmt: skip
# What browsers on iOS other than Safari add to its name.
IOS_OTHERS = ("CriOS/", "FxiOS/", "EdgiOS/", "OPiOS/", "OPT/", "DuckDuckGo/", "Brave/", "Focus/")
_VERSION = re.compile(r"\bVersion/(\d+)")


class ClientDevice(msgspec.Struct, frozen=True):
    """``kind`` is one of KINDS or INSIDE; ``app`` the app around it, "" when unknown; ``system`` such as "windows".

    ``version`` is Safari's, 0 for others.
    """

    kind: str
    system: str = ""
    app: str = ""
    version: int = 0

    @property
    def inside(self) -> bool:
        return self.kind in INSIDE

    @property
    def mobile(self) -> bool:
        return self.system in ("ios", "ipados", "android")


def of(headers: Mapping[str, str]) -> ClientDevice:
    """The device that sent these headers. An iPad's Safari says that it is a Mac: pages/install.js knows better."""
    agent = headers.get("user-agent", "")
    system = _system(agent, headers.get("sec-ch-ua-platform", ""))
    app = next((name for mark, name in APPS if mark in agent), "")
    if system in ("ios", "ipados"):
        return _apple(agent, system, app)
    if system == "android":
        return _android(agent, app)
    return ClientDevice(_desktop(agent), system)


def chosen(kind: str, real: ClientDevice) -> ClientDevice:
    """A device by name, for who wants to see another's steps; the real one for a name we don't know."""
    if kind not in KINDS or kind == real.kind:
        return real
    system = {"iphone": "ios", "ios-other": "ios", "ipad": "ipados", "safari": "macos"}.get(kind, "")
    if kind.startswith("android"):
        system = "android"
    # The steps are others from Safari 26 on; who asks for another device most likely has a new one.
    return ClientDevice(
        kind, system or (real.system if not real.mobile else ""), version=26 if kind in ("iphone", "ipad") else 0
    )


def _system(agent: str, hint: str) -> str:
    # With "desktop site" on, Chrome on Android calls itself Linux, but for the hint.
    if "Android" in agent or hint.strip('"') == "Android":
        return "android"
    marks = (
        ("iPhone", "ios"), ("iPod", "ios"), ("iPad", "ipados"), ("Windows", "windows"), ("CrOS", "chromeos"),
        ("Mac OS X", "macos"), ("Linux", "linux"), ("X11", "linux"),
    )  # fmt: skip
    return next((name for mark, name in marks if mark in agent), "")


def _apple(agent: str, system: str, app: str) -> ClientDevice:
    version = int(found[1]) if (found := _VERSION.search(agent)) else 0
    if any(mark in agent for mark in IOS_OTHERS):
        return ClientDevice("ios-other", system)
    # Safari says its version; a browser within an app mostly says neither that nor Safari.
    if app or not version or "Safari/" not in agent:
        return ClientDevice("inside-ios", system, app)
    return ClientDevice("ipad" if system == "ipados" else "iphone", system, version=version)


def _android(agent: str, app: str) -> ClientDevice:
    if app or "; wv)" in agent:
        return ClientDevice("inside-android", "android", app)
    if "SamsungBrowser/" in agent:
        return ClientDevice("android-samsung", "android")
    return ClientDevice("android-firefox" if "Firefox/" in agent else "android-chrome", "android")


def _desktop(agent: str) -> str:
    if "Firefox/" in agent:
        return "firefox"
    if "Edg/" in agent:
        return "edge"
    if "Chrome/" in agent or "Chromium/" in agent:
        return "chrome"
    return "safari" if "Safari/" in agent and "Mac OS X" in agent else "chrome"
