"""The two keys that an installed app pins: Ed25519, and ECDSA over P-256 for browsers that lack the first.

What the network signs for apps it signs with both; an app takes it only if every signature that it can check is right.
"""

import hashlib

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from domain.core import p256, secrets, signing

NAME = "signing-p256"
HALF, POINT = 32, 65


class Keys(msgspec.Struct, frozen=True):
    """The public halves in base64url: 32 bytes, and an uncompressed point of 65 bytes."""

    ed25519: str
    p256: str

    @property
    def network(self) -> str:
        """The network's id: half the SHA-256 of its Ed25519 key, in base64url."""
        return secrets.padless(hashlib.sha256(secrets.unpadded(self.ed25519)).digest()[:16])


class SignedMessage(msgspec.Struct, frozen=True):
    """A text, and both signatures of it in base64url."""

    text: str
    ed25519: str
    p256: str


async def public() -> Keys:
    """The network's keys, made at the first call."""
    return Keys(secrets.padless(await signing.public_key()), p256.public_of(await _number()))


async def sign(purpose: str, text: str) -> SignedMessage:
    """Signs a text for one purpose, so that it can't be taken for something else."""
    message = message_of(purpose, text)
    signature = flat(p256.private(await _number()).sign(message, ec.ECDSA(hashes.SHA256())))
    return SignedMessage(text, secrets.padless(await signing.sign(message)), secrets.padless(signature))


def verify(keys: Keys, purpose: str, signed: SignedMessage) -> bool:
    """Whether both signatures are right."""
    message = message_of(purpose, signed.text)
    try:
        ed25519, public = secrets.unpadded(signed.ed25519), secrets.unpadded(keys.ed25519)
    except ValueError:
        return False
    return signing.verify(public, message, ed25519) and verify_p256(keys.p256, message, signed.p256)


def message_of(purpose: str, text: str) -> bytes:
    return f"parvis {purpose}\n{text}".encode()


def verify_p256(public: str, message: bytes, signature: str) -> bool:
    """Whether a signature as WebCrypto makes it (64 bytes) is right; key and signature in base64url."""
    try:
        point = ec.EllipticCurvePublicKey.from_encoded_point(p256.CURVE, secrets.unpadded(public))
        raw = secrets.unpadded(signature)
        halves = (int.from_bytes(raw[:HALF], "big"), int.from_bytes(raw[HALF:], "big"))
        point.verify(encode_dss_signature(*halves), message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return len(raw) == 2 * HALF


def flat(der: bytes) -> bytes:
    """A signature as WebCrypto has it: both numbers, 32 bytes each."""
    return b"".join(number.to_bytes(HALF, "big") for number in decode_dss_signature(der))


def is_point(text: str) -> bool:
    """Whether this is an uncompressed point of P-256 in base64url."""
    try:
        raw = secrets.unpadded(text)
        ec.EllipticCurvePublicKey.from_encoded_point(p256.CURVE, raw)
    except ValueError:
        return False
    return len(raw) == POINT


async def _number() -> str:
    return await secrets.once(NAME, p256.new)
