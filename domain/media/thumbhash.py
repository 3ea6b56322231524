"""A picture's colours in about 25 bytes, to be shown before the picture is there.

The format is Evan Wallace's ThumbHash (evanw.github.io/thumbhash), for pictures without transparency; the page's script
reads it (web/static/js/photos.js).
"""

import math
from collections.abc import Sequence

# What is given has at most so many pixels in each direction.
SIDE = 32


def encode(width: int, height: int, pixels: Sequence[tuple[int, int, int]]) -> bytes:
    """The hash of RGB pixels, row by row."""
    light = [(r + g + b) / 765 for r, g, b in pixels]
    yellow = [(r + g) / 510 - b / 255 for r, g, b in pixels]
    red = [(r - g) / 255 for r, g, b in pixels]
    longer = max(width, height)
    across, down = max(1, round(7 * width / longer)), max(1, round(7 * height / longer))
    waves = _Waves(width, height)
    l_mean, l_terms, l_scale = waves.of(light, max(3, across), max(3, down))
    y_mean, y_terms, y_scale = waves.of(yellow, 3, 3)
    r_mean, r_terms, r_scale = waves.of(red, 3, 3)
    landscape = width > height
    first = (
        round(63 * l_mean)
        | round(31.5 + 31.5 * y_mean) << 6
        | round(31.5 + 31.5 * r_mean) << 12
        | round(31 * l_scale) << 18
    )
    second = (down if landscape else across) | round(63 * y_scale) << 3 | round(63 * r_scale) << 9 | landscape << 15
    terms = [round(15 * term) for term in (*l_terms, *y_terms, *r_terms)]
    packed = bytes(low | high << 4 for low, high in zip(terms[::2], [*terms[1::2], 0], strict=False))
    return first.to_bytes(3, "little") + second.to_bytes(2, "little") + packed


class _Waves:
    """The cosine transform of one size."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height

    def of(self, channel: Sequence[float], across: int, down: int) -> tuple[float, list[float], float]:
        """The mean, the other terms in 0 to 1, and the scale that they were divided by."""
        rows = [channel[at : at + self.width] for at in range(0, len(channel), self.width)]
        # Once along each row, then down the columns of what that gave.
        along = [[_dot(row, x) for row in rows] for x in range(across)]
        area = self.width * self.height
        terms = [_dot(along[x], y) / area for y in range(down) for x in range(across) if x * down < across * (down - y)]
        mean, rest = terms[0], terms[1:]
        scale = max(map(abs, rest), default=0.0)
        return mean, [0.5 + 0.5 / scale * term if scale else 0.5 for term in rest], scale


def _dot(values: Sequence[float], frequency: int) -> float:
    step = math.pi / len(values) * frequency
    return sum(value * math.cos(step * (at + 0.5)) for at, value in enumerate(values))
