"""The address by which limits count a client."""

import ipaddress
from functools import lru_cache

from asgi.asgi_types import Scope


@lru_cache(maxsize=4096)
def network_of(host: str) -> str:
    """Returns the key under which limits count an address: an IPv4 address itself, the /64 of an IPv6 address.

    A household or an attacker usually has a whole /64. What is not an IP address is returned unchanged.

    >>> network_of("2001:db8::1")
    '2001:db8::/64'
    """
    try:
        parsed = ipaddress.ip_address(host)
    except ValueError:
        return host
    if parsed.version == 4:
        return host
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False))


def client_address(scope: Scope) -> str:
    """Returns the client's address as :func:`network_of` counts it, "" when the server knows none.

    Behind a trusted proxy, uvicorn has already put the forwarded address in place of the proxy's.
    """
    client = scope.get("client")
    return network_of(client[0]) if client else ""
