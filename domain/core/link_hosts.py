"""The hosts that links lead to, as browsers read them."""

from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit


class WrittenHost(NamedTuple):
    """A host in ASCII, as programs write it, and in its own letters; the same twice where it has no others."""

    plain: str
    letters: str


def parts(address: str) -> SplitResult | None:
    """Of an address with or without its scheme; None for one that leads to no host."""
    # A browser takes one for the other.
    address = address.replace("\\", "/")
    try:
        found = urlsplit(address if "://" in address else f"https://{address}")
        return found if found.hostname else None
    except ValueError:
        return None


def written(found: SplitResult) -> WrittenHost:
    """The host of an address, whatever letters stand there for its own."""
    host = (found.hostname or "").lower()
    try:
        plain = host.encode("idna").decode().lower()
    except UnicodeError:
        return WrittenHost(host, host)
    try:
        return WrittenHost(plain, plain.encode().decode("idna").lower())
    except UnicodeError:
        return WrittenHost(plain, plain)
