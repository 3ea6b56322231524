"""Free TCP ports on loopback."""

import contextlib
import random
import socket
from pathlib import Path

LOWEST = 10_000
# Linux's, and where it begins on systems that do not say.
OUTGOING, USUAL = Path("/proc/sys/net/ipv4/ip_local_port_range"), 32_768


def free_port() -> int:
    """A port that was free a moment ago."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Different ones, at random, and none that the system may take for an outgoing connection before it is used."""
    found: list[int] = []
    with contextlib.ExitStack() as stack:
        highest = _outgoing()
        while len(found) < count:
            port = random.randrange(LOWEST, highest)
            probe = stack.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                found.append(port)
    return found


def _outgoing() -> int:
    """The first port that the system gives to connections."""
    with contextlib.suppress(OSError):
        return max(int(OUTGOING.read_text().split()[0]), LOWEST + 1000)
    return USUAL
