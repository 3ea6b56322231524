"""A private PostgreSQL server: a throwaway one for tests, a permanent one for the benchmark."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypedDict

from ops.rigs.ports import free_port

# Nothing here has to survive a power cut, and tests make many small databases.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
OWNER = "parvis"
START_SECONDS = 30


class NoCluster(Exception):
    """PostgreSQL can't be started here; ``str(error)`` says why."""


class Cluster:
    """A server, running after :meth:`start`. Databases are reached over a unix socket; ``port`` is on loopback."""

    def __init__(self, data: Path, socket_folder: Path, options: Sequence[str]) -> None:
        self._binaries = find_binaries()
        self._data, self._socket, self._options = data, socket_folder, options
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Errors: ``NoCluster`` when it does not run."""
        if self._process is None:
            raise NoCluster("PostgreSQL does not run")
        return self._process.pid

    def start(self) -> None:
        """Returns when the server takes connections. Errors: ``NoCluster``."""
        command = [
            str(self._binaries / "postgres"), "-D", str(self._data), "-k", str(self._socket), "-p", str(self.port),
            "-h", "127.0.0.1",
        ]  # fmt: skip
        for option in self._options:
            command += ["-c", option]
        with (self._data.parent / "postgres.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._data.parent, **_as_owner())
        ready = [str(self._binaries / "pg_isready"), "-q", "-h", str(self._socket), "-p", str(self.port)]
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run(ready, check=False).returncode != 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise NoCluster("PostgreSQL did not start; see postgres.log next to its data")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends all sessions and shuts down in order; harmless when it does not run."""
        if self._process is not None:
            # SIGINT is PostgreSQL's "fast" stop.
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=START_SECONDS)
            self._process = None

    def url(self, name: str) -> str:
        """What ``PARVIS_DATABASE_URL`` needs to reach the database ``name``."""
        return f"postgres://{OWNER}@/{name}?host={self._socket}&port={self.port}"

    def create(self, name: str, template: str = "template0") -> str:
        """Makes a database, as a copy of ``template`` (which nobody may be using meanwhile). Returns its address."""
        self._run("createdb", "--template", template, name)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Removes a database, and whoever is still connected to it."""
        self._run("dropdb", "--force", "--if-exists", name)

    def rename(self, name: str, other: str) -> None:
        self.run_sql(f'ALTER DATABASE "{name}" RENAME TO "{other}"')

    def exists(self, name: str) -> bool:
        return self.run_sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'").strip() == "1"

    def run_sql(self, statement: str) -> str:
        """Runs a statement in no database in particular. Returns what psql prints."""
        return self._run("psql", "-qAtX", "-c", statement, "postgres")

    def copy_to(self, folder: Path) -> None:
        """All of the server's files, as of now, made to follow it."""
        self._run("pg_basebackup", "-D", str(folder), "--write-recovery-conf", "--checkpoint=fast", "--no-sync")

    def _run(self, program: str, *arguments: str) -> str:
        command = [
            str(self._binaries / program),
            "-h",
            str(self._socket),
            "-p",
            str(self.port),
            "-U",
            OWNER,
            *arguments,
        ]
        return _output(command)


@contextlib.contextmanager
def throwaway() -> Iterator[Cluster]:
    """An empty server in a temporary folder, gone with everything in it when the block ends. About two seconds."""
    folder = Path(tempfile.mkdtemp(prefix="parvis-pg-"))
    try:
        with running(folder / "data", options=CARELESS) as cluster:
            yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def replica(primary: Cluster) -> Iterator[Cluster]:
    """A server that follows ``primary`` by streaming replication, gone when the block ends. Errors: ``NoCluster``."""
    folder = Path(tempfile.mkdtemp(prefix="parvis-pg-"))
    _give(folder)
    try:
        primary.copy_to(folder / "data")
        with running(folder / "data", options=CARELESS) as cluster:
            yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(data: Path, options: Sequence[str] = ()) -> Iterator[Cluster]:
    """The server whose files are in ``data`` (made when missing), stopped when the block ends.

    ``options`` are ``name=value`` settings of PostgreSQL. Errors: ``NoCluster``.
    """
    _prepare(data, find_binaries())
    # A socket's path may have 107 characters: a short folder of its own, wherever the data is.
    sockets = Path(tempfile.mkdtemp(prefix="parvis-sock-"))
    _give(sockets)
    cluster = Cluster(data, sockets, options)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(sockets, ignore_errors=True)


def find_binaries() -> Path:
    """The folder of ``initdb`` and its kin, newest version first. Errors: ``NoCluster``."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    if found := shutil.which("initdb"):
        folders.append(Path(found).parent)
    for folder in folders:
        if (folder / "initdb").exists():
            return folder
    raise NoCluster("PostgreSQL is not installed (Debian: apt-get install postgresql)")


def _prepare(data: Path, binaries: Path) -> None:
    if (data / "PG_VERSION").exists():
        return
    data.mkdir(parents=True, exist_ok=True)
    _give(data.parent)
    _give(data)
    make = [str(binaries / "initdb"), "-D", str(data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    _output([*make, "--no-sync"])


def _give(path: Path) -> None:
    """PostgreSQL refuses to run as root: its files belong to the user that the Debian package makes."""
    if os.geteuid() == 0:
        shutil.chown(path, "postgres", "postgres")


class _Owner(TypedDict, total=False):
    user: str
    group: str
    extra_groups: list[str]


def _as_owner() -> _Owner:
    if os.geteuid() != 0:
        return {}
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        raise NoCluster("PostgreSQL can't run as root, and there is no user `postgres`") from None
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def _output(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **_as_owner())
    if done.returncode != 0:
        raise NoCluster(f"{Path(command[0]).name} failed: {done.stderr.strip()}")
    return done.stdout
