"""`parvis upstream`: mails from a pipe, with the exit codes that mail servers go by, and what operators do by hand."""

import json
import os
import sqlite3
import subprocess
import sys
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


def change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "parvis.sqlite")) as database, database:
        database.execute(statement)


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


def test_a_mail_that_costs_too_much_ends_the_command() -> None:
    code = "from app import upstream\nupstream.MAX_CPU = 1\nwith upstream._bounded():\n    while True: pass"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (os.EX_DATAERR, b"parvis: This mail costs too much to read.\n")


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


@pytest.fixture
def complaint(town: Path) -> str:
    """The number of one about a member."""
    status, said = take(town, complaints.mail("See https://tilly.example/@gaston", Subject="[red]x").as_bytes())
    assert status == 0
    return said.rpartition(" ")[2].strip().rstrip(".")


def test_what_is_open(town: Path, complaint: str) -> None:
    listed = json.loads(says("upstream", "list", "--json", folder=town))
    (one,) = [one for one in listed if one["complaint"] == complaint]
    assert (one["sender"], one["name"], one["state"], one["verified"]) == ("host", "Nordhost", "open", "not")
    assert one["due_at"] > one["received_at"]
    table = says("upstream", "list", folder=town)
    assert complaint in table
    # As many as the desk has, and none that is closed.
    assert len(listed) == rows(town, "SELECT count(*) FROM complaint WHERE state = 1")[0][0]
    change(town, "UPDATE complaint SET state = 2, closed_at = 5 WHERE state = 1")
    assert says("upstream", "list", folder=town) == "No complaint is open.\n"
    assert says("upstream", "list", "--json", folder=town) == "[]\n"


def test_one_with_its_trail(town: Path, complaint: str) -> None:
    said = says("upstream", "show", complaint, folder=town)
    assert "https://tilly.example/@gaston  account" in said
    assert "received" in said.partition("Trail")[2]
    proof = json.loads(says("upstream", "show", complaint, "--json", folder=town))
    assert [one["what"] for one in proof["trail"]] == ["received"]
    assert len(proof["mails"]) == 1
    assert "There is no complaint 7." in fails("upstream", "show", "7", folder=town)
    change(town, f"UPDATE complaint SET state = 0 WHERE id = {complaint}")
    assert "There is no complaint" in fails("upstream", "show", complaint, folder=town)


def test_made_sure_of(town: Path, complaint: str) -> None:
    assert says("upstream", "verify", complaint, folder=town) == f"Complaint {complaint} is confirmed.\n"
    assert rows(town, f"SELECT verified FROM complaint WHERE id = {complaint}") == [(2,)]
    assert "There is no complaint 7." in fails("upstream", "verify", "7", folder=town)


def test_closed_with_a_letter(town: Path, complaint: str, tmp_path: Path) -> None:
    letter = tmp_path / "answer.txt"
    letter.write_text("Our answer\n\nDear host,\n\nit is removed.\n", "utf-8")
    said = says("upstream", "close", complaint, "--letter", str(letter), folder=town)
    assert said.startswith(f"Complaint {complaint} is closed.")
    assert f"parvis upstream letter {complaint}" in said, "there is no mail server"
    assert rows(town, f"SELECT state FROM complaint WHERE id = {complaint}") == [(2,)]
    printed = says("upstream", "letter", complaint, folder=town)
    assert printed == "Our answer\n\nDear host,\n\nit is removed.\n"
    assert "has been closed meanwhile" in fails("upstream", "close", complaint, folder=town)


def test_closed_without_one(town: Path, complaint: str) -> None:
    assert says("upstream", "close", complaint, folder=town) == f"Complaint {complaint} is closed.\n"
    assert rows(town, f"SELECT count(*) FROM complaint_letter WHERE complaint = {complaint}") == [(0,)]


def test_what_keeps_it_open(town: Path, complaint: str, tmp_path: Path) -> None:
    assert "can't be read" in fails("upstream", "close", complaint, "--letter", str(tmp_path / "none"), folder=town)
    short = tmp_path / "short.txt"
    short.write_bytes(b"\xff\xfe")
    assert "not in UTF-8" in fails("upstream", "close", complaint, "--letter", str(short), folder=town)
    short.write_text("Only a subject", "utf-8")
    assert "Write the letter first." in fails("upstream", "close", complaint, "--letter", str(short), folder=town)
    until = 2**62
    change(town, "UPDATE complaint SET claimed_by = (SELECT min(id) FROM account), claimed_until = " + str(until))
    for act in ("close", "verify"):
        assert "Another moderator has this complaint." in fails("upstream", act, complaint, folder=town)
    change(town, "UPDATE complaint SET claimed_by = NULL, claimed_until = 0")
    change(
        town, f"UPDATE complaint_address SET mod_case = (SELECT min(id) FROM mod_case) WHERE complaint = {complaint}"
    )
    change(town, "UPDATE mod_case SET state = 1 WHERE id = (SELECT min(id) FROM mod_case)")
    assert "One of its cases is still open" in fails("upstream", "close", complaint, folder=town)
    assert "There is no complaint 7." in fails("upstream", "close", "7", folder=town)
