"""A network that leaves its address: hosts that die and stand elsewhere, and notices that are not what they seem."""

import base64
import contextlib
import http.server
import json
import shutil
import signal
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.domain_migration import pinned_keys
from e2e.client import Client
from e2e.demo_site import GENEROUS
from tests.helpers.services import ServerProcess, free_port, parvis

NEW_HOST = "127.0.0.2"
DAY_MS = 86_400_000
# What the service worker keeps for good.
BEACON = """(name) => new Promise((done) => {
  const asked = indexedDB.open("parvis-beacon");
  asked.onupgradeneeded = () => { asked.transaction.abort(); done(null); };
  asked.onsuccess = () => {
    const base = asked.result;
    const found = base.transaction("kept").objectStore("kept").get(name);
    found.onsuccess = () => { base.close(); done(found.result ?? null); };
  };
})"""
# Whether the network knows the key that this device has.
SETTLED = """() => fetch("/.well-known/parvis-move").then((answer) => answer.json()).then(
  ({ device }) => Boolean(device) && new Promise((done) => {
    const asked = indexedDB.open("parvis", 1);
    asked.onsuccess = () => {
      const found = asked.result.transaction("state").objectStore("state").get("device");
      found.onsuccess = () => { asked.result.close(); done(found.result?.id === device.id); };
    };
  }))"""


class MigratingNetwork:
    """The old host, and the new one once the old one is dead; ``to`` is the new address from the start."""

    def __init__(self, folder: Path, **settings: str | int) -> None:
        self._folder, self._settings = folder, settings
        self.old = self._host("old", "127.0.0.1", free_port())
        self.new = self._host("new", NEW_HOST, free_port())
        self.to = self.new.base

    def open(self) -> None:
        self.old.start()
        Client(self.old.base).found()

    def announce(self) -> str:
        """On the old host."""
        return parvis("move", "announce", "--to", self.to, environment=self.old.environment)

    def die(self) -> None:
        """The old host is gone, and stands again elsewhere with what it had."""
        self.old.stop(signal.SIGKILL)
        # Among its files are sockets, which are no data.
        shutil.copytree(
            self._folder / "old", self._folder / "new", dirs_exist_ok=True, ignore=shutil.ignore_patterns("*-signals")
        )
        self.new.start()

    def stop(self) -> None:
        for host in (self.old, self.new):
            host.stop()

    def forger(self) -> "Forger":
        """Whoever has stolen the network's keys."""
        with contextlib.closing(sqlite3.connect(self._folder / "old" / "parvis.sqlite")) as base:
            kept = dict(base.execute("SELECT name, value FROM secret WHERE name LIKE 'signing%'").fetchall())
        number = int.from_bytes(_bytes(kept["signing-p256"]), "big")
        edwards = Ed25519PrivateKey.from_private_bytes(_bytes(kept["signing"]))
        return Forger(edwards, ec.derive_private_key(number, ec.SECP256R1()))

    def _host(self, name: str, address: str, port: int) -> ServerProcess:
        folder = self._folder / name
        folder.mkdir()
        base = f"http://{address}:{port}"
        server = ServerProcess(folder, **{**GENEROUS, **self._settings, "host": address, "origin": base})
        server.port, server.base = port, base
        server.environment["PARVIS_PORT"] = str(port)
        return server


@contextlib.contextmanager
def moving(**settings: str | int) -> Iterator[MigratingNetwork]:
    """A founded network at its old address."""
    with tempfile.TemporaryDirectory(prefix="parvis-moving-") as folder:
        made = MigratingNetwork(Path(folder), **settings)
        try:
            made.open()
            yield made
        finally:
            made.stop()


class Forger:
    """Signs whatever is wanted with two keys."""

    def __init__(
        self, edwards: Ed25519PrivateKey | None = None, p256: ec.EllipticCurvePrivateKey | None = None
    ) -> None:
        self.edwards = edwards or Ed25519PrivateKey.generate()
        self.p256 = p256 or ec.generate_private_key(ec.SECP256R1())

    def notice(self, network: str, origin: str, to: str, **fields: Any) -> dict[str, str]:
        """A notice of now, but for ``fields``."""
        now = int(time.time() * 1000)
        told = {"v": 1, "network": network, "from": origin, "to": to, "number": now, "at": now, "until": now + DAY_MS}
        return self.sign("move", json.dumps({**told, **fields}))

    def sign(self, purpose: str, text: str) -> dict[str, str]:
        message = pinned_keys.message_of(purpose, text)
        p256 = pinned_keys.flat(self.p256.sign(message, ec.ECDSA(hashes.SHA256())))
        return {"text": text, "ed25519": _text(self.edwards.sign(message)), "p256": _text(p256)}


def payload(signed: dict[str, str], account: str = "1") -> str:
    """A push that tells of a move, as the network's own."""
    notification = {"title": "Old Harbour is moving", "body": "Its new address is there.", "lang": "en", "tag": "move",
                    "navigate": "/moved", "data": {"account": account, "receipt": "none", "move": signed}}  # fmt: skip
    return json.dumps({"web_push": 8030, "notification": notification, "mutable": True})


class Parked(http.server.BaseHTTPRequestHandler):
    """Somebody else has the name now, and is glad about every visitor."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>For sale</title><h1>This domain is for sale</h1>")

    def log_message(self, *_: Any) -> None:
        pass


@contextlib.contextmanager
def parked(port: int) -> Iterator[None]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Parked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
