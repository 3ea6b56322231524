"""The operator's logo, and the icons made from it."""

import asyncio
import hashlib
from functools import partial

from db.engine import DB
from db.tables.notifications import NetworkIcon
from domain.accounts import artwork
from domain.core.access import Viewer, operator

# The row that keeps the logo itself, for when the colour around it changes.
SOURCE = "logo"


async def put(viewer: Viewer, body: bytes, hue: int) -> None:
    """Takes a picture as the network's logo. Errors: ``Forbidden``, ``Invalid``."""
    operator(viewer)
    await _store(*await asyncio.to_thread(_made, body, hue))


def _made(body: bytes, hue: int) -> tuple[bytes, artwork.Icons]:
    logo = artwork.read(body)
    return artwork.png(logo), artwork.of_logo(logo, hue)


async def recolour(hue: int) -> None:
    """Draws the icons anew in another of the network's colours; nothing to do without a logo."""
    row = await NetworkIcon.select(NetworkIcon.body).where(NetworkIcon.name == SOURCE).first()
    if row:
        await _store(*await asyncio.to_thread(_made, row["body"], hue))


async def _store(source: bytes, icons: artwork.Icons) -> None:
    # One name for the whole set, by what is in it: addresses change when a pixel does.
    digest = hashlib.sha256(b"".join([source, *icons.values()])).hexdigest()[:12]
    rows = [NetworkIcon(name=name, digest=digest, body=body) for name, body in {SOURCE: source, **icons}.items()]
    async with DB.writing():
        await NetworkIcon.delete(force=True)
        await NetworkIcon.insert(*rows)


async def remove(viewer: Viewer) -> None:
    """Back to the arch. Errors: ``Forbidden``."""
    operator(viewer)
    await NetworkIcon.delete(force=True)


async def version() -> str:
    """Which set of icons stands now; "" when there is no logo."""
    row = await NetworkIcon.select(NetworkIcon.digest).where(NetworkIcon.name == SOURCE).first()
    return str(row["digest"]) if row else ""


async def icon(name: str, hue: int) -> bytes:
    """One of ``artwork.SIZES`` as PNG: from the logo, else the arch in the network's colour."""
    row = await NetworkIcon.select(NetworkIcon.body).where(NetworkIcon.name == name).first()
    return bytes(row["body"]) if row else await asyncio.to_thread(partial(_arch, name, hue))


def _arch(name: str, hue: int) -> bytes:
    return artwork.of_mark(hue)[name]
