"""What a push service asks of a sender's name (RFC 8292), as strictly as the strictest of them."""

import base64
import binascii
import json
import re
import time
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

LONGEST = 24 * 3600
# The clocks of two machines.
SLACK = 60


class Unproved(Exception):
    """``status`` is what the sender is answered, 401 or 403; ``str(error)`` says why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def check(authorization: str, audience: str, key: str) -> None:
    """The header is a signed claim to ``audience``, under the ``key`` that the browser subscribed with.

    A subscription without a key may be sent to by anyone. Errors: ``Unproved``.
    """
    if not authorization:
        if key:
            raise Unproved(401, "no Authorization")
        return
    scheme, _, rest = authorization.partition(" ")
    parts = dict(re.findall(r"(\w+)=([\w.+/=-]+)", rest))
    if scheme.lower() != "vapid" or not {"t", "k"} <= parts.keys():
        raise Unproved(401, "not a vapid Authorization with t and k")
    _check_claims(_signed(parts["t"], parts["k"]), audience)
    if key and _bytes(key) != _bytes(parts["k"]):
        raise Unproved(403, "not the key of the subscription")


def _signed(token: str, key: str) -> dict[str, Any]:
    """The claims of a JWT whose ES256 signature is right."""
    try:
        head, claims, signature = token.split(".")
        raw = _bytes(signature)
        both = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(key))
        public.verify(both, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        found: dict[str, Any] = json.loads(_bytes(claims))
    except (ValueError, InvalidSignature, binascii.Error) as error:
        raise Unproved(401, "not a signed token") from error
    return found


def _check_claims(claims: dict[str, Any], audience: str) -> None:
    if claims.get("aud") != audience:
        raise Unproved(401, f"aud is {claims.get('aud')}, not {audience}")
    left = claims.get("exp", 0) - time.time()
    if not 0 < left <= LONGEST + SLACK:
        raise Unproved(401, f"exp is {left:.0f} seconds away")
    if not re.match(r"mailto:|https:", claims.get("sub", "")):
        raise Unproved(401, "sub is neither mailto: nor https:")


def _bytes(encoded: str) -> bytes:
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
