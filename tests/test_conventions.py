"""The rules of the house that no linter knows. Each says why it is there."""

import ast
import builtins
import functools
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "web" / "templates"


def sources(*patterns: str) -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git repository")
    yield from (ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists())


def offenders(pattern: str, files: Iterator[Path], *, but: tuple[str, ...] = ()) -> list[str]:
    """``path:line`` of each line that matches, outside the folders and files named in ``but``."""
    rule, found = re.compile(pattern), []
    for file in files:
        path = str(file.relative_to(ROOT))
        if not path.startswith(but):
            lines = file.read_text(encoding="utf-8").splitlines()
            found += [f"{path}:{number}" for number, line in enumerate(lines, 1) if rule.search(line)]
    return found


def test_files_are_short() -> None:
    """A file is read as a whole; a longer one holds two things."""
    files = sources("*.py", "*.js", "*.css", "*.html")
    assert [str(f) for f in files if "vendor" not in f.parts and len(f.read_text().splitlines()) > 300] == []


def test_only_settings_reads_the_environment() -> None:
    """Who runs Parvis finds every setting in one place. (Tests and the benchmark pass it on to processes.)"""
    allowed = ("settings.py", "tests/", "e2e/", "bench/")
    assert offenders(r"os\.environ|getenv", sources("*.py"), but=allowed) == []


@functools.cache
def parsed() -> list[tuple[str, list[ast.AST]]]:
    """Each module's path and all nodes of its syntax tree."""
    return [
        (str(file.relative_to(ROOT)), list(ast.walk(ast.parse(file.read_text("utf-8"))))) for file in sources("*.py")
    ]


def test_errors_that_docstrings_name_exist() -> None:
    """A docstring tells callers what to catch, so it follows when an exception is renamed."""
    documented = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
    known, named, strange = {*dir(builtins)}, set(), []
    for path, nodes in parsed():
        classes = {node.name for node in nodes if isinstance(node, ast.ClassDef)}
        known |= classes | {node.name for node in nodes if isinstance(node, ast.alias)}
        for text in [ast.get_docstring(node) or "" for node in nodes if isinstance(node, documented)]:
            for sentence in re.findall(r"Errors: (.*?)(?:\n\n|$)", text, re.DOTALL):
                named |= {*re.findall(r"``([A-Z]\w*[a-z]\w*)``", sentence)}
            # A tree of exceptions is that of its own module.
            strange += [
                f"{path}: {name}"
                for name in re.findall(r"^[│ ]*[├└]── (\w+)", text, re.MULTILINE)
                if name not in classes
            ]
    assert len(named) > 20
    assert named - known == set()
    assert strange == []


# As the libraries' own documents have them.
USUAL = {("xml.etree", "ElementTree", "ET"), ("hypothesis", "strategies", "st")}


def test_modules_keep_their_names() -> None:
    """A module whose name does not fit where it is used is ill named. An area's own queries are `queries` in it."""
    found = []
    for path, nodes in parsed():
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
                aliases = {(module, one.name, one.asname) for one in node.names if one.asname} - USUAL
                found += [f"{path}: {name}" for where, _, name in aliases if (where, name) != ("db.queries", "queries")]
    assert found == []


def test_sql_lives_in_db() -> None:
    """One place to look for every query, and to see that it works on both engines."""
    sql = r"\b(SELECT .+ FROM|INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b"
    assert offenders(sql, sources("*.py"), but=("db/", "ops/", "bench/", "tests/", "e2e/")) == []


def test_nobody_leaves_a_thread_alone() -> None:
    """A cancelled to_thread leaves its thread at work on what is then closed, or given to somebody else."""
    # A file that an adapter brings to the disk is its thread's own.
    allowed = ("db/blocking.py", "adapters/objects.py", "tests/", "e2e/", "bench/")
    assert offenders(r"to_thread|run_in_executor", sources("*.py"), but=allowed) == []


def test_no_inline_script_or_style() -> None:
    """The content security policy forbids them, so that a hole in escaping is not a hole in safety."""
    inline = r"""<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=["']|javascript:|hx-on|hx-vals=["']js:"""
    assert offenders(inline, iter(TEMPLATES.rglob("*.html"))) == []


# Where scripts read text as HTML, and of what.
HTML_READERS = {
    "web/static/js/page.js": 1,  # `fromServer`: what the network's own server has rendered
    "pwa/static/pages/offline.js": 1,  # a page's title, whose entities are read and whose text is taken
    "pwa/static/pages/push.js": 1,  # the page itself, read again
}


def test_scripts_read_html_in_one_place() -> None:
    """What a script puts into a page as HTML, or runs as code, is the server's own; all else is text."""
    readers = (
        r"\b(inner|outer)HTML|insertAdjacentHTML|createContextualFragment|DOMParser|\b(setHTML|parseHTML)(Unsafe)?\b"
        r"|document\.write|srcdoc|\beval\(|new Function|set(Timeout|Interval)\([\"'`]|htmx\.(swap|ajax)"
    )
    found = offenders(readers, sources("*.js"), but=("web/static/vendor/",))
    assert Counter(one.rpartition(":")[0] for one in found) == HTML_READERS


def test_fragments_come_from_the_network_itself() -> None:
    """htmx puts what it fetches into the page as HTML."""
    elsewhere = r"""hx-(get|post|put|patch|delete)=["'](?!/[a-z]|\{\{ older_url \}\}["'])|hx-ext|hx-swap-oob"""
    assert offenders(elsewhere, iter(TEMPLATES.rglob("*.html"))) == []


def test_templates_never_unescape() -> None:
    """What is safe HTML says so where it is made, in Python, as Markup."""
    assert offenders(r"\|\s*safe\b|autoescape\s+false", iter(TEMPLATES.rglob("*.html"))) == []


def test_only_tests_open_the_guard_of_addresses() -> None:
    """No setting, and nothing that runs in production, has requests of strangers sent to private addresses."""
    opened = r"GUARD\.open\s*=|setattr\(.*GUARD|private_parvis\b"
    allowed = ("tests/", "bench/push.py", "ops/rigs/private_parvis.py", "adapters/addresses.py")
    assert offenders(opened, sources("*.py"), but=allowed) == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_have_hashes_and_no_addresses(lock: str) -> None:
    """Whoever installs chooses where from; the hashes say that it is the same."""
    text = (ROOT / lock).read_text()
    assert not re.search(r"://|--index|--find-links|@ ", text)
    for requirement in re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n", "", text)):
        assert not requirement.strip() or "--hash=sha256:" in requirement, requirement


def test_nothing_is_parsed_by_what_keeps_it() -> None:
    """The framework's parsers keep the last thousand queries, cookies and forms in memory, whoever sent them, and
    decode a form as it asks. `web.forms`, `asgi.query_string` and `asgi.sessions` read them instead."""
    parsers = r"\.query_params|request\.cookies|request\.form\(|request\.json\("
    assert offenders(parsers, sources("asgi/*.py", "web/*.py", "pwa/*.py", "app/*.py")) == []


def test_stories_wait_without_evaluating_text() -> None:
    """Playwright's ``wait_for_function`` looks again by ``eval``, which our pages' policy forbids: it only ever works
    where there is nothing to wait for."""
    assert offenders(r"\.wait_for_function\(", sources("e2e/*.py", "bench/*.py")) == []


# What reads the body of a request.
READERS = {"forms.read", "forms.read_json", "submissions.submission", "uploads.body_as_file", "body_as_file"}


def calls(function: ast.AST) -> list[tuple[str, int]]:
    """What a function calls, and on which line."""
    return [(ast.unparse(one.func), one.lineno) for one in ast.walk(function) if isinstance(one, ast.Call)]


def reading(functions: list[tuple[str, ast.AST]]) -> set[str]:
    """What of a module reads a body, also through other functions of it; with what reads one anywhere."""
    known, before = set(READERS), 0
    while len(known) > before:
        before = len(known)
        known |= {name for name, function in functions if any(called in known for called, _ in calls(function))}
    return known


def test_who_sends_a_body_is_looked_up_after_it() -> None:
    """A body that is held open outlasts a dismissal or a freeze: the viewer is loaded again with its end."""
    found, checked = [], 0
    for path, nodes in parsed():
        if not path.startswith(("web/", "pwa/")):
            continue
        functions = [(one.name, one) for one in nodes if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
        readers = reading([(name, node) for name, node in functions])
        for name, function in functions:
            lines = [line for called, line in calls(function) if called in readers]
            bound = [
                node.lineno
                for node in ast.walk(function)
                if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr)
                and node.value is not None
                and not any(called in readers for called, _ in calls(node.value))
                and re.search(r"page\.viewer\(|\.viewer\b", ast.unparse(node.value))
            ]
            checked += bool(lines)
            found += [f"{path}:{line} {name}" for line in bound if lines and line <= max(lines)]
    assert checked > 60
    assert found == []
