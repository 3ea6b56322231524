"""Leaving a host by command, and rehearsing it: whole flows with real processes."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.helpers.backups import PRIVATE, PUBLIC
from tests.helpers.services import Cluster, ServerProcess, parvis

BANNER = "The network is moving to another machine"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        yield ""
        return
    cluster: Cluster = request.getfixturevalue("postgres_server")
    name = f"leaving{os.urandom(4).hex()}"
    yield cluster.create(name)
    cluster.drop(name)


@pytest.fixture
def key(tmp_path: Path) -> str:
    (tmp_path / "key").write_text(PRIVATE)
    return str(tmp_path / "key")


@pytest.fixture
def host(tmp_path: Path, database: str) -> Iterator[ServerProcess]:
    made = on(tmp_path / "a", (tmp_path / "repository").as_uri(), database).start()
    yield made
    made.stop(signal.SIGKILL)


def on(folder: Path, url: str, database: str = "") -> ServerProcess:
    folder.mkdir()
    settings: dict[str, str | int] = {"backup_url": url, "backup_recipients": PUBLIC, "guest_cache_ms": 0}
    return ServerProcess(folder, **settings, **({"database_url": database} if database else {}))


def found(server: ServerProcess) -> httpx.Client:
    http = httpx.Client(base_url=server.base, headers={"origin": server.base}, timeout=20)
    form = {
        "network_name": "Tilly", "name": "Ana", "hue": "1", "birth_date": "1990-01-01", "handle": "ana",
        "password": "a lamp in every window", "email": "",
    }  # fmt: skip
    assert http.post("/setup", data=form).status_code == 303
    return http


def post(http: httpx.Client, words: str) -> int:
    return http.post("/posts", data={"text": words, "key": f"the-form-{words.replace(' ', '-')}"}).status_code


def test_rehearsing(host: ServerProcess, key: str, tmp_path: Path, database: str) -> None:
    http = found(host)
    assert post(http, "in the backup") == 303
    parvis("backup", "run", environment=host.environment)
    assert post(http, "in the copy") == 303
    said = parvis("rehearse", "--identity", key, environment=host.environment)
    assert "Backup 1 was restored in" in said
    page = http.get("/settings/backups").text
    assert "Back in" in page
    assert 'class="column"' in page
    assert "rehearsal_" not in http.get("/people").text, "whoever was made for it is there alone"
    assert list((tmp_path / "a" / "work").glob("rehearsal-*")) == [], "and all of it is gone"
    for file in (tmp_path / "repository" / "parts").iterdir():
        file.write_bytes(b"damaged")
    with pytest.raises(AssertionError, match="has 7 bytes"):
        parvis("rehearse", "--identity", key, environment=host.environment)
    page = http.get("/settings/backups").text
    assert 'class="column failed"' in page
    assert "bytes, not" in page


def test_evacuating(host: ServerProcess, key: str, tmp_path: Path) -> None:
    http = found(host)
    parvis("backup", "run", environment=host.environment)
    assert post(http, "the last words") == 303
    said = parvis("evacuate", environment=host.environment)
    assert "backup 2" in said
    command = next(line for line in said.splitlines() if "parvis restore" in line).split()
    assert command[:5] == ["parvis", "restore", "--identity", "KEYFILE", "--key"]
    assert BANNER in http.get("/public").text
    answer = http.post("/posts", data={"text": "too late", "key": "the-form-too-late"})
    assert (answer.status_code, "too late" in answer.text) == (503, True)
    other = on(tmp_path / "b", (tmp_path / "repository").as_uri())
    try:
        parvis("restore", "--identity", key, "--key", command[5], environment=other.environment)
        other.start()
        there = httpx.Client(base_url=other.base, headers={"origin": other.base}, cookies=http.cookies)
        assert "the last words" in there.get("/@ana").text
        assert BANNER not in there.get("/public").text
        assert post(there, "in the new place") == 303
        parvis("evacuate", "--done", "--at", other.base, environment=host.environment)
        wait_for(http, 308)
        assert http.get("/@ana?x=1").headers["location"] == f"{other.base}/@ana?x=1"
        parvis("evacuate", "--cancel", environment=host.environment)
        wait_for(http, 200)
        assert post(http, "here again") == 303
    finally:
        other.stop(signal.SIGKILL)


def wait_for(http: httpx.Client, status: int) -> None:
    """A process hears of it within a second."""
    deadline = time.monotonic() + 20
    while http.get("/public").status_code != status:
        assert time.monotonic() < deadline
        time.sleep(0.1)
