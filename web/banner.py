"""The banner above every page: that the network is moving, and for operators, that the server needs attention."""

from functools import cache

from domain.backups.handover import READ_ONLY, SITE_MODE
from domain.core.access import Viewer
from domain.core.outages import DATABASE_STATUS
from domain.core.units import MB
from domain.media.processor import MIN_FREE_BYTES
from web.templating import Templates


def banner(templates: Templates, viewer: Viewer) -> bytes:
    """Returns HTML, empty while there is nothing to say."""
    moving = _moving(templates) if SITE_MODE.state == READ_ONLY else b""
    return moving + _trouble(templates) if viewer.is_operator else moving


@cache
def _moving(templates: Templates) -> bytes:
    return templates.render("components/handover.html").encode()


def _trouble(templates: Templates) -> bytes:
    if not (DATABASE_STATUS.outage or DATABASE_STATUS.low):
        return b""
    free = (DATABASE_STATUS.free or 0) // MB
    return templates.render(
        "components/outage.html",
        outage=DATABASE_STATUS.outage or "",
        free_mb=free,
        spare_mb=MIN_FREE_BYTES // MB,
    ).encode()
