"""Draws the network's icons from a logo; runs in the child that decodes pictures (domain/media/darkroom.py)."""

from typing import BinaryIO

from domain.accounts import artwork
from domain.media.pictures import LogoJob, Made, Part, Refusal


def make(source: BinaryIO, job: LogoJob) -> tuple[Made, list[bytes]]:
    """The logo as a square PNG, and every icon of ``artwork.SIZES``. Errors: ``Refusal``."""
    try:
        logo = artwork.read(source.read())
    except artwork.Unfit as problem:
        raise Refusal(str(problem)) from None
    files = {artwork.LOGO: artwork.png(logo), **artwork.of_logo(logo, job.hue)}
    sides = {artwork.LOGO: logo.width, **artwork.SIZES}
    parts = [Part(name, sides[name], sides[name], len(body)) for name, body in files.items()]
    return Made(logo.width, logo.height, parts=parts), list(files.values())
