"""``parvis bench``: seeds, serves, measures, records."""

import contextlib
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console

from bench import databases, lines, processes, report, server, site
from bench.databases import Database
from bench.lines import Line
from bench.measure import Bench, Result, Rounds, answers_of, revalidating
from bench.server import Server
from ops.seed import NetworkSize

STARTS = 3
IDLE_SECONDS = 2.0
console = Console()


@dataclass(frozen=True, slots=True)
class Plan:
    """``scale`` times 200,000 posts; ``rounds`` of ``seconds`` each for each line; ``only`` these lines if any."""

    database: Database = "sqlite"
    scale: int = 1
    seconds: float = 3
    rounds: int = 3
    only: tuple[str, ...] = ()

    @property
    def size(self) -> NetworkSize:
        return NetworkSize(posts=200_000 * self.scale)

    @property
    def name(self) -> str:
        return self.database if self.scale == 1 else f"{self.database}-x{self.scale}"

    def wants(self, line: str) -> bool:
        return not self.only or line in self.only


def run(plan: Plan) -> dict[str, Result]:
    """Measures; writes the figures down when every line was measured. Errors: ``load.LoadFailed``, ``NoCluster``."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parvis-bench-")))
        url, cluster = stack.enter_context(databases.fresh(plan.database, plan.size))
        db_cpu_ms = (lambda: processes.cpu_ms(processes.below(cluster.pid))) if cluster else None
        picked = site.pick(url)
        startup = median(_startup(url, folder) for _ in range(STARTS))
        served = stack.enter_context(server.parvis(url, folder))
        time.sleep(IDLE_SECONDS)
        figures = {"startup_s": round(startup, 2), "rss_idle_mb": round(served.rss_mb(), 1)}
        watch = stack.enter_context(site.Watch(url))
        bench = Bench(served, watch, db_cpu_ms, plan.seconds)
        results = _reads(bench, picked, plan, folder) | _writes(bench, picked, plan)
        figures["rss_loaded_mb"] = round(served.rss_mb(), 1)
        figures["anon_loaded_mb"] = round(served.rss_mb("RssAnon"), 1)
    console.print(figures)
    if not plan.only:
        console.print(f"Written to {report.record(plan.name, results, figures, plan.size.posts)}")
    return results


def _startup(url: str, folder: Path) -> float:
    with server.parvis(url, folder) as started:
        return started.startup_s


def _reads(bench: Bench, picked: site.Site, plan: Plan, folder: Path) -> dict[str, Result]:
    wanted = [line for line in [*lines.reads(picked), revalidating(bench.server)] if plan.wants(line.name)]
    rounds = {line.name: Rounds() for line in wanted}
    with contextlib.ExitStack() as stack:
        limits: dict[str, Server] = {}
        for line in wanted:
            bench.warm(line)
            limits[line.name] = stack.enter_context(server.limit(answers_of(bench.server, line, folder)))
        for _ in range(plan.rounds):
            for line in wanted:
                fresh = revalidating(bench.server) if line.name == "public_revalidated" else line
                bench.read(fresh, rounds[line.name], limits[line.name])
    return _told({name: found.result() for name, found in rounds.items()})


def _writes(bench: Bench, picked: site.Site, plan: Plan) -> dict[str, Result]:
    wanted: list[Line] = [line for line in (lines.posts(picked), lines.mix(picked)) if plan.wants(line.name)]
    rounds = {line.name: Rounds() for line in wanted}
    for line in wanted:
        bench.warm(line)
    for _ in range(plan.rounds):
        for line in wanted:
            bench.write(line, rounds[line.name])
    return _told({name: found.result() for name, found in rounds.items()})


def _told(results: dict[str, Result]) -> dict[str, Result]:
    for name, result in results.items():
        beside = f" of {result.limit_rps:,.0f} ({result.ratio:.2f})" if result.limit_rps else ""
        console.print(
            f"{name:<20} {result.rps:>8,.0f}/s{beside}, p50 {result.p50_ms:.1f} ms, p99 {result.p99_ms:.1f} ms,"
            f" CPU {result.cpu_ms:.3f} ms",
            soft_wrap=True,
        )
    return results
