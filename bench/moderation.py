"""What a report costs, the page of the queue when very many cases are open, and the public log."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import httpx

from bench import databases, public_log, server, site
from bench.databases import Database
from bench.public_log import LogCosts
from bench.server import Server
from db.engine import DB
from db.queries import case_queue, cases, evidence
from db.queries.case_queue import CasePlace, RowScope
from db.queries.cases import NewCase
from db.queries.evidence import EvidenceRow
from db.sql import SQL
from domain.core import clock, cursors, ids
from domain.core.cursors import QueuePlace
from domain.moderation import clocks
from domain.moderation.kinds import CaseState, Severity, SubjectKind
from ops.seed import NetworkSize

SIZE = NetworkSize(accounts=1000, posts=20_000, follows=20)
OPEN = 10_000
TIMES = 300
CONTENT = '{"handle":"eve","name":"Eve","text":"You will be sorry.","cover":null,"written_at":1}'
APPOINT = SQL("UPDATE account SET role = 'moderator' WHERE id IN (SELECT account FROM session)")
# Until what follows a request is done, in seconds.
SETTLE = 0.3


class Costs(NamedTuple):
    """Milliseconds of CPU of the server, and what the public log costs."""

    report_ms: float
    queue_ms: float
    middle_ms: float
    log: LogCosts

    def words(self) -> str:
        return (
            f"A report takes {self.report_ms:.1f} ms of CPU; the page of the queue with {OPEN:,} open cases"
            f" {self.queue_ms:.1f} ms, and one from its middle {self.middle_ms:.1f} ms. {self.log.words()}"
        )


def measure(database: Database) -> Costs:
    """Errors: ``LoadFailed``, ``NoCluster``."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parvis-bench-")))
        url, _ = stack.enter_context(databases.fresh(database, SIZE))
        picked = site.pick(url)
        middle = asyncio.run(_fill(url))
        served = stack.enter_context(server.parvis(url, folder, reports_per_hour="1000000"))
        *members, moderator = [client(stack, served, cookie) for cookie in picked.cookies]
        reporting = cost(served, _reporting(members, picked.threads))
        listing = cost(served, lambda: read(moderator, "/moderation"))
        going_on = cost(served, lambda: read(moderator, f"/moderation?after={middle}"))
    with databases.fresh(database, SIZE) as (url, _):
        return Costs(reporting, listing, going_on, asyncio.run(public_log.measure(url)))


def client(stack: contextlib.ExitStack, served: Server, cookie: str) -> httpx.Client:
    """A member's browser, closed with the stack."""
    return stack.enter_context(httpx.Client(base_url=served.base, headers={"cookie": cookie}, timeout=60))


async def _fill(url: str) -> str:
    """Opens many cases, and makes everybody who is signed in a moderator. Returns a cursor in the midst of them."""
    await DB.open(url)
    try:
        now = clock.now()
        async with DB.writing():
            for number in range(OPEN):
                severity = Severity(number % len(Severity))
                due_at = clocks.due_at(severity, now - number * 1000)
                new = NewCase(ids.new(), SubjectKind.POST, number + 1, 1, number + 1, severity, CaseState.OPEN, due_at)
                case = await cases.open_case(new)
                await evidence.add(case, EvidenceRow(ids.new(), 1, CONTENT, "0" * 64, clock.LAST))
            await DB.fetch(APPOINT)
        rows = await case_queue.queue(0, OPEN // 2, CasePlace(*cursors.FRONT), RowScope(), alone=True)
        last = rows[-1]
        return cursors.after(
            QueuePlace(int(last.severity < Severity.URGENT), last.due_at, last.severity, last.weight, last.id)
        )
    finally:
        await DB.close()


def _reporting(members: list[httpx.Client], posts: list[str]) -> Callable[[], None]:
    wanted = _pairs(members, posts)

    def send() -> None:
        member, post = next(wanted)
        form = {"about": f"post.{post.rpartition('/')[2]}", "rule": "1.6", "words": "Look at this."}
        answer = member.post("/reports", data=form)
        assert answer.status_code in {200, 403, 404}, answer.status_code

    return send


def _pairs(members: list[httpx.Client], posts: list[str]) -> Iterator[tuple[httpx.Client, str]]:
    """Everybody reports every post, each time another one."""
    return zip(cycle(members), (post for post in cycle(posts)), strict=False)


def read(member: httpx.Client, path: str) -> None:
    answer = member.get(path)
    assert answer.status_code == 200, answer.status_code


def cost(served: Server, send: Callable[[], None]) -> float:
    """Milliseconds of CPU of the server for what ``send`` sends once, and for what follows from it."""
    for _ in range(5):
        send()
    time.sleep(SETTLE)
    before = served.cpu_ms()
    for _ in range(TIMES):
        send()
    time.sleep(SETTLE)
    return (served.cpu_ms() - before) / TIMES


if __name__ == "__main__":
    print(measure("sqlite").words())
