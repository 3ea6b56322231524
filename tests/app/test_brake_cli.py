"""`parvis brake`: the brake's state, and switching it by hand."""

from pathlib import Path

from tests.app.test_cli import fails, says

WORDS = "A wave of spam: new members wait a little."


def test_on_and_off(tmp_path: Path) -> None:
    says("migrate", folder=tmp_path)
    assert "The brake is off." in says("brake", "status", folder=tmp_path)
    assert "already" in fails("brake", "off", folder=tmp_path)
    assert "Choose for how long." in fails("brake", "on", WORDS, "--hours", "5", folder=tmp_path)
    assert says("brake", "on", WORDS, "--hours", "6", folder=tmp_path) == "The brake is on.\n"
    said = says("brake", "status", folder=tmp_path)
    assert "an operator has switched it on" in said
    assert "It ends on" in said
    assert "already" in fails("brake", "on", WORDS, folder=tmp_path)
    assert says("brake", "off", folder=tmp_path) == "The brake is off.\n"
