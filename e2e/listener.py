"""A device that is no browser: it subscribes at the push service, and hears what comes."""

import base64
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from e2e.bidi import until
from e2e.client import Client
from e2e.pushservice import PushService


class Browser:
    """What a browser is to a push service: a connection and subscriptions."""

    def __init__(self, service: PushService, name: str = "") -> None:
        spoken = [Subprotocol("push-notification")]
        self.socket: ClientConnection = connect(f"ws://127.0.0.1:{service.port}/", subprotocols=spoken)
        self.name = self.ask(messageType="hello", uaid=name, use_webpush=True)["uaid"]

    def ask(self, **told: Any) -> dict[str, Any]:
        self.socket.send(json.dumps(told))
        return self.hear()

    def hear(self) -> dict[str, Any]:
        heard: dict[str, Any] = json.loads(self.socket.recv(timeout=5))
        return heard

    def subscribe(self, key: str) -> dict[str, Any]:
        """What ``PushSubscription.toJSON`` gives; ``key`` is who may send."""
        channel = secrets.token_hex(8)
        answer = self.ask(messageType="register", channelID=channel, key=key)
        mine = point(ec.generate_private_key(ec.SECP256R1()).public_key())
        return {"endpoint": answer["pushEndpoint"], "keys": {"p256dh": mine, "auth": encoded(b"a" * 16)}}


class Listener:
    """A member with such a device, who is told of replies to one post."""

    def __init__(self, push: PushService, member: Client, writer: Client) -> None:
        self._push, self._writer = push, writer
        self._post = member.publish("Tell me when somebody answers.")
        state = member.http.get("/push/state").json()
        self._subscription = Browser(push).subscribe(state["key"])
        told = {**self._subscription, "key": state["key"], "replaces": None, "zone": "UTC", "permission": "granted"}
        answer = member.http.post(
            "/push/subscriptions", json=told, headers={"X-Act": "1", "X-Account": state["account"]}
        )
        assert answer.status_code in (200, 201), answer.text

    def hears_of_what_comes_after(self) -> None:
        """Returns when pushes for things that happen from now on have been sent: a second one after a first, beside
        which others may have been under way."""
        for _ in range(2):
            before = self._heard()
            self._writer.publish(f"Here I am, {secrets.token_hex(4)}.", reply_to=self._post)
            assert until(lambda: self._heard() > before, 10), "nothing is sent any more"  # noqa: B023 - at once

    def others(self, since: int) -> list[object]:
        """What came to other devices, after so many pushes."""
        return [one for one in self._push.received[since:] if not self._is_mine(one.token)]

    def _heard(self) -> int:
        return sum(self._is_mine(one.token) for one in self._push.received)

    def _is_mine(self, token: str) -> bool:
        return str(self._subscription["endpoint"]).endswith(f"/{token}")


def point(key: ec.EllipticCurvePublicKey) -> str:
    return encoded(key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint))


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
