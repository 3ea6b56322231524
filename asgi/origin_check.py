"""Protection against cross-site request forgery: a request that changes something must come from our own pages."""

from asgi.asgi_types import Scope


def is_same_origin(scope: Scope, origin: bytes) -> bool:
    """Whether a request may change something: Go 1.25's CrossOriginProtection, by Sec-Fetch-Site, else Origin and Host.

    ``origin`` is the network's own (``https://parvis.example``), b"" when the settings name none. A request with
    neither header comes from no browser, so it carries no cookie that a browser was tricked into sending.
    """
    site = sender = host = b""
    for name, value in scope["headers"]:
        if name == b"sec-fetch-site":
            site = value
        elif name == b"origin":
            sender = value
        elif name == b"host":
            host = value
    if site:
        return site in (b"same-origin", b"none")
    return not sender or sender == origin or sender.partition(b"://")[2] == host
