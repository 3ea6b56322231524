"""A host is killed in mid-write and its disk is gone: another stands up from the copy in Ceph, seconds behind."""

import html
import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ops.rigs.ceph_cluster import Ceph
from tests.helpers import media_files
from tests.helpers.backups import PRIVATE, PUBLIC
from tests.helpers.push_service import PushReceiver, Service, threaded
from tests.helpers.services import Cluster, ServerProcess, parvis, until

pytestmark = pytest.mark.xdist_group("ceph")
FAIR: dict[str, str | int] = {
    "acts_per_hour": 100_000, "uploads_per_hour": 100_000, "posts_per_hour": 100_000, "reads_burst": 100_000,
    "guest_cache_ms": 0, "private": True,
}  # fmt: skip
# What may be lost, in seconds.
LOSS = 10


class Client:
    """Somebody who posts one after the other and writes down what was acknowledged, and when."""

    def __init__(self, server: ServerProcess) -> None:
        self.http = httpx.Client(base_url=server.base, headers={"origin": server.base}, timeout=20)
        self.acknowledged: list[tuple[float, str]] = []
        self._stop = threading.Event()

    def found(self) -> None:
        form = {
            "network_name": "Tilly", "name": "Ana", "hue": "1", "birth_date": "1990-01-01", "handle": "ana",
            "password": "a lamp in every window", "email": "",
        }  # fmt: skip
        assert self.http.post("/setup", data=form).status_code == 303

    def post(self, number: int) -> None:
        words = f"number {number} of many"
        answer = self.http.post("/posts", data={"text": words, "key": f"the-form-number-{number}"})
        assert answer.status_code == 303, answer.text
        self.acknowledged.append((time.monotonic(), words))

    def picture(self) -> str:
        """Posts one. Returns its file's address."""
        body = media_files.encoded(media_files.photo(seed=5))
        told = self.http.post("/media?key=the-key-of-a-picture", content=body, headers={"X-Act": "1"}).json()
        form = {"text": "", "key": "the-form-of-a-picture", f"alt.{told['id']}": "words"}
        assert self.http.post("/posts", data=form).status_code == 303
        return str(told["src"])

    def subscribe(self, device: PushReceiver) -> str:
        """From now on the device is pushed to. Returns its subscription."""
        key = self.http.get("/push/state").json()["key"]
        told = device.json(key=key, permission="granted")
        answer = self.http.post("/push/subscriptions", json=told)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def run(self) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            try:
                self.post(number)
            except httpx.HTTPError:
                return

    def going_on(self) -> threading.Thread:
        thread = threading.Thread(target=self.run, daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        self._stop.set()


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """Where host A keeps its database, and host B its own; "" in their data folders."""
    if request.param == "sqlite":
        yield "", ""
        return
    cluster: Cluster = request.getfixturevalue("postgres_server")
    names = [f"host{os.urandom(4).hex()}" for _ in range(2)]
    yield cluster.create(names[0]), cluster.create(names[1])
    for name in names:
        cluster.drop(name)


def mention(server: ServerProcess) -> None:
    """Somebody joins, and says something to ana."""
    with httpx.Client(base_url=server.base, headers={"origin": server.base}, timeout=20) as http:
        form = {
            "name": "Bao", "birth_date": "1990-01-01", "handle": "bao", "password": "a lamp in every window",
            "email": "", "terms": "1", "rules": "2",
        }  # fmt: skip
        assert http.post("/signup", data=form).status_code == 303
        words = {"text": "@ana are you there?", "key": "the-form-of-a-mention"}
        assert http.post("/posts", data=words).status_code == 303


def on(folder: Path, bucket: str, database: str) -> ServerProcess:
    folder.mkdir()
    settings = {**FAIR, "backup_url": bucket, "backup_recipients": PUBLIC}
    return ServerProcess(folder, **settings, **({"database_url": database} if database else {}))


@pytest.fixture
def pushes() -> Iterator[Service]:
    with threaded() as running:
        yield running


def test_killed_with_its_disk(ceph: Ceph, databases: tuple[str, str], pushes: Service, tmp_path: Path) -> None:
    bucket = ceph.make_bucket(f"lost-{os.urandom(4).hex()}")
    key = tmp_path / "key"
    key.write_text(PRIVATE)
    host = on(tmp_path / "a", bucket, databases[0])
    other = on(tmp_path / "b", bucket, databases[1])
    try:
        host.start()
        client = Client(host)
        client.found()
        parvis("backup", "run", environment=host.environment)
        src = client.picture()
        subscription = client.subscribe(pushes.device("phone"))
        thread = client.going_on()
        time.sleep(15)
        host.stop(signal.SIGKILL)
        killed = time.monotonic()
        client.stop()
        thread.join()
        log = host.tail()
        shutil.rmtree(tmp_path / "a")
        said = parvis("restore", "--identity", str(key), environment=other.environment, private=True)
        assert "Tilly: 1 accounts" in said
        other.start()
        there = everything(other)
        lost = [moment for moment, words in client.acknowledged if words not in there]
        assert len(client.acknowledged) > 20
        story = f"{len(lost)} of {len(client.acknowledged)} writes are lost; {said}\n{log}\n{other.tail()}"
        assert not lost or killed - lost[0] < LOSS, f"{killed - lost[0]:.1f} s of writes: {story}"
        first_lost = min(lost, default=killed)
        after = {words for moment, words in client.acknowledged if moment > first_lost}
        assert not after & there, "no holes"
        back = httpx.Client(base_url=other.base, cookies=client.http.cookies)
        assert "@ana" in back.get("/").text, "still signed in"
        assert back.get(src).status_code == 200
        assert back.get("/push/state").json()["subscription"]["id"] == subscription
        assert pushes.pushed == []
        mention(other)
        until(lambda: pushes.pushed)
        assert pushes.pushed[0].note["body"] == "@ana are you there?", "pushed to the device as it was"
        # The next host has a copy of its own, from its first backup on.
        parvis("backup", "run", environment=other.environment)
        assert len(parvis("backup", "list", environment=other.environment).splitlines()) == 2
    finally:
        host.stop(signal.SIGKILL)
        other.stop(signal.SIGKILL)


def everything(server: ServerProcess) -> set[str]:
    """The texts of all posts, page by page."""
    found: set[str] = set()
    path = "/@ana"
    with httpx.Client(base_url=server.base) as http:
        while path:
            answer = http.get(path)
            assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
            found |= set(re.findall(r"number \d+ of many", answer.text))
            older = re.search(r'class="older" href="([^"]*)"', answer.text)
            path = html.unescape(older[1]) if older else ""
    return found
