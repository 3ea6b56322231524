"""Measurements that need networks of their own: open pages, strangers, pushes, pictures, the archive."""

from collections.abc import Callable
from typing import NamedTuple

from bench import (
    active,
    archive,
    connections,
    figures,
    filters,
    hostile,
    media,
    moderation,
    pictures,
    push,
    report,
    streams,
    uploads,
)
from bench.run import Plan, console


class Line(NamedTuple):
    """One thing measured, and the words that say how it went."""

    name: str
    measure: Callable[[], str]


def run(plan: Plan) -> None:
    """Measures what the plan wants, of the plain size, and writes it down.

    Errors: ``LoadFailed``, ``NoCluster``, ``NoCeph``.
    """
    if plan.scale != 1:
        return
    lines = (
        Line("active", lambda: _active(plan)),
        Line("streams", lambda: _streams(plan)),
        Line("strangers", lambda: connections.measure(plan.database).words()),
        Line("hostile", lambda: _hostile(plan)),
        Line("moderation", lambda: moderation.measure(plan.database).words()),
        Line("figures", lambda: figures.measure(plan.database).words()),
        Line("filters", lambda: filters.measure(plan.database).words()),
        Line("pushes", lambda: _pushes(plan, 1)),
        Line("pushes2", lambda: _pushes(plan, 2)),
        Line("picture", _picture),
        Line("uploads", lambda: _uploads(plan)),
        Line("media", lambda: _media(plan)),
        Line("ceph", lambda: _ceph(plan)),
        Line("archive", lambda: archive.measure(plan.database).words()),
    )
    said = []
    for line in lines:
        if plan.wants(line.name):
            said.append(line.measure())
            console.print(said[-1])
    if not plan.only:
        report.say(f"{plan.name}-apart", said)


def _active(plan: Plan) -> str:
    """Of SQLite, whose statements run on the server's event loop."""
    return "\n".join(cost.words() for cost in active.measure()) if plan.database == "sqlite" else ""


def _streams(plan: Plan) -> str:
    found = streams.measure(plan.database)
    return (
        f"{found.streams:,} open pages in one server process: {found.rss_mb:.0f} MB ({found.rss_before_mb:.0f} MB"
        f" without them), {found.idle_cpu:.1f} % of a core while nothing happens. A post is on a page"
        f" {found.p50_ms:.0f} ms (p99 {found.p99_ms:.0f} ms) after it was sent; when everybody follows its author, half"
        f" the pages have it after {found.wide_p50_ms:.0f} ms and the last after {found.wide_ms:.0f} ms, for"
        f" {found.wide_cpu_ms:.0f} ms of CPU."
    )


def _hostile(plan: Plan) -> str:
    worst = max(hostile.measure(plan.database, 20), key=lambda cost: cost.cpu_ms)
    return f"Of the worst requests of a stranger the dearest, {worst.name}: {worst.cpu_ms:.1f} ms of CPU."


def _pushes(plan: Plan, workers: int) -> str:
    found = push.measure(plan.database, workers)
    database = f", PostgreSQL {found.database_ms:.2f} ms" if found.database_ms else ""
    who = "one worker" if workers == 1 else f"{workers} workers"
    return (
        f"Pushes of {who} into a local sink, encrypted: {found.per_s:,.0f}/s, CPU {found.cpu_ms:.2f} ms each{database}."
    )


def _picture() -> str:
    found = pictures.measure()
    return (
        f"A JPEG of 12 megapixels ({found.sent / 1e6:.1f} MB) is ready in three widths ({found.made / 1e3:,.0f} KB"
        f" together) after {found.cpu_s:.2f} s of CPU, {found.clock_s:.2f} s by the clock."
    )


def _uploads(plan: Plan) -> str:
    found = uploads.measure(plan.database)
    return (
        f"{uploads.UPLOADS:,} uploads of {found.megapixels:g} megapixels, {uploads.AT_ONCE} at a time:"
        f" {found.per_s:.1f}/s, {found.refused} were asked to come again. A home takes p99 {found.p99_ms:.1f} ms"
        f" meanwhile, {found.idle_p99_ms:.1f} ms when nothing is sent: {found.ratio:.2f} times as long. No process was"
        f" larger than {found.largest_mb:.0f} MB."
    )


def _media(plan: Plan) -> str:
    found = media.folder(plan.database)
    return (
        f"Pictures of {found.size / 1e3:.0f} KB from a folder: {found.own:,.0f}/s, {found.own / found.other:.2f} of the"
        f" limit ({found.other:,.0f}/s)."
    )


def _ceph(plan: Plan) -> str:
    found = media.from_ceph(plan.database)
    return (
        f"The same from Ceph on this machine: {found.own:,.0f}/s; obstore alone {found.other:,.0f}/s,"
        f" {found.other / found.own:.2f} times as many."
    )
