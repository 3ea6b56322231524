"""What all workers of a test run share: the first that needs it makes it."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.services import environment, parvis


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder of this run, filled by ``make`` in the first worker that asks. Others wait, and only read it."""
    base = factory.getbasetemp()
    # pytest-xdist gives each worker a folder in that of the run.
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made = run / name
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            unfinished = run / f"{name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(made)
    return made


def demo(factory: pytest.TempPathFactory) -> Path:
    """The data of ``parvis demo``, to be copied: drawing its pictures takes longer than most tests."""
    return made_once(factory, "demo", lambda folder: parvis("demo", environment=environment(folder)))
