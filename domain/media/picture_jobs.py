"""What a server asks of the child process that decodes pictures, and what it answers.

Apart from domain/media/pictures.py, so that a server need not import Pillow.
"""

import msgspec

# Widths in pixels: a phone's column, a desktop's or a phone's at three points a pixel, and the whole screen.
WIDTHS = (480, 1080, 1920)
# What the files of a picture are called, from the largest down.
NAMES = ("wide", "middle", "small")
ALL = {*NAMES, "moving"}
TYPE = "image/webp"


class Refusal(Exception):
    """Why a picture is refused: ``large``, ``broken``, ``frames``, ``small``, ``time``, or a word of network_icons."""


# Of what a server and the child that decodes say to each other: to be changed with Job, LogoJob, Made or Part.
PROTOCOL = "pictures-3"


class Job(msgspec.Struct, tag="picture"):
    """What to make of a picture. ``most_seconds`` is what decoding it may cost, as ``costs`` estimates it.

    ``box`` (left, top, width, height, in parts of one of the upright picture) is cut out first; then the middle of it
    in the proportions of the largest of ``sizes``, when there are any, and it is made in each of them.
    """

    kind: str
    most_pixels: int
    most_frames: int
    most_seconds: float
    widths: tuple[int, ...] = WIDTHS
    sizes: tuple[tuple[int, int], ...] = ()
    box: tuple[float, float, float, float] | None = None
    moving: bool = True


class LogoJob(msgspec.Struct, tag="logo"):
    """To draw the network's icons from a logo, in its colour."""

    hue: int


class Part(msgspec.Struct):
    """One file that was made: its name, its size in pixels, how many bytes of what follows are its."""

    name: str
    width: int
    height: int
    bytes: int


class Made(msgspec.Struct):
    """What became of a picture; ``refused`` names the reason when nothing did. ``hash`` is a thumbhash, ``pdq`` by
    what the picture is recognised, "" for one that is cut to a size.
    """

    width: int = 0
    height: int = 0
    hash: str = ""
    pdq: str = ""
    moving: bool = False
    parts: list[Part] = []
    refused: str = ""
