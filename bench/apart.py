"""What is measured with networks of its own: pages kept open, pushes, and the archive."""

from collections.abc import Callable
from typing import NamedTuple

from bench import archive, push, report, streams
from bench.run import Plan, console


class Line(NamedTuple):
    """One thing measured, and the words that say how it went."""

    name: str
    measure: Callable[[], str]


def run(plan: Plan) -> None:
    """Measures and writes down what the plan wants; the plain size only. Errors: ``LoadFailed``, ``NoCluster``."""
    if plan.scale != 1:
        return
    lines = (
        Line("streams", lambda: _streams(plan)),
        Line("pushes", lambda: _pushes(plan, 1)),
        Line("pushes2", lambda: _pushes(plan, 2)),
        Line("archive", lambda: archive.measure(plan.database).words()),
    )
    said = []
    for line in lines:
        if plan.wants(line.name):
            said.append(line.measure())
            console.print(said[-1])
    if not plan.only:
        report.say(f"{plan.name}-apart", said)


def _streams(plan: Plan) -> str:
    found = streams.measure(plan.database)
    return (
        f"{found.streams:,} open pages in one server process: {found.rss_mb:.0f} MB ({found.rss_before_mb:.0f} MB"
        f" without them), {found.idle_cpu:.1f} % of a core while nothing happens. A post is on a page"
        f" {found.p50_ms:.0f} ms (p99 {found.p99_ms:.0f} ms) after it was sent; when everybody follows its author, half"
        f" the pages have it after {found.wide_p50_ms:.0f} ms and the last after {found.wide_ms:.0f} ms, for"
        f" {found.wide_cpu_ms:.0f} ms of CPU."
    )


def _pushes(plan: Plan, workers: int) -> str:
    found = push.measure(plan.database, workers)
    database = f", PostgreSQL {found.database_ms:.2f} ms" if found.database_ms else ""
    who = "one worker" if workers == 1 else f"{workers} workers"
    return (
        f"Pushes of {who} into a local sink, encrypted: {found.per_s:,.0f}/s, CPU {found.cpu_ms:.2f} ms each{database}."
    )
