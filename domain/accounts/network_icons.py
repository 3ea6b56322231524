"""The network's icons: their names and sizes, and why a picture can't be a logo.

Apart from domain/accounts/icon_rendering.py, so that a server need not import Pillow.
"""

from domain.core.errors import Invalid
from domain.core.translatable import N_
from domain.core.units import MB

# What there is of each network, and how wide, in pixels.
SIZES = {
    "any-192": 192, "any-512": 512, "maskable-192": 192, "maskable-512": 512, "apple-180": 180, "badge-96": 96,
    "favicon-32": 32,
}  # fmt: skip
# To be raised when the same logo would give other icons.
DRAWING = 1
# A decoded pixel takes four bytes: 64 MB for the largest picture.
MAX_BYTES, MAX_PIXELS, LEAST = 2 * MB, 16_000_000, 128

# The logo itself among its icons, for when the colour around it changes.
LOGO = "logo"
Icons = dict[str, bytes]

UNREADABLE = N_("This is not a picture that can be read. Choose a PNG, JPEG or WebP file.")
WORDS = {
    "wide": N_("The picture has too many pixels. Choose a smaller one."),
    "narrow": N_("The picture is too small: choose one at least %(limit)s pixels wide and high."),
    "empty": N_("There is nothing in this picture."),
}


class Unfit(Exception):
    """Why a picture is no logo: one of WORDS, or ``broken``."""


def refusal(problem: str) -> Invalid:
    """What to say of it."""
    return Invalid(WORDS.get(problem, UNREADABLE), limit=LEAST)
