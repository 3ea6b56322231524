"""A device's own key, and the codes that it signs, as pwa/worker/arriving.js does; and keys that are nobody's."""

import json
from secrets import token_urlsafe
from typing import Any

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.core import clock, secrets
from domain.domain_migration import announcements, device_keys, login_transfer, pinned_keys
from domain.domain_migration.announcements import SignedMoveNotice
from domain.domain_migration.pinned_keys import Keys, SignedMessage
from tests.helpers.people import Member

OLD, NEW = "https://old.example", "https://new.example"


class SigningDevice:
    """``id`` and ``session`` are known once it is registered."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = self.session = ""

    @property
    def public(self) -> str:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return secrets.padless(point)

    async def register(self, member: Member) -> "SigningDevice":
        found = await device_keys.register(await member.viewer(), self.public)
        self.id, self.session = found.id, found.session
        return self

    async def code(self, to: str = NEW, **fields: Any) -> str:
        network = (await pinned_keys.public()).network
        told = {"v": 1, "network": network, "device": self.id, "session": self.session, "to": to, "at": clock.now()}
        text = json.dumps({**told, "nonce": token_urlsafe(24), **fields})
        return self.sign(text)

    def sign(self, text: str, purpose: str = login_transfer.PURPOSE) -> str:
        signature = self.private.sign(pinned_keys.message_of(purpose, text), ec.ECDSA(hashes.SHA256()))
        return f"{secrets.padless(text.encode())}.{secrets.padless(pinned_keys.flat(signature))}"


class Stranger:
    """Both keys of a network, of somebody else's."""

    def __init__(self) -> None:
        self.ed25519, self.p256 = Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())

    @property
    def keys(self) -> Keys:
        point = self.p256.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return Keys(secrets.padless(self.ed25519.public_key().public_bytes_raw()), secrets.padless(point))

    def sign(self, text: str, purpose: str = announcements.PURPOSE) -> SignedMessage:
        message = pinned_keys.message_of(purpose, text)
        p256 = pinned_keys.flat(self.p256.sign(message, ec.ECDSA(hashes.SHA256())))
        return SignedMessage(text, secrets.padless(self.ed25519.sign(message)), secrets.padless(p256))

    def notice(self, **fields: Any) -> SignedMessage:
        """One of now, but for ``fields``."""
        now = clock.now()
        whole = SignedMoveNotice(1, self.keys.network, OLD, NEW, now, now, now + clock.DAY_MS)
        return self.sign(msgspec.json.encode(msgspec.structs.replace(whole, **fields)).decode())
