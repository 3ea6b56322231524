"""`parvis filters`: what is wrong with a condition, and what it would hit."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from domain.moderation import filter_tally
from tests.app.test_cli import fails, run, says


@pytest.fixture
def town(demo_data: Path, tmp_path: Path) -> Path:
    import shutil

    shutil.copytree(demo_data, tmp_path, dirs_exist_ok=True)
    return tmp_path


def condition(folder: Path, words: str) -> str:
    file = folder / "condition.cel"
    file.write_text(words, encoding="utf-8")
    return str(file)


def simulations(folder: Path) -> list[tuple[int]]:
    """Those that pages show, which the command leaves alone."""
    with closing(sqlite3.connect(folder / "parvis.sqlite")) as database:
        return database.execute("SELECT run FROM simulation").fetchall()


def test_a_condition_is_checked_without_a_database(tmp_path: Path) -> None:
    good = condition(tmp_path, 'words("insults") &&\n  trust < 2 || text == ""\n')
    assert says("filters", "check", good, folder=tmp_path) == (
        "It can be used. It reads: text, trust.\nIt asks for the word lists: insults.\n"
    )
    assert "reads: no field" in says("filters", "check", condition(tmp_path, "true"), folder=tmp_path)
    assert "Line 2, column 3: there is no field" in fails(
        "filters", "check", condition(tmp_path, "trust < 2 &&\n  thrust > 1"), folder=tmp_path
    )
    assert "can't be read" in fails("filters", "check", str(tmp_path / "missing"), folder=tmp_path)
    (tmp_path / "latin").write_bytes(b"\xe9")
    assert "not in UTF-8" in fails("filters", "check", str(tmp_path / "latin"), folder=tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["condition.cel", "latin"]


def test_a_condition_is_simulated(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_tally, "SMALLEST", 1)
    before = simulations(town)
    done = run("filters", "simulate", condition(town, 'text.contains("the")'), "--days", "365", folder=town)
    assert done.exit_code == 0, done.output
    assert "public posts, " in done.stdout
    assert "age of account" in done.stdout
    assert "follows" in done.stdout
    assert simulations(town) == before


def test_what_can_not_be_simulated(town: Path, tmp_path: Path) -> None:
    assert "There is no filter 7." in fails("filters", "simulate", "7", folder=town)
    assert "no word list called “missing”" in fails(
        "filters", "simulate", condition(town, 'words("missing")'), folder=town
    )
    done = run("filters", "simulate", condition(town, "1 / 0 == 1"), "--days", "365", folder=town)
    assert done.exit_code == 1
    assert "this may be zero for some posts" in done.stderr
