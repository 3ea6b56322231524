"""The rules for tests themselves: they wait for what comes, and what they test is real."""

import ast
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.test_conventions import ROOT, sources

# Where a test waits for a time all the same: how often, and why.
WAITS = {
    "tests/adapters/test_http.py": 1,  # a time limit is what is tested
    "tests/app/test_connections.py": 2,  # bytes come slowly, and how slowly they may is what is tested
    "tests/app/test_notification_storm.py": 1,  # a worker is killed at any moment of its work
    "tests/app/test_stores_that_break.py": 8,  # how long a disk or a gateway is away
    "tests/archive/test_export.py": 1,  # a thread works on while its work is given up
    "tests/archive/test_load.py": 1,  # the same
    "tests/ops/test_lost_host.py": 1,  # how long a network lives before its machine is lost
}
# Where a function of ours is put in the place of another one, and what it does before or after it calls that.
SEAMS = {
    "tests/adapters/test_fetch.py": 1,  # loopback stands for a public address, and calls nothing
    "tests/adapters/test_sandbox.py": 3,  # libseccomp, as an older one is: it does not know a call, or fails
    "tests/archive/test_export.py": 2,  # notes what is checked; takes its time
    "tests/archive/test_load.py": 1,  # takes its time
    "tests/db/test_upgrades.py": 1,  # each migration is done twice
    "tests/conftest.py": 2,  # the clock; a semaphore for each test's own loop
    "tests/domain/moderation/test_filter_engine.py": 1,  # counts the skeletons that are made
    "tests/domain/moderation/test_filter_simulations.py": 2,  # stops after a batch; notes the thread
    "tests/domain/moderation/test_bulk_decisions.py": 1,  # a worker is ended in the middle of its work
    "tests/domain/moderation/test_filters.py": 4,  # count what is asked, compiled and opened; one is off meanwhile
    "tests/domain/moderation/test_hidden_posts.py": 1,  # a decision is taken back meanwhile
    "tests/domain/moderation/test_public_log_sequencer.py": 3,  # stops, or stands still, after a step; size of a batch
    "tests/domain/test_cast.py": 1,  # takes its time
    "tests/domain/test_cancelled.py": 1,  # a semaphore for each test's own loop
    "tests/domain/test_filled_homes.py": 2,  # others act meanwhile; breaks off
    "tests/domain/test_idle_homes.py": 1,  # somebody reads meanwhile
    "tests/domain/moderation/test_filter_changes.py": 1,  # counts what is compiled
    "tests/domain/test_link_previews.py": 1,  # another removes what is being fetched
    "tests/domain/test_concurrency.py": 1,  # another purges what was seen
    "tests/domain/test_storage_maintenance.py": 4,  # deletes, waits, counts, posts
    "tests/domain/test_lock_order.py": 1,  # waits
    "tests/domain/test_media.py": 1,  # waits
    "tests/domain/test_media_gone.py": 1,  # never comes back
    "tests/domain/test_notifications_delivered.py": 1,  # notes what is recorded
    "tests/domain/test_shared_address.py": 1,  # counts the passwords that are tried
    "tests/ops/test_broken_backups.py": 1,  # notes what is asked for
    "tests/ops/test_making_backups.py": 1,  # notes what is sent
    "tests/ops/test_occupied.py": 1,  # another is quicker
    "tests/ops/test_purged.py": 1,  # notes what is brought
    "tests/pwa/test_subscriptions.py": 1,  # another is quicker
    "tests/web/test_cache.py": 2,  # the clock; two languages, as a server has them
    "tests/web/test_changes_at_once.py": 1,  # the clock
    "tests/web/test_direct_routes.py": 4,  # no direct route; notes what is asked; a query that breaks
    "tests/web/test_exports.py": 1,  # the store is away between two reads
    "tests/web/test_guesses.py": 2,  # the clock
    "tests/web/test_guessing.py": 2,  # the clock; notes how long somebody is held back
    "tests/web/test_hidden_blocks.py": 1,  # notes what is asked
    "tests/web/test_outbox.py": 1,  # another tries one again meanwhile
    "tests/web/test_reading.py": 1,  # the clock
    "tests/web/test_reset_mails.py": 1,  # the clock
}


def test_nothing_waits_for_a_time() -> None:
    """On a slow machine a time is over before what must not happen has happened, and the test passes. It waits for
    something that comes afterwards instead; a loop that looks again and again is fine."""
    assert _found(_waits) == WAITS


def test_no_part_of_ours_is_mocked() -> None:
    """A test with a part that only pretends says nothing of the real one. Constants and the clock may be set, and a
    function may wait, note something or change the world around the call of the real one."""
    assert _found(_seams) == SEAMS


GROUPED = """
import os, pytest
pytestmark = pytest.mark.xdist_group("ceph")

@pytest.mark.parametrize("number", range(4))
def test(number):
    with open("workers", "a") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""


def test_a_group_keeps_to_one_worker(tmp_path: Path) -> None:
    """Otherwise each worker starts a Ceph of its own, and all are slower. Versions of pytest and its plugin that do not
    fit together say nothing of it."""
    for name in ("test_one.py", "test_another.py"):
        (tmp_path / name).write_text(GROUPED)
    done = _run(["--numprocesses", "2", "--dist", "loadgroup", "--rootdir", ".", "."], tmp_path)
    assert done.returncode == 0
    workers = (tmp_path / "workers").read_text().split()
    assert len(workers) == 8
    assert len(set(workers)) == 1


DYING = """
import os, pytest

@pytest.mark.parametrize("number", range(4))
def test(number):
    if number == 1 and "%s":
        os._exit(1)
"""


def test_a_worker_that_dies_ends_the_run(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """With what it was at. The worker that is started in its place would never be given the rest of its file."""
    for number in range(4):
        (tmp_path / f"test_{number}.py").write_text(DYING % ("dies" if number == 3 else ""))
    options = ["--numprocesses", "2", "--dist", "loadfile", *_restarts(pytestconfig), "--rootdir", "."]
    done = _run([*options, "."], tmp_path)
    assert done.returncode == 1
    assert "crashed while running 'test_3.py::test[1]'" in done.stdout


def _restarts(config: pytest.Config) -> list[str]:
    return [option for option in config.getini("addopts") if option.startswith("--max-worker-restart")]


def _run(options: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A run of pytest in a folder, and not as a worker of the run that this test is part of."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", *options]
    return subprocess.run(command, cwd=folder, env=outside, check=False, capture_output=True, text=True, timeout=60)


def _found(rule: Callable[[ast.AST, dict[ast.AST, ast.AST]], bool]) -> Counter[str]:
    found: Counter[str] = Counter()
    for file in sources("tests/*.py", "e2e/*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        if count := sum(rule(node, parents) for node in ast.walk(tree)):
            found[_name(file)] = count
    return found


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def _called(node: ast.AST) -> str:
    """The last word of what a call calls, "" for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "attr", "") or getattr(node.func, "id", "")


def _waits(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    if _called(node) == "raises":
        return any(getattr(one, "id", "") == "TimeoutError" for one in node.args)  # type: ignore[attr-defined]
    if _called(node) not in ("sleep", "wait_for_timeout"):
        return False
    return ast.unparse(node.args[0]) != "0" and not _is_looked_again(node, parents)  # type: ignore[attr-defined]


def _is_looked_again(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether it stands in a loop that ends when something is so."""
    for loop in _above(node, parents):
        if isinstance(loop, ast.While):
            return True
        if isinstance(loop, ast.For):
            return any(isinstance(one, ast.Break | ast.Return) for one in ast.walk(loop))
    return False


def _above(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    """What it stands in, within its function."""
    while not isinstance(node := parents[node], ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module):
        yield node


def _seams(node: ast.AST, _: dict[ast.AST, ast.AST]) -> bool:
    """Whether a name of ours is given to something other than a constant."""
    if isinstance(node, ast.ImportFrom | ast.Import):
        return "mock" in ast.unparse(node) and "patch" not in ast.unparse(node)
    if _called(node) not in ("setattr", "object"):
        return False
    return not _is_constant(node.args[-1])  # type: ignore[attr-defined]


def _is_constant(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant | ast.Attribute | ast.List) or (
        isinstance(value, ast.BinOp | ast.UnaryOp)
        and all(
            isinstance(one, ast.Constant)
            for one in ast.walk(value)
            if isinstance(one, ast.expr) and not isinstance(one, ast.BinOp | ast.UnaryOp)
        )
    )
