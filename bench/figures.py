"""What the public figures of a year of moderation cost: reading them, counting them once a day, and the export of
statements for the DSA Transparency Database."""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

from bench import databases, moderation, processes, server, site
from bench.databases import Database
from db.engine import DB
from db.queries import appeals, cases, evidence, reports, statements
from db.queries.appeals import NewAppeal
from db.queries.cases import NewCase
from db.queries.evidence import EvidenceRow
from db.queries.reports import NewReport
from db.queries.statements import StatementRow
from db.sql import SQL
from domain.core import clock, ids
from domain.moderation import clocks, figures, founding
from domain.moderation.kinds import CaseState, Party, ReportState, Severity, Source, StatementKind, SubjectKind

# Of a year, evenly spread: cases, each reported twice and decided; of their decisions those that restrict something,
# which are exported; appeals.
CASES, RESTRICTING, APPEALS, DAYS = 20_000, 10_000, 2000, 365
POST_KINDS = (StatementKind.POST_REMOVAL, StatementKind.COVER, StatementKind.LABEL, StatementKind.LIMIT)
FACTS = "The same advertisement was put under every drawing of a member, in the same words each time."
# How often the memory of the export is looked at, in seconds.
LOOK = 0.05
PATHS = ("/transparency", "/transparency.json", "/transparency.csv")


class Costs(NamedTuple):
    """Milliseconds of CPU, without PostgreSQL's own, for the page, its JSON and its CSV (``reading_ms``), for counting
    a year and the months of a day; of the export seconds by the clock, seconds of CPU, and MB at most.
    """

    reading_ms: tuple[float, ...]
    year_ms: float
    day_ms: float
    export_s: float
    export_cpu_s: float
    export_mb: float

    def words(self) -> str:
        page, as_json, as_csv = self.reading_ms
        return (
            f"Figures of {CASES:,} cases in a year: the page takes {page:.1f} ms of CPU, JSON {as_json:.1f} and CSV"
            f" {as_csv:.1f} ms; counting the year {self.year_ms:.0f} ms, and each day {self.day_ms:.0f} ms. `parvis dsa"
            f" export --check` of {RESTRICTING:,} statements takes {self.export_s:.1f} s ({self.export_cpu_s:.1f} s of"
            f" CPU) and {self.export_mb:.0f} MB."
        )


def measure(database: Database) -> Costs:
    """Errors: ``LoadFailed``, ``NoCluster``."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parvis-bench-")))
        url, _ = stack.enter_context(databases.fresh(database, moderation.SIZE))
        picked = site.pick(url)
        year_ms, day_ms = asyncio.run(_prepared(url))
        exported = _export(url, folder)
        served = stack.enter_context(server.parvis(url, folder))
        member = moderation.client(stack, served, picked.cookies[0])
        reading = tuple(moderation.cost(served, partial(moderation.read, member, path)) for path in PATHS)
        return Costs(reading, year_ms, day_ms, *exported)


async def _prepared(url: str) -> tuple[float, float]:
    """A year of moderation, and the milliseconds that counting it takes, and counting again a day later."""
    await DB.open(url)
    try:
        await founding.publish_default()
        await _fill()
        year_ms = await _count(clock.now())
        return year_ms, await _count(clock.now() + clock.DAY_MS)
    finally:
        await DB.close()


async def _count(now: int) -> float:
    with clock.fixed_at(now):
        began = time.process_time()
        assert await figures.count_due()
        return (time.process_time() - began) * 1000


async def _fill() -> None:
    # The last case is decided by now.
    random, now = Random(5), clock.now() - 3 * clock.DAY_MS
    accounts = [row[0] for row in await DB.fetch(SQL("SELECT id FROM account ORDER BY id"))]
    posts = [row[0] for row in await DB.fetch(SQL("SELECT id FROM post ORDER BY id"))]
    async with DB.writing():
        for number in range(CASES):
            opened_at = now - (CASES - number) * DAYS * clock.DAY_MS // CASES
            await _add(random, number, opened_at, random.choice(accounts), random.choice(posts))


async def _add(random: Random, number: int, opened_at: int, account: int, post: int) -> None:
    """A case that two have reported, its decision and perhaps an appeal."""
    severity, rule = Severity(number % len(Severity)), number % 10 + 1
    closed_at = opened_at + random.randrange(60 * clock.HOUR_MS)
    due_at = clocks.due_at(severity, opened_at)
    new = NewCase(ids.new(opened_at), SubjectKind.POST, post, account, post, severity, CaseState.OPEN, due_at)
    case = await cases.open_case(new)
    await evidence.add(case, EvidenceRow(ids.new(opened_at), 1, moderation.CONTENT, "0" * 64, clock.LAST))
    for _ in range(2):
        await reports.add(NewReport(ids.new(opened_at), case, None, 1, rule, FACTS, ReportState.ANSWERED, 1))
    kind = POST_KINDS[number % len(POST_KINDS)] if number % (CASES // RESTRICTING) == 0 else StatementKind.NO_BREACH
    is_breach = kind is not StatementKind.NO_BREACH
    statement = ids.new(closed_at)
    await statements.add(
        StatementRow(
            statement, str(statement), case, account, post, kind, 1 if is_breach else None, rule if is_breach else None,
            FACTS, FACTS, Source.OTHER_NOTICE, 1, opened_at, None, None,
        )
    )  # fmt: skip
    await cases.close(case, CaseState.DECIDED, closed_at)
    if number % (CASES // APPEALS) == 0:
        words = "It was a drawing of my own."
        await appeals.add(NewAppeal(ids.new(closed_at), statement, Party.SANCTIONED, account, words, closed_at))


def _export(url: str, folder: Path) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of CPU, and megabytes at most, of a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")}
    environment |= {"PARVIS_DATA": str(folder), "PARVIS_DATABASE_URL": url}
    command = [sys.executable, "-m", "app", "dsa", "export", "--check"]
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as told, subprocess.Popen(command, env=environment, stderr=told) as process:
        # What the kernel says at the end has this process's own memory in it, from before the child was its own.
        most = 0.0
        while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
            most = max(most, processes.rss_mb([process.pid], "VmHWM"))
            time.sleep(LOOK)
        _, status, used = ended
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        said = told.read()
    assert f"would be taken: {RESTRICTING}" in said, said
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, most


if __name__ == "__main__":
    print(measure("sqlite").words())
