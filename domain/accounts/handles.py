"""Handles of accounts that left: reserved for a while, so that nobody is taken for whoever had one before."""

import hashlib
import hmac

from db.queries import credentials as queries
from domain.core import clock, secrets

RESERVED_DAYS = 90


async def reserve(handle: str) -> None:
    """Reserves a handle for RESERVED_DAYS. It is kept as a keyed hash only."""
    await queries.reserve_handle(await _hashed(handle), clock.now() + RESERVED_DAYS * 86_400_000)


async def is_reserved(handle: str) -> bool:
    return await queries.is_reserved(await _hashed(handle), clock.now())


async def forget_released() -> None:
    """Forgets handles that anybody may take again."""
    await queries.forget_released(clock.now())


async def _hashed(handle: str) -> str:
    return hmac.new(await secrets.key("held-handle"), handle.lower().encode(), hashlib.sha256).hexdigest()
