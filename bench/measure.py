"""Measuring one line: short rounds of Parvis and of the limit in turn, so that a noisy machine is noisy for both."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import msgspec

from bench import answers, load
from bench.lines import Line
from bench.load import Outcome, Request
from bench.server import Server
from bench.site import Watch

DRAIN_SECONDS = 120
SETTLE_SECONDS = 0.5
SAMPLE = 25


class Result(msgspec.Struct, omit_defaults=True):
    """One line of results.json: medians over the rounds.

    ``rps`` requests a second, ``p50_ms``/``p99_ms`` latencies, ``cpu_ms`` user and system time of the server's
    processes a request, ``db_cpu_ms`` the same of PostgreSQL's, ``size`` bytes of an answer with its headers.
    """

    rps: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    limit_rps: float = 0
    ratio: float = 0
    db_cpu_ms: float = 0
    size: int = 0


@dataclass(slots=True)
class Rounds:
    """What the rounds of one line came to so far."""

    own: list[Outcome] = field(default_factory=list)
    limits: list[Outcome] = field(default_factory=list)
    rps: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    db_cpu_ms: list[float] = field(default_factory=list)

    def result(self) -> Result:
        result = Result(
            rps=round(median(self.rps), 1),
            p50_ms=round(median(o.p50_ms for o in self.own), 2),
            p99_ms=round(median(o.p99_ms for o in self.own), 2),
            cpu_ms=round(median(self.cpu_ms), 3),
            size=round(median(o.size / o.requests for o in self.own)),
        )
        if self.limits:
            result.limit_rps = round(median(o.rps for o in self.limits), 1)
            result.ratio = round(result.rps / result.limit_rps, 3)
        if self.db_cpu_ms:
            result.db_cpu_ms = round(median(self.db_cpu_ms), 3)
        return result


@dataclass(frozen=True, slots=True)
class Bench:
    """What a measurement needs: the server, the eye on its database, PostgreSQL's time so far (ms), seconds a round."""

    server: Server
    watch: Watch
    db_cpu_ms: Callable[[], float] | None
    seconds: float

    def read(self, line: Line, rounds: Rounds, limit: Server) -> None:
        """One round of pages, then the same of the limit."""
        self._timed(rounds, lambda: load.play(self.server.base, line.requests, seconds=self.seconds))
        rounds.limits.append(load.play(limit.base, line.requests, seconds=self.seconds))

    def write(self, line: Line, rounds: Rounds) -> None:
        """One round with posts in it; it ends when every follower's timeline has them.

        Errors: ``load.LoadFailed`` when a post that was acknowledged is missing anywhere.
        """
        before = self.watch.last_post()
        outcome = self._timed(rounds, lambda: load.play(self.server.base, line.requests, seconds=self.seconds))
        posting = sum(bool(request.body) for request in line.requests) / len(line.requests)
        # wrk counts answers, not which: among other requests, posts may be what it was still waiting for at the end.
        pending = 0 if posting == 1 else 2 * load.CLIENTS
        self._check(before, int(outcome.requests * posting) - pending)

    def warm(self, line: Line) -> None:
        load.play(self.server.base, line.requests, seconds=min(2, self.seconds))
        self._drain()

    def _timed(self, rounds: Rounds, run: Callable[[], Outcome]) -> Outcome:
        cpu, db_cpu = self.server.cpu_ms(), self.db_cpu_ms() if self.db_cpu_ms else 0
        outcome = run()
        waited = self._drain()
        rounds.own.append(outcome)
        rounds.rps.append(outcome.requests / (outcome.seconds + waited))
        rounds.cpu_ms.append((self.server.cpu_ms() - cpu) / outcome.requests)
        if self.db_cpu_ms:
            rounds.db_cpu_ms.append((self.db_cpu_ms() - db_cpu) / outcome.requests)
        return outcome

    def _drain(self) -> float:
        """Seconds until nothing waits to be worked on."""
        start = time.perf_counter()
        while self.watch.backlog():
            if time.perf_counter() - start > DRAIN_SECONDS:
                raise load.LoadFailed(f"{self.watch.backlog()} events are still waiting after {DRAIN_SECONDS} s")
            time.sleep(0.005)
        return time.perf_counter() - start

    def _check(self, before: int, at_least: int) -> None:
        # Posts whose answers wrk no longer waited for may still be on their way.
        time.sleep(SETTLE_SECONDS)
        self._drain()
        posts, timelines = self.watch.written(before)
        delivered = self.watch.delivered(before)
        if posts < at_least or delivered != timelines:
            raise load.LoadFailed(
                f"{posts} posts are there, {at_least} were acknowledged; {delivered} timelines have them of {timelines}"
            )


def revalidating(server: Server) -> Line:
    """The public timeline for a guest who has it already and asks whether it is still the same."""
    etag = answers.fetch(server.port, Request("/public")).header("etag")
    return Line("public_revalidated", [Request("/public", etag=etag)])


def answers_of(server: Server, line: Line, folder: Path) -> Path:
    """Fetches the line's pages for the limit. Returns the file that :mod:`bench.baseline` reads."""
    file = folder / f"limit-{line.name}.json"
    if line.alone:
        typical = answers.typical(server.port, line.requests[:SAMPLE])
        answers.save(file, {line.requests[0].path: typical})
    else:
        by_path = {request.path: request for request in line.requests}
        answers.save(file, {path: answers.fetch(server.port, request) for path, request in by_path.items()})
    return file
