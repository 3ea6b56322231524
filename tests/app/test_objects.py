"""`parvis objects` beside a running network, and a network on a real Ceph that breaks."""

import asyncio
import contextlib
import os
import re
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapters.objects import Store
from ops.rigs.ceph_cluster import Ceph
from tests.app.test_cli import fails, says
from tests.helpers.picture_sender import FAIR, PATIENCE, PictureSender
from tests.helpers.services import PARVIS, ROOT, ServerProcess, free_port, parvis, serve_process

# One process has all of Ceph, when several share the tests.
pytestmark = pytest.mark.xdist_group("ceph")


def test_from_a_folder_to_ceph_and_back(ceph: Ceph, tmp_path: Path) -> None:
    """While it moves somebody posts and somebody reads: nothing is lost, nothing is missed, nothing stays behind."""
    bucket = ceph.make_bucket(f"move-{os.urandom(4).hex()}")
    with serve_process(**FAIR) as server:
        sender = PictureSender(server).found()
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
        assert "are present and intact" in parvis("objects", "check", environment=server.environment)
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
        assert "are present and intact" in parvis("objects", "check", environment=server.environment)
        assert sender.refused == []


def files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def count(server: ServerProcess) -> int:
    with sqlite3.connect(Path(server.environment["PARVIS_DATA"], "parvis.sqlite")) as database:
        return int(database.execute("SELECT count(*) FROM stored_object").fetchone()[0])


@contextlib.contextmanager
def reading(sender: PictureSender) -> Iterator[list[str]]:
    """Somebody looks at the newest pictures all the time; what they do not get."""
    missed: list[str] = []
    stop = threading.Event()

    def run() -> None:
        guest = httpx.Client(base_url=str(sender.http.base_url), timeout=PATIENCE)
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
        thread.join(timeout=PATIENCE + 10)


def test_a_move_that_is_stopped_goes_on(ceph: Ceph, tmp_path: Path) -> None:
    bucket = ceph.make_bucket(f"half-{os.urandom(4).hex()}")
    with serve_process(**FAIR) as server:
        sender = PictureSender(server).found()
        for seed in range(12):
            sender.post(seed)
        # As if the first try had been killed after some.
        with sqlite3.connect(Path(server.environment["PARVIS_DATA"], "parvis.sqlite")) as database:
            keep = database.execute("SELECT key, path FROM stored_object ORDER BY key LIMIT 5").fetchall()
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


def test_check_and_repair(tmp_path: Path) -> None:
    with serve_process(**FAIR) as server:
        sender = PictureSender(server).found()
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
            database.execute("UPDATE stored_object SET uses = 7 WHERE key = ?", (keys[2],))
        said = fails("objects", "check", folder=data)
        assert "not everything is as it should be" in said
        lost = _fails(server, "objects", "repair")
        assert "2 files are nowhere" in lost
        assert re.search(r"without their pictures: /posts/\d+, /posts/\d+\.", lost)
        assert not (folder / "zz" / "stray").exists()
        with sqlite3.connect(data / "parvis.sqlite") as database:
            assert database.execute("SELECT uses FROM stored_object WHERE key = ?", (keys[2],)).fetchone() == (1,)
        assert httpx.get(server.base + addresses[3]).status_code == 200
        assert httpx.get(server.base + addresses[0]).status_code == 404
        assert "Taken out of their posts" in says("objects", "repair", "--give-up", folder=data)
        assert "are present and intact" in says("objects", "check", folder=data)


def test_words_for_what_can_not_be(tmp_path: Path) -> None:
    says("migrate", folder=tmp_path)
    assert "All 0 files are present" in says("objects", "check", folder=tmp_path)
    assert "--to must be file:///folder" in fails("objects", "move", "--to", "elsewhere", folder=tmp_path)
    nowhere = f"s3://key:secret@bucket?endpoint=http://127.0.0.1:{free_port()}"
    assert "can't be used: no connection" in fails("objects", "move", "--to", nowhere, folder=tmp_path)
    assert "All 0 files are present" in says("objects", "check", folder=tmp_path), "and nothing has changed"
    assert "PARVIS_OBJECTS_URL needs a key" in fails("objects", "check", folder=tmp_path, objects_url="s3://bucket")
    refusal = fails("serve", folder=tmp_path, objects_url="file:///somewhere/else", port=free_port())
    assert "parvis objects move --to" in refusal
