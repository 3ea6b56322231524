"""Browsers in words, for the list of one's devices. A guess from the user agent: shown, never decided upon."""

# The first that occurs counts: Edge and Opera also say Chrome, and Chrome also says Safari.
BROWSERS = (
    ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("Edg", "Edge"), ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def describe(agent: str) -> str:
    """Such as "Firefox, Linux"; "" for what we don't know."""
    found = [next((name for mark, name in known if mark in agent), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in found if name)


def is_mobile(agent: str) -> bool:
    return any(mark in agent for mark in ("Mobile", "Android", "iPhone", "iPad"))
