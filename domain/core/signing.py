"""The network's own signature: an Ed25519 key that it has from its first run, and keeps wherever it goes."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.core import secrets


async def public_key() -> bytes:
    """32 bytes, by which everybody can check what the network has signed."""
    return (await _key()).public_key().public_bytes_raw()


async def sign(message: bytes) -> bytes:
    """The network's signature, 64 bytes."""
    return (await _key()).sign(message)


async def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(await secrets.key("signing"))


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of a key has signed a message; False too for what is no key and no signature."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
