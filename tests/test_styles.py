"""No component's style reaches another by accident: a class belongs to one file of web/static/css.

A class with which rules begin (`.photo`, and what is nested in it) is its file's alone. A file that means a class of
another says so in its first line, ``/* Uses: photo, icon */``, as a script says what it imports. An element never has
classes of two files that know nothing of each other: `.photo.moving` once got the padding of a banner, `.moving`.
"""

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from tests import styles

ROOT = Path(__file__).parent.parent
CSS = ROOT / "web" / "static" / "css"
FILES = [CSS / name for name in (CSS / "order.txt").read_text().split()]
# Single rules that stand beside any component's.
UTILITIES = CSS / "base.css"
TEMPLATES = sorted((ROOT / "web" / "templates").rglob("*.html"))
SCRIPTS = sorted([*(ROOT / "web/static/js").glob("*.js"), *(ROOT / "pwa/static").rglob("*.js")])


def owners(files: list[Path]) -> dict[str, Path]:
    """Class -> the file that it belongs to. Errors: ``AssertionError`` when two claim one."""
    found: dict[str, Path] = {}
    for file in files:
        for name in styles.blocks(file) - styles.uses(file):
            assert name not in found, f".{name} belongs to {found[name].name} and to {file.name}"
            found[name] = file
    return found


def strangers(names: list[str], owner: dict[str, Path]) -> Iterator[str]:
    """The classes of an element that belong to two files of which neither uses the other's."""
    for one, other in combinations(sorted({name for name in names if name in owner}), 2):
        ours, theirs = owner[one], owner[other]
        known = other in styles.uses(ours) or one in styles.uses(theirs)
        if ours != theirs and UTILITIES not in (ours, theirs) and not known:
            yield f".{one}.{other}: {ours.name} and {theirs.name}"


def test_every_file_is_in_the_order() -> None:
    assert sorted(FILES) == sorted(CSS.glob("*.css"))


def test_a_class_belongs_to_one_file() -> None:
    owners(FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_says_whose_classes_it_uses(file: Path) -> None:
    owner = owners(FILES)
    foreign = {name for name in styles.classes(file) | styles.blocks(file) if owner.get(name, file) != file}
    assert foreign <= styles.uses(file)
    assert styles.uses(file) <= owner.keys(), "classes that there are"


@pytest.mark.parametrize("file", TEMPLATES + SCRIPTS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_element_has_classes_of_strangers(file: Path) -> None:
    owner, text = owners(FILES), file.read_text("utf-8")
    elements = styles.elements(text) if file.suffix == ".html" else styles.scripted(text)
    assert [pair for names in elements for pair in strangers(names, owner)] == []


def _files(folder: Path, **sources: str) -> list[Path]:
    for name, source in sources.items():
        (folder / f"{name}.css").write_text(source)
    return [folder / f"{name}.css" for name in sources]


def test_two_files_can_not_have_one_class(tmp_path: Path) -> None:
    photos = "@layer components { .photo { &.moving { color: red; } } .a:is(.b, .c) { top: 0; } }"
    banner = "@layer pages { @media (width > 1px) { .moving { padding: 0; } } }"
    files = _files(tmp_path, photos=photos, banner=banner)
    owner = {name: file.stem for name, file in owners(files).items()}
    assert owner == {"photo": "photos", "a": "photos", "moving": "banner"}
    assert list(strangers(["photo", "moving"], owners(files))) == [".moving.photo: banner.css and photos.css"]
    assert "moving" in styles.classes(files[0])
    assert list(strangers(["photo", "loose"], owners(files))) == []
    with pytest.raises(AssertionError, match=r"\.photo belongs to photos\.css and to more\.css"):
        owners(files + _files(tmp_path, more=".photo img { top: 0; }"))
    owners(files + _files(tmp_path, more="/* Uses: photo */\n.photo img { top: 0; }"))


def test_classes_of_elements_are_found() -> None:
    html = '<a class="one{{ " two" if x == 1 }}{% if y %} three{% endif %} hue-{{ n }}"><b id="class"></b></a>'
    assert [sorted(names) for names in styles.elements(html)] == [["one", "three", "two"]]
    assert list(styles.scripted('box.className = bad ? "toast failed" : "toast"; f({ className: "photo clip" });')) == [
        ["toast", "failed"], ["toast"], ["photo", "clip"],
    ]  # fmt: skip
    with pytest.raises(ValueError, match=re.escape("{{ kind }}")):
        list(styles.elements('<a class="photo {{ kind }}">'))
