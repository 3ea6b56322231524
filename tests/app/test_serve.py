"""`parvis serve` by itself: its options, and what its process does without."""

import inspect
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from app import serve
from app.cli import cli
from app.serve import Options
from tests.helpers.services import PARVIS, ROOT, ServerProcess, environment


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], Options()),
        (["--port", "0"], Options(port=0)),
        (["--host", "::1", "--workers=2", "--port", "8000"], Options(2, "::1", 8000)),
        (["--port", "65536"], None),
        (["--port", "-1"], None),
        (["--workers", "-1"], None),
        (["--port"], None),
        (["--port", "eighty"], None),
        (["--po", "80"], None),
        (["--help"], None),
        (["--ports", "80"], None),
        (["now"], None),
        (["--", "now"], None),
        (["--workers=--"], None),
        (["--port=--"], None),
        (["--host=--"], None),
    ],
)
def test_options(arguments: Sequence[str], options: Options | None) -> None:
    assert serve.read(arguments) == options


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--help"], 0, "Serve the network"),
        (["--port", "eighty"], 2, "--port"),
        (["--port", "65536"], 2, "65535"),
        (["--ports", "80"], 2, "--ports"),
    ],
)
def test_what_is_wrong_is_said_as_for_other_commands(
    tmp_path: Path, arguments: Sequence[str], status: int, words: str
) -> None:
    settings = environment(tmp_path) | {"COLUMNS": "200"}
    done = subprocess.run(
        [PARVIS, "serve", *arguments], cwd=ROOT, env=settings, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "Traceback" in done.stderr) == (status, False)
    assert words in done.stdout + done.stderr


def test_both_readers_of_options_agree() -> None:
    """`app.cli` explains what `serve.read` does not take."""
    command = next(command for command in cli.registered_commands if command.name == "serve")
    assert command.callback
    parameters = inspect.signature(command.callback).parameters
    assert {name: one.default for name, one in parameters.items()} == Options()._asdict()


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_ends_it_quietly(tmp_path: Path, workers: int) -> None:
    server = ServerProcess(tmp_path).start("--workers", str(workers))
    process = server.process
    assert process
    try:
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=60) == 0
        assert "Traceback" not in server.tail()
    finally:
        server.stop(signal.SIGKILL)


def test_what_is_made_is_for_this_account_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    settings = environment(tmp_path) | {"PARVIS_DATA": str(data)}
    subprocess.run([PARVIS, "migrate"], cwd=ROOT, env=settings, capture_output=True, check=True)
    modes = {path.name: path.stat().st_mode & 0o077 for path in (data, *data.iterdir())}
    assert "parvis.sqlite" in modes
    assert {*modes.values()} == {0}


def test_a_command_ends_without_the_end_of_the_interpreter() -> None:
    """In which threads of obstore's may abort the process."""
    code = (
        "import atexit, os, sys; atexit.register(os._exit, 9); sys.argv[1:] = ['--version']; from app import __main__"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; __main__.main()"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.startswith("parvis ")) == (0, True)


# What other commands, the archive, pictures, backups, pushes, mails and QR codes import. Each takes a megabyte or more.
OTHERS = (
    *("typer", "pydantic", "sqlmodel", "sqlalchemy", "PIL", "pyrage", "ops", "archive", "pywebpush", "segno"),
    *("aiosmtplib", "rich", "pygments"),
)


def test_a_server_loads_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    code = (
        "import sys; from app import serve; from app.asgi import create_app; from settings import read;"
        f" create_app(read()); print([name for name in {OTHERS} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_garbage_is_collected_while_it_serves(tmp_path: Path) -> None:
    """Not while it starts."""
    settings = environment(tmp_path) | {"PARVIS_PORT": "0"}
    subprocess.run([PARVIS, "migrate"], cwd=ROOT, env=settings, capture_output=True, check=True)
    code = (
        "import gc, sys, uvicorn; uvicorn.Server.run = lambda *_, **__: print(gc.isenabled(), gc.get_threshold()[0]);"
        " sys.argv[1:] = ['serve']; from app.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=settings, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[1:] == ["True 20000"]
