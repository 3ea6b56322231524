"""The network's own key (Ed25519): made at its first run, and the same wherever the network stands."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.core import secrets

NAME = "signing"


async def public_key() -> bytes:
    """The 32 raw bytes that everybody may know."""
    return (await _private()).public_key().public_bytes_raw()


async def sign(message: bytes) -> bytes:
    """The 64 raw bytes of a signature."""
    return (await _private()).sign(message)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` is that of ``message`` under a raw public key; False for what is no key or signature."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


async def _private() -> Ed25519PrivateKey:
    kept = await secrets.once(NAME, lambda: secrets.padless(Ed25519PrivateKey.generate().private_bytes_raw()))
    return Ed25519PrivateKey.from_private_bytes(secrets.unpadded(kept))
