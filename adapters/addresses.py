"""Decides which network addresses a stranger may have us connect to."""

import ipaddress
from urllib.parse import urlsplit

# Ranges that lead somewhere else than they say, or back into a network of ours.
_REFUSED = tuple(
    map(
        ipaddress.ip_network,
        (
            "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "255.255.255.255/32",
            "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16", "100::/64", "fec0::/10", "::/96",
        ),
    )
)  # fmt: skip
_LOCAL = ("localhost", "local", "internal", "intranet", "lan", "home", "onion")


class Guard:
    """Refuses plain http and private addresses. ``open``, set by ops/rigs/private_parvis.py, allows them."""

    open = False


GUARD = Guard()


class NotPublic(OSError):
    """The address that a name led to is not one of the open internet."""

    def __init__(self) -> None:
        super().__init__("not a public address")


class WrongAddress(Exception):
    """Nothing may be sent there; ``str(error)`` is one word: scheme, name, port or private."""


def is_public(host: str) -> bool:
    """Whether an IP address, without a port, is one of the open internet. Anything else is not."""
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    if mapped is not None:
        return False
    if any(found.version == net.version and found in net for net in _REFUSED):
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def may_connect(host: str) -> bool:
    """Whether a connection to this IP address may be made."""
    return GUARD.open or is_public(host)


def check(url: str, plain: bool = False) -> str:
    """The origin of an address that may be asked, as far as can be said without asking a name server.

    ``plain`` also allows http. Errors: ``WrongAddress``.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WrongAddress("name") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "https" and not ((GUARD.open or plain) and parts.scheme == "http"):
        raise WrongAddress("scheme")
    if not host or parts.username or parts.password or not url.isascii() or any(c <= " " or c == "\\" for c in url):
        raise WrongAddress("name")
    if not GUARD.open:
        _check_public(host, port or {"https": 443, "http": 80}[parts.scheme])
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _check_public(host: str, port: int) -> None:
    if port not in (80, 443) and port < 1024:
        raise WrongAddress("port")
    if not (is_public(host) or is_public_name(host)):
        raise WrongAddress("private")


def is_loopback(url: str) -> bool:
    """Whether a web address is of this machine itself: ``http://127.0.0.1:8000``, ``http://[::1]``, ``http://localhost``.

    No name but that one, which might lead elsewhere.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme in {"http", "https"} and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False


def is_public_name(host: str) -> bool:
    """Whether a name looks like one of the open internet; a number in any spelling is none."""
    last = host.rpartition(".")[2].lower()
    return "." in host and ":" not in host and not last[:1].isdigit() and last not in _LOCAL
