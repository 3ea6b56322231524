"""`parvis archive`: out of one database and into another, killed on the way, and every refusal in words."""

import contextlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from bench import fixtures
from ops.rigs.postgres_cluster import Cluster
from tests.app.test_cli import fails, says
from tests.helpers.archives import rows
from tests.helpers.services import PARVIS, ROOT, environment

SIZE = fixtures.FixtureSize(accounts=2000, posts=10_000, follows=20)


def killed(folder: Path, file: Path, command: str, ready: Callable[[], object]) -> None:
    """Begins a command in a process of its own, and ends that with SIGKILL once it is ``ready``."""
    process = subprocess.Popen(
        [PARVIS, "archive", command, str(file)], cwd=ROOT, env=environment(folder), stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(sqlite3.Error, OSError):
            if ready():
                break
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL


def test_from_one_engine_to_the_other_and_back(tmp_path: Path, demo_data: Path, postgres_server: Cluster) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "tilly.parvis"
    shutil.copytree(demo_data, here)
    said = says("archive", "export", str(file), folder=here, origin="https://tilly.example")
    assert "rows are in" in said
    assert "there already" in fails("archive", "export", str(file), folder=here)
    name = f"archived{tmp_path.name[-8:]}".replace("-", "_").lower()
    try:
        database = postgres_server.create(name)
        said = says("archive", "load", str(file), folder=there, database_url=database)
        assert "Tilly from tilly.example is here" in said
        assert "not empty" in fails("archive", "load", str(file), folder=there, database_url=database)
        says("archive", "export", str(tmp_path / "again"), folder=there, database_url=database)
    finally:
        postgres_server.drop(name)
    for table in ("account", "post", "vote", "follow", "rendition", "notice_part"):
        assert rows(file, f"SELECT * FROM {table}") == rows(tmp_path / "again", f"SELECT * FROM {table}")


def test_killed_on_the_way_it_goes_on(tmp_path: Path) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "crowd"
    here.mkdir()
    fixtures.fill(f"sqlite:///{here / 'parvis.sqlite'}", SIZE)
    part, begun = tmp_path / "crowd.part", there / "parvis.sqlite"
    killed(here, file, "export", lambda: part.stat().st_size > 500_000)
    assert part.exists()
    assert not file.exists()
    says("archive", "export", str(file), folder=here)
    asked = "SELECT 1 FROM archive_load WHERE name = 'mark account'"
    killed(there, file, "load", lambda: begun.exists() and rows(begun, asked))
    assert "parvis archive load" in fails("serve", folder=there)
    assert f"{SIZE.rows + 1} rows" in says("archive", "load", str(file), folder=there)
    for table in ("account", "post", "follow"):
        asked = f"SELECT * FROM {table} ORDER BY 1, 2"
        assert rows(begun, asked) == rows(here / "parvis.sqlite", asked)


def test_what_can_not_be_is_said(tmp_path: Path, demo_data: Path) -> None:
    here, file = tmp_path / "here", tmp_path / "one"
    assert "There is no database" in fails("archive", "export", str(file), folder=here)
    shutil.copytree(demo_data, here)
    assert "can't be written" in fails("archive", "export", str(tmp_path / "no" / "one"), folder=here)
    assert "can't be read" in fails("archive", "load", str(file), folder=tmp_path / "there")
    file.write_text("a letter")
    assert "not an archive" in fails("archive", "load", str(file), folder=tmp_path / "there")
    # Not even an empty database is made of what is no archive.
    assert not (tmp_path / "there" / "parvis.sqlite").exists()


def test_bad_rows_end_with_status_1(tmp_path: Path, demo_data: Path) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "one"
    shutil.copytree(demo_data, here)
    says("archive", "export", str(file), folder=here)
    rows(file, "UPDATE vote SET value = 5 WHERE account = (SELECT min(account) FROM vote)")
    assert "were left out" in fails("archive", "load", str(file), folder=there)
    assert (tmp_path / "one.bad.jsonl").read_text().count('"value"') > 0
    assert rows(there / "parvis.sqlite", "SELECT count(*) FROM account") == rows(file, "SELECT count(*) FROM account")


def test_a_full_disk_is_said_and_gone_on_after(tmp_path: Path, demo_data: Path) -> None:
    here, file = tmp_path / "here", tmp_path / "one"
    shutil.copytree(demo_data, here)
    done = subprocess.run(
        [PARVIS, "archive", "export", str(file)],
        cwd=ROOT,
        env=environment(here),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000)),
    )
    assert done.returncode == 1
    assert "can't be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert not file.exists()
    assert "rows are in" in says("archive", "export", str(file), folder=here)
