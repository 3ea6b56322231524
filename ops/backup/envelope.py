"""Signed words: a line of JSON, a line with the network's key and signature, and whatever the first line names.

The signature is over the first line's bytes as they are, so that nobody has to agree on how JSON is written.
"""

import hashlib
from typing import TypeVar

import msgspec

from domain.core import secrets, signing
from ops.backup.errors import OtherFormat, Tampered, Truncated, WrongSignature

T = TypeVar("T", bound=msgspec.Struct)
# A backup of another number can't be read by this version.
FORMAT = 1


class SignedEnvelope(msgspec.Struct):
    key: str
    signature: str


class Format(msgspec.Struct):
    format: int


async def signed(words: msgspec.Struct, body: bytes = b"") -> bytes:
    """The words with the network's signature, and ``body`` after them."""
    line = msgspec.json.encode(words)
    signature = SignedEnvelope(secrets.padless(await signing.public_key()), secrets.padless(await signing.sign(line)))
    return line + b"\n" + msgspec.json.encode(signature) + b"\n" + body


def opened(raw: bytes, type_: type[T], name: str, key: bytes | None) -> tuple[T, bytes, bytes]:
    """``(words, the key that signed them, body)``. ``key``: no other may have.

    Errors: ``Truncated``, ``Tampered``, ``WrongSignature``, ``OtherFormat``.
    """
    line, _, rest = raw.partition(b"\n")
    second, end, body = rest.partition(b"\n")
    if not end:
        raise Truncated("%(name)s ends too early.", name=name)
    try:
        by = msgspec.json.decode(second, type=SignedEnvelope)
        public, signature = secrets.unpadded(by.key), secrets.unpadded(by.signature)
    except (msgspec.MsgspecError, ValueError):
        raise Tampered("%(name)s has no signature that can be read.", name=name) from None
    if not signing.verify(public, line, signature):
        raise Tampered("%(name)s was changed after it was signed.", name=name)
    if key is not None and public != key:
        words = "%(name)s is signed by %(found)s, and should be by %(wanted)s."
        raise WrongSignature(words, name=name, found=fingerprint(public), wanted=fingerprint(key))
    return _read(line, type_, name), public, body


def _read(line: bytes, type_: type[T], name: str) -> T:
    try:
        found = msgspec.json.decode(line, type=Format).format
        if found == FORMAT:
            return msgspec.json.decode(line, type=type_)
    except msgspec.MsgspecError:
        raise Tampered("%(name)s can't be read.", name=name) from None
    words = (
        "%(name)s is of format %(found)s, and this version of Parvis reads %(format)s: use the version that made it."
    )
    raise OtherFormat(words, name=name, found=found, format=FORMAT)


def fingerprint(public: bytes) -> str:
    """A key in a form that people can compare: 8 groups of 4 letters and digits."""
    digest = hashlib.sha256(public).hexdigest()[:32]
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))
