"""PDQ hashes: 256 bits by which a picture is known again once it was resized or packed anew.

The algorithm is Meta's (The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm, 2019); the bits agree
with those of its own program but for a few (tests/domain/test_pdq.py). In plain Python, since importing numpy would
cost the process that decodes a picture more than all of its work.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from operator import mul
from statistics import median

from PIL import Image, ImageFilter

# The picture is looked at in at most so many pixels in each direction, of which so many are taken.
LARGEST, SIDE = 512, 64
# Frequencies in each direction, without the lowest.
WAVES = 16
# A hash of a picture with hardly any shapes says nothing: quality, of 100, below which there is none.
LEAST_QUALITY = 50
_COSINES = [
    [math.sqrt(2 / SIDE) * math.cos(math.pi / 2 / SIDE * wave * (2 * at + 1)) for at in range(SIDE)]
    for wave in range(1, WAVES + 1)
]


def of(image: Image.Image) -> str:
    """The hash of a picture, hexadecimal; "" for one with too little in it."""
    grey = _grey(image)
    if max(grey.size) > LARGEST:
        part = LARGEST / max(grey.size)
        size = max(1, round(grey.width * part)), max(1, round(grey.height * part))
        grey = grey.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    pixels = _sampled(grey)
    if _quality(pixels) < LEAST_QUALITY:
        return ""
    terms = _transformed(pixels)
    middle = median(terms)
    bits = sum(1 << place for place, term in enumerate(terms) if term > middle)
    return f"{bits:064x}"


def _grey(image: Image.Image) -> Image.Image:
    """Brightness, on white where one can see through."""
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    return image.convert("L")


def _sampled(grey: Image.Image) -> list[list[float]]:
    """Rows of SIDE pixels each, of a picture that was blurred twice so that each stands for its surroundings."""
    across, down = ((size + 2 * SIDE - 1) // (2 * SIDE) for size in grey.size)
    radii = (across - 1) / 2, (down - 1) / 2
    blur = ImageFilter.BoxBlur(radii)
    blurred = grey.filter(blur).filter(blur)
    width, height = grey.size
    load = blurred.load()
    assert load is not None
    columns = [int((at + 0.5) * width / SIDE) for at in range(SIDE)]
    return [[load[x, int((at + 0.5) * height / SIDE)] for x in columns] for at in range(SIDE)]  # type: ignore[misc]


def _quality(pixels: Sequence[Sequence[float]]) -> int:
    """How much the picture has of edges, from 0 to 100."""
    steps = 0
    for row, below in zip(pixels, [*pixels[1:], pixels[-1]], strict=True):
        steps += sum(abs(int((one - other) * 100 / 255)) for one, other in zip(row, below, strict=True))
        steps += sum(abs(int((one - other) * 100 / 255)) for one, other in pairwise(row))
    return min(100, steps // 90)


def _transformed(pixels: Sequence[Sequence[float]]) -> list[float]:
    """The lowest terms of the cosine transform, row by row."""
    along = [[_dot(wave, row) for row in pixels] for wave in _COSINES]
    return [_dot(wave, column) for wave in _COSINES for column in along]


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    found: float = sum(map(mul, one, other))
    return found
