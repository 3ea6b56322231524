"""How long a lost host takes to come back, and what it loses: backup, copy, kill -9, restore, first page.

``python -m bench.recovery``; every process is `parvis` as it runs anywhere, the place of backups a folder on this disk.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from bench import databases, site
from bench.databases import Database
from bench.load import LoadFailed
from ops.backup import sealing
from ops.rigs.ports import free_port
from ops.seed import NetworkSize

PATIENCE = 300
WRITING = 20.0


class Took(NamedTuple):
    """Seconds by the clock, and of CPU time."""

    wall: float
    cpu: float


class Recovered(NamedTuple):
    """Seconds; ``restore`` is of ``whole``, from nothing to the first page; ``loss`` is the age, when the host was
    killed, of the oldest acknowledged write that is not there. Of CPU time too, which what else runs does not change.
    """

    backup: Took
    restore: Took
    whole: float
    acknowledged: int
    lost: int
    loss: float


def measure(database: Database, posts: int) -> Recovered:
    """Errors: ``LoadFailed``, ``NoCluster``."""
    size = NetworkSize(accounts=max(posts // 20, 10), posts=posts, follows=min(100, posts // 40))
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="run-", dir=databases.FOLDER)))
        here, there = _two(stack, database, size, folder)
        cookie = site.pick(here["PARVIS_DATABASE_URL"]).cookies[0]
        backup = _timed("backup", "run", environment=here)
        writer = Writer(here, cookie)
        with _served(here):
            writer.run(WRITING)
            killed = time.monotonic()
        shutil.rmtree(here["PARVIS_DATA"])
        began = time.perf_counter()
        restore = _timed("restore", "--identity", str(folder / "key"), environment=there)
        with _served(there):
            whole = time.perf_counter() - began
            missing = [moment for moment, address in writer.acknowledged if not _is_there(there, cookie, address)]
        loss = killed - missing[0] if missing else 0.0
        return Recovered(backup, restore, whole, len(writer.acknowledged), len(missing), loss)


Environment = dict[str, str]


def _two(
    stack: contextlib.ExitStack, database: Database, size: NetworkSize, folder: Path
) -> tuple[Environment, Environment]:
    """The seeded host's environment, and that of an empty one."""
    private, public = sealing.new_pair()
    (folder / "key").write_text(private)
    if database == "sqlite":
        urls = [stack.enter_context(databases.sqlite(size)), f"sqlite:///{folder.resolve()}/b/parvis.sqlite"]
    else:
        first, cluster = stack.enter_context(databases.postgres(size))
        cluster.drop("empty")
        urls = [first, cluster.create("empty")]
        stack.callback(cluster.drop, "empty")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")}
    made = []
    for name, url in zip("ab", urls, strict=True):
        (folder / name).mkdir()
        settings = {
            "DATABASE_URL": url, "DATA": str(folder.resolve() / name), "PORT": str(free_port()),
            "BACKUP_URL": (folder.resolve() / "repository").as_uri(), "BACKUP_RECIPIENTS": public, "LOG_LEVEL": "error",
            "POSTS_PER_HOUR": "1000000", "ACTS_PER_HOUR": "1000000", "READS_BURST": "1000000",
        }  # fmt: skip
        made.append(kept | {f"PARVIS_{setting}": value for setting, value in settings.items()})
    return made[0], made[1]


def _timed(*arguments: str, environment: Environment) -> Took:
    began, before = time.perf_counter(), _spent()
    done = subprocess.run([sys.executable, "-m", "app", *arguments], env=environment, capture_output=True, check=False)
    if done.returncode:
        raise LoadFailed(done.stderr.decode())
    return Took(time.perf_counter() - began, _spent() - before)


def _spent() -> float:
    """CPU time of children that have ended."""
    used = os.times()
    return used.children_user + used.children_system


@contextlib.contextmanager
def _served(environment: Environment) -> Iterator[None]:
    """Serves, from the first page on, and ends as a power cut would."""
    process = subprocess.Popen([sys.executable, "-m", "app", "serve"], env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE
        while _get(environment, "/public", "") != 200:
            if process.poll() is not None or time.monotonic() > deadline:
                raise LoadFailed("The server does not serve its first page")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _get(environment: Environment, path: str, cookie: str) -> int:
    asked = urllib.request.Request(f"http://127.0.0.1:{environment['PARVIS_PORT']}{path}", headers={"Cookie": cookie})
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _is_there(environment: Environment, cookie: str, address: str) -> bool:
    return _get(environment, address, cookie) == 200


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


class Writer:
    """A member who posts one after the other; ``acknowledged`` are (when, address of the post)."""

    def __init__(self, environment: Environment, cookie: str) -> None:
        self._base = f"http://127.0.0.1:{environment['PARVIS_PORT']}"
        self._cookie = cookie
        self._opener = urllib.request.build_opener(NoRedirect)
        self.acknowledged: list[tuple[float, str]] = []

    def run(self, seconds: float) -> None:
        ending = threading.Event()
        thread = threading.Thread(target=self._go_on, args=(ending,))
        thread.start()
        time.sleep(seconds)
        ending.set()
        thread.join()

    def _go_on(self, ending: threading.Event) -> None:
        number = 0
        while not ending.is_set():
            number += 1
            form = urllib.parse.urlencode({"text": f"number {number}", "key": f"the-bench-form-{number}"}).encode()
            asked = urllib.request.Request(f"{self._base}/posts", form, {"Cookie": self._cookie})
            try:
                self._opener.open(asked, timeout=30)
            except urllib.error.HTTPError as error:
                if error.code == 303:
                    self.acknowledged.append((time.monotonic(), error.headers["location"]))
            time.sleep(0.02)


def main(
    database: Annotated[Database, typer.Option(help="Which engine.")] = "sqlite",
    posts: Annotated[int, typer.Option(min=100, help="Posts of the seeded network.")] = 5000,
) -> None:
    databases.FOLDER.mkdir(parents=True, exist_ok=True)
    found = measure(database, posts)
    backup, restore = found.backup, found.restore
    print(
        f"{posts:,} posts: backup {backup.wall:.1f} s ({backup.cpu:.1f} s of CPU); from nothing to the first page "
        f"{found.whole:.1f} s, of them restoring {restore.wall:.1f} s ({restore.cpu:.1f} s of CPU); "
        f"{found.lost} of {found.acknowledged:,} acknowledged posts lost, "
        f"the oldest {found.loss:.1f} s old when the host was killed"
    )


if __name__ == "__main__":
    typer.run(main)
