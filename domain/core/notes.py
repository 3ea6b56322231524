"""Signed notes (c2sp.org/signed-note) with Ed25519: a text, a blank line, and a line for each signature."""

import base64
import binascii
import hashlib
from typing import NamedTuple

import regex
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.core import signing

# The longest note that is read, in bytes, and how many signatures of it.
MAX_NOTE, MAX_SIGNATURES = 100_000, 16
_ED25519 = b"\x01"
_NAME = regex.compile(r"[^\p{Z}\s+]+")
_LINE = regex.compile(r"— ([^\p{Z}\s+]+) ([A-Za-z0-9+/]+={0,2})")
_KEY = regex.compile(r"([^\p{Z}\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")


class WrongNote(ValueError):
    """A note, or a key, that can't be trusted; ``str(error)`` says why."""


class VerifierKey(NamedTuple):
    """Whose signatures count: a name, which has neither spaces nor "+", and the 32 raw bytes of a public key."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes by which a signature says which key it was made with."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """The key as it is handed around: ``name+01234567+base64``."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"


def read_key(text: str) -> VerifierKey:
    """A key from what ``str`` makes of one. Errors: ``WrongNote``."""
    match = _KEY.fullmatch(text.strip())
    raw = _unbase64(match[3]) if match else b""
    if match is None or len(raw) != 33 or not raw.startswith(_ED25519):
        raise WrongNote("This is no Ed25519 verification key: name+number+key.")
    key = VerifierKey(match[1], raw[1:])
    if key.id.hex() != match[2]:
        raise WrongNote("The parts of this verification key do not belong together.")
    return key


def sign(name: str, private: Ed25519PrivateKey, text: str) -> str:
    """The text, which ends with a new line, as a note with one signature."""
    assert text.endswith("\n")
    assert _NAME.fullmatch(name), name
    key = VerifierKey(name, private.public_key().public_bytes_raw())
    signature = base64.b64encode(key.id + private.sign(text.encode())).decode()
    return f"{text}\n— {name} {signature}\n"


def opened(note: bytes, key: VerifierKey) -> str:
    """The text of a note that was signed with this key; signatures of others are passed over. Errors: ``WrongNote``."""
    if len(note) > MAX_NOTE:
        raise WrongNote("The note is too long.")
    try:
        whole = note.decode()
    except UnicodeDecodeError:
        raise WrongNote("The note is not in UTF-8.") from None
    text, blank, signatures = whole.rpartition("\n\n")
    lines = signatures.split("\n")
    if not blank or lines.pop() or not 1 <= len(lines) <= MAX_SIGNATURES:
        raise WrongNote("This is no signed note.")
    if any(ord(char) < 32 and char != "\n" for char in whole):
        raise WrongNote("The note has control characters.")
    text += "\n"
    signed = [_signature(line) for line in lines]
    ours = [raw[4:] for name, raw in signed if (name, raw[:4]) == (key.name, key.id)]
    if not ours:
        raise WrongNote("The note is not signed with the key that is expected.")
    if not all(signing.verify(key.public, text.encode(), signature) for signature in ours):
        raise WrongNote("The signature is wrong.")
    return text


def _signature(line: str) -> tuple[str, bytes]:
    match = _LINE.fullmatch(line)
    raw = _unbase64(match[2]) if match else b""
    if match is None or len(raw) < 5:
        raise WrongNote("A line of the note is no signature.")
    return match[1], raw


def _unbase64(text: str) -> bytes:
    """Errors: ``WrongNote``. Of several spellings of the same bytes, one is right."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise WrongNote("This is not base64.") from None
    if base64.b64encode(raw).decode() != text:
        raise WrongNote("This is not base64 as it is written.")
    return raw
