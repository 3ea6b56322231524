"""The portable archive beside the engine's own bulk path, in the same run: out of a database, and into an empty one.

``python -m bench.archive`` (``--scale 50`` is a million people, five million posts and twenty million follows). Export
and load run as they do in a command, in processes of their own, whose memory is measured.
"""

import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from archive import export, load, records
from bench import engines, fixtures, processes
from bench.databases import FOLDER, POSTGRES, Database
from bench.engines import Raw
from bench.fixtures import FixtureSize
from bench.run import console
from db.engine import DB
from ops.rigs.postgres_cluster import running

ACCOUNTS, POSTS, FOLLOWS = 20_000, 100_000, 20


class Work(NamedTuple):
    """What one process took: seconds of its work, of them of a core, and its largest resident memory in MB."""

    seconds: float
    cpu: float
    rss_mb: float
    rows: int


class Cpu(NamedTuple):
    """Seconds of a core, ours and the server's: what they come to does not hang on who else is on the machine."""

    raw_out: float
    out: float
    raw_back: float
    back: float


class Result(NamedTuple):
    """``raw`` is the engine's own way; sizes in MB."""

    size: FixtureSize
    raw: Raw
    out: Work
    back: Work
    file_mb: float
    cpu: "Cpu"

    @property
    def ratio_out(self) -> float:
        return self.raw.out / self.out.seconds

    @property
    def ratio_copy(self) -> float:
        """Against rows alone, without the indexes and keys that ours has made as well."""
        return self.raw.copy / self.back.seconds

    @property
    def ratio_back(self) -> float:
        return (self.raw.copy + self.raw.keys) / self.back.seconds

    def words(self) -> str:
        size, out, back, raw, cpu = self.size, self.out, self.back, self.raw, self.cpu
        return (
            f"{size.accounts:,} accounts, {size.posts:,} posts, {size.accounts * size.follows:,} follows"
            f" ({self.file_mb:,.0f} MB): export {out.seconds:.1f} s ({out.rows / out.seconds:,.0f} rows/s,"
            f" {self.ratio_out:.2f} of the engine's {raw.out:.1f} s, by CPU time {cpu.raw_out / cpu.out:.2f},"
            f" {out.rss_mb:.0f} MB of memory); load {back.seconds:.1f} s ({back.rows / back.seconds:,.0f} rows/s,"
            f" {self.ratio_back:.2f} of the engine's {raw.copy + raw.keys:.1f} s with indexes and keys,"
            f" by CPU time {cpu.raw_back / cpu.back:.2f}, {self.ratio_copy:.2f} of its {raw.copy:.1f} s for rows alone,"
            f" {back.rss_mb:.0f} MB)"
        )


def measure(database: Database, scale: int = 1) -> Result:
    """Errors: ``NoCluster``, ``subprocess.CalledProcessError``."""
    size = FixtureSize(ACCOUNTS * scale, POSTS * scale, FOLLOWS)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="archive-", dir=FOLDER))).resolve()
        if database == "sqlite":
            urls = [f"sqlite:///{folder / name}.sqlite" for name in ("live", "raw", "back")]
        else:
            cluster = stack.enter_context(running(FOLDER.resolve() / "postgres" / "data", POSTGRES))
            for name in ("live", "raw", "back"):
                cluster.drop(name)
                stack.callback(cluster.drop, name)
            urls = [cluster.create(name) for name in ("live", "raw", "back")]
            return _measure(size, folder, urls, lambda: processes.cpu_ms(processes.below(cluster.pid)) / 1000)
        return _measure(size, folder, urls, lambda: 0.0)


def _measure(size: FixtureSize, folder: Path, urls: list[str], server: Callable[[], float]) -> Result:
    live, other, back = urls
    started = time.perf_counter()
    fixtures.fill(live, size)
    console.print(f"Made in {time.perf_counter() - started:.0f} s", highlight=False)
    file = folder / "network.parvis"
    cpu = [_cpu(server)]
    raw_out = asyncio.run(engines.out(live, folder))
    cpu.append(_cpu(server))
    out = _apart("out", live, file)
    cpu.append(_cpu(server))
    copy, keys = asyncio.run(engines.back(other, folder))
    cpu.append(_cpu(server))
    loaded = _apart("back", back, file)
    cpu.append(_cpu(server))
    assert loaded.rows == out.rows >= size.rows
    raw, ours, raw_in, ours_in = (after - before for before, after in itertools.pairwise(cpu))
    spent = Cpu(raw, ours + out.cpu, raw_in, ours_in + loaded.cpu)
    return Result(size, Raw(raw_out, copy, keys), out, loaded, file.stat().st_size / 1e6, spent)


def _cpu(server: Callable[[], float]) -> float:
    """Seconds of a core so far: this process, and the server."""
    return time.process_time() + server()


def _apart(what: str, url: str, file: Path) -> Work:
    command = [sys.executable, "-m", "bench.archive", what, url, str(file)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Work(*json.loads(said))


async def _clocked(what: str, url: str, file: Path) -> Work:
    await DB.open(url)
    try:
        if what == "back":
            await engines.migrate()
        started, cpu = time.perf_counter(), time.process_time()
        rows = (await export.write(file)).rows if what == "out" else (await load.read(file)).rows
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    finally:
        await DB.close()
    assert set(rows) == set(records.TABLES)
    # Not getrusage: it counts what the process that started this one had in memory.
    return Work(seconds, cpu, processes.rss_mb([os.getpid()], "VmHWM"), sum(rows.values()))


def main(
    what: Annotated[str, typer.Argument(hidden=True)] = "",
    url: Annotated[str, typer.Argument(hidden=True)] = "",
    file: Annotated[Path, typer.Argument(hidden=True)] = Path(),
    database: Annotated[Database, typer.Option(help="Which engine.")] = "postgres",
    scale: Annotated[int, typer.Option(min=1, help="Times 20,000 people.")] = 1,
) -> None:
    if what:
        print(json.dumps(asyncio.run(_clocked(what, url, file))))
    else:
        console.print(measure(database, scale).words(), highlight=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
