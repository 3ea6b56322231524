"""`parvis push`: what an operator sees of the keys, and what turning them changes."""

import sqlite3
from pathlib import Path

import pytest

from tests.app.test_cli import fails, says


def test_keys_rotate_status(tmp_path: Path) -> None:
    assert "run `parvis migrate` first" in fails("push", "keys", folder=tmp_path)
    says("migrate", folder=tmp_path)
    first = says("push", "keys", folder=tmp_path)
    assert first.count("current") == 1
    old = next(line for line in first.splitlines() if "current" in line).split()[0]
    assert len(old) == 87
    new = says("push", "rotate", folder=tmp_path).strip()
    assert len(new) == 87
    listed = says("push", "keys", folder=tmp_path)
    assert [line.split()[0] for line in listed.splitlines()] == [new, old]
    said = says("push", "status", folder=tmp_path)
    assert "Devices: 0, of them 0 with a problem" in said
    with sqlite3.connect(tmp_path / "parvis.sqlite") as database:
        private = [row[0] for row in database.execute("SELECT value FROM secret")]
    assert not any(secret in first + listed + said for secret in private)


@pytest.mark.parametrize(
    "origin", ["https://localhost", "https://192.168.1.2", "https://square.local", "https://tilly"]
)
def test_a_network_that_push_services_would_not_take(tmp_path: Path, origin: str) -> None:
    assert "PARVIS_PUSH_CONTACT must be a mail address" in fails("serve", folder=tmp_path, origin=origin)
    says("migrate", folder=tmp_path, origin=origin, push_contact="hello@tilly.example")
    assert "such as hello@example.org" in fails("migrate", folder=tmp_path, push_contact="hello")


def test_a_network_that_they_take(tmp_path: Path) -> None:
    for origin in ("", "http://localhost:8000", "http://192.168.1.2", "https://tilly.example"):
        says("migrate", folder=tmp_path, origin=origin)
