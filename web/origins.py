"""The network's own address, as far as it is known."""

import ipaddress
from urllib.parse import urlsplit

from asgi.asgi_types import Request, header
from domain.core.errors import Invalid
from domain.domain_migration import announcements
from web import state


def of(request: Request) -> str:
    """The network's address as PARVIS_ORIGIN says it, without a slash at its end, "" without that.

    The Host header is the sender's own word: signing it would prove that the network is wherever they like, and drawing
    it would send others there. Only this machine's own addresses are taken from it, for development.
    """
    if origin := state.of(request).settings.origin:
        return announcements.bare(origin)
    try:
        here = announcements.bare(f"{request.scope['scheme']}://{header(request.scope, b'host').decode('latin-1')}")
    except Invalid:
        return ""
    return here if _is_loopback(urlsplit(here).hostname or "") else ""


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
