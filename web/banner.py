"""The banner above every page: that the network is moving, that there is a crisis, that the member is suspended or may
not post, or has not accepted the rules, and for operators, that the server needs attention."""

from functools import cache, lru_cache
from urllib.parse import quote

from asgi.visits import Visit
from domain.backups.handover import SITE_MODE
from domain.core.outages import DATABASE_STATUS
from domain.core.units import MB
from domain.media.processor import MIN_FREE_BYTES
from domain.moderation.brake import Crisis
from web.templating import Stencil, Templates

# Where the rules are read nothing has to be said of them, nor of a sanction where it is explained.
RULES = "/rules"
EXPLAINED = ("/standing", "/statements/")


def banner(templates: Templates, visit: Visit, address: str) -> bytes:
    """Returns HTML, empty while there is nothing to say. ``address`` is that of the page."""
    viewer = visit.viewer
    found = _moving(templates) if SITE_MODE.read_only else b""
    if visit.brake.crisis is not None:
        found += _crisis(templates, visit.brake.crisis)
    if (until := viewer.suspended_until or viewer.frozen_until) and not address.startswith(EXPLAINED):
        found += _sanction(templates, until, suspended=viewer.suspended_until > 0)
    if viewer.suspended_until:
        return found
    if viewer.signed_in and viewer.rules_version < visit.network.rules_version and not address.startswith(RULES):
        found += _rules(templates, not viewer.rules_version).fill({"next": quote(address, safe="/").encode()})
    return found + _trouble(templates) if viewer.is_operator else found


@cache
def _moving(templates: Templates) -> bytes:
    return templates.render("components/handover.html").encode()


@lru_cache(maxsize=16)
def _crisis(templates: Templates, crisis: Crisis) -> bytes:
    return templates.render("components/crisis.html", crisis=crisis).encode()


@cache
def _rules(templates: Templates, first: bool) -> Stencil:
    return templates.cut("components/new_rules.html", ("next",), first=first)


def _sanction(templates: Templates, until: int, *, suspended: bool) -> bytes:
    return templates.render("components/sanction.html", until_ms=until, suspended=suspended).encode()


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
