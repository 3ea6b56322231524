"""The command: each thing that can be wrong is said in words, on one line, without a traceback."""

import os
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from ops.demo import cast
from tests.helpers.services import PARVIS, ROOT, environment, free_port


def run(*arguments: str, folder: Path, **settings: str | int) -> Result:
    """A command, run to its end in this process."""
    chosen = environment(folder, **{"log_level": "error", **settings})
    return CliRunner().invoke(cli, arguments, env=chosen | {"COLUMNS": "200"})


def fails(*arguments: str, folder: Path, **settings: str | int) -> str:
    """What a command that must fail says."""
    done = run(*arguments, folder=folder, **settings)
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    assert done.stderr.startswith("parvis: ")
    return done.stderr


def says(*arguments: str, folder: Path, **settings: str | int) -> str:
    """What a command that must not fail says."""
    done = run(*arguments, folder=folder, **settings)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_demo_then_a_reset_link(tmp_path: Path) -> None:
    said = says("demo", folder=tmp_path)
    assert all(f"@{role.handle}" in said for role in cast.ROLES)
    assert cast.PASSWORD in said
    assert "This is a demo" in said
    with sqlite3.connect(tmp_path / "parvis.sqlite") as database:
        assert database.execute("SELECT count(*) FROM post").fetchone()[0] > 45
        # The accounts that advertised are suspended for a month.
        # A freeze ends later, and the urgent case goes on being announced.
        waiting = database.execute("SELECT DISTINCT kind FROM outbox ORDER BY kind").fetchall()
        assert waiting == [("SanctionEnds",), ("UrgentCaseWaits",)]
    assert "has people already" in fails("demo", folder=tmp_path)
    done = run("reset-link", "@Ana", folder=tmp_path)
    assert "once and for one hour" in done.stderr
    assert "PARVIS_ORIGIN" in done.stderr
    link = says("reset-link", "@Ana", folder=tmp_path, origin="https://tilly.example").strip()
    assert link.startswith("https://tilly.example/reset/")
    with sqlite3.connect(tmp_path / "parvis.sqlite") as database:
        (kept,) = database.execute("SELECT id FROM reset").fetchone()
    assert kept not in link
    assert "No member is called @nobody." in fails("reset-link", "nobody", folder=tmp_path)
    with sqlite3.connect(tmp_path / "parvis.sqlite") as database:
        database.execute("INSERT INTO migration (name, app_name) VALUES ('9999-later', 'parvis')")
    for command in ("serve", "migrate", "worker"):
        assert "newer than this version of Parvis" in fails(command, folder=tmp_path, port=free_port())


def test_an_address_alone_does_not_begin_an_evacuation(tmp_path: Path) -> None:
    says("migrate", folder=tmp_path)
    assert "--at needs --done" in fails("evacuate", "--at", "https://new.example", folder=tmp_path)
    assert "exclude each other" in fails(
        "evacuate", "--cancel", "--done", "--at", "https://new.example", folder=tmp_path
    )


def test_a_failure_ends_the_process_in_words(tmp_path: Path) -> None:
    settings = environment(tmp_path, port="eighty")
    done = subprocess.run([PARVIS, "serve"], cwd=ROOT, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("parvis: PARVIS_PORT must be a whole number, not 'eighty'")
    assert "Traceback" not in done.stderr


def test_a_taken_port(tmp_path: Path) -> None:
    says("migrate", folder=tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = fails("serve", folder=tmp_path, port=port)
    assert f"port {port}" in said
    assert "PARVIS_PORT" in said


def test_a_taken_metrics_port(tmp_path: Path) -> None:
    says("migrate", folder=tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert "PARVIS_METRICS_PORT" in fails("serve", folder=tmp_path, port=free_port(), metrics_port=port)


def test_before_migrating(tmp_path: Path) -> None:
    file = tmp_path / "parvis.sqlite"
    for command in (["serve"], ["worker"], ["reset-link", "ana"]):
        assert f"There is no database at {file}: run `parvis migrate` first" in fails(*command, folder=tmp_path)
        assert not file.exists()
    assert f"Created {file}" in says("migrate", folder=tmp_path)
    assert "Created" not in says("migrate", folder=tmp_path)


def test_a_founded_network_is_no_place_for_a_demo(tmp_path: Path) -> None:
    says("seed", "--accounts", "20", "--posts", "0", "--follows", "2", folder=tmp_path)
    assert "has people already" in fails("demo", folder=tmp_path)
    done = run("reset-link", "nobody-at-all", folder=tmp_path)
    assert "No member is called @nobody-at-all." in done.stderr


def test_seeding_what_another_holds(tmp_path: Path) -> None:
    says("migrate", folder=tmp_path)
    with sqlite3.connect(tmp_path / "parvis.sqlite") as holder:
        holder.execute("SELECT * FROM account").fetchall()
        said = fails("seed", "--accounts", "20", "--posts", "0", folder=tmp_path)
    assert "The database is in use" in said
    assert said.count("\n") == 1


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    says("migrate", folder=tmp_path)
    said = fails("serve", "--port", str(free_port()), folder=tmp_path, host="192.0.2.1")
    assert "PARVIS_HOST" in said
    assert "PARVIS_PORT" not in said


def test_its_version(tmp_path: Path) -> None:
    assert says("--version", folder=tmp_path).startswith("parvis 0.")


def test_wrong_settings(tmp_path: Path) -> None:
    assert "PARVIS_PORT must be a whole number" in fails("serve", folder=tmp_path, port="eighty")
    assert "PARVIS_PROT is not a setting" in fails("migrate", folder=tmp_path, prot=1)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert "can't be opened" in fails("migrate", folder=file)
    assert "can't be opened" in fails("migrate", folder=file / "below")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    try:
        assert "can't be opened" in fails("migrate", folder=tmp_path)
    finally:
        tmp_path.chmod(0o700)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "parvis.sqlite").write_text("Dear reader," * 500)
    assert "can't be opened" in fails("migrate", folder=tmp_path)


def test_no_server_at_the_address(tmp_path: Path) -> None:
    said = fails("migrate", folder=tmp_path, database_url=f"postgres://ana:secret-words@127.0.0.1:{free_port()}/none")
    assert "PostgreSQL can't be reached" in said
    assert "secret-words" not in said
