"""The network's secrets by name, each created when it is first needed."""

import base64
import secrets
from collections.abc import Callable

from db.queries import secrets as queries
from domain.core import clock


async def mac_key() -> bytes:
    """32 bytes for HMACs of links and receipts, the same for ever."""
    return await key("mac")


async def key(name: str) -> bytes:
    """32 random bytes by name, the same for ever."""
    return unpadded(await once(name, lambda: padless(secrets.token_bytes(32))))


async def once(name: str, make: Callable[[], str]) -> str:
    """A secret by name, made when there is none: of several processes that try, the first one's counts."""
    found = await queries.value(name)
    if found is None:
        await queries.keep(name, make(), clock.now())
        found = await queries.value(name)
    assert found is not None
    return found


def padless(raw: bytes) -> str:
    """base64url without padding, as push services write it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unpadded(text: str) -> bytes:
    """The bytes of base64url with or without padding. Errors: ``ValueError``."""
    if not text.isascii() or any(not (c.isalnum() or c in "-_=") for c in text):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
