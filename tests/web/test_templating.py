"""Compiled templates, which are kept beside their sources."""

from pathlib import Path

import pytest

from asgi import policy
from settings import Settings
from web import templating


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where compiled templates are kept meanwhile; nothing is there yet, not even the folder."""
    folder = tmp_path / "compiled"
    monkeypatch.setattr(templating._COMPILED, "directory", str(folder))
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    return folder


def _fresh(locale: str = "en") -> templating.Templates:
    """As a process has them that has just started."""
    return templating.Templates(locale, policy.from_settings(Settings()))


def _written(folder: Path) -> list[tuple[str, int]]:
    """The files in a folder and their inodes: one that is written again has another."""
    return sorted((path.suffix, path.stat().st_ino) for path in folder.iterdir())


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_template_is_compiled_once_for_all_processes_and_languages(kept: Path, locale: str) -> None:
    _fresh().load("base.html")
    written = _written(kept)
    assert [suffix for suffix, _ in written] == [".cache"]
    _fresh(locale).load("base.html")
    assert _written(kept) == written


@pytest.mark.parametrize("left", [0, 1, 0.5])
def test_what_is_damaged_is_compiled_again(kept: Path, left: float) -> None:
    _fresh().load("base.html")
    (file,) = kept.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * left)] if left < 1 else b"j" * len(whole))
    _fresh().load("base.html")
    assert file.read_bytes() == whole


def test_a_template_is_loaded_where_nothing_can_be_kept(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templating._COMPILED, "directory", str(kept / "nowhere"))
    _fresh().load("base.html")
    assert not kept.exists()


def test_nothing_is_kept_where_python_keeps_nothing(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    _fresh().load("base.html")
    assert not kept.exists()
