"""Draws the network's icons from a logo; runs in the child that decodes pictures (domain/media/image_worker.py)."""

from typing import BinaryIO

from domain.accounts import icon_rendering, network_icons
from domain.media.picture_jobs import LogoJob, Made, Part, Refusal


def make(source: BinaryIO, job: LogoJob) -> tuple[Made, list[bytes]]:
    """The logo as a square PNG, and every icon of ``network_icons.SIZES``. Errors: ``Refusal``."""
    try:
        logo = icon_rendering.read(source.read())
    except network_icons.Unfit as problem:
        raise Refusal(str(problem)) from None
    files = {network_icons.LOGO: icon_rendering.png(logo), **icon_rendering.of_logo(logo, job.hue)}
    sides = {network_icons.LOGO: logo.width, **network_icons.SIZES}
    parts = [Part(name, sides[name], sides[name], len(body)) for name, body in files.items()]
    return Made(logo.width, logo.height, parts=parts), list(files.values())
