"""The operator's logo, and the icons made from it."""

import hashlib
from functools import partial
from typing import Protocol

from db.engine import DB
from db.tables.notifications import NetworkIcon
from domain.accounts import network_icons
from domain.core import access, permissions
from domain.core.access import Viewer
from domain.core.blocking import run_blocking
from domain.core.errors import Invalid
from domain.core.units import MB


class Drawing(Protocol):
    """Whoever decodes pictures in a child: ``domain.media.processor.MediaProcessor``."""

    async def draw_icons(self, account: int, logo: bytes, hue: int) -> network_icons.Icons:
        """The logo as a square and its icons. Errors: ``Invalid``, ``TooMany``, ``ServiceUnavailable``."""


async def put(viewer: Viewer, drawing: Drawing, body: bytes, hue: int) -> None:
    """Takes a picture as the network's logo. Errors: ``Forbidden``, and those of ``draw_icons``."""
    access.require(permissions.may_edit_network(viewer))
    if len(body) > network_icons.MAX_BYTES:
        raise Invalid("The picture may have at most %(limit)s MB.", limit=network_icons.MAX_BYTES // MB)
    await store(await drawing.draw_icons(viewer.id, body, hue))


async def recoloured(viewer: Viewer, drawing: Drawing, hue: int) -> network_icons.Icons:
    """The icons in another of the network's colours, to be stored; none without a logo. Errors: as of ``put``."""
    access.require(permissions.may_edit_network(viewer))
    row = await NetworkIcon.select(NetworkIcon.body).where(NetworkIcon.name == network_icons.LOGO).first()
    return await drawing.draw_icons(viewer.id, row["body"], hue) if row else {}


async def store(icons: network_icons.Icons) -> None:
    """Replaces all icons by these, the logo among them."""
    # One name for the whole set, by what is in it: addresses change when a pixel does.
    digest = hashlib.sha256(b"".join(icons.values())).hexdigest()[:12]
    rows = [NetworkIcon(name=name, digest=digest, body=body) for name, body in icons.items()]
    async with DB.writing():
        await NetworkIcon.delete(force=True)
        await NetworkIcon.insert(*rows)


async def remove(viewer: Viewer) -> None:
    """Back to the arch. Errors: ``Forbidden``."""
    access.require(permissions.may_edit_network(viewer))
    await NetworkIcon.delete(force=True)


async def version() -> str:
    """Which set of icons stands now; "" when there is no logo."""
    row = await NetworkIcon.select(NetworkIcon.digest).where(NetworkIcon.name == network_icons.LOGO).first()
    return str(row["digest"]) if row else ""


async def icon(name: str, hue: int) -> bytes:
    """One of ``network_icons.SIZES`` as PNG: from the logo, else the arch in the network's colour."""
    row = await NetworkIcon.select(NetworkIcon.body).where(NetworkIcon.name == name).first()
    return bytes(row["body"]) if row else await run_blocking(partial(_arch, name, hue))


def _arch(name: str, hue: int) -> bytes:
    # Drawn seldom, and Pillow takes memory.
    from domain.accounts import icon_rendering

    return icon_rendering.of_mark(hue)[name]
