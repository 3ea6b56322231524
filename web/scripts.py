"""JavaScript modules: what is sent of them, what they import, and several joined into one classic script.

All modules are served below one folder whose name is the hash of them all, with the paths that they have in the source:
relative imports hold as they are written, in browsers as in linters and tests.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import rjsmin

ROOT = Path(__file__).parent.parent
FOLDERS = ("web/static/js", "pwa/static/js", "pwa/static/pages")
_IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function |const |let |class )", re.MULTILINE)
_DECLARED = re.compile(r"^(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)
# Imports and exports in another form, and names declared in a way that `_DECLARED` does not see.
_UNKNOWN = re.compile(r"^(?:import|export|var|(?:const|let) \W).*|\bimport\(", re.MULTILINE)


@cache
def modules() -> dict[str, bytes]:
    """Path in the source -> the module, without comments and indents."""
    files = (file for folder in FOLDERS for file in sorted((ROOT / folder).glob("*.js")))
    return {file.relative_to(ROOT).as_posix(): minified(file.read_text("utf-8")) for file in files}


def minified(source: str) -> bytes:
    return str(rjsmin.jsmin(source)).encode()


def imports(file: Path) -> list[Path]:
    """The modules that run before this one."""
    return [(file.parent / match[2]).resolve() for match in _IMPORT.finditer(file.read_text("utf-8"))]


def in_order(file: Path) -> list[Path]:
    """A module after all that it imports, directly or not. Errors: ``ValueError`` for imports in a circle."""
    return list(dict.fromkeys(_in_order(file.resolve(), ())))


def _in_order(file: Path, importers: tuple[Path, ...]) -> Iterator[Path]:
    if file in importers:
        raise ValueError(f"{file.name} imports itself by way of {importers[-1].name}")
    for imported in imports(file):
        yield from _in_order(imported, (*importers, file))
    yield file


def joined(entry: Path) -> str:
    """A module and all that it imports as one classic script, in which they share a scope.

    For service workers, which are no modules in Firefox. Errors: ``ValueError`` when two modules declare the same name,
    or one imports or exports in a form that is not understood here.
    """
    declared: dict[str, Path] = {}
    parts = []
    for file in in_order(entry):
        source = _unwrapped(file)
        for name in _DECLARED.findall(source):
            if name in declared:
                raise ValueError(f"{name} is declared in {declared[name].name} and in {file.name}")
            declared[name] = file
        parts.append(source)
    return "\n".join(parts)


def _unwrapped(file: Path) -> str:
    source = file.read_text("utf-8")
    renamed = any(" as " in (match[1] or "") for match in _IMPORT.finditer(source))
    source = _EXPORT.sub("", _IMPORT.sub("", source))
    if renamed or (unknown := _UNKNOWN.search(source)):
        raise ValueError(f"{file.name}: {'import as' if renamed else unknown and unknown[0]} can't be joined")
    return source
