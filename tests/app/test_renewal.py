"""Servers that are renewed while people read and write, by the same code or a newer one: no request fails."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.app.test_server import first_day
from tests.helpers.databases import Store
from tests.helpers.hammer import GENEROUS, Hammer, servers
from tests.helpers.services import ROOT, ServerProcess, until

# Bytecode that another process is just writing.
UNFINISHED = shutil.ignore_patterns("*.pyc.*")
CODE = ("adapters", "app", "archive", "asgi", "db", "domain", "ops", "pwa", "web")
# What a newer version's migration may do while this one goes on: a table, columns of tables that everybody reads and
# writes, an index of one of them. Each transaction locks one table that is in use (CONTRIBUTING.md, "A migration").
NEWER = """
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "9999-newer"
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS newer (id {id}, post bigint NOT NULL REFERENCES post ON DELETE CASCADE)",
    "ALTER TABLE account ADD COLUMN newer text NOT NULL DEFAULT ''",
    "ALTER TABLE session ADD COLUMN newer bigint",
    "ALTER TABLE post ADD COLUMN newer smallint NOT NULL DEFAULT 0; CREATE INDEX post_newer ON post (newer, id)",
)


async def create() -> None:
    for statements in SCHEMA:
        await run_alone(statements)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description="newer", wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """The code where a network was installed, which an upgrade changes."""
    folder = tmp_path / "code"
    for name in CODE:
        shutil.copytree(ROOT / name, folder / name, ignore=UNFINISHED)
    for file in ROOT.glob("*.py"):
        shutil.copy(file, folder)
    return folder


@pytest.fixture
async def server(templates: Store, code: Path, tmp_path: Path) -> AsyncIterator[ServerProcess]:
    url = await templates.copy("empty")
    served = ServerProcess(tmp_path, database_url=url, **GENEROUS)
    served.root, served.command = code, (sys.executable, "-m", "app")
    try:
        yield served.start("--workers", "2")
        print(served.tail())
    finally:
        served.stop()


@pytest.mark.parametrize("newer", [False, True])
def test_no_request_fails(server: ServerProcess, code: Path, newer: bool) -> None:
    writer = first_day(server)
    assert server.process
    pid = server.process.pid
    before = servers(pid)
    assert len(before) == 2
    with Hammer(server, writer) as hammer:
        until(lambda: hammer.written > 5)
        if newer:
            (code / "db/migrations/m9999_newer.py").write_text(NEWER)
            assert "9999-newer" in migrated(server)
            written = hammer.written
            # The older code goes on with the newer schema.
            until(lambda: hammer.written > written + 5)
        os.kill(pid, signal.SIGHUP)
        until(lambda: len(servers(pid)) == 2 and not servers(pid) & before)
        written = hammer.written
        until(lambda: hammer.written > written + 5 and hammer.outcomes["200"] > 100)
    print(hammer.outcomes, hammer.written)
    assert set(hammer.outcomes) == {"200", "303"}
    assert server.process.poll() is None


def migrated(server: ServerProcess) -> str:
    """What the command said."""
    command = [*server.command, "migrate"]
    done = subprocess.run(command, cwd=server.root, env=server.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
