"""One server process under a steady load for an hour: whether its memory comes to rest, and what it is spent on.

``python -m bench.soak --minutes 60``; the load is that of the mix, with posts among the pages.
"""

import contextlib
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from bench import databases, lines, load, server, site
from bench.databases import Database
from bench.server import Server
from ops.rigs.ports import free_port
from ops.seed import NetworkSize

# How often the memory is looked at, in seconds; a line is printed for every so many looks.
LOOK, LOOKS_A_LINE = 10.0, 30
CLIENTS = 8
POSTS = 200_000


class Sample(NamedTuple):
    """Memory of the server's process in MB of 1,000,000 bytes: all of it, without the pages of files, of that the C
    heap (SQLite's pages among it) and Python's own objects, and what the caches of rendered pages say they hold."""

    minutes: float
    rss: float
    anonymous: float
    heap: float
    objects: float
    cache: float


class Result(NamedTuple):
    """``growth``: of the anonymous memory, in MB a minute over the last third; ``samples`` in order."""

    requests: int
    growth: float
    samples: list[Sample]


def measure(database: Database, minutes: float, size: NetworkSize) -> Result:
    """Errors: ``LoadFailed``, ``NoCluster``."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parvis-bench-")))
        url, _ = stack.enter_context(databases.fresh(database, size))
        played = lines.mix(site.pick(url)).requests
        port = free_port()
        served = stack.enter_context(server.parvis(url, folder, metrics_port=str(port)))
        samples: list[Sample] = []
        ended = threading.Event()
        looking = threading.Thread(target=_look, args=(served, port, samples, ended), daemon=True)
        looking.start()
        found = load.play(served.base, played, seconds=minutes * 60, clients=CLIENTS)
        ended.set()
        looking.join()
    return Result(found.requests, _growth(samples), samples)


def _look(served: Server, port: int, samples: list[Sample], ended: threading.Event) -> None:
    began = time.monotonic()
    while not ended.wait(LOOK):
        samples.append(_sample(served, port, (time.monotonic() - began) / 60))
        if len(samples) % LOOKS_A_LINE == 1:
            print(_line(samples[-1]), flush=True)


def _sample(served: Server, port: int, minutes: float) -> Sample:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        metrics = answer.read().decode()
    cache = next(float(line.split()[1]) for line in metrics.splitlines() if line.startswith("parvis_cache_bytes "))
    heap, objects = _anonymous(served.group)
    return Sample(minutes, served.rss_mb(), served.rss_mb("RssAnon"), heap, objects, cache / 1e6)


def _anonymous(pid: int) -> tuple[float, float]:
    """The C heap, and the arenas that Python takes for its objects, in MB; a server's group has its first process's
    id."""
    heap = objects = 0
    named = ""
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        words = line.split()
        if "-" in words[0] and not words[0].endswith(":"):
            named = words[5] if len(words) > 5 else ""
        elif words[0] == "Rss:" and named == "[heap]":
            heap += int(words[1])
        elif words[0] == "Rss:" and not named:
            objects += int(words[1])
    return heap * 1024 / 1e6, objects * 1024 / 1e6


def _growth(samples: list[Sample]) -> float:
    last = samples[len(samples) * 2 // 3 :]
    spent = last[-1].minutes - last[0].minutes if last else 0
    return (last[-1].anonymous - last[0].anonymous) / spent if spent else 0.0


def _line(sample: Sample) -> str:
    return (
        f"{sample.minutes:5.1f} min: {sample.rss:.0f} MB, anonymous {sample.anonymous:.0f} (heap {sample.heap:.0f},"
        f" objects {sample.objects:.0f}; rendered pages {sample.cache:.0f})"
    )


def main(
    database: Annotated[Database, typer.Option(help="Which engine.")] = "sqlite",
    minutes: Annotated[float, typer.Option(min=1, help="How long.")] = 60,
    posts: Annotated[int, typer.Option(min=1000, help="Posts that are there in the beginning.")] = POSTS,
) -> None:
    found = measure(database, minutes, NetworkSize(posts=posts))
    print(f"{_line(found.samples[-1])}\n{found.requests:,} requests; {found.growth:+.2f} MB a minute in the last third")


if __name__ == "__main__":
    typer.run(main)
