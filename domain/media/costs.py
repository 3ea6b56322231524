"""Estimates the CPU seconds that decoding a picture takes, from what its header says, before any of it is decoded.

Flat pictures cost by their pixels, noise by its bytes, and the format says how much of each. The rates were measured on
one core (docs/decisions/0013-pictures.md), and are high for usual files; rare variants (CMYK, 16 bits interlaced) take
up to twice as long. What takes longer still is stopped by the child's limit (domain/media/decoding.py).
"""

from typing import NamedTuple

MILLION = 1_000_000


class Rate(NamedTuple):
    """Seconds for a million pixels, and for a million bytes."""

    pixels: float
    bytes: float


STILL = {
    "jpeg": Rate(0.010, 0.03), "png": Rate(0.016, 0.02), "webp": Rate(0.017, 0.06), "gif": Rate(0.005, 0.01),
    "avif": Rate(0.011, 0.065), "heic": Rate(0.011, 0.10),
}  # fmt: skip
# A frame is put over the one before it, and made smaller.
FRAME = {"gif": Rate(0.020, 0.01), "webp": Rate(0.017, 0.06), "png": Rate(0.028, 0.02), "avif": Rate(0.017, 0.065)}


def still(kind: str, pixels: int, size: int) -> float:
    """Seconds for one picture of so many pixels in a file of ``size`` bytes."""
    return _seconds(STILL[kind], pixels, size)


def animation(kind: str, frames: int, pixels: int, size: int) -> float:
    """Seconds for all frames of an animation, each of so many pixels, in a file of ``size`` bytes."""
    return _seconds(FRAME[kind], frames * pixels, size)


def _seconds(rate: Rate, pixels: int, size: int) -> float:
    return (pixels * rate.pixels + size * rate.bytes) / MILLION
