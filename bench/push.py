"""How many pushes a second leave a worker: real deliveries, encrypted one by one, into a sink on this machine.

``python -m bench.push``; the worker is `parvis worker`, which may reach the sink by ops/rigs/private_parvis.py.
"""

import asyncio
import base64
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from itertools import count
from typing import Annotated, NamedTuple

import typer
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench import databases, processes
from bench.databases import Database
from bench.load import LoadFailed
from db.engine import DB
from db.queries.visibility import open_post
from db.sql import SQL
from domain.core import clock, ids
from domain.notifications import push_keys
from domain.notifications.kinds import NotificationKind
from ops.rigs.ports import free_port
from ops.seed import NetworkSize
from ops.seeding import bulk

SIZE = NetworkSize(accounts=2000, posts=10_000, follows=20)
EACH = 10
TOTAL = SIZE.accounts * EACH
# The beginning (connections, tokens) and the end (fewer in hand) are left out.
FROM, TO = 0.1, 0.9
PATIENCE = 120


class Pushed(NamedTuple):
    """``cpu_ms``: of the workers, for one push; ``database_ms``: of PostgreSQL's processes."""

    per_s: float
    cpu_ms: float
    database_ms: float


def measure(database: Database, workers: int = 1) -> Pushed:
    """Errors: ``LoadFailed``, ``NoCluster``."""
    with contextlib.ExitStack() as stack:
        url, cluster = stack.enter_context(databases.fresh(database, SIZE))
        below = [cluster.pid] if cluster else []
        port = free_port()
        asyncio.run(_fill(url, port))
        stack.enter_context(_process([sys.executable, "-m", "bench.sink", str(port)], {}))
        _wait(port, 0)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="parvis-bench-"))
        settings = {"DATABASE_URL": url, "DATA": folder}
        command = [sys.executable, "-m", "ops.rigs.private_parvis", "worker"]
        running = [stack.enter_context(_process(command, settings)) for _ in range(workers)]
        return _clocked(port, running, below)


def _clocked(port: int, workers: list[int], cluster: list[int]) -> Pushed:
    def costs() -> tuple[float, float]:
        return processes.cpu_ms(workers), processes.cpu_ms([one for pid in cluster for one in processes.below(pid)])

    first, begun, before = _wait(port, TOTAL * FROM), time.perf_counter(), costs()
    last, ended, after = _wait(port, TOTAL * TO), time.perf_counter(), costs()
    sent = last - first
    if _wait(port, TOTAL) != TOTAL:
        raise LoadFailed("More pushes came than there were")
    return Pushed(sent / (ended - begun), (after[0] - before[0]) / sent, (after[1] - before[1]) / sent)


def _wait(port: int, wanted: float) -> int:
    """Until the sink has taken so many. Errors: ``LoadFailed``."""
    deadline = time.monotonic() + PATIENCE
    taken = -1
    while taken < wanted:
        if time.monotonic() > deadline:
            raise LoadFailed(f"{taken} of {TOTAL} pushes came within {PATIENCE} s")
        time.sleep(0.05)
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            taken = int(answer.read())
    return taken


@contextlib.contextmanager
def _process(command: list[str], settings: dict[str, str]) -> Iterator[int]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")}
    environment |= {f"PARVIS_{name}": value for name, value in settings.items()}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


async def _fill(url: str, port: int) -> None:
    """A device for everybody, and notices that wait to be pushed to it."""
    await DB.open(url)
    accounts = [row[0] for row in await DB.fetch(SQL("SELECT id FROM account ORDER BY id"))]
    posts = await DB.fetch(
        SQL(f"""SELECT p.id, p.author FROM post p JOIN account a ON a.id = p.author
            WHERE {open_post()} ORDER BY p.id""")
    )
    key = (await push_keys.vapid()).public
    await DB.close()
    points = [_point() for _ in range(200)]
    now = clock.now()
    number_of = count(ids.new(now))
    sessions, devices, notices, parts, deliveries = [], [], [], [], []
    for place, account in enumerate(accounts):
        device = next(number_of)
        endpoint, auth = f"http://127.0.0.1:{port}/{device}", base64.urlsafe_b64encode(os.urandom(16)).decode()
        sessions.append((str(device), account, "bench", now, now))
        point = points[place % 200]
        devices.append((device, account, str(device), endpoint, endpoint, point, auth.rstrip("="), key, now))
        for number in range(EACH):
            post, author = posts[(place * EACH + number) % len(posts)]
            notice = next(number_of)
            notices.append((notice, account, NotificationKind.REPLY, post, author, notice))
            parts.append((account, NotificationKind.REPLY.rules.topic, post, author, notice, notice))
            deliveries.append((next(number_of), device, notice, notice, now))
    database = await bulk.connect(url)
    await database.put("session", "id account agent created_at seen_at", sessions)
    columns = "id account session endpoint endpoint_key p256dh auth vapid made_at"
    await database.put("push_subscription", columns, devices)
    await database.put("notice", "id account kind post actor entry", notices)
    await database.put("notice_part", "account topic post actor notice entry", parts)
    await database.put("push_delivery", "id subscription notice entry due_at", deliveries)
    await database.finish()


def _point() -> str:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def main(
    database: Annotated[Database, typer.Option(help="Which engine.")] = "sqlite",
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 1,
) -> None:
    found = measure(database, workers)
    print(
        f"{found.per_s:,.0f} pushes/s, CPU {found.cpu_ms:.3f} ms each"
        + (f", PostgreSQL {found.database_ms:.3f} ms" if found.database_ms else "")
    )


if __name__ == "__main__":
    typer.run(main)
