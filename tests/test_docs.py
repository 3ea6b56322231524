"""The documents say what is so: settings, commands, links, and the files that they name."""

import re
import typing
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer

from app.cli import cli
from domain.moderation import filter_fields
from settings import Settings
from settings_checks import PREFIX
from settings_trust import TrustSettings

ROOT = Path(__file__).resolve().parent.parent
DOCS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
NAMES = [str(document.relative_to(ROOT)) for document in DOCS]
# What a document says of the future is under this heading, and not looked for.
LATER = "## Not built yet"


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def setting_row(field: msgspec.structs.FieldInfo) -> str:
    """A setting's line in docs/operations.md."""
    hint = typing.get_type_hints(Settings, include_extras=True)[field.name]
    words = next(meta.description for meta in hint.__metadata__ if getattr(meta, "description", None))
    default: Any = field.default
    shown = "" if default == "" else f"`{str(default).lower() if isinstance(default, bool) else default}`"
    return f"| `{PREFIX}{field.name.upper()}` | {shown} | {words} |"


def test_every_setting_is_in_operations() -> None:
    rows = [line for line in text_of("docs/operations.md").splitlines() if line.startswith(f"| `{PREFIX}")]
    inherited = [setting_row(field) for field in msgspec.structs.fields(TrustSettings)]
    own = [setting_row(field) for field in msgspec.structs.fields(Settings)][len(inherited) :]
    assert rows == own + inherited


@pytest.mark.parametrize("name", NAMES)
def test_settings_named_exist(name: str) -> None:
    named = set(re.findall(rf"{PREFIX}([A-Z_]*[A-Z])", text_of(name)))
    assert named <= {field.upper() for field in Settings.__struct_fields__} | {"NAME"}


@pytest.mark.parametrize("name", NAMES)
def test_make_targets_exist(name: str) -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", text_of("Makefile")))
    named = re.findall(r"(?m)(?:`|^)make ([a-z]+)", text_of(name))
    assert set(named) <= targets


@pytest.mark.parametrize("name", NAMES)
def test_parvis_commands_exist(name: str) -> None:
    # The benchmark is added when the command runs.
    known = {*typer.main.get_group(cli).commands, "bench"}
    said = re.sub(r"(?m)^There is no `parvis .*$", "", text_of(name))
    assert set(re.findall(r"(?m)(?:`|/bin/|^)parvis ([a-z-]+)", said)) <= known


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    folder = (ROOT / name).parent
    for target in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", text_of(name)):
        address, _, place = "".join(target).partition("#")
        if "://" in address:
            continue
        file = (folder / address).resolve() if address else ROOT / name
        assert file.exists(), address
        assert not place or place in anchors(file.read_text(encoding="utf-8")), target


def anchors(text: str) -> set[str]:
    """Headings as they are linked to."""
    headings = re.findall(r"(?m)^#+ (.+)$", text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", [name for name in NAMES if "benchmarks" not in name])
def test_files_named_exist(name: str) -> None:
    said = text_of(name).partition(LATER)[0]
    folders = "app|web|pwa|asgi|archive|domain|db|adapters|ops|bench|tests|e2e|docs"
    named = re.findall(rf"`((?:{folders})/[\w./]*|\w+\.(?:py|toml|lock))`", said)
    missing = [path for path in named if not (ROOT / path).exists()]
    assert [path for path in missing if "m0002" not in path] == []


def test_decisions_are_numbered() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [file.name[:4] for file in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    for number, file in enumerate(files, 1):
        assert file.read_text(encoding="utf-8").startswith(f"# {number}. ")


def test_fields_of_conditions() -> None:
    said = text_of("docs/operations.md")
    for field in (*filter_fields.FIELDS, filter_fields.WORDS):
        assert f"`{field.name}`" in said, field.name
