"""Compiled templates, which are kept beside their sources."""

import sys
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, Environment

from asgi.policy import Policy
from web.templating import OPTIONS, TEMPLATES, CompiledTemplates, Templates

PAGE = "<p title=\"{{ words }}\">{{ _('Post') }}</p>"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where compiled templates are kept; nothing is there yet, not even the folder."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "compiled"


def _draw(folder: Path, page: str = PAGE, locale: str = "en", compiler: bytes = b"1", **options: Any) -> str:
    """A page as a process draws it that has just started."""
    kept = CompiledTemplates(locale, compiler)
    kept.directory = str(folder)
    options = {"autoescape": True, **OPTIONS, **options}
    environment = Environment(**options, loader=DictLoader({"page": page}), bytecode_cache=kept)
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return environment.get_template("page").render(words='"<')


def _written(folder: Path) -> dict[str, int]:
    """The files in a folder and their inodes: one that is written again has another."""
    return {path.name: path.stat().st_ino for path in folder.iterdir()}


def test_a_template_is_compiled_once_for_all_processes(folder: Path) -> None:
    drawn = _draw(folder)
    written = _written(folder)
    assert len(written) == 1
    assert _draw(folder) == drawn == '<p title="&#34;&lt;">Post</p>'
    assert _written(folder) == written


def test_what_is_compiled_otherwise_is_compiled_again(folder: Path) -> None:
    """The words of a template, the language, and whatever else the code of the network compiles with."""
    assert _draw(folder, autoescape=False) == '<p title=""<">Post</p>'
    assert _draw(folder, compiler=b"2") == '<p title="&#34;&lt;">Post</p>'
    assert _draw(folder, page="Another") == "Another"
    _draw(folder, locale="fr")
    assert len(_written(folder)) == 2


@pytest.mark.parametrize("length", [0, 1, 5, 15, 16, 30, 60, 100])
@pytest.mark.parametrize("filled", [b"", b"\0", b"j"])
def test_what_is_damaged_is_compiled_again(folder: Path, length: int, filled: bytes) -> None:
    drawn = _draw(folder)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:length] + filled * (len(whole) - length))
    assert _draw(folder) == drawn
    assert file.read_bytes() == whole


def test_another_account_may_read_it(folder: Path) -> None:
    _draw(folder)
    (file,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o755, 0o644)


def test_a_template_is_drawn_where_nothing_can_be_kept(folder: Path) -> None:
    assert _draw(folder / "nowhere") == _draw(folder)
    assert _draw(next(folder.iterdir())) == _draw(folder)


def test_nothing_is_kept_where_python_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    _draw(folder)
    assert not folder.exists()


def test_an_installation_compiles_all(folder: Path) -> None:
    templates = Templates("fr", Policy())
    templates._environment.bytecode_cache.directory = str(folder)  # type: ignore[union-attr]
    templates.load_all()
    assert len(_written(folder)) == len(list(TEMPLATES.rglob("*.html"))) > 50
