"""Keys of P-256 in base64url, as browsers and push services have them: a private number, a public point."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.core import secrets

CURVE = ec.SECP256R1()


def new() -> str:
    """The private number (32 bytes) of a new key."""
    number = ec.generate_private_key(CURVE).private_numbers().private_value
    return secrets.padless(number.to_bytes(32, "big"))


def private(number: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(secrets.unpadded(number), "big"), CURVE)


def public_of(number: str) -> str:
    """The public point (65 bytes, uncompressed) of a private number."""
    return secrets.padless(private(number).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
