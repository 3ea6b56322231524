"""`parvis upstream`: what a mail server pipes in, with the exit codes that it goes by, and letters on paper."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.app.test_cli import fails, says
from tests.helpers import complaints
from tests.helpers.services import PARVIS, ROOT, environment


@pytest.fixture
def town(demo_data: Path, tmp_path: Path) -> Path:
    import shutil

    shutil.copytree(demo_data, tmp_path, dirs_exist_ok=True)
    return tmp_path


def take(folder: Path, raw: bytes) -> tuple[int, str]:
    """Pipes a mail into the real command; its exit code, and what it says."""
    done = subprocess.run(
        [PARVIS, "upstream", "take"],
        input=raw,
        cwd=ROOT,
        env=environment(folder, origin="https://tilly.example", log_level="error"),
        capture_output=True,
        timeout=120,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).decode()


def rows(folder: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(folder / "parvis.sqlite")) as database:
        return database.execute(query).fetchall()


def test_mails_from_a_pipe(town: Path) -> None:
    before = rows(town, "SELECT count(*) FROM complaint")[0][0]
    raw = b"From MAILER 2026\n" + complaints.mail("See https://tilly.example/@gaston").as_bytes()
    status, said = take(town, raw)
    ((number, words),) = rows(town, "SELECT id, words FROM complaint ORDER BY id DESC LIMIT 1")
    assert (status, said.strip(), words) == (0, f"Opened complaint {number}.", "See https://tilly.example/@gaston")
    assert rows(town, f"SELECT subject_kind FROM complaint_address WHERE complaint = {number}") == [(1,)]
    assert take(town, raw) == (0, "This mail was taken before.\n")
    assert take(town, complaints.mail(Return_Path="<>", Message_ID="<2@x.example>").as_bytes())[0] == 0
    for bad in (b"", b"no mail", b"From: a@b.example\n\n" + b"x" * 10_000_001):
        status, said = take(town, bad)
        assert (status, said.startswith("parvis: ")) == (os.EX_DATAERR, True)
        assert "Traceback" not in said
    assert rows(town, "SELECT count(*) FROM complaint")[0][0] == before + 1


def test_what_may_go_well_later(tmp_path: Path) -> None:
    status, said = take(tmp_path, complaints.mail().as_bytes())
    assert (status, "run `parvis migrate` first" in said) == (os.EX_TEMPFAIL, True)
    (tmp_path / "parvis.sqlite").write_bytes(b"no database" * 1000)
    assert take(tmp_path, complaints.mail().as_bytes())[0] == os.EX_TEMPFAIL


def test_a_letter_on_paper(town: Path) -> None:
    ((number, subject, words),) = rows(
        town, "SELECT complaint, subject, words FROM complaint_letter ORDER BY id DESC LIMIT 1"
    )
    assert says("upstream", "letter", str(number), folder=town) == f"{subject}\n\n{words}\n"
    assert "no letter about complaint 7" in fails("upstream", "letter", "7", folder=town)
