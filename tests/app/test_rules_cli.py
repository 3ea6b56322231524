"""`parvis rules`: prints the rules as a file, says what a file would change, and publishes it."""

import sqlite3
from pathlib import Path

import msgspec

from domain.moderation import rule_files
from domain.moderation.rules import RuleText
from tests.app.test_cli import fails, run, says

SHIPPED = rule_files.default_rules()
# What a terminal's markup would take for its own.
ODD = 'Stars :star: and [bold]brackets[/bold], "quotes" \\n and\na second line.'


def test_show_check_and_publish(tmp_path: Path) -> None:
    says("migrate", folder=tmp_path)
    assert "No rules are published yet" in fails("rules", "show", folder=tmp_path)
    file = tmp_path / "rules.toml"
    texts = SHIPPED[0].texts | {"en": RuleText("Threats", ODD)}
    first = [msgspec.structs.replace(SHIPPED[0], texts=texts), *SHIPPED[1:]]
    file.write_text(rule_files.to_toml(first))
    assert "Published version 1." in says("rules", "publish", str(file), "--yes", folder=tmp_path)
    shown = says("rules", "show", folder=tmp_path)
    assert rule_files.parse(shown) == first
    file.write_text(shown)
    assert "Nothing changes" in says("rules", "check", str(file), folder=tmp_path)
    assert "Nothing changes" in says("rules", "publish", str(file), folder=tmp_path)
    changed = shown.replace("points = 20", "points = 15", 1).replace("Stars", "Lamps")
    file.write_text(changed)
    said = says("rules", "check", str(file), folder=tmp_path)
    for line in (
        "Rule 1 (threats)",
        "  points: 20 -> 15",
        "  en.text: [-Stars-] {+Lamps+} :star: and [bold]brackets[/bold],",
    ):
        assert line in said
    # Nobody answers the question: nothing is published.
    asked = run("rules", "publish", str(file), folder=tmp_path)
    assert asked.exit_code == 1
    assert "Publish them?" in asked.stdout
    assert versions(tmp_path) == [1]
    assert "Published version 2." in says("rules", "publish", str(file), "--yes", folder=tmp_path)
    assert versions(tmp_path) == [1, 2]
    assert rule_files.parse(says("rules", "show", "--version", "1", folder=tmp_path)) == first
    assert "nothing here" in fails("rules", "show", "--version", "3", folder=tmp_path)


def test_what_is_wrong_with_a_file_is_said(tmp_path: Path) -> None:
    says("migrate", folder=tmp_path)
    file = tmp_path / "rules.toml"
    assert "can't be read: No such file" in fails("rules", "check", str(file), folder=tmp_path)
    file.write_bytes(b"\xff")
    assert "is not in UTF-8" in fails("rules", "check", str(file), folder=tmp_path)
    file.write_text(rule_files.to_toml(SHIPPED).replace("points = 20", "points = 200", 1))
    for command in ("check", "publish"):
        assert "Rule 1: points are between 0 and 100." in fails("rules", command, str(file), folder=tmp_path)
    assert versions(tmp_path) == []


def test_a_rule_is_written_in_every_language_of_the_network(tmp_path: Path) -> None:
    says("migrate", folder=tmp_path)
    file, english = tmp_path / "rules.toml", {"en": SHIPPED[0].texts["en"]}
    file.write_text(rule_files.to_toml([msgspec.structs.replace(SHIPPED[0], texts=english)]))
    for command in ("check", "publish"):
        said = fails("rules", command, str(file), folder=tmp_path)
        assert "Rule 1 has no text in a language of this network: fr." in said
    assert versions(tmp_path) == []
    # In a network where everybody reads English.
    said = says("rules", "publish", str(file), "--yes", folder=tmp_path, rule_languages="en")
    assert "Published version 1." in said


def versions(folder: Path) -> list[int]:
    with sqlite3.connect(folder / "parvis.sqlite") as database:
        return [version for (version,) in database.execute("SELECT version FROM rulebook ORDER BY version")]
