"""Generates load with wrk from a list of requests."""

import secrets
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("requests.lua")
CLIENTS = 16


class LoadFailed(Exception):
    """wrk could not run, or the server refused or broke; ``str(error)`` says which."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to play; ``@KEY@`` in ``body`` becomes a key of its own each time."""

    path: str
    cookie: str = ""
    etag: str = ""
    body: str = ""

    def line(self) -> str:
        method = "POST" if self.body else "GET"
        return "\t".join((method, self.path, self.cookie, self.etag, self.body))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of ``seconds`` came to; latencies in milliseconds, ``size`` in bytes of all answers."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    size: int

    @property
    def rps(self) -> float:
        return self.requests / self.seconds


def play(base: str, requests: Sequence[Request], *, seconds: float, clients: int = CLIENTS) -> Outcome:
    """Plays ``requests`` in order, again and again, by ``clients`` connections for ``seconds``.

    Errors: ``LoadFailed`` when wrk is missing, or any answer is neither 2xx nor 3xx.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8") as plan:
        plan.write("\n".join(request.line() for request in requests) + "\n")
        plan.flush()
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds:g}s", "--timeout", "10s", "-s", str(SCRIPT), base]
        try:
            done = subprocess.run(
                [*command, "--", plan.name, secrets.token_hex(6)], capture_output=True, text=True, check=False
            )
        except FileNotFoundError:
            raise LoadFailed("wrk is not installed (Debian: apt-get install wrk)") from None
    return _outcome(done.stdout + done.stderr)


def _outcome(printed: str) -> Outcome:
    for line in printed.splitlines():
        if line.startswith("RESULT "):
            found = dict(word.split("=") for word in line.split()[1:])
            break
    else:
        raise LoadFailed(f"wrk said: {printed.strip()}")
    if int(found["refused"]) or int(found["broken"]):
        raise LoadFailed(f"{found['refused']} answers were errors, {found['broken']} did not come: {printed.strip()}")
    return Outcome(
        requests=int(found["requests"]),
        seconds=float(found["seconds"]),
        p50_ms=float(found["p50_ms"]),
        p99_ms=float(found["p99_ms"]),
        size=int(found["bytes"]),
    )
