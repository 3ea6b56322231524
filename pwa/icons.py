"""Where the network's icons are, and the icons themselves, from memory once they have been asked for."""

from domain.accounts import logo, network_icons
from domain.accounts.network_profile import NetworkInfo

PREFIX = "/icons/"
# One network has eight icons; a second set stays for pages that were drawn before a change.
KEPT = 24
_kept: dict[tuple[str, str], bytes] = {}


def address(about: NetworkInfo, name: str) -> str:
    """Where an icon is; ``name`` is one of ``network_icons.SIZES``."""
    return f"{PREFIX}{name}.{about.icons}.png"


async def find(about: NetworkInfo, name: str) -> bytes | None:
    """An icon as it is now, as PNG; None when there is none of that name."""
    if name not in network_icons.SIZES:
        return None
    key = (name, about.icons)
    if key not in _kept:
        body = await logo.icon(name, about.hue)
        while len(_kept) >= KEPT:
            del _kept[next(iter(_kept))]
        _kept[key] = body
    return _kept[key]
