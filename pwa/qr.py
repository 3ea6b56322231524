"""An address as a picture that a phone's camera reads."""

from functools import lru_cache

from markupsafe import Markup


@lru_cache(maxsize=16)
def code(address: str) -> Markup:
    """A QR code as SVG, with the margin of four squares that readers need."""
    # With its writers it takes 1 MB, and few pages have a code.
    import segno

    made = segno.make(address, error="m", micro=False)
    drawn = made.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None, dark="#14181c", light="#fff")
    return Markup(drawn)  # noqa: S704 - squares and nothing else
