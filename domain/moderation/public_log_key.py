"""The key that signs the public log and nothing else (Ed25519): made when it is first needed, and the same for ever."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from db.queries import public_log as queries
from domain.core import secrets
from domain.core.notes import VerifierKey
from domain.domain_migration import pinned_keys

NAME = "log-signing"


async def origin() -> str:
    """The log's name: that of the network's own key and not of its address, which may change."""
    return f"parvis/log/{(await pinned_keys.public()).network}"


async def verifier_key() -> VerifierKey:
    """What everybody needs to check the log."""
    return VerifierKey(await origin(), (await private()).public_key().public_bytes_raw())


async def private() -> Ed25519PrivateKey:
    """What signs the log."""
    return _private(await _value())


async def lock() -> Ed25519PrivateKey | None:
    """Within a transaction: the private key, which no other transaction gets before this one ends. None while another
    one has it."""
    await _value()
    kept = await queries.lock_key(NAME)
    return None if kept is None else _private(kept)


async def _value() -> str:
    return await secrets.once(NAME, lambda: secrets.padless(Ed25519PrivateKey.generate().private_bytes_raw()))


def _private(kept: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(secrets.unpadded(kept))
