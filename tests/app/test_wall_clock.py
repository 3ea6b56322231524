"""The machine's clock is put an hour forward and back under a server: nobody is signed out, and nothing is lost."""

import re
import secrets
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from tests.helpers.services import ServerProcess, until

HOUR = 3600
FORM = {"password": "a lamp in every window", "birth_date": "1990-01-01", "terms": "1", "rules": "1"}


class Clock:
    """The wall clock of a server that was started with ``environment``; its monotonic clock goes on as it is."""

    def __init__(self, folder: Path) -> None:
        library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
        assert library is not None, "Debian's package faketime is not installed"
        self._file = folder / "clock"
        self._file.write_text("+0")
        self.environment = {
            "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(self._file), "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
        }  # fmt: skip

    def put(self, seconds: int) -> None:
        """Has processes see it within a second."""
        self._file.write_text(f"{seconds:+d}")

    def set(self, server: ServerProcess, seconds: int) -> None:
        """Returns when the server's clock is so much ahead of the real one."""
        self.put(seconds)

        def is_told() -> bool:
            date = parsedate_to_datetime(httpx.get(f"{server.base}/healthz").headers["date"])
            return abs(date.timestamp() - time.time() - seconds) < 60

        until(is_told)


@pytest.fixture
def engine() -> str:
    """No database is asked for the time."""
    return "sqlite"


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path)


@pytest.fixture
def server(url: str, clock: Clock, tmp_path: Path) -> Iterator[ServerProcess]:
    served = ServerProcess(tmp_path, database_url=url, guest_cache_ms=0, undo_seconds=0)
    served.environment |= clock.environment
    try:
        yield served.start()
        print(served.tail())
    finally:
        served.stop()


def joined(server: ServerProcess, handle: str) -> httpx.Client:
    client = httpx.Client(base_url=server.base, headers={"origin": server.base}, timeout=30)
    assert client.post("/signup", data={**FORM, "handle": handle, "name": handle}).status_code == 303
    return client


def signs_in(server: ServerProcess, handle: str) -> bool:
    form = {"handle": handle, "password": FORM["password"]}
    return httpx.post(f"{server.base}/signin", data=form, headers={"origin": server.base}).status_code == 303


def post(client: httpx.Client, text: str) -> str:
    """Its address."""
    answer = client.post("/posts", data={"text": text, "key": secrets.token_hex(8)})
    assert answer.status_code == 303
    return answer.headers["location"]


def shown(client: httpx.Client) -> list[str]:
    """The texts of home, newest first."""
    return re.findall(r"word-\w+", client.get("/").text)


def test_an_hour_forward_and_back(server: ServerProcess, clock: Clock) -> None:
    ana, ben = joined(server, "ana"), joined(server, "ben")
    account = re.search(r'data-me="(\d+)"', ana.get("/").text)
    assert account
    assert ben.put(f"/accounts/{account[1]}/follow", headers={"x-act": "1"}).json() == {"relation": "following"}
    written: list[str] = []
    for name, offset in (("now", 0), ("ahead", HOUR), ("back", 0), ("behind", -HOUR), ("again", 0)):
        clock.set(server, offset)
        for number in "12":
            written.append(f"word-{name}{number}")
            post(ana, written[-1])
            until(lambda: written[-1] in shown(ben))
        seen = shown(ben)
        assert seen.index(f"word-{name}2") < seen.index(f"word-{name}1"), "in the order in which they were written"
        gone = post(ana, f"word-gone{name}")
        assert ana.delete(f"/posts/{gone.rpartition('/')[2]}").status_code == 200
        until(lambda: f"word-gone{name}" not in shown(ben))  # noqa: B023 - at once
        for client in (ana, ben):
            assert client.get("/settings/devices").status_code == 200, "still signed in"
        joined(server, f"new_{name}")
        people = ["ana", *(f"new_{one.removeprefix('word-')[:-1]}" for one in written[::2])]
        assert [one for one in people if not signs_in(server, one)] == [], "whenever they joined"
        assert httpx.get(f"{server.base}/readyz").status_code == 200
    assert sorted(shown(ben)) == sorted(written), "each once"
    assert "Traceback" not in server.tail(100_000)
