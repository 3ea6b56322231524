"""`parvis objects` beside a running network, and a network on a real Ceph that breaks."""

import asyncio
import contextlib
import os
import re
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapters.objects import Store
from app import logs
from ops import ceph as ceph_cluster
from ops.ceph import Ceph
from tests import photos
from tests.app.test_cli import fails, says
from tests.services import PARVIS, ROOT, ServerProcess, free_port, parvis, serve_process

# One process has all of Ceph, when several share the tests.
pytestmark = pytest.mark.xdist_group("ceph")
FAIR: dict[str, str | int] = {
    "acts_per_hour": 100_000, "uploads_per_hour": 100_000, "posts_per_hour": 100_000, "reads_burst": 100_000,
    "guest_cache_ms": 0,
}  # fmt: skip
# What a network on Ceph has promised: an upload is done, or refused in words, within this.
SECONDS = 15


@pytest.fixture
def logs_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "configure", lambda _: None)


class Sender:
    """Somebody who posts pictures one after the other; ``posted`` are the files of those that were acknowledged."""

    def __init__(self, server: ServerProcess) -> None:
        self.http = httpx.Client(base_url=server.base, headers={"origin": server.base}, timeout=40)
        self.posted: list[str] = []
        self.refused: list[int] = []
        self.slowest = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def found(self) -> "Sender":
        form = {
            "network_name": "Tilly", "name": "Ana", "hue": "1", "birth_date": "1990-01-01", "handle": "ana",
            "password": "a lamp in every window", "email": "",
        }  # fmt: skip
        assert self.http.post("/setup", data=form).status_code == 303
        return self

    def send(self, seed: int, size: tuple[int, int] = (96, 72)) -> httpx.Response:
        began = time.monotonic()
        answer = self.http.post(
            f"/media?key=the-key-number-{seed}",
            content=photos.encoded(photos.photo(*size, seed=seed)),
            headers={"X-Act": "1"},
        )
        self.slowest = max(self.slowest, time.monotonic() - began)
        return answer

    def post(self, seed: int) -> str:
        """Posts one picture. Returns the address of its file; "" when it was refused."""
        answer = self.send(seed)
        if answer.status_code != 201:
            self.refused.append(answer.status_code)
            return ""
        told = answer.json()
        form = {"text": "", "key": f"the-form-{seed}", f"alt.{told['id']}": f"number {seed}"}
        assert self.http.post("/posts", data=form).status_code == 303
        self.posted.append(told["src"])
        return str(told["src"])

    def _run(self) -> None:
        seed = 1000
        while not self._stop.is_set():
            seed += 1
            self.post(seed)

    @contextlib.contextmanager
    def going_on(self) -> Iterator[None]:
        """Posts while the block runs, as fast as it goes."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._stop.clear()
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join(timeout=60)
            assert not self._thread.is_alive()

    def all_there(self) -> None:
        """Every acknowledged picture can be seen by a guest."""
        guest = httpx.Client(base_url=str(self.http.base_url))
        for address in self.posted:
            answer = guest.get(address)
            assert (answer.status_code, answer.headers.get("content-type")) == (200, "image/webp"), address


def test_from_a_folder_to_ceph_and_back(ceph: Ceph, tmp_path: Path) -> None:
    """While it moves somebody posts and somebody reads: nothing is lost, nothing is missed, nothing stays behind."""
    bucket = ceph.make_bucket(f"move-{os.urandom(4).hex()}")
    with serve_process(**FAIR) as server:
        sender = Sender(server).found()
        for seed in range(25):
            sender.post(seed)
        folder = Path(server.environment["PARVIS_DATA"], "objects")
        assert len(files(folder)) == 25
        with sender.going_on(), reading(sender) as missed:
            said = parvis("objects", "move", "--to", bucket, environment=server.environment)
        assert f"Every file is at s3://{bucket.rpartition('@')[2]}" in said.replace("\n", "")
        assert missed == []
        assert files(folder) == []
        sender.all_there()
        assert len(sender.posted) > 30, "somebody did post meanwhile"
        assert "are there and whole" in parvis("objects", "check", environment=server.environment)
        # Both the old setting and the new one start it; the old one with a warning.
        for setting in ("", bucket):
            server.stop()
            server.environment["PARVIS_OBJECTS_URL"] = setting
            server.start()
            sender.all_there()
        elsewhere = tmp_path / "elsewhere"
        with sender.going_on(), reading(sender) as missed:
            parvis("objects", "move", "--to", elsewhere.as_uri(), environment=server.environment)
        assert missed == []
        sender.all_there()
        assert len(files(elsewhere)) == count(server)
        assert "are there and whole" in parvis("objects", "check", environment=server.environment)
        assert sender.refused == []


def files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def count(server: ServerProcess) -> int:
    with sqlite3.connect(Path(server.environment["PARVIS_DATA"], "parvis.sqlite")) as database:
        return int(database.execute("SELECT count(*) FROM object").fetchone()[0])


@contextlib.contextmanager
def reading(sender: Sender) -> Iterator[list[str]]:
    """Somebody looks at the newest pictures all the time; what they do not get."""
    missed: list[str] = []
    stop = threading.Event()

    def run() -> None:
        guest = httpx.Client(base_url=str(sender.http.base_url), timeout=20)
        while not stop.is_set():
            for address in sender.posted[-12:]:
                if (answer := guest.get(address)).status_code != 200:
                    missed.append(f"{answer.status_code} {address}")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield missed
    finally:
        stop.set()
        thread.join(timeout=30)


def test_a_move_that_is_stopped_goes_on(ceph: Ceph, tmp_path: Path) -> None:
    bucket = ceph.make_bucket(f"half-{os.urandom(4).hex()}")
    with serve_process(**FAIR) as server:
        sender = Sender(server).found()
        for seed in range(12):
            sender.post(seed)
        # As if the first try had been killed after some.
        with sqlite3.connect(Path(server.environment["PARVIS_DATA"], "parvis.sqlite")) as database:
            keep = database.execute("SELECT key, path FROM object ORDER BY key LIMIT 5").fetchall()
        folder, target = Path(server.environment["PARVIS_DATA"], "objects"), Store(bucket)
        for _, path in keep[:3]:
            asyncio.run(target.put(path, (folder / path).read_bytes()))
        (folder / keep[3][1]).write_bytes(b"damaged on the disk")
        said = _fails(server, "objects", "move", "--to", bucket)
        assert "1 files are nowhere" in said
        assert keep[3][0] in said
        assert len(files(folder)) == 1
        found = [httpx.get(f"{server.base}{address}").status_code for address in sender.posted]
        assert sorted(found) == [200] * 11 + [404], "the damaged one alone"


def _fails(server: ServerProcess, *arguments: str) -> str:
    done = subprocess.run(
        [PARVIS, *arguments], cwd=ROOT, env=server.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout
    return done.stderr


def test_check_and_repair(tmp_path: Path, logs_stay: None) -> None:
    with serve_process(**FAIR) as server:
        sender = Sender(server).found()
        addresses = [sender.post(seed) for seed in range(4)]
        folder = Path(server.environment["PARVIS_DATA"], "objects")
        data = Path(server.environment["PARVIS_DATA"])
        keys = [address.rpartition("/")[2] for address in addresses]
        path = {key: next(file for file in files(folder) if file.name.startswith(key)) for key in keys}
        path[keys[0]].unlink()
        path[keys[1]].write_bytes(b"not what it was")
        (folder / "zz").mkdir()
        (folder / "zz" / "stray").write_bytes(b"nobody knows this")
        with sqlite3.connect(data / "parvis.sqlite") as database:
            database.execute("UPDATE object SET uses = 7 WHERE key = ?", (keys[2],))
        said = fails("objects", "check", folder=data)
        assert "not everything is as it should be" in said
        lost = _fails(server, "objects", "repair")
        assert "2 files are nowhere" in lost
        assert re.search(r"without their pictures: \[\d+, \d+\]", lost)
        assert not (folder / "zz" / "stray").exists()
        with sqlite3.connect(data / "parvis.sqlite") as database:
            assert database.execute("SELECT uses FROM object WHERE key = ?", (keys[2],)).fetchone() == (1,)
        assert httpx.get(server.base + addresses[3]).status_code == 200
        assert httpx.get(server.base + addresses[0]).status_code == 404


def test_words_for_what_can_not_be(tmp_path: Path, logs_stay: None) -> None:
    says("migrate", folder=tmp_path)
    assert "All 0 files are there" in says("objects", "check", folder=tmp_path)
    assert "--to must be file:///folder" in fails("objects", "move", "--to", "elsewhere", folder=tmp_path)
    nowhere = f"s3://key:secret@bucket?endpoint=http://127.0.0.1:{free_port()}"
    assert "can’t be stored just now" in fails("objects", "move", "--to", nowhere, folder=tmp_path)
    assert "All 0 files are there" in says("objects", "check", folder=tmp_path), "and nothing has changed"
    assert "PARVIS_OBJECTS_URL needs a key" in fails("objects", "check", folder=tmp_path, objects_url="s3://bucket")
    refusal = fails("serve", folder=tmp_path, objects_url="file:///somewhere/else", port=free_port())
    assert "parvis objects move --to" in refusal


@pytest.fixture(scope="module")
def breaking() -> Iterator[Ceph]:
    """A Ceph of one's own, to be broken."""
    with ceph_cluster.throwaway() as cluster:
        yield cluster


def test_disks_that_freeze_and_die(breaking: Ceph) -> None:
    """One disk hangs and one dies in a storm of uploads: what was acknowledged is there, and pages go on."""
    with serve_process(**FAIR, objects_url=breaking.make_bucket("freezing")) as server:
        sender = Sender(server).found()
        for seed in range(5):
            assert sender.post(seed)
        with sender.going_on(), pages(server) as rendered:
            time.sleep(1)
            breaking.freeze(0)
            time.sleep(12)
            breaking.thaw(0)
            time.sleep(4)
            breaking.kill(1)
            time.sleep(8)
            breaking.revive(1)
            time.sleep(4)
        assert sender.slowest < SECONDS, sender.slowest
        assert set(sender.refused) <= {503}
        assert len(sender.posted) > 10
        assert max(rendered) < 3
        sender.all_there()


@contextlib.contextmanager
def pages(server: ServerProcess) -> Iterator[list[float]]:
    """Somebody reads pages all the time; how long each took."""
    took: list[float] = []
    stop = threading.Event()

    def run() -> None:
        guest = httpx.Client(base_url=server.base, timeout=20)
        while not stop.is_set():
            began = time.monotonic()
            assert guest.get("/public").status_code == 200
            took.append(time.monotonic() - began)
            time.sleep(0.05)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield took
    finally:
        stop.set()
        thread.join(timeout=30)


def test_a_gateway_that_is_away(breaking: Ceph) -> None:
    """At the start, in mid-upload and in mid-read: the network goes on, says what it can't, and is whole again."""
    bucket = breaking.make_bucket("closing")
    breaking.close_gateway()
    with serve_process(**FAIR, objects_url=bucket) as server:
        sender = Sender(server).found()
        assert httpx.get(f"{server.base}/public").status_code == 200
        answer = sender.send(1)
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "store"
        assert "Nothing was lost" in answer.json()["error"]["message"]
        assert int(answer.headers["retry-after"]) > 0
        breaking.open_gateway()
        address = sender.post(1)
        assert address, "the same upload, sent again"
        with sender.going_on():
            time.sleep(1)
            breaking.close_gateway()
            time.sleep(2)
            read = httpx.get(server.base + address, timeout=SECONDS)
            assert read.status_code == 503
            assert httpx.get(f"{server.base}/public").status_code == 200
            breaking.open_gateway()
            time.sleep(2)
        assert sender.slowest < SECONDS
        sender.all_there()
        assert "are there and whole" in parvis("objects", "check", environment=server.environment)


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """There is no room for what is sent, then none for what is made of it: said so, and nothing half is left."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", small], check=False).returncode:
        pytest.skip("a small disk can be made by root alone")
    try:
        with serve_process(**FAIR, objects_url=(small / "objects").as_uri()) as server:
            sender = Sender(server).found()
            done = [sender.send(seed, (1400, 1000)).status_code for seed in range(9)]
            assert done[0] == 201
            assert done[-1] == 503
            assert set(done) == {201, 503}
            assert httpx.get(f"{server.base}/public").status_code == 200
            assert "are there and whole" in parvis("objects", "check", environment=server.environment)
    finally:
        subprocess.run(["umount", small], check=True)
