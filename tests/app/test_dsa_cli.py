"""`parvis dsa export`: batches for the DSA Transparency Database, and a check that writes nothing."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from domain.moderation import dsa_checks
from tests.app.test_cli import fails, run, says


@pytest.fixture
def town(demo_data: Path, tmp_path: Path) -> Path:
    """The data folder of a demo, in which moderators have covered a post and frozen its author."""
    import shutil

    shutil.copytree(demo_data, tmp_path, dirs_exist_ok=True)
    return tmp_path


def change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "parvis.sqlite")) as database:
        database.execute(statement)
        database.commit()


def test_batches_are_lines(town: Path) -> None:
    done = run("dsa", "export", folder=town, origin="https://tilly.example")
    assert done.exit_code == 0, done.output
    (line,) = done.stdout.splitlines()
    written = json.loads(line)["statements"]
    assert [dsa_checks.problems(one) for one in written] == [[]] * 5
    (cover,) = [one for one in written if "decision_visibility" in one]
    (freeze,) = [one for one in written if one.get("decision_provision") == "DECISION_PROVISION_PARTIAL_SUSPENSION"]
    assert cover["decision_visibility"] == ["DECISION_VISIBILITY_OTHER"]
    assert freeze["decision_ground_reference_url"] == "https://tilly.example/rules/2"
    assert "Statements written: 5 (batches: 1)." in done.stderr
    file = town / "statements.jsonl"
    assert says("dsa", "export", "--output", str(file), folder=town, origin="https://tilly.example") == ""
    assert file.read_text() == done.stdout
    # A day on which nothing was decided.
    assert says("dsa", "export", "--until", "2021-01-01", folder=town) == ""
    assert says("dsa", "export", "--since", "9999-12-31", folder=town) == ""
    assert (
        says(
            "dsa",
            "export",
            "--since",
            "0001-01-01",
            "--until",
            "9999-12-31",
            folder=town,
            origin="https://tilly.example",
        )
        == done.stdout
    )


def test_a_check_writes_nothing(town: Path) -> None:
    before = sorted(town.rglob("*"))
    done = run("dsa", "export", "--check", folder=town)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "Statements that would be taken: 5 (batches: 1)." in done.stderr
    assert sorted(town.rglob("*")) == before
    assert "leave out --output" in fails("dsa", "export", "--check", "--output", str(town / "x"), folder=town)
    assert "before --since" in fails("dsa", "export", "--since", "2026-05-02", "--until", "2026-05-01", folder=town)


def test_what_is_wrong_is_said_by_statement_and_field(town: Path) -> None:
    change(town, "UPDATE statement SET facts = 'It insults @ana.', content_at = 0 WHERE kind = 4")
    with closing(sqlite3.connect(town / "parvis.sqlite")) as database:
        (number,) = database.execute("SELECT id FROM statement WHERE kind = 4").fetchone()
    for arguments in (["--check"], ["--output", str(town / "out")]):
        done = run("dsa", "export", *arguments, folder=town)
        assert done.exit_code == 1
        assert f"Statement {number}: decision_facts mentions somebody" in done.stderr
        assert "must not get them as they are: 1." in done.stderr
    assert len(json.loads((town / "out").read_bytes())["statements"]) == 4, "the others"


def test_what_has_been_read_is_let_through(town: Path) -> None:
    change(town, "UPDATE statement SET facts = 'Gaston.' WHERE kind = 4")
    change(town, "UPDATE account SET name = 'Gaston'")
    done = run("dsa", "export", "--check", folder=town)
    assert done.exit_code == 1
    number = done.stderr.split()[1].rstrip(":")
    assert run("dsa", "export", "--check", "--allow", number, folder=town).exit_code == 0


def test_a_file_that_can_t_be_written(town: Path) -> None:
    assert "can't be written" in fails("dsa", "export", "--output", str(town / "none" / "x"), folder=town)
