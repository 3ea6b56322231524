"""A network whose store breaks: disks of a real Ceph that freeze and die, a gateway away, a full disk."""

import contextlib
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ops.rigs import ceph_cluster
from ops.rigs.ceph_cluster import Ceph
from tests.helpers.picture_sender import FAIR, PictureSender
from tests.helpers.services import ServerProcess, parvis, serve_process

# One process has all of Ceph, when several share the tests.
pytestmark = pytest.mark.xdist_group("ceph")
# What a network on Ceph has promised: an upload is done, or refused in words, within this.
SECONDS = 15


@pytest.fixture(scope="module")
def breaking() -> Iterator[Ceph]:
    """A Ceph of one's own, to be broken."""
    with ceph_cluster.throwaway() as cluster:
        yield cluster


def test_disks_that_freeze_and_die(breaking: Ceph) -> None:
    """One disk hangs and one dies in a storm of uploads: what was acknowledged is there, and pages go on."""
    with serve_process(**FAIR, objects_url=breaking.make_bucket("freezing")) as server:
        sender = PictureSender(server).found()
        for seed in range(5):
            assert sender.post(seed)
        with sender.going_on(), pages(server) as answers:
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
        assert (set(answers), len(answers) > 50) == ({200}, True), "pages go on"
        sender.all_there()


@contextlib.contextmanager
def pages(server: ServerProcess) -> Iterator[list[int]]:
    """Somebody reads pages all the time; what they answered."""
    answers: list[int] = []
    stop = threading.Event()

    def run() -> None:
        guest = httpx.Client(base_url=server.base, timeout=SECONDS)
        while not stop.is_set():
            answers.append(guest.get("/public").status_code)
            time.sleep(0.05)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield answers
    finally:
        stop.set()
        thread.join(timeout=30)


def test_a_gateway_that_is_away(breaking: Ceph) -> None:
    """At the start, in mid-upload and in mid-read: the network goes on, says what it can't, and is whole again."""
    bucket = breaking.make_bucket("closing")
    breaking.close_gateway()
    with serve_process(**FAIR, objects_url=bucket) as server:
        sender = PictureSender(server).found()
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
        assert "are present and intact" in parvis("objects", "check", environment=server.environment)


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """There is no room for what is sent, then none for what is made of it: said so, and nothing half is left."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", small], check=False).returncode:
        pytest.skip("a small disk can be made by root alone")
    try:
        with serve_process(**FAIR, objects_url=(small / "objects").as_uri()) as server:
            sender = PictureSender(server).found()
            done = [sender.send(seed, (1400, 1000)).status_code for seed in range(9)]
            assert done[0] == 201
            assert done[-1] == 503
            assert set(done) == {201, 503}
            assert httpx.get(f"{server.base}/public").status_code == 200
            assert "are present and intact" in parvis("objects", "check", environment=server.environment)
    finally:
        subprocess.run(["umount", small], check=True)
