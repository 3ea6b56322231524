"""What classes a style sheet or a template names, for tests/test_styles.py."""

import re
from collections.abc import Iterator
from pathlib import Path

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_USES = re.compile(r"/\* Uses: ([^*]*)\*/")
_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_ATTRIBUTE = re.compile(r'\bclass="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\}|\{)*)"', re.DOTALL)
_SCRIPTED = re.compile(r'\bclassName\s*[:=]\s*(?:\w+ \? )?("[^"]*"(?: : "[^"]*")?)')
_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_LITERAL = re.compile(r'"([^"]*)"')


def uses(file: Path) -> set[str]:
    """Classes of other files that this one says it uses."""
    found = _USES.search(file.read_text("utf-8"))
    return set(re.split(r"[,\s]+", found[1].strip())) if found else set()


def selectors(file: Path) -> Iterator[tuple[str, ...]]:
    """Of each rule its selector and those that it is nested in, the outermost first; without at-rules."""
    stack: list[str] = []
    written = ""
    for sign in _COMMENT.sub("", file.read_text("utf-8")):
        if sign == "{":
            stack.append(written.strip())
            if not any(one.startswith(("@keyframes", "@font-face", "@property")) for one in stack):
                nested = tuple(one for one in stack if not one.startswith("@"))
                if nested and not stack[-1].startswith("@"):
                    yield nested
            written = ""
        elif sign == "}":
            stack.pop()
            written = ""
        else:
            written = "" if sign == ";" else written + sign


def blocks(file: Path) -> set[str]:
    """The classes whose rules begin with them, wherever on a page they stand."""
    found = set[str]()
    for outermost in {nested[0] for nested in selectors(file)}:
        for part in _parts(outermost):
            first = next((one for one in re.split(r"[\s>+~]+", part) if _CLASS.search(one)), "")
            names = _CLASS.findall(first)
            found |= set(names if ":is(" in first.split(".")[0] else names[:1])
    return found


def classes(file: Path) -> set[str]:
    return {name for nested in selectors(file) for name in _CLASS.findall(nested[-1])}


def _parts(selector: str) -> list[str]:
    """A selector list's parts; commas in brackets are none of its own."""
    return [part.strip() for part in re.split(r",(?![^()]*\))", selector)]


def elements(template: str) -> Iterator[list[str]]:
    """The classes that each element of a template, or that a script makes, may have. Errors: ``ValueError`` for a class
    that is not written out."""
    for (written,) in (match.groups() for match in _ATTRIBUTE.finditer(template)):
        yield _names(written)


def scripted(source: str) -> Iterator[list[str]]:
    for found in _SCRIPTED.findall(source):
        for literal in _LITERAL.findall(found):
            yield literal.split()


def _names(written: str) -> list[str]:
    literals = []
    for code in _CODE.findall(written):
        literals += _LITERAL.findall(code)
        before = written[: written.index(code)]
        if code.startswith("{{") and not _LITERAL.search(code) and (not before or before[-1] in ' "'):
            raise ValueError(f"{code} is a class that is not written out")
    return [name for part in (_CODE.sub("", written), *literals) for name in part.split() if not name.endswith("-")]
