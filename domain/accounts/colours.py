"""The network's colours as numbers, for what no stylesheet reaches: icons, and the bars of an installed app."""

from math import cos, radians, sin

RGB = tuple[int, int, int]
# As in css/tokens.css.
PAPER, DARK_PAPER = "#fbfaf7", "#0f1417"


def accent(hue: int) -> RGB:
    """The accent of the light theme; ``hue`` is one of the 24 that can be chosen."""
    return oklch(0.46, 0.1, hue * 15)


def tint(hue: int) -> RGB:
    """The accent's pale companion."""
    return oklch(0.95, 0.028, hue * 15)


def oklch(lightness: float, chroma: float, degrees: float) -> RGB:
    """An OKLCH colour in sRGB, each channel from 0 to 255; what lies outside is brought to the edge."""
    a, b = chroma * cos(radians(degrees)), chroma * sin(radians(degrees))
    l_ = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    m_ = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s_ = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_
    green = -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_
    blue = -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_
    return _channel(red), _channel(green), _channel(blue)


def _channel(linear: float) -> int:
    bounded = min(1.0, max(0.0, linear))
    curved = 12.92 * bounded if bounded <= 0.0031308 else 1.055 * bounded ** (1 / 2.4) - 0.055
    return round(curved * 255)


def contrast(one: RGB, other: RGB) -> float:
    """WCAG's contrast, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: RGB) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
