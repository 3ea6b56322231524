"""Starting what is measured: Parvis as production runs it, and the limit."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import processes
from bench.load import LoadFailed
from ops.rigs.ports import free_port

# The limits that hold a crawler or a flood back would otherwise be what is measured.
RAISED = dict.fromkeys(
    (
        "posts_per_hour",
        "acts_per_hour",
        "uploads_per_hour",
        "reads_per_minute",
        "reads_burst",
        "address_reads_per_minute",
        "address_reads_burst",
        "reads_per_day",
        "address_reads_per_day",
    ),
    1_000_000_000,
)
START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers; ``startup_s`` is from its start to its first answer, in seconds."""

    base: str
    port: int
    group: int
    startup_s: float

    def cpu_ms(self) -> float:
        return processes.cpu_ms(processes.of_group(self.group))

    def rss_mb(self, kind: str = "VmRSS") -> float:
        return processes.rss_mb(processes.of_group(self.group), kind)


@contextlib.contextmanager
def parvis(url: str, folder: Path, **more: str) -> Iterator[Server]:
    """One worker of ``parvis serve`` on the database at ``url``, with default settings but for RAISED and ``more``."""
    port = free_port()
    settings = {"data": folder, "database_url": url, "host": "127.0.0.1", "port": port, **RAISED, **more}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")}
    environment |= {f"PARVIS_{name.upper()}": str(value) for name, value in settings.items()}
    command = [str(Path(sys.executable).with_name("parvis")), "serve"]
    with _running(command, port, "/healthz", folder / "serve.log", environment) as server:
        yield server


@contextlib.contextmanager
def limit(answers: Path) -> Iterator[Server]:
    """The limit, answering what is in the file ``answers``."""
    port = free_port()
    command = [sys.executable, "-m", "bench.baseline", str(port), str(answers)]
    with _running(command, port, "/", answers.with_suffix(".log"), os.environ) as server:
        yield server


@contextlib.contextmanager
def _running(
    command: Sequence[str], port: int, path: str, log: Path, environment: Mapping[str, str]
) -> Iterator[Server]:
    with log.open("ab") as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, env=dict(environment), stdout=output, stderr=output, start_new_session=True)
    try:
        while not _answers(port, path):
            if process.poll() is not None or time.perf_counter() - start > START_SECONDS:
                raise LoadFailed(f"{' '.join(command)} did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.005)
        startup = time.perf_counter() - start
        yield Server(f"http://127.0.0.1:{port}", port, process.pid, startup)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()
