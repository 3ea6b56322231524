"""What stands above every page: that the network moves, and for operators, that the server needs them."""

from functools import cache

from domain.core.access import Viewer
from domain.core.outages import STATUS
from domain.core.units import MB
from domain.keeping.handover import READING, STANCE
from domain.media.studio import SPARE
from web import templating


def banner(locale: str, viewer: Viewer) -> bytes:
    """HTML; nothing while there is nothing to say."""
    moving = _moving(locale) if STANCE.state == READING else b""
    return moving + _trouble(locale) if viewer.operator else moving


@cache
def _moving(locale: str) -> bytes:
    return templating.render(locale, "components/handover.html").encode()


def _trouble(locale: str) -> bytes:
    if not (STATUS.outage or STATUS.low):
        return b""
    free = (STATUS.free or 0) // MB
    return templating.render(
        locale, "components/outage.html", outage=STATUS.outage or "", free_mb=free, spare_mb=SPARE // MB
    ).encode()
