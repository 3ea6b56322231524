"""What stands above every page: that the network moves, and for operators, that the server needs them."""

from functools import cache

from domain.backups.handover import READ_ONLY, SITE_MODE
from domain.core.access import Viewer
from domain.core.outages import DATABASE_STATUS
from domain.core.units import MB
from domain.media.processor import MIN_FREE_BYTES
from web import templating


def banner(locale: str, viewer: Viewer) -> bytes:
    """HTML; nothing while there is nothing to say."""
    moving = _moving(locale) if SITE_MODE.state == READ_ONLY else b""
    return moving + _trouble(locale) if viewer.is_operator else moving


@cache
def _moving(locale: str) -> bytes:
    return templating.render(locale, "components/handover.html").encode()


def _trouble(locale: str) -> bytes:
    if not (DATABASE_STATUS.outage or DATABASE_STATUS.low):
        return b""
    free = (DATABASE_STATUS.free or 0) // MB
    return templating.render(
        locale,
        "components/outage.html",
        outage=DATABASE_STATUS.outage or "",
        free_mb=free,
        spare_mb=MIN_FREE_BYTES // MB,
    ).encode()
